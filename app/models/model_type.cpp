#include "app/models/model_type.h"

#include <algorithm>
#include <charconv>
#include <regex>

namespace moescope {
namespace {

constexpr std::string_view kEnding = ".gguf";
constexpr std::size_t kLongestName = 255;  // of file systems; what is longer is no file's

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string_view fileName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is the start
}

}  // namespace

bool isModelFileName(std::string_view name) {
    if (name.size() < kEnding.size()) return false;
    const std::string_view end = name.substr(name.size() - kEnding.size());
    return std::equal(end.begin(), end.end(), kEnding.begin(), [](char a, char b) { return upper(a) == upper(b); });
}

std::string typeInName(std::string_view path) {
    std::string_view name = fileName(path);
    if (isModelFileName(name)) name.remove_suffix(kEnding.size());
    if (name.size() > kLongestName) return {};
    std::string capitals(name);
    std::transform(capitals.begin(), capitals.end(), capitals.begin(), upper);
    static const std::regex kTypes(R"((?:^|[-._ ])((?:I?Q[1-8]|MXFP4)(?:_[0-9A-Z]+)*|BF16|F16|F32|FP8)(?=[-._ ]|$))");
    std::string found;
    for (std::sregex_iterator at(capitals.begin(), capitals.end(), kTypes), end; at != end; ++at) found = (*at)[1];
    return found;
}

std::optional<PartName> partName(std::string_view path) {
    // "-00002-of-00003.gguf"
    constexpr std::size_t kDigits = 5;
    constexpr std::string_view kOf = "-of-";
    constexpr std::size_t kSize = 1 + kDigits + kOf.size() + kDigits + kEnding.size();
    if (path.size() <= kSize || !path.ends_with(kEnding)) return {};
    const std::string_view end = path.substr(path.size() - kSize);
    if (end[0] != '-' || end.substr(1 + kDigits, kOf.size()) != kOf) return {};
    const auto number = [](std::string_view digits) {
        std::uint32_t value = 0;
        const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc() && last == digits.data() + digits.size() ? value : 0;
    };
    PartName part{std::string(path.substr(0, path.size() - kSize)), number(end.substr(1, kDigits)),
                  number(end.substr(1 + kDigits + kOf.size(), kDigits))};
    if (part.number == 0 || part.number > part.count) return {};
    return part;
}

}  // namespace moescope
