#include "ui/markdown/entities.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "ui/markdown/utf8.h"

namespace moescope {

namespace {

struct Named {
    std::string_view name;
    char16_t unit;
};

// Sorted by name.
constexpr Named kNamed[] = {
    {"Alpha", 0x391},  {"Delta", 0x394},  {"Gamma", 0x393},   {"Lambda", 0x39B},  {"Omega", 0x3A9},   {"Phi", 0x3A6},
    {"Pi", 0x3A0},     {"Psi", 0x3A8},    {"Sigma", 0x3A3},   {"Theta", 0x398},   {"alpha", 0x3B1},   {"amp", 0x26},
    {"apos", 0x27},    {"asymp", 0x2248}, {"beta", 0x3B2},    {"bull", 0x2022},   {"cap", 0x2229},    {"cent", 0xA2},
    {"check", 0x2713}, {"copy", 0xA9},    {"cup", 0x222A},    {"darr", 0x2193},   {"deg", 0xB0},      {"delta", 0x3B4},
    {"divide", 0xF7},  {"empty", 0x2205}, {"emsp", 0x2003},   {"ensp", 0x2002},   {"epsilon", 0x3B5}, {"equiv", 0x2261},
    {"eta", 0x3B7},    {"euro", 0x20AC},  {"exist", 0x2203},  {"forall", 0x2200}, {"frac12", 0xBD},   {"frac14", 0xBC},
    {"gamma", 0x3B3},  {"ge", 0x2265},    {"gt", 0x3E},       {"harr", 0x2194},   {"hellip", 0x2026}, {"infin", 0x221E},
    {"int", 0x222B},   {"isin", 0x2208},  {"lambda", 0x3BB},  {"laquo", 0xAB},    {"larr", 0x2190},   {"ldquo", 0x201C},
    {"le", 0x2264},    {"lsquo", 0x2018}, {"lt", 0x3C},       {"mdash", 0x2014},  {"micro", 0xB5},    {"middot", 0xB7},
    {"minus", 0x2212}, {"mu", 0x3BC},     {"nabla", 0x2207},  {"nbsp", 0xA0},     {"ndash", 0x2013},  {"ne", 0x2260},
    {"not", 0xAC},     {"omega", 0x3C9},  {"para", 0xB6},     {"part", 0x2202},   {"phi", 0x3C6},     {"pi", 0x3C0},
    {"plusmn", 0xB1},  {"pound", 0xA3},   {"prod", 0x220F},   {"psi", 0x3C8},     {"quot", 0x22},     {"raquo", 0xBB},
    {"rarr", 0x2192},  {"rdquo", 0x201D}, {"reg", 0xAE},      {"rho", 0x3C1},     {"rsquo", 0x2019},  {"sect", 0xA7},
    {"shy", 0xAD},     {"sigma", 0x3C3},  {"sube", 0x2286},   {"sum", 0x2211},    {"sup2", 0xB2},     {"sup3", 0xB3},
    {"tau", 0x3C4},    {"theta", 0x3B8},  {"thinsp", 0x2009}, {"times", 0xD7},    {"trade", 0x2122},  {"uarr", 0x2191},
    {"yen", 0xA5},
};

}  // namespace

QString decodeEntity(std::string_view entity) {
    if (entity.size() < 3) return fromUtf8(entity);
    std::string_view body = entity.substr(1, entity.size() - 2);
    if (body[0] == '#') {
        const bool hex = body.size() > 1 && (body[1] == 'x' || body[1] == 'X');
        body.remove_prefix(hex ? 2 : 1);
        std::uint32_t code = 0;
        const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), code, hex ? 16 : 10);
        const bool valid = error == std::errc() && end == body.data() + body.size() && code != 0 && code <= 0x10FFFF &&
                           (code < 0xD800 || code >= 0xE000);
        const char32_t character = valid ? code : 0xFFFD;
        return QString::fromUcs4(&character, 1);
    }
    const auto* found = std::lower_bound(std::begin(kNamed), std::end(kNamed), body,
                                         [](const Named& named, std::string_view name) { return named.name < name; });
    if (found == std::end(kNamed) || found->name != body) return fromUtf8(entity);
    return QString(QChar(found->unit));
}

}  // namespace moescope
