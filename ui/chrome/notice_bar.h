#pragma once
// One sentence over the transcript, with what can be done about it. It lies over its parent's upper part, below
// `setTop()`, and takes no room from what is there: the text below stays where it is read.

#include <QTimer>
#include <QWidget>
#include <functional>

class QPlainTextEdit;
class QPushButton;

namespace moescope {

class ThemeStore;

class NoticeBar : public QWidget {
    Q_OBJECT

public:
    enum class Tone { kInfo, kError };

    /// `parent` is what it lies over.
    explicit NoticeBar(ThemeStore* themes, QWidget* parent = nullptr);

    /// Shows a sentence, as letters whatever is in it, cut to kShownSentence; `action` with its label is optional.
    /// 0 s: it stays until it is closed.
    void say(const QString& sentence, int seconds = 0, const QString& label = {}, std::function<void()> action = {});
    /// The same for what went wrong: red, with a mark.
    void warn(const QString& sentence, int seconds = 0, const QString& label = {}, std::function<void()> action = {});
    void clear();
    QString sentence() const;  ///< as shown; "" when hidden
    Tone tone() const { return m_tone; }

    /// How far below its parent's upper edge it begins, in pixels.
    void setTop(int pixels);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void show(Tone tone, const QString& sentence, int seconds, const QString& label, std::function<void()> action);
    void applyTheme();
    void place();

    ThemeStore* m_themes;
    QPlainTextEdit* m_text;
    QPushButton* m_action;
    QPushButton* m_close;
    QTimer m_timer;
    std::function<void()> m_do;
    Tone m_tone = Tone::kInfo;
    int m_top = 0;
};

}  // namespace moescope
