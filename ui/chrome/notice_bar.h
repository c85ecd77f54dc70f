#pragma once
// One sentence over the transcript, with what can be done about it.

#include <QTimer>
#include <QWidget>
#include <functional>

class QLabel;
class QPushButton;

namespace moescope {

class ThemeStore;

class NoticeBar : public QWidget {
    Q_OBJECT

public:
    explicit NoticeBar(ThemeStore* themes, QWidget* parent = nullptr);

    /// Shows a sentence; `action` with its label is optional. 0 s: it stays until it is closed.
    void say(const QString& sentence, int seconds = 0, const QString& label = {}, std::function<void()> action = {});
    void clear();
    QString sentence() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void applyTheme();
    ThemeStore* m_themes;
    QLabel* m_text;
    QPushButton* m_action;
    QPushButton* m_close;
    QTimer m_timer;
    std::function<void()> m_do;
};

}  // namespace moescope
