#include "app/serve/access.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/foreign_text.h"

namespace moescope::serve {
namespace {

ApiError forbidden(std::string sentence) {
    ApiError error;
    error.status = 403;
    error.message = std::move(sentence);
    error.code = "forbidden";
    return error;
}

/// "http://localhost:3000" is of "localhost:3000".
std::string_view authorityOf(std::string_view origin) {
    const std::size_t at = origin.find("://");
    return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

}  // namespace

std::string hostOf(std::string_view authority) {
    std::string_view host = authority;
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        host = end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
    } else if (std::ranges::count(host, ':') == 1) {
        host = host.substr(0, host.find(':'));
    }
    if (host.ends_with('.')) host.remove_suffix(1);
    std::string lower(host);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

bool isLoopback(std::string_view host) {
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    const std::string text(host);
    in_addr four;
    if (inet_pton(AF_INET, text.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
    in6_addr six;
    return inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool sameKey(std::string_view given, std::string_view key) {
    volatile unsigned char differs = given.size() != key.size();
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto expected = static_cast<unsigned char>(key.empty() ? 0 : key[i % key.size()]);
        differs = static_cast<unsigned char>(differs | (static_cast<unsigned char>(given[i]) ^ expected));
    }
    return differs == 0;
}

std::optional<ApiError> refusalFor(const HttpHead& head, const Access& access) {
    const std::string host = hostOf(head.host);
    // With a key no name can lead a browser here that does not know it.
    if (access.key.empty() && !isLoopback(host) && host != access.address) {
        return forbidden(
            fmt::format("This server is not called {}; use its address, {}.", quoted(head.host), access.address));
    }
    if (!head.origin.empty() && !isLoopback(hostOf(authorityOf(head.origin)))) {
        return forbidden(fmt::format("Web pages of {} may not use this server.", quoted(head.origin)));
    }
    if (access.key.empty() || head.path == "/health" || head.method == "OPTIONS") return std::nullopt;
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view given = head.authorization;
    if (given.starts_with(kScheme) && sameKey(given.substr(kScheme.size()), access.key)) return std::nullopt;
    ApiError error;
    error.status = 401;
    error.message = given.empty() ? "This server requires a key; send it as \"Authorization: Bearer KEY\"."
                                  : "The key is not this server's key.";
    error.code = "invalid_api_key";
    return error;
}

}  // namespace moescope::serve
