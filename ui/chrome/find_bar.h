#pragma once
// Finding in the chat that is shown: a field, how many places there are, next and previous. Enter and Shift+Enter (or
// F3 and Shift+F3) go from place to place, Esc closes. GUI thread.

#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace moescope {

class ThemeStore;

class FindBar : public QWidget {
    Q_OBJECT

public:
    explicit FindBar(ThemeStore* themes, QWidget* parent = nullptr);

    /// Shown, with its text chosen.
    void open();
    QString text() const;
    /// `at` from 1 of `count`; count 0: nothing was found.
    void setPlace(int at, int count);

    QSize minimumSizeHint() const override;

signals:
    void changed(const QString& text);
    void stepped(int by);  ///< 1 or -1
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void applyTheme();
    void close();

    ThemeStore* m_themes;
    QLineEdit* m_edit;
    QLabel* m_place;
    QToolButton *m_previous, *m_next, *m_close;
};

}  // namespace moescope
