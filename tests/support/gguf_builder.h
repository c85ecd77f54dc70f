#pragma once
// Makes small GGUF files in memory, right or wrong on purpose.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// Appends keys and tensors and puts the file together. Everything is written as given, also nonsense.
class GgufBuilder {
public:
    std::uint32_t version = 3;
    std::uint64_t extra_tensors = 0, extra_keys = 0;  ///< added to the counts in the header

    void text(std::string_view key, std::string_view value) {
        start(key, 8);
        string(m_keys, value);
    }
    void integer(std::string_view key, std::uint32_t value) {
        start(key, 4);
        number(m_keys, value);
    }
    void real(std::string_view key, float value) {
        start(key, 6);
        number(m_keys, value);
    }
    void boolean(std::string_view key, bool value) {
        start(key, 7);
        number(m_keys, static_cast<std::uint8_t>(value));
    }
    void texts(std::string_view key, const std::vector<std::string>& values) {
        start(key, 9);
        number(m_keys, std::uint32_t{8});
        number(m_keys, static_cast<std::uint64_t>(values.size()));
        for (const auto& v : values) string(m_keys, v);
    }
    void integers(std::string_view key, const std::vector<std::int32_t>& values) {
        start(key, 9);
        number(m_keys, std::uint32_t{5});
        number(m_keys, static_cast<std::uint64_t>(values.size()));
        for (const auto v : values) number(m_keys, v);
    }
    /// A tensor of `bytes` zero bytes; offset -1: the next free place.
    void tensor(std::string_view name, const std::vector<std::uint64_t>& dims, std::uint32_t type, std::uint64_t bytes,
                std::int64_t offset = -1) {
        string(m_infos, name);
        number(m_infos, static_cast<std::uint32_t>(dims.size()));
        for (const auto n : dims) number(m_infos, n);
        number(m_infos, type);
        number(m_infos, offset < 0 ? m_data_bytes : static_cast<std::uint64_t>(offset));
        m_data_bytes += (bytes + 31) / 32 * 32;
        ++m_tensor_count;
    }

    /// The file up to its first tensor's data, whose padding included.
    std::string head() const {
        std::string out = "GGUF";
        number(out, version);
        number(out, m_tensor_count + extra_tensors);
        number(out, m_key_count + extra_keys);
        out += m_keys + m_infos;
        out.resize((out.size() + 31) / 32 * 32);
        return out;
    }

    std::vector<std::byte> build() const {
        std::string out = head();
        out.resize(out.size() + m_data_bytes);
        std::vector<std::byte> bytes(out.size());
        std::memcpy(bytes.data(), out.data(), out.size());
        return bytes;
    }

private:
    template <class T>
    static void number(std::string& out, T value) {
        out.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    static void string(std::string& out, std::string_view value) {
        number(out, static_cast<std::uint64_t>(value.size()));
        out += value;
    }
    void start(std::string_view key, std::uint32_t kind) {
        string(m_keys, key);
        number(m_keys, kind);
        ++m_key_count;
    }

    std::string m_keys, m_infos;
    std::uint64_t m_key_count = 0, m_tensor_count = 0, m_data_bytes = 0;
};

}  // namespace moescope
