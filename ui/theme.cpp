#include "ui/theme.h"

#include <QFontDatabase>
#include <QGuiApplication>
#include <algorithm>
#include <cmath>

namespace moescope {

namespace {

constexpr double kMinZoom = 0.6, kMaxZoom = 3.0;

QColor translucent(const char* name, double alpha) {
    QColor colour(name);
    colour.setAlphaF(static_cast<float>(alpha));
    return colour;
}

QFont makeFont(const QString& first, const QFont& fallback, int pixels, QFont::Weight weight) {
    QFont font(fallback);
    font.setFamilies({first, fallback.family()});
    font.setPixelSize(std::max(1, pixels));
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

double luminance(const QColor& colour) {
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

}  // namespace

QFont Theme::sans(double pixels, QFont::Weight weight) const {
    return makeFont(QStringLiteral("Inter"), QFontDatabase::systemFont(QFontDatabase::GeneralFont), px(pixels), weight);
}

QFont Theme::mono(double pixels, QFont::Weight weight) const {
    QFont font = makeFont(QStringLiteral("JetBrains Mono"), QFontDatabase::systemFont(QFontDatabase::FixedFont),
                          px(pixels), weight);
    font.setStyleHint(QFont::Monospace);
    return font;
}

QPalette Theme::palette() const {
    QPalette colors;
    colors.setColor(QPalette::Window, background);
    colors.setColor(QPalette::Base, background);
    colors.setColor(QPalette::AlternateBase, panel);
    colors.setColor(QPalette::Text, text);
    colors.setColor(QPalette::WindowText, text);
    colors.setColor(QPalette::Button, panel);
    colors.setColor(QPalette::ButtonText, text);
    colors.setColor(QPalette::ToolTipBase, panel);
    colors.setColor(QPalette::ToolTipText, text);
    colors.setColor(QPalette::Highlight, blue);
    colors.setColor(QPalette::HighlightedText, Qt::white);
    colors.setColor(QPalette::PlaceholderText, faint);
    colors.setColor(QPalette::Link, blue);
    colors.setColor(QPalette::Mid, line);
    colors.setColor(QPalette::Dark, line);
    colors.setColor(QPalette::Light, hover);
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText}) {
        colors.setColor(QPalette::Disabled, role, faint);
    }
    return colors;
}

int Theme::px(double pixels) const {
    return static_cast<int>(std::lround(pixels * zoom));
}

Theme Theme::makeDark(double zoom) {
    Theme t;
    t.dark = true;
    t.zoom = zoom;
    t.background = QColor("#15171c");
    t.side = QColor("#101216");
    t.panel = QColor("#191c22");
    t.line = QColor("#262a33");
    t.bubble = QColor("#222733");
    t.hover = QColor("#20242d");
    t.text = QColor("#e4e7ee");
    t.dim = QColor("#a3aab9");
    t.faint = QColor("#868e9f");
    t.amber = QColor("#f0b429");
    t.amber_text = QColor("#f0b429");
    t.on_amber = QColor("#17130a");
    t.blue = QColor("#6d9bf2");
    t.ok = QColor("#5fbf8f");
    t.danger = QColor("#f0716b");
    t.selection = translucent("#5b8def", 0.38);
    t.focus = QColor("#5b8def");
    t.code_background = QColor("#0f1115");
    t.code_keyword = QColor("#7aa2f7");
    t.code_string = QColor("#9ece6a");
    t.code_number = QColor("#c4a7f5");
    t.code_comment = QColor("#7e8698");
    return t;
}

Theme Theme::makeLight(double zoom) {
    Theme t;
    t.dark = false;
    t.zoom = zoom;
    t.background = QColor("#ffffff");
    t.side = QColor("#f5f6f8");
    t.panel = QColor("#fafbfc");
    t.line = QColor("#e3e6eb");
    t.bubble = QColor("#eef1f6");
    t.hover = QColor("#e9ecf2");
    t.text = QColor("#1b1f27");
    t.dim = QColor("#535c6b");
    t.faint = QColor("#626b79");
    t.amber = QColor("#b27b00");
    t.amber_text = QColor("#8f6200");
    t.on_amber = QColor("#17130a");
    t.blue = QColor("#2f63d8");
    t.ok = QColor("#187a50");
    t.danger = QColor("#c0342c");
    t.selection = translucent("#2f63d8", 0.22);
    t.focus = QColor("#2f63d8");
    t.code_background = QColor("#f3f5f8");
    t.code_keyword = QColor("#2f63d8");
    t.code_string = QColor("#1f7a3f");
    t.code_number = QColor("#7a3fb8");
    t.code_comment = QColor("#667080");
    return t;
}

ThemeStore::ThemeStore(QObject* parent) : QObject(parent) {
    const QPalette palette = QGuiApplication::palette();
    m_system_dark = palette.color(QPalette::WindowText).lightness() > palette.color(QPalette::Window).lightness();
    rebuild(1.0);
}

void ThemeStore::setMode(Mode mode) {
    if (m_mode == mode) return;
    m_mode = mode;
    rebuild(m_theme.zoom);
    emit changed();
}

void ThemeStore::setSystemDark(bool dark) {
    if (m_system_dark == dark) return;
    m_system_dark = dark;
    if (m_mode != Mode::kSystem) return;
    rebuild(m_theme.zoom);
    emit changed();
}

void ThemeStore::setZoom(double zoom) {
    zoom = std::clamp(zoom, kMinZoom, kMaxZoom);
    if (zoom == m_theme.zoom) return;
    rebuild(zoom);
    emit changed();
}

void ThemeStore::zoomBy(int steps) {
    setZoom(std::round(m_theme.zoom * 10 + steps) / 10);
}

void ThemeStore::rebuild(double zoom) {
    const bool dark = m_mode == Mode::kDark || (m_mode == Mode::kSystem && m_system_dark);
    m_theme = dark ? Theme::makeDark(zoom) : Theme::makeLight(zoom);
}

double contrastRatio(const QColor& a, const QColor& b) {
    const double la = luminance(a), lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

}  // namespace moescope
