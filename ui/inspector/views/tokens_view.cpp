#include "ui/inspector/views/tokens_view.h"

#include <QBoxLayout>
#include <QElapsedTimer>
#include <QPainter>

#include "ui/heatmap/heatmap_widget.h"
#include "ui/inspector/plot.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {
namespace {

constexpr int kBatchMs = 100, kLongestPauseMs = 250;
/// With more tokens, a new one is less than a pixel: then it may wait longer.
constexpr int kTokensAMillisecond = 400;

}  // namespace

TokensView::TokensView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kTokens, tr("Tokens"), model, themes, parent),
      m_heatmap(new HeatmapWidget(themes)),
      m_layers(new SmallChoice),
      m_value(new SmallChoice),
      m_scale(new SmallChoice),
      m_shared_pixels(new SmallChoice),
      m_colours(new SmallChoice) {
    m_layers->setChoices({{QStringLiteral("one"), tr("one")}, {QStringLiteral("all"), tr("all")}});
    m_value->setChoices({{QStringLiteral("gate"), tr("gate")},
                         {QStringLiteral("probability"), tr("probability")},
                         {QStringLiteral("chosen"), tr("chosen or not")}});
    m_scale->setChoices({{QStringLiteral("log"), tr("log")}, {QStringLiteral("linear"), tr("linear")}});
    m_shared_pixels->setChoices({{QStringLiteral("max"), tr("maximum")}, {QStringLiteral("mean"), tr("mean")}});
    m_shared_pixels->setToolTip(tr("What a pixel shows when several cells share it"));
    m_colours->setChoices({{QStringLiteral("cividis"), tr("cividis")},
                           {QStringLiteral("viridis"), tr("viridis")},
                           {QStringLiteral("magma"), tr("magma")}});
    addControl(tr("Layers"), m_layers);
    addControl(tr("Value"), m_value);
    addControl(tr("Scale"), m_scale);
    addControl(tr("When zoomed out"), m_shared_pixels);
    addControl(tr("Colors"), m_colours);
    for (SmallChoice* choice : {m_layers, m_value, m_scale, m_shared_pixels, m_colours}) {
        connect(choice, &QComboBox::currentIndexChanged, this, &TokensView::applyOptions);
    }
    m_heatmap->setAccessibleName(tr("Tokens × experts"));
    column()->addWidget(m_heatmap, 1);

    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &TokensView::read);
    connect(m_model, &InspectorModel::sourceChanged, this, &TokensView::schedule);
    connect(m_model, &InspectorModel::grew, this, &TokensView::schedule);
    connect(&m_model->selection(), &RoutingSelection::changed, this, [this](RoutingSelection::Parts parts) {
        if (!isVisible()) return;
        if (parts & RoutingSelection::kLayer) applyOptions();
        showSelection();
    });
    const auto spotOf = [this](const HeatmapCell& cell) {
        const SharedSource source = m_model->source();
        const bool token = source && cell.token >= 0 && cell.token < source->size();
        if (!token) return Spot::ofExpert(cell.layer, cell.expert);
        return source->inWhole(Spot{source->id(), cell.token, cell.token, cell.layer, cell.expert});
    };
    connect(m_heatmap, &HeatmapWidget::hovered, this, [this, spotOf](const HeatmapCell& cell) {
        m_model->selection().hover(cell.valid() ? spotOf(cell) : Spot());
    });
    connect(m_heatmap, &HeatmapWidget::selected, this, [this, spotOf](const HeatmapCell& cell) {
        if (cell.valid()) {
            m_model->selection().choose(spotOf(cell));
        } else {
            m_model->selection().clear();
        }
    });
    connect(m_heatmap, &HeatmapWidget::tokensSelected, this, [this](HeatmapTokens tokens) {
        if (!tokens.empty() && m_model->source())
            m_model->selection().choose(
                m_model->source()->inWhole(Spot{m_model->source()->id(), tokens.begin, tokens.end - 1, -1, -1}));
    });
    connect(m_heatmap, &HeatmapWidget::rendererChanged, this, &TokensView::rendererChanged);
    applyOptions();
}

Spot TokensView::spotUnder(const QPoint&, ChartWidget*) const {
    return m_model->selection().hovered();  // the heatmap's cell under the pointer
}

bool TokensView::stacked() const {
    return m_layers->chosen() == QLatin1String("all");
}

void TokensView::applyOptions() {
    HeatmapView view = m_heatmap->view();
    const int layer = stacked() ? -1 : m_model->layer();
    if (view.layer != layer) view.rect = {view.rect.x, 0, 0, 0};  // another number of rows: all of it
    view.layer = layer;
    view.first_token = 1;  // as all charts count them
    view.metric = m_value->chosen() == QLatin1String("probability") ? CellMetric::kProbability
                  : m_value->chosen() == QLatin1String("chosen")    ? CellMetric::kChosen
                                                                    : CellMetric::kGate;
    if (m_model->source() && !m_model->source()->shape().has_gates) view.metric = CellMetric::kChosen;
    view.scale = m_scale->chosen() == QLatin1String("linear") || view.metric == CellMetric::kChosen ? Scale::kLinear
                                                                                                    : Scale::kLog;
    view.aggregation = m_shared_pixels->chosen() == QLatin1String("mean") ? Aggregation::kMean : Aggregation::kMax;
    view.map = m_colours->chosen() == QLatin1String("viridis") ? ColourMap::kViridis
               : m_colours->chosen() == QLatin1String("magma") ? ColourMap::kMagma
                                                               : ColourMap::kCividis;
    m_heatmap->setView(view);
    const SharedSource source = m_model->source();
    const int first = source ? source->shape().first_moe_layer : 0;
    m_heatmap->setTitle(stacked() || !source ? tr("Tokens × experts, all layers")
                                             : tr("Tokens × experts, layer %1").arg(first + layer));
}

bool TokensView::upToDate() const {
    const SharedSource source = m_model->source();
    return tokensRead() == (source ? source->size() : 0) && m_heatmap->upToDate();
}

void TokensView::schedule() {
    if (!isVisible() || m_timer.isActive()) return;
    const int batch = std::clamp(tokensRead() / kTokensAMillisecond, kBatchMs, kLongestPauseMs);
    m_timer.start(std::max(batch, m_model->pace().wait(m_cost_ms, kLongestPauseMs)));
}

void TokensView::showEvent(QShowEvent* event) {
    InspectorView::showEvent(event);
    m_timer.start(0);
}

void TokensView::read() {
    QElapsedTimer clock;
    clock.start();
    const SharedSource source = m_model->source();
    const std::uint64_t records = source ? source->recordsId() : 0;
    if (records != m_records) {
        m_records = records;
        m_matrix = RoutingMatrix(source ? source->shape() : RoutingShape());
        m_heatmap->setTokenText([source](int token) { return source ? source->quoted(token) : QString(); });
        m_heatmap->setFollow(true);
        applyOptions();
    }
    if (source) {
        if (const Status status = m_matrix.append(source->log(), m_matrix.tokens()); !status.ok())
            emit failed(QString::fromStdString(status.message()));
    }
    m_heatmap->setRouting(m_matrix);
    showSelection();
    m_cost_ms = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    m_model->pace().spend(m_cost_ms);
}

void TokensView::showSelection() {
    const Spot chosen = m_model->selection().chosen();
    const Spot spot = m_model->source() ? m_model->source()->ofWhole(chosen) : chosen;
    const bool here = m_model->source() && spot.hasTokens() && spot.source == m_model->source()->id();
    const bool same = here && m_heatmap->hoveredCell().token >= 0;
    m_heatmap->setSelection(here ? spot.last : -1, spot.layer, spot.expert);
    m_heatmap->setSelectedTokens(here && spot.last > spot.first ? HeatmapTokens{spot.first, spot.last + 1}
                                                                : HeatmapTokens{});
    // What was chosen elsewhere is brought into view; under the pointer nothing jumps.
    if (here && !same && spot.last < tokensRead()) m_heatmap->showToken(spot.last);
}

int TokensView::pictureHeight(int width, ChartWidget*) {
    return std::max(theme().px(240), width * 5 / 8);
}

void TokensView::paintView(QPainter& p, const QSize& size, ChartWidget*) {
    read();
    const Theme& t = theme();
    p.fillRect(QRectF(QPointF(), QSizeF(size)), t.panel);
    const double head = m_model->source() ? t.space(8) : 0;
    if (m_model->source()) {
        drawText(p, QRectF(t.space(4), t.space(2), size.width() - 2 * t.space(4), t.space(5)),
                 Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("%1 · %2").arg(title(), m_model->scopeText()),
                 t.sans(Theme::kTiny), t.dim);
    }
    p.save();
    p.translate(0, head);
    const double fineness = std::max(1.0, p.worldTransform().m11());
    m_heatmap->paintInto(p, QSizeF(size.width(), std::max(1.0, size.height() - head)), fineness);
    p.restore();
}

QString TokensView::csv(ChartWidget*) {
    const SharedSource source = m_model->source();
    if (!source || source->empty()) return {};
    QString text = QStringLiteral("# %1 · %2\n").arg(title(), m_model->scopeText().simplified());
    text += QStringLiteral("token,text,layer,rank,expert,gate,probability\n");
    const int first = stacked() ? 0 : m_model->layer(), last = stacked() ? source->shape().moe_layers - 1 : first;
    const RoutingView log = source->log();
    for (int token = 0; token < source->size(); ++token) {
        for (int l = first; l <= last; ++l) {
            const LayerRouting r = log.at(static_cast<std::size_t>(token), l);
            for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
                text += QStringLiteral("%1,%2,%3,%4,%5,%6,%7\n")
                            .arg(QString::number(source->inWhole(token)), csvField(source->text(token)),
                                 QString::number(source->shape().first_moe_layer + l), QString::number(i + 1),
                                 QString::number(r.experts[i]),
                                 source->shape().has_gates ? QString::number(static_cast<double>(r.gates[i]), 'g', 9)
                                                           : QString(),
                                 source->shape().has_probabilities
                                     ? QString::number(static_cast<double>(r.probabilities[i]), 'g', 9)
                                     : QString());
            }
        }
    }
    return text;
}

}  // namespace moescope
