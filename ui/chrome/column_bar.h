#pragma once
// Above a transcript that has others beside it: what answers there, how fast, and a button that ends it.

#include <QWidget>

class QLabel;
class QMenu;
class QToolButton;

namespace moescope {

class ThemeStore;

class ColumnBar : public QWidget {
    Q_OBJECT

public:
    /// `themes` is not owned.
    explicit ColumnBar(ThemeStore* themes, QWidget* parent = nullptr);

    /// For assistive technology: "Column 2".
    void setName(const QString& name);
    /// What answers, on the button that opens the menu; cut to the room that there is. `tip`: all of it, and more.
    void setTitle(const QString& title, const QString& tip);
    QString title() const { return m_title; }
    /// The menu is not owned.
    void setMenu(QMenu* menu);
    void openMenu();
    /// "34.2 tok/s".
    void setFigures(const QString& text);
    /// Whether there is something to end.
    void setAnswering(bool answering);
    /// Whether the chat can go on from its answer.
    void offerKeep(bool offered);

    QSize minimumSizeHint() const override;

signals:
    void stopWanted();
    void keepWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyTheme();
    void fit();

    ThemeStore* m_themes;
    QToolButton* m_title_button;
    QLabel* m_figures;
    QToolButton *m_stop, *m_keep;
    QString m_title;
};

}  // namespace moescope
