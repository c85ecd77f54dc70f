#include "ui/widgets/form_style.h"

#include <QLabel>
#include <QStyle>

#include "ui/theme.h"
#include "ui/widgets/controls.h"

namespace moescope {

namespace {

constexpr const char* kSheet = R"(
QDialog { background: @background; }
QLabel { background: transparent; color: @text; font-family: @family; font-size: @bodypx; }
QLabel[role="title"] { font-size: @titlepx; font-weight: 600; }
QLabel[role="section"] { font-size: @smallpx; color: @faint; }
QLabel[role="note"] { font-size: @smallpx; color: @dim; }
QLabel[role="error"] { font-size: @smallpx; color: @danger; }
QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
    background: @panel; color: @text; border: 1px solid @line; border-radius: @radiuspx;
    selection-background-color: @chosen; selection-color: @text; }
QLineEdit, QSpinBox, QDoubleSpinBox { min-height: @fieldpx; max-height: @fieldpx; padding: 0 @padpx; }
QPlainTextEdit { padding: @padtextpx; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus { border: 1px solid @focus; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: @faint; background: @background; }
QLineEdit:read-only { background: @background; color: @dim; }
QListView, QScrollArea, QStackedWidget { background: transparent; border: none; outline: none; color: @text; }
QListWidget[framed="true"] { background: @panel; border: 1px solid @line; border-radius: @radiuspx; padding: @unitpx; }
QListWidget[framed="true"]:focus { border: 1px solid @focus; }
QListWidget::item { border-radius: @radiuspx; padding: @unitpx @padpx; color: @text; }
QListWidget::item:selected { background: @hover; color: @text; }
QListWidget::item:hover { background: @hover; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @line; padding: @unitpx; color: @text;
    selection-background-color: @hover; selection-color: @text; }
QComboBox QAbstractItemView::item { min-height: @rowpx; padding: 0 @unitpx; }
QWidget[hairline="true"] { background: @line; }
QWidget[sidebar="true"] { background: @side; }
QScrollBar:vertical { background: transparent; width: @barpx; margin: 0; }
QScrollBar:horizontal { background: transparent; height: @barpx; margin: 0; }
QScrollBar::handle { background: @handle; border-radius: @halfbarpx; min-height: @rowpx; min-width: @rowpx; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QToolTip { background: @panel; color: @text; border: 1px solid @line; padding: @unitpx; }
)";

/// What a translucent colour looks like on another: style sheets of some widgets lose the alpha.
QColor over(const QColor& top, const QColor& ground) {
    const double alpha = static_cast<double>(top.alphaF());
    const auto channel = [alpha](int a, int b) { return static_cast<int>(a * alpha + b * (1 - alpha)); };
    return {channel(top.red(), ground.red()), channel(top.green(), ground.green()), channel(top.blue(), ground.blue())};
}

QString sheet(const Theme& theme) {
    const auto pixels = [&theme](double value) { return QString::number(theme.px(value)) + QStringLiteral("px"); };
    // named here too, since a label whose role changes forgets the font of its parents
    const QString family =
        QLatin1Char('"') + theme.sans(Theme::kBody).families().join(QLatin1String("\", \"")) + QLatin1Char('"');
    const QList<std::pair<QString, QString>> values = {
        {"@background", theme.background.name()},
        {"@family", family},
        {"@bodypx", pixels(Theme::kBody)},
        {"@titlepx", pixels(Theme::kTitle)},
        {"@text", theme.text.name()},
        {"@smallpx", pixels(Theme::kSmall)},
        {"@faint", theme.faint.name()},
        {"@dim", theme.dim.name()},
        {"@danger", theme.danger.name()},
        {"@panel", theme.panel.name()},
        {"@line", theme.line.name()},
        {"@radiuspx", pixels(Theme::kRadius)},
        {"@chosen", over(theme.selection, theme.panel).name()},
        {"@fieldpx", pixels(30)},
        {"@padtextpx", pixels(6)},
        {"@padpx", pixels(9)},
        {"@focus", theme.focus.name()},
        {"@unitpx", pixels(4)},
        {"@rowpx", pixels(26)},
        {"@hover", theme.hover.name()},
        {"@side", theme.side.name()},
        {"@barpx", pixels(8)},
        {"@halfbarpx", QString::number(theme.px(8) / 2) + QStringLiteral("px")},
        {"@handle", theme.dark ? theme.line.lighter(140).name() : theme.line.darker(110).name()},
    };
    QString text = QString::fromLatin1(kSheet);
    for (const auto& [name, value] : values) text.replace(name, value);
    return text;
}

}  // namespace

void applyFormTheme(QWidget* root, const Theme& theme) {
    root->setFont(theme.sans(Theme::kBody));
    // Fields stand out from their dialog.
    QPalette colors = theme.palette();
    colors.setColor(QPalette::Base, theme.panel);
    colors.setColor(QPalette::AlternateBase, theme.side);
    colors.setColor(QPalette::Highlight, over(theme.selection, theme.panel));
    colors.setColor(QPalette::HighlightedText, theme.text);
    root->setPalette(colors);
    root->setStyleSheet(sheet(theme));
    for (QWidget* widget : root->findChildren<QWidget*>()) {
        if (auto* themed = dynamic_cast<Themed*>(widget)) themed->setTheme(theme);
    }
}

QLabel* makeLabel(const QString& text, const char* role, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    if (role != nullptr) label->setProperty("role", QString::fromLatin1(role));
    return label;
}

void setLabelRole(QLabel* label, const char* role) {
    label->setProperty("role", QString::fromLatin1(role));
    label->style()->unpolish(label);
    label->style()->polish(label);
}

}  // namespace moescope
