// If these fail, a message can change the file around it, or do something in the browser of who reads it.

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <set>

#include "storage/exchange/markdown_html.h"
#include "storage/exchange/markdown_source.h"
#include "tests/support/timing.h"

using namespace moescope;

TEST_CASE("what a viewer would take for HTML is escaped, code is not") {
    CHECK(standaloneMarkdown("a <b> c") == "a \\<b> c\n");
    CHECK(standaloneMarkdown("a < b, 1<2, <3") == "a < b, 1<2, <3\n");
    CHECK(standaloneMarkdown("`<b>` and ``<i>``") == "`<b>` and ``<i>``\n");
    CHECK(standaloneMarkdown("```\n<b>\n```") == "```\n<b>\n```\n");
    CHECK(standaloneMarkdown("    <b> indented") == "    <b> indented\n");
    CHECK(standaloneMarkdown("<https://example.org> <a@example.org>") == "<https://example.org> <a@example.org>\n");
    CHECK(standaloneMarkdown("\\<b> \\\\<b>") == "\\<b> \\\\\\<b>\n");
    CHECK(standaloneMarkdown("<!-- open\n\ntext") == "\\<!-- open\n\ntext\n");
    CHECK(standaloneMarkdown("<div>\n`<b>` <i>\n</div>") == "\\<div>\n`<b>` \\<i>\n\\</div>\n");
    CHECK(standaloneMarkdown("- <pre>\n  x\n\nafter") == "- \\<pre>\n  x\n\nafter\n");
    CHECK(standaloneMarkdown("") == "\n");
    std::string many;
    for (int i = 0; i < 50; ++i) many += "<div>\n";
    CHECK(standaloneMarkdown(many).find("\n<div>") == std::string::npos);
}

TEST_CASE("open code blocks are closed, others are left") {
    CHECK(standaloneMarkdown("```cpp\nx") == "```cpp\nx\n```\n");
    CHECK(standaloneMarkdown("~~~\nx\n") == "~~~\nx\n~~~\n");
    CHECK(standaloneMarkdown("`````\n```\n") == "`````\n```\n`````\n");
    CHECK(standaloneMarkdown("```\nx\n```") == "```\nx\n```\n");
    CHECK(standaloneMarkdown("- item\n  ```\n  x") == "- item\n  ```\n  x\n");  // the list's end closes it
}

TEST_CASE("plain words in Markdown") {
    CHECK(escapedMarkdown("a*b_c <d> #1 [x](y) `z` \\ 漢") == "a\\*b\\_c \\<d\\> \\#1 \\[x\\](y) \\`z\\` \\\\ 漢");
}

TEST_CASE("links and pictures") {
    CHECK(renderedMarkdown("[a](HTTPS://x.org)") == "<p><a href=\"HTTPS://x.org\" rel=\"noreferrer\">a</a></p>\n");
    for (const char* bad :
         {"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:x", "&#x6A;avascript:x", "data:text/html,x",
          "vbscript:x", "file:///x", "//x.org", "x.html", "\\javascript:x", "http:x", "https:javascript:x"}) {
        CAPTURE(bad);
        CHECK(renderedMarkdown("[a](" + std::string(bad) + ")") == "<p><a>a</a></p>\n");
        CHECK(renderedMarkdown("[a][r]\n\n[r]: " + std::string(bad)) == "<p><a>a</a></p>\n");
    }
    CHECK(renderedMarkdown("[a](https://x.org 'b\"c>d')") ==
          "<p><a href=\"https://x.org\" rel=\"noreferrer\">a</a></p>\n");
    CHECK(renderedMarkdown("![a \"b\" <i>](https://x.org/p?a&b)") ==
          "<p><span class=\"image\">[image: a &quot;b&quot; &lt;i&gt;, https://x.org/p?a&amp;b]</span></p>\n");
    CHECK(renderedMarkdown("[![a](p.png)](https://x.org)") ==
          "<p><a href=\"https://x.org\" rel=\"noreferrer\"><span class=\"image\">[image: a, p.png]</span></a></p>\n");
}

TEST_CASE("code, entities and directions") {
    CHECK(renderedMarkdown("```c++ x\n<b>\n```") == "<pre><code class=\"language-c++\">&lt;b&gt;\n</code></pre>\n");
    CHECK(renderedMarkdown("```\"><b>\n```") == "<pre><code class=\"language-&quot;&gt;&lt;b&gt;\"></code></pre>\n");
    CHECK(renderedMarkdown("&lt;b&gt; &#60;i&#62; &quot;") == "<p>&lt;b&gt; &lt;i&gt; &quot;</p>\n");
    CHECK(renderedMarkdown("- a") == "<ul dir=\"auto\">\n<li>a</li>\n</ul>\n");
    CHECK(renderedMarkdown("3. a") == "<ol dir=\"auto\" start=\"3\">\n<li>a</li>\n</ol>\n");
    CHECK(escapedHtml(std::string_view("a\0\xff<>&\"", 7)) == "a\uFFFD\uFFFD&lt;&gt;&amp;&quot;");
}

TEST_CASE("tildes, lines, formulas and links as chat programs have them") {
    const auto line = [](std::string_view text) {
        const std::string html = renderedMarkdown(text);
        return html.substr(3, html.size() - 8);  // without <p> and </p>
    };
    CHECK(line("价格是5~10元，需要3~5天") == "价格是5~10元，需要3~5天");
    CHECK(line("5~10 and 3~5, ~~gone~~, H~2~O") == "5~10 and 3~5, <del>gone</del>, H~2~O");
    CHECK(line("Roses are red\nViolets are blue") == "Roses are red<br>\nViolets are blue");
    for (const char* formula : {"\\( a_1*b_1*c_1 \\)", "$a_1*b_1*c_1$", "$$a\\\\b$$", "\\[ x\\,dx \\]", "$x < y$",
                                "\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}",
                                "$$\n\\sum_{k=1} a_k \\\\ b_k\n$$", "$2 \\times 3$", "$5\\text{ cups}$"}) {
        CAPTURE(std::string(formula));
        const std::string html = line(std::string("是") + formula + "，*so*");
        CHECK(html.starts_with("是<math"));
        CHECK(html.ends_with(">" + escapedHtml(formula) + "</annotation></semantics></math>，<em>so</em>"));
    }
    const std::string lines = line("\\[\na\n- b\n  = c\n# d\n\\]");
    CHECK(lines.find("<mi>a</mi><mo>−</mo><mi>b</mi><mo>=</mo>") != std::string::npos);
    CHECK(lines.ends_with("\\[\na\n- b\n  = c\n# d\n\\]</annotation></semantics></math>"));
    CHECK(renderedMarkdown("> 1. \\[\n>    a\n>      b\n>    \\]\n> 2. x").find("\\[\na\n  b\n\\]</annotation>") !=
          std::string::npos);
    CHECK(line("\\(a\\) b\\_c \\[not closed\n\n") ==
          "<math><semantics><mrow><mi>a</mi></mrow><annotation encoding=\"application/x-tex\">\\(a\\)</annotation>"
          "</semantics></math> b_c [not closed");
    CHECK(line("\\(\\frac{a\\)") == "<span class=\"formula\">\\(\\frac{a\\)</span>");
    CHECK(line("streams: \\( a_1*b_") == "streams: <span class=\"formula\">\\( a_1*b_</span>");
    for (const char* money : {"costs $5 and then $6", "$5-$6", "from $5 (or 6$) on", "US$5 or US$6", "$HOME/$USER/x",
                              "$5 million and 10$"}) {
        CAPTURE(money);
        CHECK(line(money) == money);
    }
    CHECK(line("`$x$` and `$y`: $z") == "<code>$x$</code> and <code>$y</code>: $z");
    CHECK(line("见 https://example.org/b，详见") ==
          "见 <a href=\"https://example.org/b\" rel=\"noreferrer\">https://example.org/b</a>，详见");
    CHECK(line("请看https://example.org/a。然后（https://example.org/b）吧") ==
          "请看<a href=\"https://example.org/a\" rel=\"noreferrer\">https://example.org/a</a>。然后（<a "
          "href=\"https://example.org/b\" rel=\"noreferrer\">https://example.org/b</a>）吧");
    CHECK(line("(https://example.org/wiki/Fox_(animal)), **https://example.org/x_y_**.") ==
          "(<a href=\"https://example.org/wiki/Fox_(animal)\" "
          "rel=\"noreferrer\">https://example.org/wiki/Fox_(animal)</a>), <strong><a "
          "href=\"https://example.org/x_y\" rel=\"noreferrer\">https://example.org/x_y</a>_</strong>.");
    CHECK(line("www.example.org、a@example.org。") ==
          "<a href=\"http://www.example.org\" rel=\"noreferrer\">www.example.org</a>、<a "
          "href=\"mailto:a@example.org\" rel=\"noreferrer\">a@example.org</a>。");
    CHECK(line("[https://a.org](https://b.org/~u/$1$_2_)") ==
          "<a href=\"https://b.org/~u/$1$_2_\" rel=\"noreferrer\">https://a.org</a>");
}

TEST_CASE("emphasis beside Chinese, Japanese and Korean") {
    const std::pair<const char*, const char*> cases[] = {
        {"**注意：**请看", "<strong>注意：</strong>请看"},
        {"这是**“重点”**内容", "这是<strong>“重点”</strong>内容"},
        {"**加粗（括号）**后面", "<strong>加粗（括号）</strong>后面"},
        {"*斜体。*后", "<em>斜体。</em>后"},
        {"中文**加粗。**后面", "中文<strong>加粗。</strong>后面"},
        {"「**強調**」は", "「<strong>強調</strong>」は"},
        {"**こんにちは。**元気", "<strong>こんにちは。</strong>元気"},
        {"**강조(괄호)**입니다", "<strong>강조(괄호)</strong>입니다"},
        {"是**`码`**的", "是<strong><code>码</code></strong>的"},
        {"是**[a](https://b.org)**的", "是<strong><a href=\"https://b.org\" rel=\"noreferrer\">a</a></strong>的"},
        {"~~删除。~~后", "<del>删除。</del>后"},
        {"**bold:**text", "**bold:**text"},
        {"snake_case_word 2*3*4", "snake_case_word 2<em>3</em>4"},
    };
    for (const auto& [text, html] : cases) {
        CAPTURE(text);
        CHECK(renderedMarkdown(text) == "<p>" + std::string(html) + "</p>\n");
    }
}

TEST_CASE("tables after a line of text, short delimiter rows, bars in code") {
    const std::string table =
        "<table dir=\"auto\">\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
        "<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n";
    CHECK(renderedMarkdown("Here:\n| a | b |\n|---|---|\n| 1 | 2 |") == "<p>Here:</p>\n" + table);
    CHECK(renderedMarkdown("| a | b |\n|-|-|\n| 1 | 2 |") == table);
    CHECK(renderedMarkdown("- Here:\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n- x") ==
          "<ul dir=\"auto\">\n<li>Here:" + table + "</li>\n<li>x</li>\n</ul>\n");
    CHECK(renderedMarkdown("```\nx\n| a | b |\n|-|-|\n```") == "<pre><code>x\n| a | b |\n|-|-|\n</code></pre>\n");
    CHECK(renderedMarkdown("x | y\nz | w") == "<p>x | y<br>\nz | w</p>\n");
    CHECK(renderedMarkdown("|c|\n|---|\n|`ls \\| wc`|\n|\\(\\|x\\|\\)|").find("<code>ls | wc</code>") !=
          std::string::npos);
}

TEST_CASE("entities have all names of HTML") {
    CHECK(renderedMarkdown("&Eacute;&amp;amp;&nbsp;&#x27;&#xD800;&unknown; &CounterClockwiseContourIntegral;") ==
          "<p>É&amp;amp;\u00A0'\uFFFD&amp;unknown; ∳</p>\n");
}

TEST_CASE("what would swell is shown as it is, at once" * doctest::test_suite("timing")) {
    std::string wide(5000, '|'), rows;
    for (int i = 0; i < 5000; ++i) rows += "|x|\n";
    std::string delimiter = "|";
    for (int i = 0; i < 5000; ++i) delimiter += "---|";
    std::string uses = "[x]: /" + std::string(50000, 'u') + "\n\n", deep(20000, '>'), lists, emphasis;
    for (int i = 0; i < 16000; ++i) uses += "[x]";
    for (int i = 0; i < 5000; ++i) lists += "- ";
    for (int i = 0; i < 10000; ++i) emphasis += "*a **b ";
    const std::string table = wide + "\n" + delimiter + "\n" + rows;
    for (const std::string& bomb : {table, uses, deep + "x", lists + "x", emphasis}) {
        CAPTURE(bomb.substr(0, 20));
        const auto start = std::chrono::steady_clock::now();
        const std::string html = renderedMarkdown(bomb), source = standaloneMarkdown(bomb);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        CHECK(inTime(1000 * taken.count(), 1000));  // it takes milliseconds
        CHECK(html.size() < 20 * bomb.size() + 100'000);
        CHECK(source.size() < 3 * bomb.size() + 100);
    }
    CHECK(renderedMarkdown(uses).find("[x]: /uuu") != std::string::npos);
    CHECK(renderedMarkdown(table).find("<table") == std::string::npos);
    CHECK(renderedMarkdown(table).find("|x|<br>\n|x|") != std::string::npos);
}

TEST_CASE("of random Markdown only known tags come out") {
    const std::vector<std::string> parts = {"<",
                                            ">",
                                            "\"",
                                            "'",
                                            "&",
                                            ";",
                                            "#",
                                            "[",
                                            "]",
                                            "(",
                                            ")",
                                            "!",
                                            "*",
                                            "_",
                                            "`",
                                            "```",
                                            "\n",
                                            "\n\n",
                                            "- ",
                                            "1. ",
                                            "> ",
                                            "|",
                                            "---",
                                            "\\",
                                            "a",
                                            "script",
                                            "b",
                                            "on=",
                                            "javascript:",
                                            "https://x",
                                            "<b>",
                                            "<!--",
                                            "-->",
                                            "&#60;",
                                            "&lt;",
                                            "~~",
                                            "[x]: ",
                                            "    ",
                                            "\t",
                                            "漢",
                                            "\xf0\x9f",
                                            "http://a.b?c=\"d\"",
                                            "<a href=\"x\">",
                                            "$",
                                            "$$",
                                            "\\(",
                                            "\\)",
                                            "\\[\n",
                                            "\n\\]",
                                            "\\text{",
                                            "\\frac",
                                            "}",
                                            "^",
                                            "\n|a|b|\n|-|-|\n",
                                            "：",
                                            "a@b.c"};
    const std::set<std::string> known = {
        "p",      "a",          "span",       "em",     "strong", "code",   "pre",   "ul",   "ol",        "li",
        "br",     "hr",         "blockquote", "h1",     "h2",     "h3",     "h4",    "h5",   "h6",        "del",
        "table",  "thead",      "tbody",      "tr",     "th",     "td",     "input", "math", "semantics", "annotation",
        "mrow",   "mi",         "mn",         "mo",     "mtext",  "mspace", "msub",  "msup", "msubsup",   "mover",
        "munder", "munderover", "mfrac",      "mtable", "mtr",    "mtd"};
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (auto n = random() % 24; n > 0; --n) text += parts[random() % parts.size()];
        const std::string html = renderedMarkdown(text);
        CAPTURE(text);
        CAPTURE(html);
        for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
            std::size_t begin = at + 1;
            if (html[begin] == '/') ++begin;
            const std::string tag = html.substr(begin, html.find_first_of(" >\n", begin) - begin);
            const std::string whole = html.substr(at, html.find('>', at) - at);
            REQUIRE(known.contains(tag));
            REQUIRE(whole.find(" on") == std::string::npos);
            if (tag == "a" && whole.find("href") != std::string::npos)
                REQUIRE((whole.find("href=\"http") != std::string::npos ||
                         whole.find("href=\"mailto:") != std::string::npos));
        }
        // A text that is safe stays as it is, or gets what closes it.
        const std::string once = standaloneMarkdown(text);
        REQUIRE(standaloneMarkdown(once) == once);
    }
}
