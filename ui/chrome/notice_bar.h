#pragma once
// One sentence over the transcript, with what can be done about it. It takes its place at the upper edge of its parent,
// and says how much: whoever lays out the parent keeps that free, so that it covers nothing.

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
    /// Which notice it is, so that who said it can take it back, and nobody else's with it. 0: none.
    using Id = quint64;

    /// `parent` is where it stands.
    explicit NoticeBar(ThemeStore* themes, QWidget* parent = nullptr);

    /// Shows a sentence, as letters whatever is in it, cut to kShownSentence; `action` with its label is optional.
    /// 0 s: it stays until it is closed.
    Id say(const QString& sentence, int seconds = 0, const QString& label = {}, std::function<void()> action = {});
    /// The same for what went wrong: red, with a mark.
    Id warn(const QString& sentence, int seconds = 0, const QString& label = {}, std::function<void()> action = {});
    void clear();
    /// Clears it if it is this one that is shown.
    void takeBack(Id notice);
    Id shown() const { return isHidden() ? 0 : m_id; }
    QString sentence() const;  ///< as shown; "" when hidden
    Tone tone() const { return m_tone; }

signals:
    /// How many pixels of its parent's upper part it takes: 0 when it has gone.
    void roomTaken(int pixels);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Id show(Tone tone, const QString& sentence, int seconds, const QString& label, std::function<void()> action);
    void applyTheme();
    void place();
    void take(int pixels);

    ThemeStore* m_themes;
    QPlainTextEdit* m_text;
    QPushButton* m_action;
    QPushButton* m_close;
    QTimer m_timer;
    std::function<void()> m_do;
    Tone m_tone = Tone::kInfo;
    Id m_id = 0;  // of the last one
    int m_room = 0;
};

}  // namespace moescope
