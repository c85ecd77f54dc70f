#pragma once
// The buttons of the composer: outlined pills that open something, and the amber one that sends or stops. Both are
// painted here from the theme; a text that does not fit is elided and shown whole as a tool tip.

#include <QPushButton>

#include "ui/theme.h"

namespace moescope {

class PillButton : public QPushButton {
    Q_OBJECT

public:
    PillButton(const QString& id, const QString& text, QWidget* parent = nullptr);

    const QString& id() const { return m_id; }
    void setTheme(const Theme& theme);
    /// The text, which is the accessible name too.
    void setCaption(const QString& text);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    int padding() const;
    QString m_id;
    Theme m_theme;
};

class SendButton : public QPushButton {
    Q_OBJECT

public:
    explicit SendButton(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// "Stop" with a square instead of "Send"; the width stays.
    void setStop(bool stop);
    bool isStop() const { return m_stop; }
    /// After a change of language.
    void retranslate();
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme m_theme;
    bool m_stop = false;
};

}  // namespace moescope
