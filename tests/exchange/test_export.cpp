// If these fail, what people take away of their conversations is not what they had on the screen.
// MOESCOPE_UPDATE_GOLDEN=1 rewrites the files in golden/; look at what changed.

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/exchange/export.h"
#include "storage/exchange/import.h"
#include "tests/exchange/samples.h"
#include "tests/support/timing.h"

using namespace moescope;
namespace fs = std::filesystem;

namespace {

constexpr ExportOptions kEverything = {true, true, true, true};

std::string readAll(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void checkGolden(const std::string& name, const std::vector<ConversationContent>& content,
                 const ExportOptions& options) {
    for (const ExportFormat format : kExportFormats) {
        const std::string text = exportConversations(content, format, options);
        const fs::path path = fs::path(MOESCOPE_GOLDEN) / (name + std::string(exportFormatExtension(format)));
        if (std::getenv("MOESCOPE_UPDATE_GOLDEN")) REQUIRE(writeExport(path, text).ok());
        CAPTURE(path);
        CHECK((text == readAll(path)));  // in brackets: a failure should not print both files
    }
}

std::string exported(const ConversationContent& content, ExportFormat format, const ExportOptions& options = {}) {
    return exportConversations(std::span(&content, 1), format, options);
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++n;
    return n;
}

}  // namespace

TEST_CASE("golden files: code, tables, CJK, emoji, right to left, links") {
    checkGolden("texts", {textSample()}, {});
}

TEST_CASE("golden files: branches, settings, timings, tokens, routing") {
    checkGolden("branches", {branchSample()}, kEverything);
}

TEST_CASE("golden files: several conversations, none of the extras") {
    ConversationContent empty = emptySample("");
    empty.conversation.created_ms = 0;
    checkGolden("several", {branchSample(), empty, textSample()}, {false, false, false, false});
}

TEST_CASE("what was thought aloud stands apart") {
    ConversationContent content = emptySample("Thinking");
    const auto question = addMessage(content, 0, Author::kUser, "<think>mine</think> why?");
    content.conversation.leaf = addMessage(content, question, Author::kAssistant,
                                           "<think>\nFirst *this*.\n\nThen that.\n</think>\n\nSo **it** is.");
    for (const ExportFormat format : {ExportFormat::kHtml, ExportFormat::kMarkdown, ExportFormat::kText}) {
        ExportOptions without;
        without.thoughts = false;
        const std::string text = exportConversations({&content, 1}, format, without);
        CHECK(text.find("Then that") == std::string::npos);
        CHECK(text.find("Thinking</summary>") == std::string::npos);
        CHECK(text.find(" is") != std::string::npos);
    }
    const std::string html = exported(content, ExportFormat::kHtml);
    CHECK(html.find("&lt;think&gt;mine&lt;/think&gt; why?") != std::string::npos);
    CHECK(html.find("<summary>Thinking</summary>\n<div class=\"text\" dir=\"auto\">\n<p>First <em>this</em>.</p>") !=
          std::string::npos);
    CHECK(html.find("</details>\n<div class=\"text\" dir=\"auto\">\n<p>So <strong>it</strong> is.</p>") !=
          std::string::npos);
    const std::string markdown = exported(content, ExportFormat::kMarkdown);
    CHECK(markdown.find("*Thinking*\n\n> First *this*.\n>\n> Then that.\n\nSo **it** is.\n") != std::string::npos);
    const std::string text = exported(content, ExportFormat::kText);
    CHECK(text.find("(Thinking)\n> First *this*.\n>\n> Then that.\n\nSo **it** is.\n") != std::string::npos);
    // JSON Lines begins with the answer, whose tokens still find their words.
    MessageContent& answer = content.messages.back();
    const auto begin = static_cast<std::uint32_t>(answer.message.text.find("So **it**"));
    answer.tokens = {
        {7, 0, begin - 2, 10}, {8, begin - 2, begin, 11}, {9, begin, begin + 2, 12}, {4, begin + 2, begin + 9, 13}};
    answer.odds.resize(4);
    answer.odds[2].count = 1;
    answer.odds[2].tokens[0] = 9;
    answer.odds[2].probability = answer.odds[2].probabilities[0] = 0.5f;
    ExportOptions routing;
    routing.routing = true;
    const std::string with = exportConversations({&content, 1}, ExportFormat::kJsonLines, routing);
    CHECK(with.find("<think>\\nFirst") != std::string::npos);
    CHECK(with.find("[9," + std::to_string(begin) + "," + std::to_string(begin + 2) + ",12]") != std::string::npos);
    routing.thoughts = false;
    const std::string lines = exportConversations({&content, 1}, ExportFormat::kJsonLines, routing);
    CHECK(lines.find("First") == std::string::npos);
    CHECK(lines.find("\"text\": \"So **it** is.\"") != std::string::npos);
    CHECK(lines.find("\"tokens\": [[9,0,2,12],[4,2,9,13]]") != std::string::npos);
    CHECK(lines.find("\"alternatives\": [[0,0.5,0,[9],[0.5]],null]") != std::string::npos);
    CHECK(lines.find("<think>mine</think> why?") != std::string::npos);  // what a user typed is no thought
    // JSON has it as it was written.
    CHECK(exported(content, ExportFormat::kJson).find("<think>\\nFirst") != std::string::npos);
}

TEST_CASE("the branch that ends at the leaf is shown, without what is in the trash") {
    ConversationContent content = branchSample();
    std::string text = exported(content, ExportFormat::kText);
    CHECK(text.find("Plum.") != std::string::npos);
    CHECK(text.find("Apple.") == std::string::npos);
    CHECK(text.find("Leek.") == std::string::npos);
    CHECK(text.find("tree") == std::string::npos);

    content.messages[4].message.deleted_ms = 1;  // the leaf went to the trash: the newest answer instead
    text = exported(content, ExportFormat::kText);
    CHECK(text.find("Leek.") != std::string::npos);
    CHECK(text.find("Plum.") == std::string::npos);

    content.messages[0].message.deleted_ms = 1;  // and with it everything under it
    text = exported(content, ExportFormat::kText);
    CHECK(text.find("[User]") == std::string::npos);
    CHECK(exported(content, ExportFormat::kJsonLines).find("\"user\"") == std::string::npos);
    CHECK(exported(content, ExportFormat::kJson).find("Leek.") != std::string::npos);

    content = branchSample();
    content.conversation.leaf = 102;
    CHECK(exported(content, ExportFormat::kMarkdown).find("Apple.") != std::string::npos);
    content.conversation.leaf = 999;  // no such message
    CHECK(exported(content, ExportFormat::kMarkdown).find("Leek.") != std::string::npos);
}

TEST_CASE("HTML loads nothing and runs nothing") {
    ConversationContent content = branchSample();
    const std::string page =
        exported(textSample(), ExportFormat::kHtml) + exported(content, ExportFormat::kHtml, kEverything);
    for (const char* never : {"<script", "<link", "<img", "<iframe", "<div onclick", "javascript:alert(1)\"", "src=",
                              "url(", "@import", "<b>", "href=\"file", "href=\"data", "href=\"java", "<!-- nor"}) {
        CAPTURE(never);
        CHECK(page.find(never) == std::string::npos);
    }
    CHECK(page.find("<a href=\"https://example.org/?a=1&amp;b=%222%22\" rel=\"noreferrer\">good</a>") !=
          std::string::npos);
    CHECK(page.find("<a href=\"mailto:a@example.org\"") != std::string::npos);
    CHECK(page.find("<code class=\"language-cpp\">#include &lt;vector&gt;") != std::string::npos);
    CHECK(page.find("#include &lt;vector&gt;\nstd::vector&lt;int&gt; v;") != std::string::npos);
    CHECK(count(page, "<svg") == 1);
}

TEST_CASE("an answer that stopped in a code block does not swallow the next message") {
    ConversationContent content = emptySample("Open");
    const auto open = addMessage(content, 0, Author::kAssistant, "````md\n```\nstill open");
    addMessage(content, open, Author::kUser, "Go on");
    CHECK(exported(content, ExportFormat::kMarkdown).find("still open\n````\n\n## User\n\nGo on\n") !=
          std::string::npos);
}

TEST_CASE("messages of 1 MB" * doctest::test_suite("timing")) {
    ConversationContent content = emptySample("Long");
    std::string text;
    for (int i = 0; text.size() < (1 << 20); ++i) {
        text += "Line " + std::to_string(i) + ": `a<b>` and <b>tags</b>, *stars*, 漢字, 👩‍👩‍👧‍👦.\n";
        if (i % 10 == 0) text += "\n```cpp\n#include <vector>\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";
    }
    const auto question = addMessage(content, 0, Author::kUser, text);
    addMessage(content, question, Author::kAssistant, text);
    const auto start = std::chrono::steady_clock::now();

    CHECK(count(exported(content, ExportFormat::kText), text) == 2);

    const std::string html = exported(content, ExportFormat::kHtml);
    const std::size_t lines = count(text, "Line ");
    CHECK(count(html, "Line ") == 2 * lines);
    CHECK(count(html, "&lt;b&gt;tags&lt;/b&gt;") == 2 * lines);
    CHECK(count(html, "<table dir=\"auto\">") == (lines + 9) / 10);
    CHECK(html.find("<b>") == std::string::npos);

    const std::string markdown = exported(content, ExportFormat::kMarkdown);
    CHECK(count(markdown, "\\<b>tags\\</b>") == 2 * lines);
    CHECK(count(markdown, "`a<b>`") == 2 * lines);
    CHECK(count(markdown, "#include <vector>") == 2 * ((lines + 9) / 10));

    const auto imported = importConversations(exported(content, ExportFormat::kJson));
    REQUIRE(imported.ok());
    CHECK((imported->conversations[0].messages[1].message.text == text));
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    CHECK(inTime(taken.count(), 10'000));
}

TEST_CASE("a table of a million empty cells is shown as text") {
    ConversationContent content = emptySample("Wide");
    std::string table = "|", rule = "|";
    for (int i = 0; i < 1000; ++i) table += "x|", rule += "---|";
    table += "\n" + rule + "\n";
    for (int i = 0; i < 100000; ++i) table += "|\n";
    addMessage(content, 0, Author::kAssistant, table);
    CHECK(exported(content, ExportFormat::kHtml).size() < 33 * table.size() + 100000);
}

TEST_CASE("bytes that are no UTF-8 are marked") {
    ConversationContent content = emptySample("Bad \xff title");
    addMessage(content, 0, Author::kUser, std::string("half \xf0\x9f and \0 zero", 18));
    addMessage(content, 101, Author::kAssistant, "over \xc0\xaf long");
    for (const ExportFormat format : kExportFormats) {
        const std::string text = exported(content, format);
        CHECK(text.find("Bad \uFFFD title") != std::string::npos);
        CHECK(text.find("half \uFFFD") != std::string::npos);
        CHECK(text.find('\xff') == std::string::npos);
    }
    CHECK(importConversations(exported(content, ExportFormat::kJson)).ok());
}

TEST_CASE("names of formats") {
    for (const ExportFormat format : kExportFormats) {
        CHECK(parseExportFormat(exportFormatName(format)).value() == format);
        CHECK(parseExportFormat(exportFormatExtension(format)).value() == format);
    }
    CHECK(parseExportFormat("MD").value() == ExportFormat::kMarkdown);
    CHECK(parseExportFormat("docx").status().message() ==
          "\"docx\" is not an export format; use markdown (md), html, text (txt), json or jsonl.");
    CHECK_FALSE(parseExportFormat("").ok());
}

TEST_CASE("files appear whole or not at all") {
    std::string name = (fs::temp_directory_path() / "moescope-XXXXXX").string();
    const fs::path folder = mkdtemp(name.data());
    REQUIRE(writeExport(folder / "a.md", "# A\n").ok());
    CHECK(readAll(folder / "a.md") == "# A\n");
    CHECK(std::distance(fs::directory_iterator(folder), {}) == 1);
    CHECK(writeExport(folder / "no/such/a.md", "x").message().find("no/such/a.md") != std::string::npos);
    fs::remove_all(folder);
}
