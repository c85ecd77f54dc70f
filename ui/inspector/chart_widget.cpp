#include "ui/inspector/chart_widget.h"

#include <QAccessible>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <utility>

#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr int kBatchMs = 100;  // ten pictures a second read as live
constexpr int kLongestPauseMs = 4000;
/// Another source is shown soon, also where nothing was saved up for it.
constexpr int kLongestWaitMs = 250;

}  // namespace

ChartWidget::ChartWidget(Chart* chart, QWidget* parent) : QWidget(parent), m_chart(chart) {
    chart->setParent(this);
    m_stale_since.start();
    setMouseTracking(true);
    setAccessibleName(chart->title());
    if (chart->across() != Chart::Axis::kNone || chart->down() != Chart::Axis::kNone) setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Preferred, chart->stretches() ? QSizePolicy::Expanding : QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ChartWidget::onTimer);
    InspectorModel& model = chart->model();
    connect(&model, &InspectorModel::sourceChanged, this,
            [this] { markStale(m_chart->model().pace().wait(costMs(), kLongestWaitMs), Urgency::kBeforePainting); });
    connect(&model, &InspectorModel::grew, this, [this] {
        if (m_chart->growsWithSource()) markStale(kBatchMs, Urgency::kMayWait);
    });
    connect(&model.pace(), &LivePace::ended, this, [this] {
        if (m_stale) markStale(0, Urgency::kMayWait);
    });
    connect(&model.selection(), &RoutingSelection::changed, this, &ChartWidget::onSelection);
    connect(chart, &Chart::changed, this, [this] { markStale(0, Urgency::kBeforePainting); });
    connect(&model, &InspectorModel::namesChanged, this, [this] { markStale(0, Urgency::kBeforePainting); });
    connect(&chart->themes(), &ThemeStore::changed, this, &ChartWidget::resized);
}

void ChartWidget::markStale(int delay_ms, Urgency urgency) {
    if (!m_stale) m_stale_since.start();
    m_stale = true;
    m_urgent |= urgency == Urgency::kBeforePainting;
    if (!isVisible()) return;
    if (delay_ms == 0) {
        m_timer.start(0);
    } else if (!m_timer.isActive()) {
        m_timer.start(delay_ms);
    }
}

void ChartWidget::onTimer() {
    const int longest = std::max(0, kLongestPauseMs - static_cast<int>(m_stale_since.elapsed()));
    const int pause = m_urgent ? 0 : m_chart->model().pace().wait(costMs(), longest);
    if (pause > 0) return m_timer.start(pause);
    refreshNow();
}

void ChartWidget::refreshNow() {
    m_timer.stop();
    if (m_stale && isVisible()) refresh();
}

void ChartWidget::refreshIfStale() {
    if (m_stale) refresh();
}

void ChartWidget::refresh() {
    QElapsedTimer clock;
    clock.start();
    m_chart->refresh();
    const double now = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    m_refresh_ms = std::min(now, std::exchange(m_last_refresh_ms, now));
    m_chart->model().pace().spend(now);
    m_stale = m_urgent = false;
    ++m_refreshes;
    updateDescription();
    resized();
}

void ChartWidget::resized() {
    // A chart that streams is as high as before nearly always: laying the view out again would cost more than painting.
    const int height = heightForWidth(width());
    if (height != m_laid_out_height) updateGeometry();
    m_laid_out_height = height;
    update();
}

void ChartWidget::onSelection(RoutingSelection::Parts parts) {
    if (parts & m_chart->refreshOn()) markStale(0, Urgency::kBeforePainting);
    if (!isVisible()) return;
    resized();
    updateDescription();
}

void ChartWidget::updateDescription() {
    const QString words = m_chart->words();
    setAccessibleName(m_chart->title());
    if (words == accessibleDescription()) return;
    setAccessibleDescription(words);
    if (hasFocus()) {
        QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&changed);
    }
}

QSize ChartWidget::sizeHint() const {
    const int width = m_chart->themes().theme().px(420);
    return {width, heightForWidth(width)};
}

QSize ChartWidget::minimumSizeHint() const {
    const int width = m_chart->themes().theme().px(220);
    return {width, heightForWidth(std::max(width, this->width()))};
}

int ChartWidget::heightForWidth(int width) const {
    return static_cast<int>(std::ceil(m_chart->wholeHeight(width)));
}

void ChartWidget::paintEvent(QPaintEvent*) {
    // Tokens that came since may wait for their batch; another source or option may not.
    if (m_urgent) refreshNow();
    QElapsedTimer clock;
    clock.start();
    const Theme& t = m_chart->themes().theme();
    QPainter p(this);
    p.fillRect(rect(), t.panel);
    m_chart->paintWhole(p, rect());
    // The smaller of two: a first painting loads fonts, and one that was interrupted says nothing.
    const double now = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    m_paint_ms = std::min(now, std::exchange(m_last_paint_ms, now));
    m_chart->model().pace().spend(now);
    if (hasFocus()) {
        p.setRenderHint(QPainter::Antialiasing);
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(t.focus, 1.5));
        p.drawRoundedRect(QRectF(rect()).adjusted(3, 2, -3, -2), t.px(Theme::kRadiusSmall), t.px(Theme::kRadiusSmall));
    }
}

void ChartWidget::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) m_timer.start(0);
}

void ChartWidget::resizeEvent(QResizeEvent* event) {
    // As wide as this it may need another height than the one that it was laid out with.
    if (event->size().width() != event->oldSize().width()) resized();
}

bool ChartWidget::event(QEvent* event) {
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) update();
    return QWidget::event(event);
}

void ChartWidget::mouseMoveEvent(QMouseEvent* event) {
    if (m_urgent) refreshNow();  // it may still show tokens that are no more
    if (!m_chart->emptyText().isEmpty()) return;
    const QRectF body = m_chart->bodyOf(rect());
    const Spot spot = m_chart->toWhole(m_chart->spotAt(event->position(), body));
    RoutingSelection& selection = m_chart->model().selection();
    if ((event->buttons() & Qt::LeftButton) && m_pressed_token >= 0 && spot.hasTokens()) {
        if (spot.first != m_pressed_token) m_dragged = true;
        if (m_dragged) selection.choose({spot.source, m_pressed_token, spot.first, spot.layer, -1});
    }
    selection.hover(spot);
    QString tip = m_chart->tipAt(event->position(), body);
    const QString name = spot.expert >= 0 ? m_chart->model().expertName(spot.layer, spot.expert) : QString();
    if (!tip.isEmpty() && !name.isEmpty()) tip += QStringLiteral(" · ") + name;
    if (tip == m_tip) return;
    m_tip = tip;
    if (tip.isEmpty()) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(event->globalPosition().toPoint(), plainToolTip(tip), this);
    }
}

void ChartWidget::mousePressEvent(QMouseEvent* event) {
    if (m_urgent) refreshNow();
    if (event->button() != Qt::LeftButton || !m_chart->emptyText().isEmpty()) return QWidget::mousePressEvent(event);
    const QRectF body = m_chart->bodyOf(rect());
    m_dragged = false;
    m_pressed_token = -1;
    if (m_chart->press(event->position(), body)) return;
    const Spot spot = m_chart->toWhole(m_chart->spotAt(event->position(), body));
    if (spot.empty()) return;
    RoutingSelection& selection = m_chart->model().selection();
    m_pressed_token = spot.first;
    const Spot& chosen = selection.chosen();
    if ((event->modifiers() & Qt::ShiftModifier) && spot.hasTokens() && chosen.source == spot.source &&
        chosen.hasTokens()) {
        m_pressed_token = chosen.first;
        selection.choose({spot.source, chosen.first, spot.first, spot.layer, spot.expert});
        return;
    }
    Spot merged = chosen;
    if (spot.hasTokens()) {
        merged.source = spot.source;
        merged.first = spot.first;
        merged.last = spot.last;
    }
    if (spot.layer >= 0) merged.layer = spot.layer;
    if (spot.expert >= 0) merged.expert = spot.expert;
    if (merged != chosen) {
        selection.choose(spot);
    } else if (spot.expert >= 0) {
        selection.clearExpert();
        if (spot.hasTokens()) selection.clearTokens();
    } else if (spot.hasTokens()) {
        selection.clearTokens();
    }
}

void ChartWidget::mouseReleaseEvent(QMouseEvent*) {
    m_pressed_token = -1;
}

void ChartWidget::leaveEvent(QEvent*) {
    m_tip.clear();
    m_chart->model().selection().hover({});
}

bool ChartWidget::step(Chart::Axis axis, int by, bool extend) {
    const SharedSource source = m_chart->tokens();
    if (axis == Chart::Axis::kNone || !source || source->empty()) return false;
    RoutingSelection& selection = m_chart->model().selection();
    const Spot chosen = selection.chosen();
    // What was not chosen yet starts at the end it moves away from.
    const auto moved = [by](int at, int count) {
        if (at < 0) return by > 0 ? std::min(by - 1, count - 1) : std::max(count + by, 0);
        return std::clamp(at + by, 0, count - 1);
    };
    if (axis == Chart::Axis::kTokens) {
        const Spot shown = m_chart->toShown(chosen);
        const bool here = shown.source == source->id() && shown.hasTokens();
        const auto choose = [&](int first, int last) {
            selection.choose(m_chart->toWhole({source->id(), first, last, -1, -1}));
        };
        if (extend && here) {
            choose(by < 0 ? moved(shown.first, source->size()) : shown.first,
                   by > 0 ? moved(shown.last, source->size()) : shown.last);
        } else {
            const int token = moved(!here ? -1 : by < 0 ? shown.first : shown.last, source->size());
            choose(token, token);
        }
    } else if (axis == Chart::Axis::kLayers) {
        selection.choose(Spot::ofExpert(moved(chosen.layer, source->shape().moe_layers), -1));
    } else {
        selection.choose(Spot::ofExpert(m_chart->model().layer(), moved(chosen.expert, source->shape().experts)));
    }
    return true;
}

void ChartWidget::keyPressEvent(QKeyEvent* event) {
    constexpr int kFar = 1 << 29;
    const bool extend = event->modifiers() & Qt::ShiftModifier;
    bool done = false;
    switch (event->key()) {
        case Qt::Key_Left:
            done = step(m_chart->across(), -1, extend);
            break;
        case Qt::Key_Right:
            done = step(m_chart->across(), 1, extend);
            break;
        case Qt::Key_Up:
            done = step(m_chart->down(), -1, extend);
            break;
        case Qt::Key_Down:
            done = step(m_chart->down(), 1, extend);
            break;
        case Qt::Key_Home:
            done = step(m_chart->across(), -kFar, extend);
            break;
        case Qt::Key_End:
            done = step(m_chart->across(), kFar, extend);
            break;
        case Qt::Key_PageUp:
            done = step(m_chart->down(), -10, extend);
            break;
        case Qt::Key_PageDown:
            done = step(m_chart->down(), 10, extend);
            break;
        case Qt::Key_Escape:
            done = !m_chart->model().selection().chosen().empty();
            if (done) m_chart->model().selection().clear();
            break;
        default:
            break;
    }
    if (!done) QWidget::keyPressEvent(event);
}

}  // namespace moescope
