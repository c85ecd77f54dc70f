#pragma once
// What an empty chat shows: what one can ask, to begin with a click.

#include <QWidget>

class QLabel;
class QPushButton;

namespace moescope {

class ThemeStore;

class Welcome : public QWidget {
    Q_OBJECT

public:
    explicit Welcome(ThemeStore* themes, QWidget* parent = nullptr);
    /// Questions to choose from, at most six; none: only the greeting.
    void setSuggestions(const QStringList& questions);

signals:
    void chosen(const QString& question);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void applyTheme();
    ThemeStore* m_themes;
    QLabel* m_title;
    QLabel* m_text;
    QList<QPushButton*> m_buttons;
};

}  // namespace moescope
