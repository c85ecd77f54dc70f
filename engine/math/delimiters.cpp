// Delimiters, operators that are words, and relations struck out.

#include <algorithm>
#include <iterator>

#include "engine/math/symbols.h"

namespace moescope::math {
namespace {

struct Named {
    std::string_view name;
    char32_t code;
};

constexpr Named kDelimiters[] = {
    {"{", U'{'},          {"}", U'}'},           {"lbrace", U'{'},     {"rbrace", U'}'},    {"|", U'‖'},
    {"Vert", U'‖'},       {"vert", U'|'},        {"lvert", U'|'},      {"rvert", U'|'},     {"lVert", U'‖'},
    {"rVert", U'‖'},      {"langle", U'⟨'},      {"rangle", U'⟩'},     {"lfloor", U'⌊'},    {"rfloor", U'⌋'},
    {"lceil", U'⌈'},      {"rceil", U'⌉'},       {"lbrack", U'['},     {"rbrack", U']'},    {"lgroup", U'⟮'},
    {"rgroup", U'⟯'},     {"lmoustache", U'⎰'},  {"rmoustache", U'⎱'}, {"ulcorner", U'⌜'},  {"urcorner", U'⌝'},
    {"llcorner", U'⌞'},   {"lrcorner", U'⌟'},    {"llbracket", U'⟦'},  {"rrbracket", U'⟧'}, {"uparrow", U'↑'},
    {"downarrow", U'↓'},  {"updownarrow", U'↕'}, {"Uparrow", U'⇑'},    {"Downarrow", U'⇓'}, {"Updownarrow", U'⇕'},
    {"backslash", U'\\'}, {"lparen", U'('},      {"rparen", U')'},     {"mid", U'|'},       {"parallel", U'‖'},
    {"lt", U'⟨'},         {"gt", U'⟩'},
};

constexpr std::string_view kPlainOperators[] = {
    "arccos", "arcsin", "arctan", "arg",     "cos",     "cosh",    "cot", "coth", "csc",  "deg",  "dim",
    "exp",    "hom",    "ker",    "lg",      "ln",      "log",     "sec", "sin",  "sinh", "tan",  "tanh",
    "arccot", "arcsec", "arccsc", "arcsinh", "arccosh", "arctanh", "sgn", "tr",   "Tr",   "rank", "diag",
    "erf",    "sech",   "csch",   "softmax", "ReLU",    "cov",     "Cov", "Var",
};
constexpr std::string_view kLimitOperators[] = {
    "det", "gcd", "inf",    "lim",     "liminf", "limsup", "max", "min",
    "Pr",  "sup", "injlim", "projlim", "argmax", "argmin", "lcm",
};

struct Negation {
    char32_t code, struck;
};
constexpr Negation kNegations[] = {
    {U'=', U'≠'}, {U'∈', U'∉'}, {U'∋', U'∌'}, {U'⊂', U'⊄'}, {U'⊃', U'⊅'}, {U'⊆', U'⊈'}, {U'⊇', U'⊉'},
    {U'≡', U'≢'}, {U'∼', U'≁'}, {U'≃', U'≄'}, {U'≈', U'≉'}, {U'≅', U'≇'}, {U'<', U'≮'}, {U'>', U'≯'},
    {U'≤', U'≰'}, {U'≥', U'≱'}, {U'∣', U'∤'}, {U'∥', U'∦'}, {U'→', U'↛'}, {U'←', U'↚'}, {U'↔', U'↮'},
    {U'⇒', U'⇏'}, {U'⇐', U'⇍'}, {U'⇔', U'⇎'}, {U'∃', U'∄'}, {U'≺', U'⊀'}, {U'≻', U'⊁'}, {U'⊢', U'⊬'},
    {U'⊨', U'⊭'}, {U'⪯', U'⋠'}, {U'⪰', U'⋡'}, {U'⊲', U'⋪'}, {U'⊳', U'⋫'}, {U'⊴', U'⋬'}, {U'⊵', U'⋭'},
};

}  // namespace

char32_t delimiterNamed(std::string_view name) {
    const auto found =
        std::find_if(std::begin(kDelimiters), std::end(kDelimiters), [&](const Named& d) { return d.name == name; });
    return found == std::end(kDelimiters) ? 0 : found->code;
}

char32_t delimiterOf(char32_t c) {
    if (c == U'<') return U'⟨';
    if (c == U'>') return U'⟩';
    constexpr std::u32string_view kThemselves = U"()[]|/‖⟨⟩⌊⌋⌈⌉⟦⟧↑↓";
    return kThemselves.find(c) != std::u32string_view::npos ? c : 0;
}

std::optional<Limits> operatorNamed(std::string_view name) {
    if (std::find(std::begin(kPlainOperators), std::end(kPlainOperators), name) != std::end(kPlainOperators))
        return Limits::kNever;
    if (std::find(std::begin(kLimitOperators), std::end(kLimitOperators), name) != std::end(kLimitOperators))
        return Limits::kDisplay;
    return std::nullopt;
}

char32_t negated(char32_t code) {
    const auto found =
        std::find_if(std::begin(kNegations), std::end(kNegations), [&](const Negation& n) { return n.code == code; });
    return found == std::end(kNegations) ? 0 : found->struck;
}

}  // namespace moescope::math
