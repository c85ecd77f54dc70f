#pragma once
// Bytes as stored in the database: little-endian numbers, compressed with zstd.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "storage/conversation.h"

namespace moescope {

std::string compress(std::string_view bytes);
/// Error: not what compress() gave, or more than `limit` bytes.
Result<std::string> decompress(std::string_view bytes, std::size_t limit = 32u << 20);

/// Layout before compression: u8 version 1, u32 count, then for each token the differences to the one before of id,
/// begin, end, position as zigzag variable-length integers.
std::string encodeTokens(std::span<const MessageToken> tokens);
Result<std::vector<MessageToken>> decodeTokens(std::string_view blob);

/// Appends fixed-size little-endian numbers.
class ByteWriter {
public:
    template <class T>
    void number(T value) {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void varint(std::int64_t value);
    std::string take() { return std::move(m_bytes); }
    std::size_t size() const { return m_bytes.size(); }

private:
    std::string m_bytes;
};

/// Reads what ByteWriter wrote; past the end everything is 0 and ok() is false.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : m_bytes(bytes) {}
    template <class T>
    T number() {
        T value{};
        if (m_bytes.size() < sizeof value) {
            fail();
            return value;
        }
        std::copy_n(m_bytes.data(), sizeof value, reinterpret_cast<char*>(&value));
        m_bytes.remove_prefix(sizeof value);
        return value;
    }
    std::int64_t varint();
    bool ok() const { return m_ok; }
    std::size_t left() const { return m_bytes.size(); }

private:
    void fail() {
        m_ok = false;
        m_bytes = {};
    }
    std::string_view m_bytes;
    bool m_ok = true;
};

}  // namespace moescope
