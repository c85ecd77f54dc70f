// If these fail, a message can change the file around it, or do something in the browser of who reads it.

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "storage/exchange/markdown_html.h"
#include "storage/exchange/markdown_source.h"

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
                                            "<a href=\"x\">"};
    const std::set<std::string> known = {"p",  "a",   "span",  "em",         "strong", "code", "pre", "ul", "ol",
                                         "li", "br",  "hr",    "blockquote", "h1",     "h2",   "h3",  "h4", "h5",
                                         "h6", "del", "table", "thead",      "tbody",  "tr",   "th",  "td", "input"};
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
                REQUIRE(whole.find("href=\"http") != std::string::npos);
        }
        // A text that is safe stays as it is, or gets what closes it.
        const std::string once = standaloneMarkdown(text);
        REQUIRE(standaloneMarkdown(once) == once);
    }
}
