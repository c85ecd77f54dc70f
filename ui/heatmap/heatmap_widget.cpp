#include "ui/heatmap/heatmap_widget.h"

#include <QAccessible>
#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/heatmap/axis_ticks.h"
#include "ui/heatmap/heatmap_widget_p.h"

namespace moescope {
namespace {

/// At the closest, so many columns or rows are visible.
constexpr double kFewestCells = 4;
/// Columns of tokens that have room are this wide, in pixels at zoom 1.
constexpr double kRoomyColumn = 8;

QString number(double value) {
    return QString::fromStdString(shortNumber(value));
}

}  // namespace

HeatmapWidget::HeatmapWidget(ThemeStore* themes, QWidget* parent)
    : QWidget(parent), d(std::make_unique<Private>(this, themes)) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Heatmap"));
    grabGesture(Qt::PinchGesture);
    connect(d->themes, &ThemeStore::changed, this, [this] {
        updateGeometry();
        d->refresh();
    });
    connect(&d->worker, &HeatmapWorker::drawn, this, [this](const HeatmapFrame& frame) {
        // A picture that failed leaves the one before: it is right as far as it goes.
        if (!frame.image.isNull()) d->frame = frame;
        d->frame.error = frame.error;
        d->frame.request = frame.request;
        d->frame.complete = frame.complete;
        update();
    });
    connect(&d->worker, &HeatmapWorker::rendererChanged, this, [this](const QString& name, const QString& sentence) {
        d->renderer_name = name;
        emit rendererChanged(name, sentence);
    });
    d->updateDescription();
}

HeatmapWidget::~HeatmapWidget() = default;

void HeatmapWidget::setTitle(const QString& title) {
    d->title = title;
    setAccessibleName(title.isEmpty() ? tr("Heatmap") : title);
    update();
}

void HeatmapWidget::setRouting(const RoutingMatrix& routing) {
    const bool was_tokens = d->isTokens();
    const double before = was_tokens ? static_cast<double>(d->scene.routing.tokens()) : 0;
    d->scene.view.kind = HeatmapKind::kTokens;
    d->scene.matrix = nullptr;
    d->scene.routing = routing;
    const RoutingShape& shape = routing.shape();
    if (d->scene.view.layer >= shape.moe_layers) d->scene.view.layer = shape.moe_layers - 1;
    HeatmapRect& r = d->scene.view.rect;
    const auto now = static_cast<double>(routing.tokens());
    if (!was_tokens || now < before) {
        r = {};
    } else if (d->follow && r.width > 0 && r.x + r.width >= before - 0.5) {
        r.x = std::max(r.x, now - r.width);
    }
    if (d->hover.token >= static_cast<int>(routing.tokens())) d->hover = {};
    if (cellRect(d->scene, d->current).width <= 0) d->current = {};
    d->refresh();
    d->updateDescription();
}

void HeatmapWidget::setMatrix(std::shared_ptr<const DenseMatrix> matrix) {
    const auto shape = [](const DenseMatrix* m) { return m ? QSize(m->columns().count, m->rows().count) : QSize(); };
    if (d->isTokens() || shape(d->scene.matrix.get()) != shape(matrix.get())) {
        d->scene.view.rect = {};
        d->hover = d->current = {};
    }
    d->scene.view.kind = HeatmapKind::kMatrix;
    d->scene.routing = RoutingMatrix();
    d->scene.matrix = std::move(matrix);
    d->refresh();
    d->updateDescription();
}

void HeatmapWidget::setView(const HeatmapView& view) {
    const HeatmapKind kind = d->scene.view.kind;
    const bool other_rows = view.layer != d->scene.view.layer || view.lanes != d->scene.view.lanes;
    d->scene.view = view;
    d->scene.view.kind = kind;
    if (other_rows && d->hover.valid()) d->hover = {};
    if (cellRect(d->scene, d->current).width <= 0) d->current = {};
    d->refresh();
    d->updateDescription();
}

const HeatmapView& HeatmapWidget::view() const {
    return d->scene.view;
}
const HeatmapScene& HeatmapWidget::scene() const {
    return d->scene;
}

void HeatmapWidget::setTokenText(std::function<QString(int)> text) {
    d->token_text = std::move(text);
    d->updateDescription();
    update();
}

void HeatmapWidget::setFollow(bool follow) {
    d->follow = follow;
}

void HeatmapWidget::setDecorated(bool decorated) {
    d->decorated = decorated;
    updateGeometry();
    d->refresh();
}

void HeatmapWidget::setSelection(int token, int layer, int expert) {
    if (token == d->selected_token && layer == d->selected_layer && expert == d->selected_expert) return;
    d->selected_token = token;
    d->selected_layer = layer;
    d->selected_expert = expert;
    d->updateDescription();
    update();
}

void HeatmapWidget::setSelectedTokens(HeatmapTokens tokens) {
    if (tokens == d->selected_tokens) return;
    d->selected_tokens = tokens;
    update();
}

void HeatmapWidget::showToken(int token) {
    HeatmapRect r = d->rect();
    if (!d->isTokens() || token < 0 || token >= static_cast<int>(d->scene.routing.tokens())) return;
    if (token >= r.x && token + 1 <= r.x + r.width) return;
    r.x = token + 0.5 - r.width / 2;
    d->setRect(r);
}

void HeatmapWidget::zoomBy(double factor) {
    const HeatmapRect r = d->rect();
    const HeatmapRect at = cellRect(d->scene, d->current);
    QPointF centre(r.x + r.width / 2, r.y + r.height / 2);
    if (at.width > 0) centre = {at.x + at.width / 2, at.y + at.height / 2};
    d->zoomAt(centre, factor, d->isTokens() ? 1 : factor);
}

void HeatmapWidget::showAll() {
    d->scene.view.rect = {};
    d->refresh();
    emit viewChanged();
}

HeatmapCell HeatmapWidget::hoveredCell() const {
    return d->hover;
}
HeatmapCell HeatmapWidget::currentCell() const {
    return d->current;
}
QString HeatmapWidget::rendererName() const {
    return d->renderer_name;
}
bool HeatmapWidget::upToDate() const {
    return !d->stale && d->frame.request == d->last_request && d->frame.complete;
}
QRectF HeatmapWidget::plotRect() const {
    return d->places(size()).plot;
}
QRectF HeatmapWidget::rectOf(const HeatmapCell& cell) const {
    return d->pixelsOf(cell, plotRect());
}

QSize HeatmapWidget::sizeHint() const {
    const Theme& t = d->themes->theme();
    return {t.px(560), t.px(d->decorated ? 260 : 200)};
}
QSize HeatmapWidget::minimumSizeHint() const {
    const Theme& t = d->themes->theme();
    return {t.px(220), t.px(d->decorated ? 140 : 80)};
}

QString HeatmapWidget::Private::tokenName(int token) const {
    const QString text = token_text ? token_text(token) : QString();
    const QString counted = QLocale().toString(scene.view.first_token + token);
    return text.isEmpty() ? tr("token %1").arg(counted) : tr("“%1” (token %2)").arg(text, counted);
}

QString HeatmapWidget::describe(const HeatmapCell& cell) const {
    if (!cell.valid() || cellRect(d->scene, cell).width <= 0) return {};
    const float value = cellValue(d->scene, cell);
    if (!d->isTokens()) {
        const DenseMatrix& m = *d->scene.matrix;
        const auto name = [](const MatrixAxis& axis, int index) {
            if (static_cast<std::size_t>(index) < axis.names.size()) {
                return QString::fromStdString(axis.names[static_cast<std::size_t>(index)]);
            }
            return QStringLiteral("%1 %2").arg(QString::fromStdString(axis.title), QString::number(axis.first + index));
        };
        const auto titled = [&](const MatrixAxis& axis, int index) {
            return axis.kind == AxisKind::kToken ? d->tokenName(axis.first + index) : name(axis, index);
        };
        QString where = titled(m.rows(), cell.row);
        if (cell.lane) return tr("%1: %2 %3").arg(where, QString::fromStdString(m.lane_title), number(value));
        where += QStringLiteral(", ") + titled(m.columns(), cell.column);
        if (std::isnan(value)) return tr("%1: no value").arg(where);
        QString text = tr("%1: %2 %3").arg(where, QString::fromStdString(m.quantity), number(value));
        if (!m.unit.empty()) text += QLatin1Char(' ') + QString::fromStdString(m.unit);
        return text;
    }
    const RoutingMatrix& routing = d->scene.routing;
    const QString where =
        tr("%1, layer %2").arg(d->tokenName(cell.token), QString::number(routing.shape().first_moe_layer + cell.layer));
    if (cell.lane) return tr("%1, shared experts: %2 of the output").arg(where, number(value));
    const LayerRouting r = routing.at(static_cast<std::size_t>(cell.token), cell.layer);
    QString text = tr("%1, expert %2").arg(where, QString::number(cell.expert));
    if (const RoutingShape& shape = routing.shape(); shape.hasGroups()) {
        text = tr("%1 (group %2)").arg(text, QString::number(shape.groupOf(cell.expert)));
    }
    for (int i = 0; i < r.count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (r.experts[at] != cell.expert) continue;
        // What a trace does not hold is not said.
        const RoutingShape& shape = routing.shape();
        if (shape.has_gates) text += tr(", gate %1").arg(number(r.gates[at]));
        text += shape.has_order ? tr(", rank %1 of %2").arg(i + 1).arg(r.count) : tr(", chosen");
        if (shape.has_probabilities) text += tr(", probability %1").arg(number(r.probabilities[at]));
        return text;
    }
    for (std::size_t i = 0; i < kRunnersUp; ++i) {
        if (r.runners_up[i] != cell.expert) continue;
        return tr("%1, runner-up, probability %2").arg(text, number(r.runner_up_probabilities[i]));
    }
    return tr("%1, not chosen").arg(text);
}

bool HeatmapWidget::Private::empty() const {
    return columnLayout(scene).cells == 0 || rowLayout(scene).size() == 0;
}

HeatmapRect HeatmapWidget::Private::rect(const QRectF& plot) const {
    if (scene.view.rect.width > 0 && scene.view.rect.height > 0) return scene.view.rect;
    HeatmapRect all = wholeRect(scene);
    if (isTokens()) all.width = std::max(all.width, std::floor(plot.width() / themes->theme().px(kRoomyColumn)));
    return all;
}

QPointF HeatmapWidget::Private::toCells(QPointF point) const {
    const QRectF plot = places(q->size()).plot;
    const HeatmapRect r = rect(plot);
    return {r.x + (point.x() - plot.x()) / plot.width() * r.width,
            r.y + (point.y() - plot.y()) / plot.height() * r.height};
}

QRectF HeatmapWidget::Private::toPixels(const HeatmapRect& cells, const QRectF& plot) const {
    const HeatmapRect r = rect(plot);
    if (r.width <= 0 || r.height <= 0) return {};
    return {plot.x() + (cells.x - r.x) / r.width * plot.width(), plot.y() + (cells.y - r.y) / r.height * plot.height(),
            cells.width / r.width * plot.width(), cells.height / r.height * plot.height()};
}

QRectF HeatmapWidget::Private::pixelsOf(const HeatmapCell& cell, const QRectF& plot) const {
    const HeatmapRect cells = cellRect(scene, cell);
    return cells.width > 0 ? toPixels(cells, plot) : QRectF();
}

HeatmapCell HeatmapWidget::Private::cellUnder(QPointF point) const {
    if (empty() || !places(q->size()).plot.contains(point)) return {};
    const QPointF at = toCells(point);
    return cellAt(scene, at.x(), at.y());
}

void HeatmapWidget::Private::refresh() {
    stale = true;
    q->update();
}

void HeatmapWidget::Private::request() {
    const HeatmapPlaces at = places(q->size());
    const qreal ratio = q->devicePixelRatioF();
    const QSize pixels(static_cast<int>(std::lround(at.plot.width() * ratio)),
                       static_cast<int>(std::lround(at.plot.height() * ratio)));
    stale = false;
    if (empty() || pixels.isEmpty()) {
        frame = {};
        frame.request = last_request;
        return;
    }
    HeatmapScene copy = scene;
    copy.view.rect = rect(at.plot);
    last_request = worker.draw(copy, pixels);
}

void HeatmapWidget::Private::setRect(HeatmapRect wanted) {
    const QRectF plot = places(q->size()).plot;
    const HeatmapRect before = scene.view.rect;
    scene.view.rect = {};
    const HeatmapRect all = rect(plot);
    const auto fit = [](double& begin, double& size, double whole) {
        size = std::clamp(size, std::min(kFewestCells, whole), whole);
        begin = std::clamp(begin, 0.0, whole - size);
    };
    fit(wanted.x, wanted.width, all.width);
    fit(wanted.y, wanted.height, all.height);
    // A view of everything stays one as tokens come.
    if (wanted.width < all.width || wanted.height < all.height) scene.view.rect = wanted;
    if (scene.view.rect == before) return;
    refresh();
    emit q->viewChanged();
}

void HeatmapWidget::Private::zoomAt(QPointF cells, double factor_x, double factor_y) {
    const HeatmapRect r = rect(), all = wholeRect(scene);
    if (empty()) return;
    const auto limited = [](double factor, double size, double whole) {
        return size / std::max(size / factor, std::min(kFewestCells, whole));
    };
    factor_x = limited(factor_x, r.width, all.width);
    factor_y = limited(factor_y, r.height, all.height);
    setRect({cells.x() - (cells.x() - r.x) / factor_x, cells.y() - (cells.y() - r.y) / factor_y, r.width / factor_x,
             r.height / factor_y});
}

void HeatmapWidget::Private::pan(double cells_x, double cells_y) {
    const HeatmapRect r = rect();
    if (!empty()) setRect({r.x + cells_x, r.y + cells_y, r.width, r.height});
}

void HeatmapWidget::Private::reveal(const HeatmapCell& cell) {
    const HeatmapRect cells = cellRect(scene, cell);
    HeatmapRect r = rect();
    if (cells.width <= 0) return;
    if (cells.x < r.x || cells.x + cells.width > r.x + r.width) r.x = cells.x + cells.width / 2 - r.width / 2;
    if (cells.y < r.y || cells.y + cells.height > r.y + r.height) r.y = cells.y + cells.height / 2 - r.height / 2;
    setRect(r);
}

void HeatmapWidget::Private::updateDescription() {
    QString text;
    if (empty()) {
        text = tr("Nothing yet.");
    } else if (current.valid()) {
        text = q->describe(current);
    } else if (isTokens()) {
        const RoutingShape& shape = scene.routing.shape();
        text = tr("%1 tokens by %2 experts in %3 layers")
                   .arg(scene.routing.tokens())
                   .arg(shape.experts)
                   .arg(scene.view.layer < 0 ? shape.moe_layers : 1);
    } else {
        text = tr("%1 rows by %2 columns of %3")
                   .arg(scene.matrix->rows().count)
                   .arg(scene.matrix->columns().count)
                   .arg(QString::fromStdString(scene.matrix->quantity));
    }
    if (text == q->accessibleDescription()) return;
    q->setAccessibleDescription(text);
}

}  // namespace moescope
