#include "ui/inspector/inspector_view.h"

#include <QContextMenuEvent>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <iterator>

#include "ui/inspector/plot.h"
#include "ui/inspector/save_view.h"
#include "ui/inspector/spot_menu.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/wrap_layout.h"

namespace moescope {

InspectorView::InspectorView(ViewKind kind, const QString& title, InspectorModel* model, ThemeStore* themes,
                             QWidget* parent)
    : QWidget(parent), m_model(model), m_themes(themes), m_kind(kind), m_title(title) {
    setObjectName(QStringLiteral("view_") + name());
    setAccessibleName(title);
    m_outer = new QVBoxLayout(this);
    m_outer->setContentsMargins(0, 0, 0, 0);
    m_outer->setSpacing(0);
    m_missing = makeLabel({}, kRoleNote, this);
    m_missing->setObjectName(QStringLiteral("missing"));
    m_missing->setAccessibleName(tr("What is missing"));
    m_missing->hide();
    m_outer->addWidget(m_missing);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setAccessibleName(title);
    m_scroll->viewport()->setAccessibleName(title);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_content = new QWidget;
    m_content->setAccessibleName(title);
    m_column = new QVBoxLayout(m_content);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    m_scroll->setWidget(m_content);
    m_content->setAutoFillBackground(false);  // which setWidget() turns on
    m_outer->addWidget(m_scroll, 1);
    connect(m_themes, &ThemeStore::changed, this, [this] { applyTheme(); });
    connect(m_model, &InspectorModel::sourceChanged, this, &InspectorView::updateMissing);
    connect(m_model, &InspectorModel::grew, this, [this] {
        if (m_model->source()->size() < 100) updateMissing();
    });
    QMetaObject::invokeMethod(
        this, [this] { applyTheme(); }, Qt::QueuedConnection);
}

void InspectorView::applyTheme() {
    const Theme& t = theme();
    applyFormTheme(this, t);
    m_missing->setContentsMargins(t.space(4), t.space(2), t.space(4), 0);
    if (m_control_row) m_control_row->layout()->setContentsMargins(t.space(4), t.space(2), t.space(4), 0);
    updateMissing();
}

void InspectorView::paintEvent(QPaintEvent*) {
    // Not by palettes: style sheets of the parents restore older ones when the theme changes.
    QPainter(this).fillRect(rect(), theme().panel);
}

void InspectorView::updateMissing() {
    const QString sentence = m_model->source() ? m_model->source()->missing() : QString();
    if (m_missing->text() != sentence) m_missing->setText(sentence);
    m_missing->setVisible(!sentence.isEmpty());
}

ChartWidget* InspectorView::addChart(Chart* chart) {
    auto* widget = new ChartWidget(chart);
    m_column->addWidget(widget, chart->stretches() ? 1 : 0);
    m_charts.push_back(widget);
    return widget;
}

WrapLayout* InspectorView::controls() {
    if (!m_control_row) {
        constexpr int kAcross = 14, kDown = 4;
        m_control_row = new QWidget;
        m_control_row->setAccessibleName(tr("Options of %1").arg(m_title));
        m_controls = new WrapLayout(m_control_row, kAcross, kDown);
        m_outer->insertWidget(0, m_control_row);
    }
    return m_controls;
}

void InspectorView::addControl(const QString& caption, QWidget* control) {
    control->setAccessibleName(caption);
    if (caption.isEmpty()) return controls()->addWidget(control);
    // The word stays beside its control, whatever row they come to stand in.
    WrapLayout* row = controls();
    auto* both = new QWidget(m_control_row);
    both->setAccessibleName(caption);
    auto* line = new QHBoxLayout(both);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(8);
    QLabel* label = makeLabel(caption, kRoleNote, both);
    label->setWordWrap(false);
    label->setBuddy(control);
    line->addWidget(label);
    line->addWidget(control);
    row->addWidget(both);
}

std::vector<ChartWidget*> InspectorView::savedCharts(ChartWidget* only) const {
    if (only) return {only};
    std::vector<ChartWidget*> charts;
    std::ranges::copy_if(m_charts, std::back_inserter(charts), [](const ChartWidget* c) { return !c->isHidden(); });
    return charts;
}

int InspectorView::pictureHeight(int width, ChartWidget* only) {
    double height = theme().space(8);
    for (ChartWidget* chart : savedCharts(only)) {
        chart->refreshIfStale();
        height += chart->chart().wholeHeight(width);
    }
    return static_cast<int>(std::ceil(height));
}

void InspectorView::paintView(QPainter& p, const QSize& size, ChartWidget* only) {
    const Theme& t = theme();
    p.fillRect(QRectF(QPointF(), QSizeF(size)), t.panel);
    // Made smaller, it is laid out wider: what was too high then fits.
    double scale = 1;
    while (scale > 0.05 && pictureHeight(static_cast<int>(size.width() / scale), only) * scale > size.height())
        scale *= 0.95;
    p.save();
    p.scale(scale, scale);
    const double width = size.width() / scale, height = size.height() / scale;
    const double needed = pictureHeight(static_cast<int>(width), only);
    const std::vector<ChartWidget*> charts = savedCharts(only);
    int stretching = 0;
    for (const ChartWidget* chart : charts) stretching += chart->chart().stretches();
    const double extra = stretching > 0 ? std::max(0.0, height - needed) / stretching : 0;
    const QRectF head(t.space(4), t.space(2), width - 2 * t.space(4), t.space(5));
    const QString scope = m_model->scopeText();
    const QString name = scope.isEmpty() ? m_title : QStringLiteral("%1 · %2").arg(m_title, scope);
    drawText(p, head, Qt::AlignLeft | Qt::AlignVCenter, name, t.sans(Theme::kTiny), t.dim);
    double y = t.space(8);
    for (const ChartWidget* chart : charts) {
        const double own = chart->chart().wholeHeight(width) + (chart->chart().stretches() ? extra : 0);
        chart->chart().paintUnmarked(p, QRectF(0, y, width, own));
        y += own;
    }
    p.restore();
}

QString InspectorView::csv(ChartWidget* only) {
    QStringList parts;
    const QString scope = m_model->scopeText().simplified();
    for (ChartWidget* chart : savedCharts(only)) {
        chart->refreshIfStale();
        const QString table = chart->chart().csv();
        const QString title = chart->chart().title();
        const QString caption = scope.isEmpty() ? title : QStringLiteral("%1 · %2").arg(title, scope);
        if (!table.isEmpty()) parts << QStringLiteral("# %1\n%2").arg(caption, table);
    }
    return parts.join(QLatin1Char('\n'));
}

QString InspectorView::name() const {
    return QString::fromLatin1(infoOf(m_kind).name);
}

Spot InspectorView::spotUnder(const QPoint& at, ChartWidget* chart) const {
    if (!chart || !chart->chart().emptyText().isEmpty()) return {};
    const QPoint in_chart = chart->mapFrom(this, at);
    return chart->chart().toWhole(chart->chart().spotAt(in_chart, chart->chart().bodyOf(chart->rect())));
}

void InspectorView::contextMenuEvent(QContextMenuEvent* event) {
    ChartWidget* chart = nullptr;
    for (QWidget* at = childAt(event->pos()); at && !chart; at = at->parentWidget())
        chart = qobject_cast<ChartWidget*>(at);
    QMenu menu(this);
    // By key it is of what is chosen.
    const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
    addSpotActions(menu, *m_model, by_key ? m_model->selection().chosen() : spotUnder(event->pos(), chart));
    if (!menu.isEmpty()) menu.addSeparator();
    addSaveActions(menu, *this, chart);
    menu.exec(event->globalPos());
}

}  // namespace moescope
