// Layout, scrolling and painting; mouse and keys are in transcript_input.cpp.

#include "ui/chat/transcript_view.h"

#include <QApplication>
#include <QClipboard>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <algorithm>

#include "engine/markdown/thinking.h"
#include "ui/chat/transcript_accessible.h"
#include "ui/chat/transcript_private.h"
#include "ui/live_pace.h"
#include "ui/theme.h"

namespace moescope {
namespace {

constexpr int kRefreshMs = 33;
/// Text that streams shows at least so often, whatever the pace of the views.
constexpr int kLongestRefreshMs = 100;

/// Round, at the lower edge: back to the newest message.
class NewestButton : public QPushButton {
public:
    NewestButton(ThemeStore* themes, QWidget* parent) : QPushButton(parent), m_themes(themes) {
        setCursor(Qt::PointingHandCursor);
        setAccessibleName(TranscriptView::tr("Go to the newest message"));
        setToolTip(TranscriptView::tr("Go to the newest message (End)"));
        setFocusPolicy(Qt::NoFocus);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        const Theme& t = m_themes->theme();
        QPainter p(this);
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(t.line);
        p.setBrush(underMouse() ? t.hover : t.panel);
        p.drawEllipse(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
        const double middle = width() / 2.0, size = t.px(4);
        p.setPen(QPen(t.text, t.px(2), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        p.drawPolyline(QPolygonF({QPointF(middle - size, middle - size / 2), QPointF(middle, middle + size / 2),
                                  QPointF(middle + size, middle - size / 2)}));
    }

private:
    ThemeStore* m_themes;
};

}  // namespace

TranscriptView::Private::Private(TranscriptView* view, ThemeStore* store, TranscriptModel* source)
    : q(view), themes(store), model(source), layout(source, store->theme()) {}

TranscriptView::TranscriptView(ThemeStore* themes, TranscriptModel* model, QWidget* parent)
    : QAbstractScrollArea(parent), d(std::make_unique<Private>(this, themes, model)) {
    installTranscriptAccessibility();
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Transcript"));
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    d->to_newest = new NewestButton(themes, viewport());
    d->to_newest->hide();
    connect(d->to_newest, &QAbstractButton::clicked, this, &TranscriptView::scrollToEnd);
    connect(themes, &ThemeStore::changed, this, [this] {
        d->layout.setTheme(d->themes->theme());
        d->fitWidth();
        d->settle();
    });
    connect(model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        d->ids_before_reset.clear();
        for (int row = 0; row < d->model->count(); ++row) d->ids_before_reset.push_back(d->model->at(row).id);
    });
    connect(model, &QAbstractItemModel::modelReset, this, [this] { d->onReset(); });
    connect(model, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first, int last) {
        d->flushChanges();
        d->layout.inserted(first, last);
        if (!d->pace || !d->pace->live()) return d->settle();
        for (int row = first; row <= last; ++row) d->changed_rows.insert(row);
        d->scheduleRefresh();
    });
    connect(model, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { d->flushChanges(); });
    connect(model, &QAbstractItemModel::rowsRemoved, this, [this](const QModelIndex&, int first, int last) {
        d->layout.removed(first, last);
        clearSelection();
        d->settle();
    });
    connect(model, &QAbstractItemModel::dataChanged, this, [this](const QModelIndex& from, const QModelIndex& to) {
        for (int row = from.row(); row <= to.row(); ++row) d->changed_rows.insert(row);
        d->scheduleRefresh();
    });
    d->onReset();
}

TranscriptView::~TranscriptView() = default;

TranscriptModel* TranscriptView::model() const {
    return d->model;
}

int TranscriptView::Private::columnLeft() const {
    return std::max(layout.style().column_margin, (q->viewport()->width() - layout.width()) / 2);
}

void TranscriptView::Private::fitWidth() {
    const TranscriptStyle& style = layout.style();
    layout.setWidth(std::min(style.column_max, q->viewport()->width() - 2 * style.column_margin));
}

void TranscriptView::Private::settle() {
    if (settling) return;
    settling = true;
    QScrollBar* bar = q->verticalScrollBar();
    const int height = q->viewport()->height();
    const int top = layout.layOut(bar->value(), height, following);
    bar->setRange(0, std::max(0, layout.total() - height));
    bar->setPageStep(std::max(1, height - layout.style().body_line));
    bar->setSingleStep(layout.style().body_line);
    bar->setValue(top);
    settling = false;
    placeButton();
    q->viewport()->update();
}

void TranscriptView::Private::setFollowing(bool on) {
    if (following == on) return;
    following = on;
    placeButton();
    emit q->followingChanged(on);
}

void TranscriptView::Private::placeButton() {
    const Theme& t = themes->theme();
    const int size = t.px(34);
    to_newest->setGeometry((q->viewport()->width() - size) / 2, q->viewport()->height() - size - t.px(12), size, size);
    to_newest->setVisible(!following && q->verticalScrollBar()->maximum() - q->verticalScrollBar()->value() > t.px(40));
}

void TranscriptView::Private::scrollTo(int y) {
    setFollowing(false);
    q->verticalScrollBar()->setValue(y);  // settles through scrollContentsBy
    settle();
    if (q->verticalScrollBar()->value() >= q->verticalScrollBar()->maximum()) setFollowing(true);
}

void TranscriptView::Private::scheduleRefresh() {
    if (refresh.isActive()) return;
    const int pause = pace ? pace->wait(layout_ms + paint_ms, kLongestRefreshMs) : 0;
    refresh.start(std::max(kRefreshMs, pause), q);
}

void TranscriptView::Private::flushChanges() {
    if (changed_rows.empty()) return;
    const std::set<int> rows = std::exchange(changed_rows, {});
    for (const int row : rows) {
        if (row < layout.count()) layout.changed(row);
    }
}

void TranscriptView::Private::onReset() {
    changed_rows.clear();
    const bool same_start = model->count() > 0 && !ids_before_reset.empty() &&
                            (ids_before_reset.front() == model->at(0).id || model->wasKept(model->at(0).id));
    layout.reset(ids_before_reset);
    ids_before_reset.clear();
    if (model->rowOf(anchor.message) < 0 || model->rowOf(cursor.message) < 0) anchor = cursor = {};
    if (model->rowOf(ring) < 0) ring = 0;
    hovered_message = 0;
    hovered = {};
    if (!same_start) setFollowing(true);  // another conversation: its newest message
    fitWidth();
    settle();
}

QPoint TranscriptView::Private::origin(int row) const {
    return {columnLeft(), layout.top(row) - q->verticalScrollBar()->value()};
}

QRect TranscriptView::Private::toViewport(int row, const QRect& rect) const {
    return rect.isNull() ? QRect() : rect.translated(origin(row));
}

MessageLook TranscriptView::Private::look(int row) const {
    const TranscriptMessage& message = model->at(row);
    MessageLook look;
    look.selection = selectedRange(row);
    if (message.id == selected_message) look.selected_token = selected_token;
    if (tint) look.tint = [this, id = message.id](int token) { return tint(id, token); };
    look.ring = message.id == ring && q->hasFocus();
    const bool last_answer = row == model->count() - 1 && message.role == TranscriptRole::kAnswer;
    look.actions = message.id == hovered_message || look.ring || last_answer;
    if (message.id == hovered_message) look.hovered = hovered;
    if (look.ring) look.focused = focused;
    if (message.id == copied_message) look.copied_block = copied_block;
    return look;
}

void TranscriptView::paintEvent(QPaintEvent* event) {
    QElapsedTimer clock;
    clock.start();
    QPainter p(viewport());
    p.fillRect(event->rect(), d->themes->theme().background);
    const int top = verticalScrollBar()->value();
    const int first = d->layout.rowAt(top + event->rect().top());
    for (int row = std::max(0, first); row < d->layout.count(); ++row) {
        const QPoint origin = d->origin(row);
        if (origin.y() > event->rect().bottom()) break;
        const QRect clip = event->rect().translated(-origin);
        d->layout.at(row).draw(&p, origin, clip, d->layout.context(row), d->look(row));
    }
    d->paint_ms = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
    if (d->pace) d->pace->spend(d->paint_ms);
}

void TranscriptView::resizeEvent(QResizeEvent*) {
    d->fitWidth();
    d->settle();
}

void TranscriptView::scrollContentsBy(int, int) {
    if (d->settling) return;
    const QScrollBar* bar = verticalScrollBar();
    d->setFollowing(bar->value() >= bar->maximum());
    d->settle();
    emit scrolled();
}

void TranscriptView::timerEvent(QTimerEvent* event) {
    if (event->timerId() == d->refresh.timerId()) {
        d->refresh.stop();
        flush();
    } else if (event->timerId() == d->copied_timer.timerId()) {
        d->copied_timer.stop();
        d->copied_message = 0;
        viewport()->update();
    } else {
        QAbstractScrollArea::timerEvent(event);
    }
}

void TranscriptView::flush() {
    d->refresh.stop();
    if (d->changed_rows.empty()) return;
    QElapsedTimer clock;
    clock.start();
    d->flushChanges();
    d->settle();
    d->layout_ms = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
    if (d->pace) d->pace->spend(d->layout_ms);
}

void TranscriptView::setPace(LivePace* pace) {
    d->pace = pace;
    connect(pace, &LivePace::ended, this, [this] {
        if (d->refresh.isActive()) d->refresh.start(0, this);
    });
}

void TranscriptView::setSelectedToken(qint64 message, int token) {
    d->selected_message = token < 0 ? 0 : message;
    d->selected_token = token;
    viewport()->update();
}

QPair<qint64, int> TranscriptView::selectedToken() const {
    return {d->selected_message, d->selected_token};
}

void TranscriptView::setTint(Tint tint) {
    d->tint = std::move(tint);
    viewport()->update();
}

void TranscriptView::retint() {
    viewport()->update();
}

void TranscriptView::setCodeLook(bool wrap, bool numbers) {
    if (wrap == d->layout.style().wrap_code && numbers == d->layout.style().number_code) return;
    d->flushChanges();
    const Place before = place();
    d->layout.setCodeLook(wrap, numbers);
    if (d->following) {
        d->settle();
    } else {
        scrollToPlace(before);
    }
    viewport()->update();
    emit codeLookChanged(wrap, numbers);
}

bool TranscriptView::wrapsCode() const {
    return d->layout.style().wrap_code;
}

bool TranscriptView::numbersCode() const {
    return d->layout.style().number_code;
}

void TranscriptView::setOfferedActions(MessageActions actions) {
    d->flushChanges();
    d->layout.setOffered(actions);
    d->settle();
}

bool TranscriptView::isFollowing() const {
    return d->following;
}

void TranscriptView::scrollToEnd() {
    flush();
    d->setFollowing(true);
    d->settle();
}

TranscriptView::Place TranscriptView::place() const {
    const int top = verticalScrollBar()->value();
    const int row = d->layout.rowAt(top);
    if (row < 0) return {};
    const int height = std::max(1, d->layout.at(row).height());
    return {row, std::clamp(static_cast<double>(top - d->layout.top(row)) / height, 0.0, 1.0)};
}

void TranscriptView::scrollToPlace(Place place) {
    flush();
    if (place.row < 0 || place.row >= d->model->count()) return scrollToEnd();
    if (place.row == 0 && place.share <= 0) return d->scrollTo(0);  // with the margin above the first row
    const auto into = [&] { return static_cast<int>(place.share * d->layout.at(place.row).height()); };
    d->layout.ensure(place.row, into());
    d->scrollTo(d->layout.top(place.row) + into());
}

void TranscriptView::scrollToMessage(qint64 message) {
    flush();
    const int row = d->model->rowOf(message);
    if (row < 0) return;
    d->layout.ensure(row, 0);
    d->scrollTo(d->layout.top(row) - d->themes->theme().px(12));
}

void TranscriptView::stepQuestion(int by) {
    flush();
    // scrollToMessage() leaves a margin above.
    const int edge = verticalScrollBar()->value() + d->themes->theme().px(12);
    const auto isQuestion = [&](int row) { return d->model->at(row).role == TranscriptRole::kUser; };
    if (by < 0) {
        for (int row = d->model->count() - 1; row >= 0; --row) {
            if (isQuestion(row) && d->layout.top(row) < edge) return scrollToMessage(d->model->at(row).id);
        }
        return;
    }
    for (int row = 0; row < d->model->count(); ++row) {
        if (isQuestion(row) && d->layout.top(row) > edge) return scrollToMessage(d->model->at(row).id);
    }
    scrollToEnd();
}

void TranscriptView::Private::reveal(int row, ByteRange range) {
    layout.at(row).prepare(layout.context(row));
    if (layout.at(row).isFoldedAt(range.begin)) layout.toggleThought(row);
    const std::size_t piece = layout.at(row).pieceOfByte(range.begin);
    const int y = layout.at(row).pieceCount() > 0 ? layout.at(row).pieceTop(piece) : 0;
    layout.ensure(row, y);
    layout.at(row).showSideways(layout.context(row), range);
    const int height = q->viewport()->height();
    int at = layout.top(row) + y;
    for (const QRectF& rect : layout.at(row).rects(layout.context(row), range)) {
        at = layout.top(row) + static_cast<int>(rect.top());
        break;
    }
    const int top = q->verticalScrollBar()->value();
    if (at < top + themes->theme().px(20) || at > top + height - themes->theme().px(60)) scrollTo(at - height / 3);
    q->viewport()->update();
}

void TranscriptView::revealBytes(qint64 message, std::size_t begin, std::size_t end) {
    flush();
    const int row = d->model->rowOf(message);
    if (row < 0) return;
    const ByteRange range{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    d->select({message, range.begin}, {message, range.end});
    d->reveal(row, range);
}

void TranscriptView::revealToken(qint64 message, int token) {
    flush();
    const int row = d->model->rowOf(message);
    if (row < 0 || token < 0 || token >= static_cast<int>(d->model->at(row).tokens.size())) return;
    const TranscriptToken& t = d->model->at(row).tokens[static_cast<std::size_t>(token)];
    d->reveal(row, {t.begin, t.end});
}

QRect TranscriptView::messageRect(qint64 message) const {
    const int row = d->model->rowOf(message);
    if (row < 0) return {};
    return d->toViewport(row, QRect(0, 0, d->layout.width(), d->layout.at(row).height()));
}

QRect TranscriptView::tokenRect(qint64 message, int token) const {
    const int row = d->model->rowOf(message);
    if (row < 0 || token < 0 || token >= static_cast<int>(d->model->at(row).tokens.size())) return {};
    const TranscriptToken& t = d->model->at(row).tokens[static_cast<std::size_t>(token)];
    const auto rects = d->layout.at(row).rects(d->layout.context(row), {t.begin, t.end});
    return rects.empty() ? QRect() : d->toViewport(row, rects.front().toAlignedRect());
}

QRect TranscriptView::actionRect(qint64 message, MessageAction action) const {
    const int row = d->model->rowOf(message);
    if (row < 0) return {};
    MessageTarget target;
    target.kind = MessageTarget::kAction;
    target.action = action;
    return d->toViewport(row, d->layout.at(row).targetRect(d->layout.context(row), target));
}

QStringList TranscriptView::actionNames(qint64 message) const {
    QStringList names;
    const int row = d->model->rowOf(message);
    if (row < 0 || row >= d->layout.count()) return names;
    for (const RowButton& button : d->layout.at(row).row().buttons) {
        if (button.action != MessageAction::kNone && button.enabled) names << button.name;
    }
    return names;
}

void TranscriptView::actByName(qint64 message, const QString& name) {
    const int row = d->model->rowOf(message);
    if (row < 0 || row >= d->layout.count()) return;
    for (const RowButton& button : d->layout.at(row).row().buttons) {
        if (button.name == name && button.enabled) return d->act(message, button.action);
    }
}

std::pair<TextPlace, TextPlace> TranscriptView::Private::ordered() const {
    const int a = model->rowOf(anchor.message), b = model->rowOf(cursor.message);
    const bool swap = b < a || (a == b && cursor.byte < anchor.byte);
    return swap ? std::pair(cursor, anchor) : std::pair(anchor, cursor);
}

ByteRange TranscriptView::Private::selectedRange(int row) const {
    if (anchor == cursor) return {};
    const auto [from, to] = ordered();
    const int first = model->rowOf(from.message), last = model->rowOf(to.message);
    if (first < 0 || last < 0 || row < first || row > last) return {};
    const auto size = static_cast<std::uint32_t>(model->at(row).text.size());
    return {row == first ? from.byte : 0, row == last ? std::min(to.byte, size) : size};
}

void TranscriptView::Private::select(TextPlace from, TextPlace to) {
    if (from == anchor && to == cursor) return;
    anchor = from;
    cursor = to;
    q->viewport()->update();
    emit q->selectionChanged();
}

bool TranscriptView::hasSelection() const {
    return !(d->anchor == d->cursor);
}

QString TranscriptView::selectedText() const {
    QString all;
    bool any = false;
    for (int row = 0; row < d->model->count(); ++row) {
        const ByteRange range = d->selectedRange(row);
        if (range.empty()) continue;
        const TranscriptMessage& message = d->model->at(row);
        const std::string& source = message.text;
        if (std::exchange(any, true)) all += QStringLiteral("\n\n");
        const bool whole = range.begin == 0 && range.end == source.size();
        const bool folded = message.role == TranscriptRole::kAnswer && !d->layout.at(row).showsThought();
        const std::string_view copied = folded ? markdown::answerOf(source) : std::string_view(source);
        all += whole ? QString::fromUtf8(copied.data(), static_cast<qsizetype>(copied.size()))
                     : d->layout.at(row).text(d->layout.context(row), range);
    }
    return all;
}

void TranscriptView::selectAll() {
    flush();
    if (d->model->count() == 0) return;
    const TranscriptMessage& last = d->model->at(d->model->count() - 1);
    d->select({d->model->at(0).id, 0}, {last.id, static_cast<std::uint32_t>(last.text.size())});
}

void TranscriptView::clearSelection() {
    d->select({}, {});
}

void TranscriptView::copySelection() const {
    if (hasSelection()) QApplication::clipboard()->setText(selectedText());
}

qint64 TranscriptView::focusedMessage() const {
    return d->ring;
}

void TranscriptView::setFocusedMessage(qint64 message) {
    d->focusMessage(d->model->rowOf(message));
}

}  // namespace moescope
