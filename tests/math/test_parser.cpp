// If these fail, formulas of answers mean something else than they say, or a formula takes the program down.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "engine/base/utf8.h"
#include "engine/math/alphabets.h"
#include "engine/math/command_table.h"
#include "engine/math/formula.h"
#include "engine/math/symbols.h"
#include "tests/math/corpus.h"

using namespace moescope::math;

namespace {

/// A tree in short: "frac(a, b)".
std::string shown(const Node& node) {
    const auto list = [&](std::string_view before) {
        std::string out(before);
        for (std::size_t i = 0; i < node.children.size(); ++i) out += (i > 0 ? "," : "(") + shown(node.children[i]);
        return out + (node.children.empty() ? "" : ")");
    };
    std::string code;
    if (node.code != 0) moescope::appendCodePoint(&code, plainLetter(node.code).code);
    switch (node.kind) {
        case Kind::kSymbol:
            return code;
        case Kind::kName:
        case Kind::kWord:
        case Kind::kUnknown:
            return "'" + node.text + "'";
        case Kind::kRow: {
            if (node.children.size() == 1) return shown(node.children[0]);
            std::string out = "[";
            for (const Node& child : node.children) out += shown(child);
            return out + "]";
        }
        case Kind::kScripts:
            return list("scripts");
        case Kind::kFraction:
            return list("frac");
        case Kind::kRadical:
            return list("root");
        case Kind::kFenced: {
            std::string right;
            if (node.right != 0) moescope::appendCodePoint(&right, node.right);
            return "fence" + code + right + "(" + shown(node.children[0]) + ")";
        }
        case Kind::kSpace:
            return fmt::format("<{:.2f}>", node.amount);
        case Kind::kTable: {
            std::string out = "table";
            for (const Table::Row& row : node.table->rows) {
                out += "{";
                for (std::size_t i = 0; i < row.cells.size(); ++i) out += (i > 0 ? "&" : "") + shown(row.cells[i]);
                out += row.tag.isEmptyRow() ? "}" : "}#" + shown(row.tag);
            }
            return out;
        }
        default:
            return list("node" + code);
    }
}

std::string tree(std::string_view source) {
    const Formula formula = parse(source);
    return formula.canBeSet() ? shown(formula.root) : "! " + formula.problem;
}

void forAll(const Node& node, const std::function<void(const Node&)>& look) {
    look(node);
    for (const Node& child : node.children) forAll(child, look);
    if (!node.table) return;
    for (const Table::Row& row : node.table->rows) {
        for (const Node& cell : row.cells) forAll(cell, look);
        forAll(row.tag, look);
    }
}

}  // namespace

TEST_CASE("marks") {
    CHECK(parse("\\(x\\)").display == false);
    CHECK(parse("$x$").display == false);
    CHECK(parse("$$x$$").display == true);
    CHECK(parse("\\[x\\]").display == true);
    CHECK(parse("\\begin{align}x\\end{align}").display == true);
    for (const char* open : {"\\(x", "\\[x", "$x", "$$x", "$$x$", "\\[x\\\\]", "\\(", "$$", "\\[\\", "\\(x\\\\)"}) {
        CAPTURE(std::string(open));
        CHECK_FALSE(parse(open).canBeSet());
    }
    CHECK(tree("\\[x\\\\\\]") == "table{x}");
    CHECK(tree("\\(\\)") == "[]");
}

TEST_CASE("atoms and scripts") {
    CHECK(tree("$x^2$") == "scripts(x,[],2)");
    CHECK(tree("$x_1^2$") == "scripts(x,1,2)");
    CHECK(tree("$x^2_1$") == "scripts(x,1,2)");
    CHECK(tree("$x^{a+b}$") == "scripts(x,[],[a+b])");
    CHECK(tree("$f''$") == "scripts(f,[],[′′])");
    CHECK(tree("$f'^2$") == "scripts(f,[],[′2])");
    CHECK(tree("${}_2F$") == "[scripts([],2,[])F]");
    CHECK(tree("$x^\\frac12$") == "scripts(x,[],frac(1,2))");
    CHECK(tree("$x²+y₁₂$") == "[scripts(x,[],2)+scripts(y,[12],[])]");
    CHECK(tree("$ab\\%$") == "[ab%]");
    CHECK(tree("$50%$") == "[50%]");
    CHECK(tree("$a % no\n b$") == "[ab]");
    CHECK(tree("$\\sum\\limits_i^n$") == "scripts(∑,i,n)");
    CHECK(parse("$\\sum\\limits_i$").root.children[0].limits == Limits::kAlways);
    CHECK(parse("$\\sum_i$").root.children[0].limits == Limits::kDisplay);
    CHECK(parse("$\\int_0$").root.children[0].limits == Limits::kNever);
    CHECK(parse("$\\lim_x$").root.children[0].limits == Limits::kDisplay);
    CHECK(parse("$\\sin_x$").root.children[0].limits == Limits::kNever);
}

TEST_CASE("fractions, roots and fences") {
    CHECK(tree("$\\frac{a}{b}$") == "frac(a,b)");
    CHECK(tree("$\\frac12$") == "frac(1,2)");
    CHECK(tree("$a+1 \\over b$") == "frac([a+1],b)");
    CHECK(tree("$x{n\\choose k}$") == "[xfrac(n,k)]");
    CHECK(tree("$\\binom{n}{k}$") == "frac(n,k)");
    CHECK(tree("$\\sqrt[3]{x}$") == "root(x,3)");
    CHECK(tree("$\\sqrt x$") == "root(x)");
    CHECK(tree("$\\left(\\frac ab\\right]$") == "fence(](frac(a,b))");
    CHECK(tree("$\\left.x\\right|$") == "fence|(x)");
    CHECK(tree("$\\abs{x}\\ket{y}$") == "[fence||(x)fence|⟩(y)]");
    CHECK(parse("$\\Bigg($").root.children[0].amount == 4);
    CHECK(parse("$\\bigl($").root.children[0].amount == 1);
}

TEST_CASE("words") {
    CHECK(tree("$\\text{if } x$") == "['if 'x]");
    CHECK(tree("$\\text{速度 a  b}$") == "['速度 ''a ''b']");
    CHECK(tree("$\\text{a $x_1$ b}$") == "['a 'scripts(x,1,[])' ''b']");
    CHECK(tree("$\\text{\\$5 \\& 50\\%}$") == "['$5 ''& ''50%']");
    CHECK(tree("$\\text{``a''--b}$") == "'“a”–b'");
    CHECK(tree("$\\operatorname{arg\\,max}$") == "'arg\u2009max'");
    CHECK(tree("$\\operatorname*{argmin}_x$") == "scripts('argmin',x,[])");
    CHECK(tree("$\\sin x$") == "['sin'x]");
    CHECK(tree("$\\foo{x}+1$") == "['\\foo'x+1]");
}

TEST_CASE("tables") {
    CHECK(tree("\\begin{cases}a & b\\\\c\\end{cases}") == "fence{(table{a&b}{c})");
    CHECK(tree("\\begin{bmatrix}1&2\\\\3&4\\\\\\end{bmatrix}") == "fence[](table{1&2}{3&4})");
    CHECK(tree("\\begin{align}a&=b\\tag{1}\\\\c&=d\\end{align}") == "table{a&[[]=b]}#['(''1'')']{c&[[]=d]}");
    CHECK(tree("$$a \\\\ b$$") == "table{a}{b}");
    CHECK(tree("\\begin{matrix}a\\\\[2em]b\\end{matrix}") == "table{a}{b}");
    CHECK(tree("\\begin{matrix}a\\\\[b]\\end{matrix}") == "table{a}{[[b]]}");
    CHECK(tree("\\begin{array}{|c|}\\hline a\\\\\\hline b\\\\\\hline\\end{array}") == "table{a}{b}");
    const Formula array = parse("\\begin{array}{l|c@{x}r}a&b&c\\end{array}");
    REQUIRE(array.canBeSet());
    const Table& table = *array.root.children[0].table;
    CHECK(table.columns == std::vector{Table::Column::kLeft, Table::Column::kCenter, Table::Column::kRight});
    CHECK(table.lines == std::vector{0, 1, 0, 0});
    CHECK(table.column(4) == Table::Column::kRight);
    CHECK(table.gaps == std::vector{1.0, 0.0});  // "@{...}" stands for the room between columns
    CHECK((table.left == 0.5 && table.right == 0.5));
    const Formula bare = parse("\\begin{array}{@{}lr@{}}a&b\\end{array}");
    REQUIRE(bare.canBeSet());
    CHECK((bare.root.children[0].table->left == 0 && bare.root.children[0].table->right == 0));
    CHECK(bare.root.children[0].table->gap(1) == 1);
    CHECK(parse("\\[x\\tag{3}\\]").tag.isEmptyRow() == false);
}

TEST_CASE("what is not well-formed is told") {
    for (const char* bad : {"$x^2^3$",
                            "$x_1_2$",
                            "${x$",
                            "$x}$",
                            "$\\left(x$",
                            "$x\\right)$",
                            "$\\frac{a}$",
                            "$\\begin{foo}x\\end{foo}$",
                            "$\\begin{matrix}x\\end{pmatrix}$",
                            "$\\begin{matrix}x$",
                            "$\\sqrt$",
                            "$x_$",
                            "$\\text{a$",
                            "$\\left\\foo x\\right)$",
                            "$a\x01$",
                            "$\xff$",
                            "$\\hspace{x}$",
                            "$\\text{$x}$",
                            "$\\end{x}$",
                            "$\\middle$",
                            "$\\",
                            "$\\text"}) {
        CAPTURE(std::string(bad));
        CHECK_FALSE(parse(bad).canBeSet());
        CHECK(parse(bad).root.isEmptyRow());
    }
    CHECK(parse("$\\left(x$").problem == "\\left has no \\right");
}

TEST_CASE("limits") {
    const auto repeated = [](std::string_view part, int times) {
        std::string out;
        for (int i = 0; i < times; ++i) out += part;
        return out;
    };
    for (const char* deep : {"{",
                             "\\frac",
                             "\\sqrt",
                             "\\left(",
                             "x^{",
                             "\\text{",
                             "\\text{$",
                             "\\hat",
                             "\\sqrt[",
                             "\\begin{matrix}",
                             "a\\over ",
                             "\\mathbf",
                             "\\not",
                             "\\substack{",
                             "\\boxed{",
                             "_",
                             "\\text{\\textbf{",
                             "\\color{red}{",
                             "\\tag{",
                             "\\overset",
                             "&",
                             "\\\\",
                             "\\(",
                             "%\n"}) {
        CAPTURE(std::string(deep));
        (void)parse("$" + repeated(deep, 5000) + "$");
        (void)parse("$$" + repeated(deep, 30) + "x" + repeated("}", 30) + "$$");
    }
    CHECK(parse("$" + repeated("{", 30) + "x" + repeated("}", 30) + "$").canBeSet());
    CHECK_FALSE(parse("$" + repeated("{", 60) + "x" + repeated("}", 60) + "$").canBeSet());
    CHECK(parse("$" + repeated("x", kLongestFormula - 2) + "$").canBeSet());
    CHECK_FALSE(parse("$" + repeated("x", kLongestFormula) + "$").canBeSet());
}

TEST_CASE("the formulas of answers are read whole, and every part of one is no trouble") {
    const std::vector<std::string> formulas = corpus();
    CHECK(formulas.size() >= 180);
    for (const std::string& source : formulas) {
        CAPTURE(source);
        const Formula formula = parse(source);
        CHECK(formula.problem == "");
        int unknown = 0;
        forAll(formula.root, [&](const Node& node) {
            unknown += node.kind == Kind::kUnknown ? 1 : 0;
            CHECK(node.begin <= node.end);
            CHECK(node.end <= source.size());
        });
        CHECK((unknown == 0 || source.find("unknown") != std::string::npos));
        for (std::size_t cut = 0; cut < source.size(); ++cut) {
            (void)parse(source.substr(0, cut));
            (void)parse(std::string_view(source).substr(cut));
        }
    }
}

TEST_CASE("names are of one kind only") {
    CHECK(symbolNames().size() > 450);
    for (const std::string_view name : symbolNames()) {
        CAPTURE(std::string(name));
        CHECK(commandNamed(name) == nullptr);
        CHECK_FALSE(operatorNamed(name));
        CHECK(symbolNamed(name)->code != 0);
    }
    for (const std::string_view name : commandNames()) {
        CAPTURE(std::string(name));
        CHECK_FALSE(operatorNamed(name));
    }
}

TEST_CASE("letters go into alphabets and come back") {
    for (const Letters letters : {Letters::kItalic, Letters::kBold, Letters::kBoldItalic, Letters::kSans,
                                  Letters::kMono, Letters::kDoubleStruck, Letters::kScript, Letters::kFraktur}) {
        for (char32_t c = U'A'; c <= U'z'; ++c) {
            if (c > U'Z' && c < U'a') continue;
            const char32_t there = inAlphabet(c, letters);
            CHECK(there != c);
            CHECK(plainLetter(there).code == c);
            CHECK(plainLetter(there).letters == letters);
        }
    }
    CHECK(inAlphabet(U'h', Letters::kItalic) == U'ℎ');
    CHECK(inAlphabet(U'R', Letters::kDoubleStruck) == U'ℝ');
    CHECK(inAlphabet(U'1', Letters::kDoubleStruck) == U'𝟙');
    CHECK(inAlphabet(U'Γ', Letters::kItalic) == U'Γ');
    CHECK(inAlphabet(U'α', Letters::kItalic) == U'𝛼');
    CHECK(inAlphabet(U'x', Letters::kUpright) == U'x');
}
