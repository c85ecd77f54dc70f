// If these fail, a model's own chat template is read otherwise than by those who wrote it, or a message's text is taken
// for the template's.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <ctime>
#include <fstream>

#include "tests/text/jinja_json.h"

using namespace moescope;
using namespace moescope::jinja;

namespace {

Result<Text> run(std::string_view source, Variables variables = {}, const RunOptions& options = {}) {
    auto read = Template::parse(source);
    if (!read.ok()) return read.status();
    return read->run(std::move(variables), options);
}

std::string runText(std::string_view source, Variables variables = {}, const RunOptions& options = {}) {
    const auto out = run(source, std::move(variables), options);
    return out.ok() ? out->bytes() : "ERROR: " + out.status().message();
}

/// The output with its provenance: "own{3:message's text, byte 3 of message 0}", {?:...} without a place.
std::string shown(const Text& text, std::string_view message) {
    std::string out;
    std::size_t at = 0;
    for (const Text::Piece& piece : text.pieces()) {
        CHECK(piece.begin < piece.end);
        out += text.view().substr(at, piece.begin - at);
        const std::string_view part = text.view().substr(piece.begin, piece.end - piece.begin);
        if (piece.message == Text::kNoPlace) {
            out += fmt::format("{{?:{}}}", part);
        } else {
            if (piece.message == 0) CHECK(message.substr(piece.from, part.size()).size() == part.size());
            out += fmt::format("{{{}:{}}}", piece.from, part);
        }
        at = piece.end;
    }
    return out + std::string(text.view().substr(at));
}

std::string provenance(std::string_view source, std::string_view message) {
    Variables variables;
    variables["m"] = Value::text(Text::ofMessage(0, message));
    const auto out = run(source, std::move(variables));
    return out.ok() ? shown(*out, message) : "ERROR: " + out.status().message();
}

}  // namespace

TEST_CASE("templates give what Jinja2 makes of them") {
    std::ifstream in(MOESCOPE_TEST_DATA "/jinja/expected.json");
    REQUIRE(in.good());
    const auto cases = nlohmann::ordered_json::parse(in);
    REQUIRE(cases.size() > 150);
    for (const auto& c : cases) {
        const std::string source = c["template"];
        INFO(c["construct"].get<std::string>(), ": ", source);
        const auto out = run(source, jinjaVariables(c["variables"]));
        if (c.contains("error")) {
            CHECK_MESSAGE(!out.ok(), "Jinja2 says ", c["error"].get<std::string>());
        } else {
            CHECK_MESSAGE(out.ok(), out.status().message());
            if (out.ok()) CHECK(out->bytes() == c["text"].get<std::string>());
        }
    }
}

TEST_CASE("what fails is said in a sentence with its line") {
    CHECK(runText("a\nb\n{{ 1 + }}") == "ERROR: line 3 of the chat template: \"}}\" is not expected here");
    CHECK(runText("a\n{% include 'x' %}") ==
          "ERROR: line 2 of the chat template: the tag \"include\" is not supported");
    CHECK(runText("\n\n{{ x.y }}") == "ERROR: line 3 of the chat template: \"x\" is not defined");
    CHECK(runText("{{ 1 | nosuch }}") == "ERROR: line 1 of the chat template: the filter \"nosuch\" is not supported");
    CHECK(runText("{{\n'a'.format(1) }}") ==
          "ERROR: line 2 of the chat template: the method \"format\" is not supported");
    CHECK(runText("{% if x %}\n{{ raise_exception('Roles must alternate') }}{% endif %}", {{"x", Value::integer(1)}}) ==
          "ERROR: the chat template rejects this chat (line 2): \"Roles must alternate\"");
    CHECK(run("{{ raise_exception('no') }}").status().code() == StatusCode::kUnsupported);
    CHECK(runText("{% for i in x recursive %}{% endfor %}").find("recursive loops are not supported") !=
          std::string::npos);
    CHECK(runText("{{ f(*a) }}").find("arguments with *") != std::string::npos);
    CHECK(runText("{{ '%s' % 1 }}").find("formatted with %") != std::string::npos);
    CHECK(runText(std::string("{{ '\x1b[31m' | nosuch('x') }}{% \x1b %}")).find('\x1b') == std::string::npos);
    CHECK(!Template::parse(std::string((1 << 20) + 1, 'a')).ok());
}

TEST_CASE("what comes from a message keeps its place") {
    CHECK(provenance("<u>{{ m }}</u>", "hello") == "<u>{0:hello}</u>");
    CHECK(provenance("{{ '<u>' + m + '</u>' ~ m }}", "ab") == "<u>{0:ab}</u>{0:ab}");
    CHECK(provenance("{{ m | trim }}", "  ab ") == "{2:ab}");
    CHECK(provenance("{{ m.strip('x').lstrip() }}", "x ab x") == "{2:ab }");
    CHECK(provenance("{{ m[1:3] }}{{ m[-1] }}{{ m[::2] }}", "äöüab") == "{2:öü}{7:b}{0:ä}{4:ü}{7:b}");
    CHECK(provenance("{{ m.split('</think>')[-1] }}", "<think>a</think>b") == "{16:b}");
    CHECK(provenance("{{ m.split() | join('-') }}", "a b  c") == "{0:a}-{2:b}-{5:c}");
    CHECK(provenance("{% for c in m %}[{{ c }}]{% endfor %}{{ m | list | join }}", "ab") == "[{0:a}][{1:b}]{0:ab}");
    CHECK(provenance("{% set b %}({{ m }}){% endset %}{{ b }}", "q") == "({0:q})");
    CHECK(provenance("{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f(m)[1:] }}", "q") == "{0:q}>");
    CHECK(provenance("{% set ns = namespace(t='') %}{% set ns.t = ns.t + m + '.' %}{{ ns.t * 2 }}", "q") ==
          "{0:q}.{0:q}.");
    CHECK(provenance("{{ m | upper }}{{ m | title }}", "ab c") == "{0:AB C}{0:Ab C}");
    CHECK(provenance("{{ m | default('x') }}{{ (m or 'y')[0] }}", "ab") == "{0:ab}{0:a}");
    CHECK(provenance("{{ m | replace('x', '') }}", "axb") == "{0:a}{2:b}");
    CHECK(provenance("{{ m | indent(1) }}", "a\nb") == "{0:a}\n {2:b}");
}

TEST_CASE("what comes from a message stays a message's where its place is lost") {
    CHECK(provenance("{{ m | tojson }}", "a\"b") == "{?:\"a\\\"b\"}");
    CHECK(provenance("{{ {'k': [m, 'own']} | tojson }}{{ ['own'] | tojson }}", "a") ==
          "{?:{\"k\": [\"a\", \"own\"]}}[\"own\"]");
    CHECK(provenance("{{ m | upper }}", "straße") == "{?:STRASSE}");
    // What a template puts into a message's text is chosen by that text: not the template's own any more.
    CHECK(provenance("{{ m.replace('x', '<|end|>') }}", "axb") == "{0:a}{?:<|end|>}{2:b}");
    CHECK(provenance("{{ 'axb'.replace('x', m) }}", "!") == "a{0:!}b");
    CHECK(provenance("{{ [m] }}", "a'b") == "[\"{0:a'b}\"]");
    CHECK(provenance("{{ [m] }}", "a\nb") == "['{0:a}{?:\\n}{2:b}']");
    CHECK(provenance("{{ m | length }}{{ m == 'a' }}", "a") == "1True");
}

TEST_CASE("dates are of the clock that is given, in English") {
    RunOptions options;
    options.now = 1753000000;  // 20 July 2025, 08:26:40 UTC; the date is the same in most time zones
    setenv("TZ", "UTC", 1);
    CHECK(runText("{{ strftime_now('%d %b %Y %H:%M') }}", {}, options) == "20 Jul 2025 08:26");
    CHECK(runText("{{ strftime_now('" + std::string(300, 'x') + "') }}").find("too long") != std::string::npos);
}

TEST_CASE("a template without end, or without measure, fails soon") {
    struct Hostile {
        const char* name;
        std::string source;
    };
    std::string deep_value =
        "{% set ns = namespace(x=1) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}";
    std::string tree =
        "{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}";
    const auto repeated = [](const std::string& text, int times) {
        std::string out;
        for (int i = 0; i < times; ++i) out += text;
        return out;
    };
    const Hostile kAll[] = {
        {"loops in loops",
         "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}x{% endfor %}"
         "{% endfor %}{% endfor %}"},
        {"endless recursion", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"},
        {"two that call each other",
         "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}"},
        {"branching recursion",
         "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(30) }}"},
        {"doubling",
         "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"},
        {"repeating", "{{ 'abc' * 999999999 }}"},
        {"repeating a list", "{{ [1] * 999999999 }}"},
        {"replacing", "{% set x = 'a' * 100000 %}{{ x.replace('a', x) }}"},
        {"replacing nothing", "{% set x = 'a' * 100000 %}{{ x.replace('', x) }}"},
        {"joining", "{% set x = 'a' * 100000 %}{{ range(90000) | join(x) }}"},
        {"indenting", "{% set x = 'a\n' * 100000 %}{{ x | indent(100000) }}"},
        {"wide indent", "{{ 'a' | indent(99999999999) }}"},
        {"filling memory",
         "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = ns.x + ['a' * 99999 ~ i] %}"
         "{% endfor %}"},
        {"much output", "{% set x = 'a' * 1000000 %}{% for i in range(99999) %}{{ x }}{% endfor %}"},
        {"searching", "{% set x = 'a' * 10000000 %}{% for i in range(99999) %}{{ 'b' in x }}{% endfor %}"},
        {"slicing", "{% set x = 'a' * 10000000 %}{% for i in range(99999) %}{{ x[1] }}{% endfor %}"},
        {"searching what is almost there",
         "{% set x = 'a' * 1000000 %}{% set y = 'a' * 500000 ~ 'b' %}{% for i in range(99999) %}{{ y in x }}"
         "{{ x.split(y) }}{{ x.replace(y, '') }}{{ x.count(y) }}{% endfor %}"},
        {"searching it from the end",
         "{% set x = 'a' * 1000000 %}{% set y = 'b' ~ 'a' * 500000 %}{% for i in range(99999) %}{{ x.rfind(y) }}"
         "{{ x.rfind('a' ~ 'b' ~ y) }}{{ x.rfind('a' * 100000 ~ 'b') }}{% endfor %}"},
        {"stripping many letters",
         "{% set x = 'a' * 1000000 %}{% set y = 'b' * 1000000 ~ 'a' %}{% for i in range(99999) %}{{ x.strip(y) }}"
         "{% endfor %}"},
        {"counting", "{% set x = 'ä' * 9000000 %}{% for i in range(99999) %}{{ x | length }}{% endfor %}"},
        {"deep value", deep_value},
        {"comparing a tree", tree + "{% set y = ns.x %}{{ y == [ns.x[0], ns.x[1]] }}"},
        {"writing a tree", tree + "{{ ns.x }}"},
        {"a tree as JSON", tree + "{{ ns.x | tojson }}"},
        {"parentheses", "{{ " + std::string(100000, '(') + "1" + std::string(100000, ')') + " }}"},
        {"brackets", "{{ " + std::string(100000, '[') + std::string(100000, ']') + " }}"},
        {"minus signs", "{{ " + std::string(100000, '-') + "1 }}"},
        {"not", "{{ " + repeated("not ", 100000) + "1 }}"},
        {"a long sum", "{{ 1" + repeated(" + 1", 100000) + " }}"},
        {"a long path", "{{ x" + repeated(".x", 100000) + " }}"},
        {"many filters", "{{ x" + repeated(" | upper", 100000) + " }}"},
        {"if in if", repeated("{% if true %}", 100000)},
        {"if else if", "{{ 1" + repeated(" if 1 else 1", 100000) + " }}"},
        {"names in names", "{% for " + std::string(100000, '(') + "a"},
        {"subscripts", "{{ x" + repeated("[x", 100000) + " }}"},
        {"calls", "{{ " + repeated("f(", 100000) + " }}"},
    };
    for (const Hostile& hostile : kAll) {
        INFO(hostile.name);
        const std::clock_t begin = std::clock();
        const auto out = run(hostile.source, {{"x", Value::own("x")}});
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;  // of the processor
        CHECK(!out.ok());
        CHECK(out.status().message().size() < 300);
        CHECK(seconds < 2);
    }
}

TEST_CASE("values that hold themselves are given back") {
    // A namespace in itself, and a macro in the scope that it closes over: the leak checker of sanitizer builds looks
    // on.
    CHECK(runText("{% set ns = namespace() %}{% set ns.me = ns %}{% macro f() %}{{ g is defined }}{% endmacro %}"
                  "{% set g = f %}{% set ns.f = f %}{{ ns.f() }}{% for i in [1] %}{% macro h() %}{{ i }}{% endmacro %}"
                  "{% set ns.h = h %}{% endfor %}{{ ns.h() }}") == "True1");
}

TEST_CASE("bytes that are not UTF-8 go through") {
    CHECK(provenance("{{ m }}{{ m | length }}{{ m[1:] }}", "\xff\xc3") == "{0:\xff\xc3}2{1:\xc3}");
    CHECK(provenance("{{ m | tojson }}", "\xff") == "{?:\"\xef\xbf\xbd\"}");
    CHECK(provenance("{{ m.strip() }}", " \xe2\x80 ") == "{1:\xe2\x80}");
}
