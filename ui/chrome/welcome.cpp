#include "ui/chrome/welcome.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <algorithm>

#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr int kMost = 6;

}  // namespace

Welcome::Welcome(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_title(new QLabel(this)),
      m_text(new QLabel(this)),
      m_hint(new QLabel(this)),
      m_find(new QPushButton(this)),
      m_open(new QPushButton(this)),
      m_demo(new QPushButton(this)) {
    for (QLabel* label : {m_title, m_text, m_hint}) {
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
        label->setWordWrap(true);
    }
    m_hint->setText(tr("Point at any word of an answer to see which experts produced it."));
    m_find->setText(tr("Find or download a model…"));
    m_find->setAccessibleName(m_find->text());
    m_open->setText(tr("Open a model…"));
    m_open->setAccessibleName(m_open->text());
    m_demo->setText(tr("Use the demo model"));
    m_demo->setAccessibleName(m_demo->text());
    connect(m_find, &QPushButton::clicked, this, &Welcome::findModelWanted);
    connect(m_open, &QPushButton::clicked, this, &Welcome::openModelWanted);
    connect(m_demo, &QPushButton::clicked, this, &Welcome::demoWanted);
    for (int i = 0; i < kMost; ++i) {
        auto* button = new QPushButton(this);
        button->hide();
        connect(button, &QPushButton::clicked, this, [this, i] { emit chosen(m_questions.value(i)); });
        m_buttons.append(button);
    }
    for (QPushButton* button : findChildren<QPushButton*>()) button->setCursor(Qt::PointingHandCursor);
    connect(m_themes, &ThemeStore::changed, this, &Welcome::applyTheme);
    setModel(Model::kNone, {}, false);
    applyTheme();
}

void Welcome::setModel(Model model, const QString& name, bool demo_there) {
    m_model = model;
    m_demo_there = demo_there;
    switch (model) {
        case Model::kNone:
            m_title->setText(tr("No model is loaded"));
            m_text->setText(
                tr("Find a DeepSeek model on this machine, download one, open a file (GGUF), or start "
                   "with the small demo model that comes with the program. You can read your chats "
                   "without a model."));
            break;
        case Model::kLoading:
            m_title->setText(tr("The model is being loaded…"));
            m_text->setText(QString());
            break;
        case Model::kDemo:
            m_title->setText(tr("Try the demo model"));
            m_text->setText(
                tr("It is tiny (13 M parameters) and knows greetings, a little about DeepSeek and "
                   "experts, small sums, capitals, words in other languages, short stories and snippets "
                   "of code. It answers in English, declines most other questions, and is sometimes "
                   "wrong. For real chats, find or download a DeepSeek model."));
            break;
        case Model::kOther:
            m_title->setText(tr("What would you like to ask?"));
            m_text->setText(tr("%1 answers on this machine; nothing leaves it.").arg(oneLine(name, 80)));
            break;
    }
    place();
}

void Welcome::setSuggestions(const QStringList& questions) {
    m_questions = questions.mid(0, kMost);
    for (qsizetype i = 0; i < m_buttons.size(); ++i) {
        m_buttons[i]->setText(plainCaption(m_questions.value(i)));
        m_buttons[i]->setAccessibleName(m_questions.value(i, tr("A question")));
    }
    place();
}

void Welcome::applyTheme() {
    const Theme& t = m_themes->theme();
    m_title->setFont(t.sans(20, QFont::DemiBold));
    m_text->setFont(t.sans(Theme::kBody));
    m_hint->setFont(t.sans(Theme::kBody));
    m_title->setStyleSheet(QStringLiteral("color: %1;").arg(t.text.name()));
    m_text->setStyleSheet(QStringLiteral("color: %1;").arg(t.dim.name()));
    m_hint->setStyleSheet(QStringLiteral("color: %1;").arg(t.dim.name()));
    const QString sheet = QStringLiteral(
                              "QPushButton { text-align: %9; color: %1; background: %2; border: 1px solid %3; "
                              "border-radius: 8px; padding: %4px %5px; } QPushButton:hover { background: %6; "
                              "color: %7; } QPushButton:focus { border-color: %8; }")
                              .arg(t.dim.name(), t.panel.name(), t.line.name())
                              .arg(t.px(10))
                              .arg(t.px(12))
                              .arg(t.hover.name(), t.text.name(), t.focus.name());
    for (QPushButton* button : m_buttons) {
        button->setFont(t.sans(Theme::kBody));
        button->setStyleSheet(sheet.arg(QStringLiteral("left")));
    }
    for (QPushButton* button : {m_find, m_open, m_demo}) {
        button->setFont(t.sans(Theme::kBody, QFont::DemiBold));
        button->setStyleSheet(sheet.arg(QStringLiteral("center")));
    }
    place();
    update();
}

void Welcome::place() {
    const Theme& t = m_themes->theme();
    const int side = t.px(24), gap = t.px(8), inner = std::max(t.px(120), std::min(width() - 2 * side, t.px(620)));
    const int left = (width() - inner) / 2;
    const auto heightOf = [&](const QLabel* label) {
        return label->text().isEmpty() ? 0 : label->heightForWidth(inner);
    };
    // Questions beside each other where two fit.
    int widest = 0;
    for (const QPushButton* button : m_buttons) widest = std::max(widest, button->sizeHint().width());
    const int columns = 2 * widest + gap <= inner ? 2 : 1;
    const int row = m_buttons[0]->sizeHint().height() + gap;
    QList<QPushButton*> ways;  // to another model
    if (m_model == Model::kNone || m_model == Model::kDemo) ways << m_find;
    if (m_model == Model::kNone) ways << m_open;
    if (m_model == Model::kNone && m_demo_there) ways << m_demo;
    for (QPushButton* button : {m_find, m_open, m_demo}) button->setVisible(ways.contains(button));
    int beside = -gap;  // the ways beside each other, or one below the other where that is too wide
    for (const QPushButton* button : ways) beside += button->sizeHint().width() + gap;
    const int way_rows = ways.isEmpty() ? 0 : beside <= inner ? 1 : static_cast<int>(ways.size());
    const int questions = m_model == Model::kDemo ? static_cast<int>(m_questions.size()) : 0;
    const int title = heightOf(m_title), text = heightOf(m_text);
    const int hint = m_model == Model::kNone ? 0 : heightOf(m_hint);
    const int words = title + gap + text + (hint ? gap + hint : 0) + (way_rows ? gap + way_rows * row : 0);
    int rows = (questions + columns - 1) / columns;
    rows = std::clamp((height() - words - 4 * gap) / row, 0, rows);
    const int whole = words + (rows ? 2 * gap + rows * row : 0);
    int y = std::max(gap, (height() - whole) * 2 / 5);
    m_title->setGeometry(left, y, inner, title);
    y += title + gap;
    m_text->setGeometry(left, y, inner, text);
    y += text + gap;
    int x = (width() - beside) / 2;
    if (way_rows) y += gap;
    for (QPushButton* button : ways) {
        const QSize size = button->sizeHint();
        button->setGeometry(way_rows == 1 ? x : (width() - size.width()) / 2, y, size.width(), size.height());
        x += size.width() + gap;
        if (way_rows > 1) y += row;
    }
    if (way_rows == 1) y += row;
    m_hint->setVisible(hint > 0 && m_model != Model::kLoading);
    m_hint->setGeometry(left, y, inner, hint);
    y += (hint ? hint : 0) + gap;
    const int box = columns == 2 ? widest : std::min(widest, inner);
    const int from = (width() - columns * box - (columns - 1) * gap) / 2;
    for (int i = 0; i < m_buttons.size(); ++i) {
        const bool shown = i < questions && i / columns < rows;
        m_buttons[i]->setVisible(shown);
        m_buttons[i]->setGeometry(from + i % columns * (box + gap), y + i / columns * row, box, row - gap);
    }
}

QSize Welcome::minimumSizeHint() const {
    return {m_themes->theme().px(240), m_themes->theme().px(120)};
}

void Welcome::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place();
}

void Welcome::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), m_themes->theme().background);
}

}  // namespace moescope
