// If these fail, formulas in exported pages are wrong, or a formula can write into the page around it.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/math/mathml.h"
#include "tests/math/corpus.h"

using namespace moescope::math;

namespace {

/// Without what is around it and its annotation.
std::string inner(const std::string& source) {
    std::string out = mathml(parse(source), source);
    const std::size_t from = out.find("<semantics>") + 11, to = out.find("<annotation");
    return out.substr(from, to - from);
}

/// Whether tags are balanced, attributes quoted, and no character is left unescaped.
bool isWellFormed(std::string_view xml) {
    std::vector<std::string_view> open;
    for (std::size_t at = 0; at < xml.size(); ++at) {
        if (xml[at] == '>') return false;
        if (xml[at] == '&' && xml.substr(at, 9).find(';') == std::string_view::npos) return false;
        if (xml[at] != '<') continue;
        const std::size_t end = xml.find('>', at);
        if (end == std::string_view::npos) return false;
        const std::string_view tag = xml.substr(at + 1, end - at - 1);
        const std::string_view name = tag.substr(0, tag.find_first_of(" /", 1));
        int quotes = 0;
        for (const char c : tag) quotes += c == '"' ? 1 : 0;
        if (quotes % 2 != 0 || tag.find('<') != std::string_view::npos) return false;
        if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1)) return false;
            open.pop_back();
        } else if (!tag.ends_with('/')) {
            open.push_back(name);
        }
        at = end;
    }
    return open.empty();
}

}  // namespace

TEST_CASE("formulas as MathML") {
    CHECK(mathml(parse("$x<1$"), "$x<1$") ==
          "<math><semantics><mrow><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow>"
          "<annotation encoding=\"application/x-tex\">$x&lt;1$</annotation></semantics></math>");
    CHECK(inner("$\\frac{a}{2.5}$") == "<mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mn>2.5</mn></mrow></mfrac></mrow>");
    CHECK(inner("$x_1^2$") ==
          "<mrow><msubsup><mi>x</mi><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></msubsup></mrow>");
    CHECK(inner("$\\sum_i$") == "<mrow><munder><mo>∑</mo><mrow><mi>i</mi></mrow></munder></mrow>");
    CHECK(inner("$\\int_0$") == "<mrow><msub><mo>∫</mo><mrow><mn>0</mn></mrow></msub></mrow>");
    CHECK(inner("$\\sqrt[3]{x}$") == "<mrow><mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot></mrow>");
    CHECK(inner("$\\mathrm{d}\\Gamma\\alpha$") ==
          "<mrow><mi mathvariant=\"normal\">d</mi><mi mathvariant=\"normal\">Γ</mi><mi>α</mi></mrow>");
    CHECK(inner("$\\mathbb{R}$") == "<mrow><mi>ℝ</mi></mrow>");
    CHECK(inner("$\\text{a b}$") == "<mrow><mrow><mtext>a&#xA0;</mtext><mtext>b</mtext></mrow></mrow>");
    CHECK(inner("$\\left(x\\right.$") ==
          "<mrow><mrow><mo fence=\"true\" stretchy=\"true\">(</mo><mrow><mi>x</mi></mrow></mrow></mrow>");
    CHECK(inner("$\\hat x$") ==
          "<mrow><mover accent=\"true\"><mrow><mi>x</mi></mrow><mo stretchy=\"false\">^</mo></mover></mrow>");
    CHECK(inner("$\\textcolor{red}{x}$") ==
          "<mrow><mrow><mstyle mathcolor=\"#ff0000\"><mi>x</mi></mstyle></mrow></mrow>");
    CHECK(inner("$\\color{red} x$") == "<mrow><mstyle mathcolor=\"#ff0000\"><mi>x</mi></mstyle></mrow>");
    CHECK(inner("$\\foo$") == "<mrow><mtext style=\"font-family:monospace\">\\foo</mtext></mrow>");
    CHECK(inner("$$a&b\\\\c$$") ==
          "<mrow><mtable displaystyle=\"true\"><mtr><mtd style=\"text-align:right;padding-right:0\"><mi>a</mi></mtd>"
          "<mtd style=\"text-align:left;padding-left:0\"><mrow></mrow><mi>b</mi></mtd></mtr>"
          "<mtr><mtd style=\"text-align:right\"><mi>c</mi></mtd></mtr></mtable></mrow>");
}

TEST_CASE("the formulas of answers are well-formed") {
    for (const std::string& source : corpus()) {
        CAPTURE(source);
        const std::string xml = mathml(parse(source), source);
        CHECK(isWellFormed(xml));
        CHECK(xml.find("x-tex\">") != std::string::npos);
    }
}

TEST_CASE("nothing of a formula is markup") {
    for (const char* bad : {"$\\text{</mtext><script>alert(1)</script>}$", "$<script>$", "$\\foo<b>$",
                            "$\\color{\"onclick=x}{y}$", "$\\operatorname{<a href=x>}$", "$\\&amp;\\text{&lt;\"'}$",
                            "$\\label{<x>}\\textcolor{<}{>}$", "$\\left<x\\right>\\big<$", "$\\tag{<i>}$"}) {
        CAPTURE(std::string(bad));
        const Formula formula = parse(bad);
        if (!formula.canBeSet()) continue;
        const std::string xml = mathml(formula, bad);
        CHECK(isWellFormed(xml));
        for (const char* tag : {"<script", "<b>", "<a ", "<i>", "onclick=x}\""})
            CHECK(xml.find(tag) == std::string::npos);
    }
}
