#pragma once
// A string in which every byte knows where it comes from: from the template (or this program), or from a message.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope::jinja {

/// Bytes, and which of them are not the template's own. Offsets are of 32 bits: whoever makes texts longer checks
/// before (Budget::room()).
class Text {
public:
    static constexpr std::int32_t kNoPlace = -1;
    /// A stretch that comes from a message. What lies between pieces is the template's own.
    struct Piece {
        std::uint32_t begin = 0, end = 0;  ///< bytes of this text
        std::int32_t message = kNoPlace;   ///< index of the message; kNoPlace: made of a message's text in a way that
                                           ///< loses the place, such as tojson
        std::uint32_t from = 0;            ///< the byte of the message's text that is at `begin`
    };

    Text() = default;
    /// The template's own.
    explicit Text(std::string own) : m_bytes(std::move(own)) {}
    static Text ofMessage(std::int32_t message, std::string_view text);
    /// Made of messages' texts, without a place.
    static Text placeless(std::string bytes);

    const std::string& bytes() const { return m_bytes; }
    std::string_view view() const { return m_bytes; }
    std::size_t size() const { return m_bytes.size(); }
    bool empty() const { return m_bytes.empty(); }
    const std::vector<Piece>& pieces() const { return m_pieces; }  ///< in order, none empty, no two that could be one
    bool ownOnly() const { return m_pieces.empty(); }              ///< nothing in it comes from a message

    void append(std::string_view own) { m_bytes += own; }
    void append(const Text& other) { appendSlice(other, 0, other.size()); }
    void appendSlice(const Text& other, std::size_t begin, std::size_t end);
    Text slice(std::size_t begin, std::size_t end) const;
    /// Other bytes, as many as before, from the same places.
    Text remapped(std::string bytes) const;

private:
    void addPiece(const Piece& piece);

    std::string m_bytes;
    std::vector<Piece> m_pieces;
};

}  // namespace moescope::jinja
