#include "ui/chat/transcript_layout.h"

#include <QHash>
#include <algorithm>

namespace moescope {

namespace {

constexpr MessageActions kAllActions = MessageActions(0xFF);
constexpr int kPasses = 16;        // heights settle in two or three
constexpr int kKeptViewports = 3;  // layouts stay this far from the viewport

}  // namespace

TranscriptLayout::TranscriptLayout(const TranscriptModel* model, const Theme& theme)
    : m_model(model), m_style(theme), m_offered(kAllActions), m_width(m_style.column_max), m_tops{0} {}

int TranscriptLayout::total() const {
    return m_tops.back() + (m_messages.empty() ? 0 : m_style.bottom_margin);
}

int TranscriptLayout::rowAt(int y) const {
    if (m_messages.empty()) return -1;
    const auto found = std::upper_bound(m_tops.begin(), m_tops.end() - 1, y);
    return std::max(0, static_cast<int>(found - m_tops.begin()) - 1);
}

MessageContext TranscriptLayout::context(int row) const {
    return {m_style, m_model->at(row), m_offered, row == m_model->count() - 1, m_width};
}

void TranscriptLayout::setTheme(const Theme& theme) {
    const bool wrap = m_style.wrap_code, numbers = m_style.number_code;
    m_style = TranscriptStyle(theme);
    setCodeLook(wrap, numbers);
}

void TranscriptLayout::setCodeLook(bool wrap, bool numbers) {
    m_style.wrap_code = wrap;
    m_style.number_code = numbers;
    restyleAll();
}

void TranscriptLayout::setWidth(int width) {
    width = std::max(1, width);
    if (width == m_width) return;
    m_width = width;
    restyleAll();
}

void TranscriptLayout::setOffered(MessageActions offered) {
    m_offered = offered;
    for (int row = 0; row < count(); ++row) at(row).update(context(row));
    restack(0);
}

void TranscriptLayout::restyleAll() {
    for (int row = 0; row < count(); ++row) at(row).restyle(context(row));
    restack(0);
}

void TranscriptLayout::reset(const std::vector<qint64>& ids) {
    QHash<qint64, std::size_t> old;
    for (std::size_t row = 0; row < ids.size(); ++row) old.insert(ids[row], row);
    std::vector<std::unique_ptr<MessageLayout>> before = std::move(m_messages);
    m_messages.clear();
    for (int row = 0; row < m_model->count(); ++row) {
        const TranscriptMessage& message = m_model->at(row);
        const auto found = old.constFind(message.id);
        const bool kept = m_model->wasKept(message.id) && found != old.constEnd() && *found < before.size();
        m_messages.push_back(kept ? std::move(before[*found]) : std::make_unique<MessageLayout>(message.role));
    }
    for (int row = 0; row < count(); ++row) at(row).update(context(row));
    restack(0);
}

void TranscriptLayout::inserted(int first, int last) {
    for (int row = first; row <= last; ++row) {
        m_messages.insert(m_messages.begin() + row, std::make_unique<MessageLayout>(m_model->at(row).role));
    }
    for (int row = std::max(0, first - 1); row < count(); ++row) at(row).update(context(row));
    restack(std::max(0, first - 1));
}

void TranscriptLayout::removed(int first, int last) {
    m_messages.erase(m_messages.begin() + first, m_messages.begin() + last + 1);
    for (int row = std::max(0, first - 1); row < count(); ++row) at(row).update(context(row));
    restack(std::max(0, first - 1));
}

int TranscriptLayout::changed(int row) {
    const int y = at(row).update(context(row));
    restack(row);
    return top(row) + y;
}

void TranscriptLayout::toggleThought(int row) {
    at(row).toggleThought(context(row));
    restack(row);
}

void TranscriptLayout::restack(int from) {
    m_tops.resize(m_messages.size() + 1);
    int y = from > 0 ? m_tops[static_cast<std::size_t>(from)] : m_style.top_margin;
    for (std::size_t row = static_cast<std::size_t>(from); row < m_messages.size(); ++row) {
        m_tops[row] = y;
        y += m_messages[row]->height();
    }
    m_tops.back() = m_messages.empty() ? 0 : y;
}

/// What must not move: the first piece in the viewport that is measured, else what is at its top.
TranscriptLayout::Anchor TranscriptLayout::anchorAt(int top, int height) const {
    Anchor anchor;
    anchor.row = rowAt(top);
    if (anchor.row < 0) return anchor;
    for (int row = anchor.row; row < count() && this->top(row) < top + height; ++row) {
        const MessageLayout& message = at(row);
        if (!message.isPrepared() || message.pieceCount() == 0) continue;
        for (std::size_t i = message.pieceAt(top - this->top(row)); i < message.pieceCount(); ++i) {
            const int y = this->top(row) + message.pieceTop(i) - top;
            if (y >= height) break;
            if (!message.piece(i).exact || y + message.piece(i).height <= 0) continue;
            return {row, i, true, 0, y};
        }
    }
    const MessageLayout& message = at(anchor.row);
    int y = this->top(anchor.row), size = message.height();
    if (message.isPrepared() && message.pieceCount() > 0) {
        anchor.has_piece = true;
        anchor.piece = message.pieceAt(top - y);
        y += message.pieceTop(anchor.piece);
        size = message.piece(anchor.piece).height;
    }
    if (y <= top && top < y + size)
        anchor.share = static_cast<double>(top - y) / std::max(1, size);
    else
        anchor.offset = y - top;
    return anchor;
}

int TranscriptLayout::topOf(const Anchor& anchor) const {
    if (anchor.row < 0) return 0;
    const MessageLayout& message = at(anchor.row);
    int y = top(anchor.row), size = message.height();
    if (anchor.has_piece && anchor.piece < message.pieceCount()) {
        y += message.pieceTop(anchor.piece);
        size = message.piece(anchor.piece).height;
    }
    return y - anchor.offset + static_cast<int>(anchor.share * size);
}

bool TranscriptLayout::layOutRange(int top, int bottom) {
    bool changed = false;
    for (int row = std::max(0, rowAt(top)); row < count() && this->top(row) < bottom; ++row) {
        const int before = at(row).height();
        at(row).layOut(context(row), top - this->top(row), bottom - this->top(row));
        if (at(row).height() == before) continue;
        changed = true;
        restack(row);
    }
    return changed;
}

int TranscriptLayout::layOut(int top, int height, bool stick) {
    for (int pass = 0; pass < kPasses; ++pass) {
        top = std::clamp(stick ? total() : top, 0, std::max(0, total() - height));
        const Anchor anchor = anchorAt(top, height);
        if (!layOutRange(top, top + height)) break;
        if (!stick) top = topOf(anchor);
    }
    top = std::clamp(stick ? total() : top, 0, std::max(0, total() - height));
    release(top, height);
    return top;
}

void TranscriptLayout::release(int top, int height) {
    const int from = top - kKeptViewports * height, to = top + (kKeptViewports + 1) * height;
    for (int row = 0; row < count(); ++row) {
        if (at(row).hasLayouts()) at(row).release(from - this->top(row), to - this->top(row));
    }
}

void TranscriptLayout::ensure(int row, int y_in_row) {
    at(row).layOut(context(row), y_in_row, y_in_row + 1);
    restack(row);
}

}  // namespace moescope
