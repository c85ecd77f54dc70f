#include "storage/blob.h"

#include <zstd.h>

#include <memory>
#include <new>

namespace moescope {
namespace {

/// One a thread: making them costs more than packing a small piece.
ZSTD_CCtx* packer() {
    static thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                           &ZSTD_freeCCtx);
    if (!context) throw std::bad_alloc();
    return context.get();
}
ZSTD_DCtx* unpacker() {
    static thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                           &ZSTD_freeDCtx);
    if (!context) throw std::bad_alloc();
    return context.get();
}

}  // namespace

std::string compress(std::string_view bytes) {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t n = ZSTD_compressCCtx(packer(), out.data(), out.size(), bytes.data(), bytes.size(), 3);
    if (ZSTD_isError(n)) throw std::bad_alloc();  // with a buffer of that size nothing else can fail
    out.resize(n);
    return out;
}

Result<std::string> decompress(std::string_view bytes, std::size_t limit) {
    const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > limit) {
        return invalid("A compressed part of the history is damaged.");
    }
    std::string out(size, '\0');
    const std::size_t n = ZSTD_decompressDCtx(unpacker(), out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(n) || n != size) return invalid("A compressed part of the history is damaged.");
    return out;
}

void ByteWriter::varint(std::int64_t value) {
    auto v = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; v >= 0x80; v >>= 7) m_bytes.push_back(static_cast<char>(v | 0x80));
    m_bytes.push_back(static_cast<char>(v));
}

std::int64_t ByteReader::varint() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const auto byte = number<std::uint8_t>();
        v |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
    }
    fail();
    return 0;
}

/// Of 100,000 tokens there are less than 1 MB.
constexpr std::size_t kMostTokenBytes = 32u << 20;

std::string encodeTokens(std::span<const MessageToken> tokens) {
    ByteWriter out;
    out.number(std::uint8_t{1});
    out.number(static_cast<std::uint32_t>(tokens.size()));
    MessageToken last;
    for (const MessageToken& t : tokens) {
        out.varint(static_cast<std::int64_t>(t.id) - last.id);
        out.varint(static_cast<std::int64_t>(t.begin) - last.begin);
        out.varint(static_cast<std::int64_t>(t.end) - last.end);
        out.varint(static_cast<std::int64_t>(t.position) - last.position);
        last = t;
    }
    return compress(out.take());
}

Result<std::vector<MessageToken>> decodeTokens(std::string_view blob) {
    std::vector<MessageToken> tokens;
    if (blob.empty()) return tokens;
    const auto bytes = decompress(blob, kMostTokenBytes);
    if (!bytes.ok()) return bytes.status();
    ByteReader in(*bytes);
    const auto version = in.number<std::uint8_t>();
    const auto count = in.number<std::uint32_t>();
    if (version != 1 || count > in.left()) return invalid("The tokens of a message are damaged.");
    MessageToken t;
    for (std::uint32_t i = 0; i < count; ++i) {
        // Wrap-around of damaged differences is harmless: unsigned arithmetic, and the reader checks ranges.
        t.id = static_cast<std::int32_t>(static_cast<std::uint64_t>(t.id) + static_cast<std::uint64_t>(in.varint()));
        t.begin = static_cast<std::uint32_t>(t.begin + static_cast<std::uint64_t>(in.varint()));
        t.end = static_cast<std::uint32_t>(t.end + static_cast<std::uint64_t>(in.varint()));
        t.position =
            static_cast<std::int32_t>(static_cast<std::uint64_t>(t.position) + static_cast<std::uint64_t>(in.varint()));
        if (t.end < t.begin) return invalid("The tokens of a message are damaged.");
        tokens.push_back(t);
    }
    if (!in.ok() || in.left() != 0) return invalid("The tokens of a message are damaged.");
    return tokens;
}

}  // namespace moescope
