#include "engine/routing/trace/base64.h"

#include <array>
#include <cstdint>

namespace moescope {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::string_view kAlphabet85 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

constexpr std::array<std::int8_t, 256> valuesOf(std::string_view alphabet) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

constexpr std::array<std::int8_t, 256> kValues = valuesOf(kAlphabet), kValues85 = valuesOf(kAlphabet85);

}  // namespace

std::optional<std::vector<std::byte>> decodeBase64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = kValues[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::byte>(bits >> count & 0xff));
    }
    return bytes;
}

std::optional<std::vector<std::byte>> decodeBase85(std::string_view text) {
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 5 * 4 + 4);
    while (!text.empty()) {
        const std::string_view group = text.substr(0, 5);
        text.remove_prefix(group.size());
        if (group.size() == 1) return std::nullopt;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            // What is missing counts as the highest digit, and its bytes are cut off again.
            const int digit = i < group.size() ? kValues85[static_cast<unsigned char>(group[i])] : 84;
            if (digit < 0) return std::nullopt;
            value = value * 85 + static_cast<std::uint64_t>(digit);
        }
        if (value > 0xffff'ffff) return std::nullopt;
        for (std::size_t i = 0; i + 1 < group.size(); ++i) {
            bytes.push_back(static_cast<std::byte>(value >> (24 - 8 * i) & 0xff));
        }
    }
    return bytes;
}

}  // namespace moescope
