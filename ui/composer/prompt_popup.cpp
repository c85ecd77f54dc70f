#include "ui/composer/prompt_popup.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

#include "ui/theme.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr int kMostRows = 8;
constexpr double kWidth = 440;
constexpr int kExcerptRole = Qt::UserRole, kKindRole = Qt::UserRole + 1;

/// A name, a tag for system prompts, and the beginning of the text.
class PromptDelegate : public QStyledItemDelegate {
public:
    PromptDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {0, m_theme.space(8)}; }

    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Theme& t = m_theme;
        p->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected) {
            p->setPen(Qt::NoPen);
            p->setBrush(t.hover);
            p->drawRoundedRect(option.rect.adjusted(t.space(1), 0, -t.space(1), 0), t.px(Theme::kRadiusSmall),
                               t.px(Theme::kRadiusSmall));
        }
        QRect room = option.rect.adjusted(t.space(3), 0, -t.space(3), 0);
        const auto put = [&](const QString& text, const QFont& font, const QColor& colour, int most) {
            const QFontMetrics metrics(font);
            const QString shown = metrics.elidedText(text, Qt::ElideRight, std::min(most, room.width()));
            p->setFont(font);
            p->setPen(colour);
            p->drawText(room, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, shown);
            room.setLeft(room.left() + metrics.horizontalAdvance(shown) + t.space(2));
        };
        put(index.data(Qt::DisplayRole).toString(), t.sans(Theme::kBody, QFont::Medium), t.text,
            option.rect.width() / 2);
        put(index.data(kKindRole).toString(), t.sans(Theme::kTiny), t.amber_text, room.width());
        put(index.data(kExcerptRole).toString(), t.sans(Theme::kSmall), t.dim, room.width());
    }

private:
    Theme m_theme;
};

bool fits(const QString& name, const QString& typed) {
    const QStringList words = name.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return typed.isEmpty() || std::any_of(words.begin(), words.end(), [&](const QString& word) {
               return word.startsWith(typed, Qt::CaseInsensitive);
           });
}

}  // namespace

PromptPopup::PromptPopup(QWidget* parent) : QListWidget(parent) {
    setObjectName(QStringLiteral("prompt_popup"));
    setAccessibleName(tr("Prompts"));
    setFocusPolicy(Qt::NoFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setUniformItemSizes(true);
    setMouseTracking(true);
    connect(this, &QListWidget::itemEntered, this, [this](QListWidgetItem* item) { setCurrentItem(item); });
    connect(this, &QListWidget::itemClicked, this, &PromptPopup::take);
    hide();
}

void PromptPopup::open(const QString& typed, const QPoint& anchor) {
    clear();
    m_shown.clear();
    for (qsizetype i = 0; i < m_prompts.size(); ++i) {
        const PromptEntry& prompt = m_prompts[i];
        if (!fits(prompt.name, typed)) continue;
        m_shown.append(i);
        auto* item = new QListWidgetItem(oneLine(prompt.name), this);
        const QString excerpt = oneLine(prompt.text.left(200).simplified());
        item->setData(kExcerptRole, excerpt);
        item->setData(kKindRole, prompt.system ? tr("system prompt") : QString());
        item->setData(Qt::AccessibleTextRole, prompt.system ? tr("%1, system prompt: %2").arg(item->text(), excerpt)
                                                            : tr("%1: %2").arg(item->text(), excerpt));
    }
    if (m_shown.isEmpty()) return hide();
    setCurrentRow(0);
    const int edge = 2 * contentsMargins().top();
    const int rows = static_cast<int>(std::min<qsizetype>(m_shown.size(), kMostRows));
    const QSize size(std::min(maximumWidth(), parentWidget()->width()), rows * sizeHintForRow(0) + edge);
    const int left = std::clamp(anchor.x(), 0, parentWidget()->width() - size.width());
    setGeometry(QRect(QPoint(left, std::max(0, anchor.y() - size.height())), size));
    show();
    raise();
}

void PromptPopup::move(int by) {
    setCurrentRow((currentRow() + by + count()) % count());
}

void PromptPopup::take() {
    const int row = currentRow();
    hide();
    if (row >= 0) emit taken(m_prompts[m_shown[row]]);
}

void PromptPopup::setTheme(const Theme& theme) {
    delete itemDelegate();
    setItemDelegate(new PromptDelegate(theme, this));
    setMaximumWidth(theme.px(kWidth));
    const int edge = theme.space(1.5);
    setViewportMargins(0, 0, 0, 0);
    setContentsMargins(0, edge, 0, edge);
    setStyleSheet(
        QStringLiteral("QListWidget { background: %1; border: 1px solid %2; border-radius: 8px; padding: %3px "
                       "0px; outline: none; }")
            .arg(theme.panel.name(), theme.line.name())
            .arg(edge));
}

}  // namespace moescope
