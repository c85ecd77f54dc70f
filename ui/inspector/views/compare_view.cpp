#include "ui/inspector/views/compare_view.h"

#include <QBoxLayout>
#include <QElapsedTimer>
#include <QSignalBlocker>
#include <algorithm>

#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/view_table.h"
#include "ui/widgets/small_choice.h"

namespace moescope {
namespace {

/// While an answer streams, seldomer than the other views: a comparison reads all of both.
constexpr int kPauseMs = 250, kLongestPauseMs = 5000;

}  // namespace

CompareView::CompareView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kCompare, tr("Compare"), model, themes, parent),
      m_comparison(new Comparison(this)),
      m_a(new SmallChoice),
      m_b(new SmallChoice) {
    addControl({}, m_a);
    addControl(tr("vs."), m_b);
    m_a->setAccessibleName(tr("First side"));
    m_b->setAccessibleName(tr("Second side"));
    addChart(new PartingChart(model, themes, m_comparison));
    addChart(new DifferenceChart(model, themes, m_comparison));
    ChartWidget* divergence = addChart(new DivergenceChart(model, themes, m_comparison));
    ChartWidget* by_layer = addChart(new AgreementChart(model, themes, m_comparison));
    ChartWidget* by_token = addChart(new TokenAgreementChart(model, themes, m_comparison));
    column()->addStretch(1);
    const auto showFitting = [=, this] {
        const bool different = m_comparison->possible() && !m_comparison->aligned();
        divergence->setVisible(different);
        by_layer->setVisible(!different);
        by_token->setVisible(!different);
    };
    connect(m_comparison, &Comparison::changed, this, showFitting);
    showFitting();
    const auto choose = [this] { m_model->compare(m_a->chosen().toLongLong(), m_b->chosen().toLongLong()); };
    connect(m_a, &QComboBox::currentIndexChanged, this, choose);
    connect(m_b, &QComboBox::currentIndexChanged, this, choose);
    connect(model, &InspectorModel::offersChanged, this, [this] {
        if (isVisible()) fillChoices();
    });
    connect(model, &InspectorModel::comparisonChanged, this, [this] {
        fillChoices();
        m_timer.stop();  // somebody chose and waits
        m_cost_ms = 0;
        changed();
    });
    connect(model, &InspectorModel::scopeChanged, this, &CompareView::changed);
    connect(model, &InspectorModel::grew, this, [this] {
        const qint64 id = m_model->source()->id();
        if (id == m_model->comparedA() || id == m_model->comparedB()) changed();
    });
    m_timer.setSingleShot(true);
    m_timer.setInterval(kPauseMs);
    connect(&m_timer, &QTimer::timeout, this, &CompareView::loadNow);
    fillChoices();
}

void CompareView::fillChoices() {
    QList<std::pair<QString, QString>> choices{{QStringLiteral("0"), tr("choose…")}};
    for (const SourceOffer& offer : m_model->offers()) choices.append({QString::number(offer.id), offer.name});
    for (auto [choice, id] : {std::pair(m_a, m_model->comparedA()), std::pair(m_b, m_model->comparedB())}) {
        const QSignalBlocker quiet(choice);
        choice->setChoices(choices);
        choice->choose(QString::number(id));
    }
    // What is offered no more (of a chat that was left) is not shown on either.
    const qint64 a = m_a->chosen().toLongLong(), b = m_b->chosen().toLongLong();
    if (a != m_model->comparedA() || b != m_model->comparedB()) m_model->compare(a, b);
}

void CompareView::changed() {
    m_stale = true;
    if (!isVisible() || m_timer.isActive()) return;
    double cost_ms = m_cost_ms;
    for (const ChartWidget* chart : charts()) cost_ms += chart->costMs();
    m_timer.start(m_comparison->possible() ? std::max(kPauseMs, m_model->pace().wait(cost_ms, kLongestPauseMs)) : 0);
}

void CompareView::showEvent(QShowEvent* event) {
    InspectorView::showEvent(event);
    fillChoices();
    if (m_stale) m_timer.start(0);
}

void CompareView::loadNow() {
    if (!m_stale) return;
    m_stale = false;
    QElapsedTimer clock;
    clock.start();
    const auto load = [this](qint64 id) { return id != 0 ? m_model->load(id) : nullptr; };
    m_comparison->setSources(load(m_model->comparedA()), load(m_model->comparedB()));
    m_cost_ms = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    m_model->pace().spend(m_cost_ms);
}

void CompareView::paintView(QPainter& p, const QSize& size, ChartWidget* only) {
    loadNow();
    InspectorView::paintView(p, size, only);
}

QString CompareView::csv(ChartWidget* only) {
    loadNow();
    return InspectorView::csv(only);
}

}  // namespace moescope
