#pragma once
// Colours, fonts and measures of the window, for dark and light. Everything that paints takes a `const Theme&` from the
// ThemeStore that it was given and repaints on its signal `changed`; there is no global one.
//
// Two accents: amber for the shared experts and the action in hand, blue for the routed ones and links. Texts meet WCAG
// AA (4.5 : 1) on every ground, `faint` and what is under the pointer included (tests/ui/test_theme.cpp); `amber` is
// for areas and lines, `amber_text` for letters.

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>
#include <QString>

namespace moescope {

struct Theme {
    bool dark = true;
    double zoom = 1.0;  ///< of texts and measures, 0.6 to 3

    QColor background;  ///< of the transcript
    QColor side;        ///< of the sidebar and the status bar
    QColor panel;       ///< of the inspector, the composer, menus
    QColor line;        ///< hairlines and frames
    QColor bubble;      ///< of a user's message
    QColor hover;       ///< under the pointer, or chosen in a list
    QColor text, dim, faint;
    QColor amber, amber_text, on_amber;  ///< `on_amber`: letters on an amber area
    QColor blue;                         ///< links too
    QColor ok, danger;
    QColor selection;  ///< translucent, under selected text
    QColor focus;      ///< the ring around what has the keyboard

    QColor code_background, code_keyword, code_string, code_number, code_comment;

    // The type scale, in pixels at zoom 1.
    static constexpr double kTiny = 11, kSmall = 12, kBody = 13, kReading = 14, kTitle = 15;
    // Radii, in pixels at zoom 1.
    static constexpr double kRadiusSmall = 4, kRadius = 8, kRadiusLarge = 14;

    /// Inter, else the system's font.
    QFont sans(double pixels, QFont::Weight weight = QFont::Normal) const;
    /// JetBrains Mono, else the system's fixed font.
    QFont mono(double pixels, QFont::Weight weight = QFont::Normal) const;
    /// For Qt's own controls.
    QPalette palette() const;
    /// Pixels at the zoom, rounded: the unit of all measures.
    int px(double pixels) const;
    /// `units` spacing units of 4 pixels.
    int space(double units) const { return px(4 * units); }

    static Theme makeDark(double zoom = 1.0);
    static Theme makeLight(double zoom = 1.0);
};

/// Holds the theme of a window and says when it changes. GUI thread.
class ThemeStore : public QObject {
    Q_OBJECT

public:
    enum class Mode { kSystem, kLight, kDark };

    /// Starts with what the system's palette suggests. Construct it before a palette of one's own is set.
    explicit ThemeStore(QObject* parent = nullptr);

    const Theme& theme() const { return m_theme; }
    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    /// What Mode::kSystem means from now on.
    void setSystemDark(bool dark);
    double zoom() const { return m_theme.zoom; }
    /// Clamped to 0.6 .. 3.
    void setZoom(double zoom);
    /// One step of Ctrl +, Ctrl - or the wheel: 10 %.
    void zoomBy(int steps);

signals:
    void changed();

private:
    void rebuild(double zoom);

    Mode m_mode = Mode::kSystem;
    bool m_system_dark = false;
    Theme m_theme;
};

/// The ratio of contrast of two opaque colours after WCAG 2.1, 1 to 21.
double contrastRatio(const QColor& a, const QColor& b);

}  // namespace moescope
