#pragma once
// The line at the window's lower edge: backend and memory, the model's experts, speed, whether all is saved.

#include <QWidget>

namespace moescope {

class ThemeStore;

class StatusLine : public QWidget {
    Q_OBJECT

public:
    enum class Light { kOff, kWorking, kReady };

    explicit StatusLine(ThemeStore* themes, QWidget* parent = nullptr);
    void setBackend(Light light, const QString& text);
    void setExperts(const QString& text);
    void setSpeed(const QString& text);
    /// Why the heatmap is not drawn by a graphics card; for the tool tip and the settings, not shown in the line.
    void setRenderer(const QString& text);
    const QString& renderer() const { return m_renderer; }
    void setSaved(const QString& text);
    QString text() const;  ///< all of it, for tests and assistive technology
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void changed();
    ThemeStore* m_themes;
    Light m_light = Light::kOff;
    QString m_backend, m_experts, m_renderer, m_speed, m_saved;
};

}  // namespace moescope
