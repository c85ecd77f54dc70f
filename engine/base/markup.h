#pragma once
// Text within HTML and XML.

#include <string>
#include <string_view>

namespace moescope {

/// Appends text so that it is read as nothing but text, between tags and in attributes with double quotes. NUL, which
/// neither format can hold, becomes U+FFFD.
inline void appendEscaped(std::string* out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&':
                *out += "&amp;";
                break;
            case '<':
                *out += "&lt;";
                break;
            case '>':
                *out += "&gt;";
                break;
            case '"':
                *out += "&quot;";
                break;
            case '\0':
                *out += "\uFFFD";
                break;
            default:
                *out += c;
        }
    }
}

}  // namespace moescope
