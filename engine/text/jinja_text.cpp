#include "engine/text/jinja_text.h"

#include <algorithm>
#include <cassert>

namespace moescope::jinja {

Text Text::ofMessage(std::int32_t message, std::string_view text) {
    Text out{std::string(text)};
    out.addPiece({0, static_cast<std::uint32_t>(text.size()), message, 0});
    return out;
}

Text Text::placeless(std::string bytes) {
    Text out(std::move(bytes));
    out.addPiece({0, static_cast<std::uint32_t>(out.size()), kNoPlace, 0});
    return out;
}

void Text::addPiece(const Piece& piece) {
    if (piece.begin == piece.end) return;
    if (!m_pieces.empty()) {
        Piece& last = m_pieces.back();
        const bool follows = last.message == kNoPlace || last.from + (last.end - last.begin) == piece.from;
        if (last.end == piece.begin && last.message == piece.message && follows) {
            last.end = piece.end;
            return;
        }
    }
    m_pieces.push_back(piece);
}

void Text::appendSlice(const Text& other, std::size_t begin, std::size_t end) {
    const auto first = static_cast<std::uint32_t>(begin), last = static_cast<std::uint32_t>(end);
    const auto here = static_cast<std::uint32_t>(m_bytes.size());
    m_bytes.append(other.m_bytes, begin, end - begin);
    auto piece = std::ranges::partition_point(other.m_pieces, [&](const Piece& p) { return p.end <= first; });
    for (; piece != other.m_pieces.end() && piece->begin < last; ++piece) {
        const std::uint32_t from = std::max(piece->begin, first), to = std::min(piece->end, last);
        const std::uint32_t source = piece->message == kNoPlace ? 0 : piece->from + (from - piece->begin);
        addPiece({here + (from - first), here + (to - first), piece->message, source});
    }
}

Text Text::slice(std::size_t begin, std::size_t end) const {
    Text out;
    out.appendSlice(*this, begin, end);
    return out;
}

Text Text::remapped(std::string bytes) const {
    assert(bytes.size() == m_bytes.size());
    Text out(std::move(bytes));
    out.m_pieces = m_pieces;
    return out;
}

}  // namespace moescope::jinja
