#pragma once
// What an empty chat shows: what the model is and what one can ask it, to begin with a click; without a model, how to
// come by one.

#include <QWidget>

class QLabel;
class QPushButton;

namespace moescope {

class ThemeStore;

class Welcome : public QWidget {
    Q_OBJECT

public:
    enum class Model { kNone, kLoading, kDemo, kOther };

    explicit Welcome(ThemeStore* themes, QWidget* parent = nullptr);
    /// `name` of another model than the demo; `demo_there`: the demo model can be offered.
    void setModel(Model model, const QString& name, bool demo_there);
    /// Questions to choose from while the demo model is there, at most six: those that find room are shown.
    void setSuggestions(const QStringList& questions);

    QSize minimumSizeHint() const override;

signals:
    void chosen(const QString& question);
    void openModelWanted();
    /// Look for one on this machine, or fetch one.
    void findModelWanted();
    void demoWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyTheme();
    void place();

    ThemeStore* m_themes;
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_hint;
    QPushButton *m_find, *m_open, *m_demo;
    QList<QPushButton*> m_buttons;
    QStringList m_questions;
    Model m_model = Model::kNone;
    bool m_demo_there = false;
};

}  // namespace moescope
