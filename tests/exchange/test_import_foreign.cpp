// If these fail, somebody who comes with the chats of another program loses some, or gets them with marks and holes.

#include <doctest/doctest.h>
#include <zip.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "storage/exchange/foreign.h"
#include "storage/exchange/import.h"
#include "storage/exchange/mend_json.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;
using nlohmann::json;

namespace {

std::string sample(const std::string& name) {
    std::ifstream in(MOESCOPE_EXCHANGE_DATA "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

ImportedFile read(std::string_view bytes) {
    auto file = importConversations(bytes);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    return std::move(*file);
}

std::string refusal(std::string_view bytes) {
    const auto file = importConversations(bytes);
    REQUIRE_FALSE(file.ok());
    CHECK(file.status().message().ends_with('.'));
    CHECK(file.status().message().size() < 400);
    return file.status().message();
}

/// "user: text" of each message, with ">" for each one above it.
std::vector<std::string> talk(const ConversationContent& content) {
    std::vector<std::string> lines;
    std::vector<std::size_t> depths;
    for (const auto& [message, tokens, odds, routing] : content.messages) {
        const std::size_t depth = message.parent ? depths[static_cast<std::size_t>(*message.parent) - 1] + 1 : 0;
        depths.push_back(depth);
        lines.push_back(std::string(depth, '>') + (message.author == Author::kUser ? "user: " : "assistant: ") +
                        message.text);
    }
    return lines;
}
using Lines = std::vector<std::string>;

/// A node of ChatGPT's mapping.
std::string node(const std::string& id, const std::string& links, const std::string& role, const std::string& text,
                 const std::string& more = "") {
    return "\"" + id + "\":{" + links + (links.empty() ? "" : ",") + "\"message\":{\"author\":{\"role\":\"" + role +
           "\"},\"content\":{\"parts\":[\"" + text + "\"]}" + more + "}}";
}
std::string chat(const std::string& title, const std::string& mapping) {
    return "{\"title\":\"" + title + "\",\"id\":\"" + title + "\",\"create_time\":1714000000,\"mapping\":" + mapping +
           "}";
}
std::string plainChat(const std::string& title, const std::string& question = "q") {
    return chat(title,
                "{" + node("a", "", "user", question) + "," + node("b", R"("parent":"a")", "assistant", "yes") + "}");
}

}  // namespace

TEST_CASE("DeepSeek's own export, of both forms") {
    for (const char* name : {"deepseek_fragments.json", "deepseek_content.json"}) {
        CAPTURE(name);
        const bool is_old = std::string(name) == "deepseek_content.json";
        const ImportedFile file = read(sample(name));
        CHECK(file.remark().empty());
        REQUIRE(file.conversations.size() == 1);
        const ConversationContent& content = file.conversations[0];
        CHECK(talk(content) == Lines{"user: What is a router?", ">assistant: It picks experts.", ">>user: How many?",
                                     ">>>assistant: Six of 64."});
        CHECK(content.conversation.title == (is_old ? "Routers old" : "Routers"));
        CHECK(content.conversation.origin == "deepseek:d0c1");
        CHECK(content.conversation.created_ms == 1740787200000);  // 2025-03-01 00:00 UTC
        CHECK(content.conversation.updated_ms == 1740787800000);
        CHECK(content.messages[0].message.created_ms == (is_old ? 1737936001123 : 1740787201123));
        const Message& answer = content.messages[1].message;
        CHECK(answer.model_name == (is_old ? "deepseek-reasoner" : "deepseek-chat"));
        CHECK(json::parse(answer.settings)["reasoning"] == "The user asks about MoE.");
        CHECK(content.messages[3].message.settings == "{}");
        CHECK(content.messages[0].message.model_name.empty());
    }
}

TEST_CASE("DeepSeek's other fragments, files, searches and regenerated answers") {
    const std::string bytes = R"([{"id":"x","title":" ","mapping":{
        "root":{"parent":null,"children":["1"],"message":null},
        "1":{"parent":"root","children":["2","3"],"message":{"files":[{"file_name":"a.pdf"}],
            "inserted_at":"2025-03-01T08:00:01Z","fragments":[{"type":"REQUEST","content":"Read  this\nplease"}]}},
        "2":{"parent":"1","children":[],"message":{"inserted_at":"2025-03-01T08:00:02Z","model":"deepseek-chat","fragments":[
            {"type":"SEARCH","content":null},{"type":"THINK","content":"Hm."},{"type":"THINK","content":"So."},
            {"type":"RESPONSE","content":"See [citation:2], not [citation:9]."}],
            "search_results":[{"url":"https://a.org","cite_index":1},{"url":"https://b.org/x","cite_index":2}]}},
        "3":{"parent":"1","children":[],"message":{"content":"Again.","reasoning_content":null}}}}])";
    const ImportedFile file = read(bytes);
    const ConversationContent& content = file.conversations[0];
    CHECK(talk(content) == Lines{"user: [attachment]\n\nRead  this\nplease",
                                 ">assistant: See ([2](https://b.org/x)), not [citation:9].", ">assistant: Again."});
    CHECK(json::parse(content.messages[1].message.settings)["reasoning"] == "Hm.\n\nSo.");
    CHECK(content.conversation.title == "[attachment] Read this please");  // blanks are no title
    CHECK(content.conversation.automatic_title);
    CHECK(content.conversation.created_ms == 1740816001000);
    CHECK(content.conversation.updated_ms == 1740816002000);
}

TEST_CASE("messages in the file and none in the result: it says so") {
    const std::string unknown = R"({"1":{"message":{"who":"me","content":{"blocks":["Hi"]}}}})";
    CHECK(refusal("[" + chat("Odd", unknown) + "]").find("none of its 1 message is a question or an answer") !=
          std::string::npos);
    const ImportedFile file = read("[" + chat("Odd", unknown) + "," + plainChat("Good") + "]");
    CHECK(file.conversations.size() == 1);
    CHECK(file.remark() ==
          "1 conversation could not be imported: conversation 1, \"Odd\": none of its 1 message is a "
          "question or an answer.");
}

TEST_CASE("what is passed over is counted") {
    const std::string mapping =
        "{" + node("s", "", "system", "Be kind.") + "," + node("a", R"("parent":"s")", "user", "q") + "," +
        node("t", R"("parent":"a")", "assistant", "search()", R"(,"recipient":"browser")") + "," +
        node("r", R"("parent":"t")", "tool", "result") + "," + node("e", R"("parent":"r")", "assistant", "") + "," +
        node("b", R"("parent":"e")", "assistant", "yes") + "}";
    const ImportedFile file = read("[" + chat("Tools", mapping) + "]");
    CHECK(talk(file.conversations[0]) == Lines{"user: q", ">assistant: yes"});
    CHECK(file.passed_over == 2);
    CHECK(file.remark() == "2 messages were left out (from tools, hidden, or of an unknown form).");
}

TEST_CASE("half characters and bytes of other encodings are mended") {
    const auto text = [](const std::string& raw) {
        const ImportedFile file = read("[" + plainChat("T", raw) + "]");
        return file.conversations[0].messages[0].message.text;
    };
    CHECK(text("\xed\xa0\xbd\xed\xb8\x82!") == "😂!");  // a pair, each half as UTF-8
    CHECK(text("a\xed\xa0\xbd"
               "b") == "a\uFFFDb");
    CHECK(text("a\xed\xb8\x82\xed\xa0\xbd") == "a\uFFFD\uFFFD");
    CHECK(text(R"(\ud83d\ude02)") == "😂");
    CHECK(text(R"(\ud800 \ude48 \uD83D)") == "\uFFFD \uFFFD \uFFFD");
    CHECK(text(R"(\ud83d\ud83d\ude02)") == "\uFFFD😂");
    CHECK(text(R"(\ud83d\n\\ud83d)") == "\uFFFD\n\\ud83d");  // a backslash of its own is no escape
    CHECK(text("caf\xe9 \xc3\xa9") == "caf\uFFFD é");        // Latin-1
    CHECK(text("end\xe9") == "end\uFFFD");                   // the quotation mark behind it stays one
    CHECK(text("\xf0\x9f\x98 \xc0\xaf") == "\uFFFD \uFFFD\uFFFD");
    CHECK(text(R"(a\u0000b)") == "a\uFFFDb");
    CHECK(text(std::string("a\0b\x01\n", 5)) == "a\uFFFDb\x01\n");
    CHECK(text(R"(\uFFFD\u00e9\q)").empty() == false);
    CHECK(read("[" + plainChat(R"(Cut \ud83d)") + "]").conversations[0].conversation.title == "Cut \uFFFD");
}

TEST_CASE("what is valid is not changed by mending") {
    const std::string good = R"({"a":["\ud83d\ude02é漢\u0001\"\\",1.5e3,-2,true,null]})";
    CHECK(mendJson(good) == good);
    CHECK(mendJson(R"([NaN,-Infinity,Infinity,"NaN"])") == R"([null,null,null,"NaN"])");
}

TEST_CASE("one bad conversation does not keep the others out") {
    const std::string good = plainChat("Good"),
                      circle = chat("Circle", "{" + node("a", R"("parent":"b")", "user", "q") + "," +
                                                  node("b", R"("parent":"a")", "assistant", "yes") + "}");
    struct Case {
        const char* what;
        std::string bad, says;
    };
    for (const Case& c :
         {Case{"no mapping", chat("Bad", "null"), "conversation 1, \"Bad\": it has no messages"},
          Case{"a list", chat("Bad", "[1]"), "\"mapping\" is not an object"},
          Case{"no conversation", R"({"title":"Bad"})", "conversation 1: it is not a known kind of conversation"},
          Case{"null", "null", "conversation 1: it is empty"}, Case{"a number", "7", "conversation 1"},
          Case{"damaged", R"({"title":"Bad","mapping":{"a" 1}})", "\"Bad\": it is damaged"}}) {
        CAPTURE(c.what);
        for (const bool first : {true, false}) {
            const ImportedFile file = read("[" + (first ? c.bad + "," + good : good + "," + c.bad) + "]");
            REQUIRE(file.conversations.size() == 1);
            CHECK(talk(file.conversations[0]) == Lines{"user: q", ">assistant: yes"});
            REQUIRE(file.refused.size() == 1);
            if (first) CHECK(file.remark().find(c.says) != std::string::npos);
            CHECK(file.remark().find("1 conversation could not be imported") == 0);
        }
        CHECK_FALSE(refusal("[" + c.bad + "]").empty());
    }
    // A circle is cut, and its texts come in.
    const ImportedFile file = read("[" + circle + "," + good + "]");
    CHECK(file.remark().empty());
    CHECK(talk(file.conversations[0]) == Lines{"user: q", ">assistant: yes"});
}

TEST_CASE("a file that was cut off gives what is whole of it") {
    const std::string whole = "[" + plainChat("One") + ",\n" + plainChat("Two") + ",\n" + plainChat("Three") + "]";
    for (std::size_t size = whole.find("Three"); size + 1 < whole.size(); ++size) {
        const auto file = importConversations(std::string_view(whole).substr(0, size));
        REQUIRE(file.ok());
        REQUIRE(file->conversations.size() == 2);
        REQUIRE(file->remark().find("conversation 3") != std::string::npos);
        REQUIRE(file->remark().find("the file ends in it") != std::string::npos);
    }
    const ImportedFile comma = read("[" + plainChat("One") + ",]");
    CHECK(comma.conversations.size() == 1);
}

TEST_CASE("many bad conversations are named in one short sentence") {
    std::string all = plainChat("Good");
    for (int i = 0; i < 500; ++i) all += "," + chat(std::string(3000, 'x') + "\\u001b[2J\\u202e", "null");
    const std::string remark = read("[" + all + "]").remark();
    CHECK(remark.find("500 conversations could not be imported") == 0);
    CHECK(remark.find("and 498 more") != std::string::npos);
    CHECK(remark.size() < 400);
    CHECK(remark.find('\x1b') == std::string::npos);
}

TEST_CASE("one conversation alone, and one a line") {
    CHECK(read(plainChat("One")).conversations.size() == 1);
    CHECK(read("\xef\xbb\xbf" + plainChat("One") + "\n" + plainChat("Two") + "\n").conversations.size() == 2);
    CHECK(read(plainChat("One") + "\n{\"mapping\":").remark().find("the file ends in it") != std::string::npos);
}

TEST_CASE("trees without parents") {
    const auto nodes = [](const std::string& a, const std::string& b, const std::string& c) {
        return "[" +
               chat("T", "{" + node("z", a, "user", "q") + "," + node("y", b, "assistant", "yes") + "," +
                             node("x", c, "user", "why") + "}") +
               "]";
    };
    const Lines chain = {"user: q", ">assistant: yes", ">>user: why"};
    CHECK(talk(read(nodes(R"("children":["y"])", R"("children":["x"])", "")).conversations[0]) == chain);
    CHECK(talk(read(nodes("", "", "")).conversations[0]) == chain);  // in the order of the file
    CHECK(talk(read(nodes(R"("parent":null)", R"("parent":null)", R"("parent":null)")).conversations[0]) == chain);
    // A parent that is not there begins another branch; circles are cut where the file comes to them first.
    CHECK(talk(read(nodes("", R"("parent":"z")", R"("parent":"gone")")).conversations[0]) ==
          Lines{"user: q", ">assistant: yes", "user: why"});
    CHECK(talk(read(nodes("", R"("parent":"x")", R"("parent":"y")")).conversations[0]) ==
          Lines{"user: q", "assistant: yes", ">user: why"});
    CHECK(talk(read(nodes(R"("parent":"z")", R"("parent":"z")", R"("parent":"y")")).conversations[0]) == chain);
}

TEST_CASE("citations become links or go") {
    const ImportedFile file = read(sample("citations.json"));
    CHECK(file.conversations[0].messages[1].message.text ==
          "Iron was smelted early ([Title](https://example.org/iron)). See A. Writer marked. Old style end.");
    const json metadata = json::parse(R"({"content_references":[
        {"matched_text":" ","alt":""},
        {"matched_text":"\ue200cite\ue202turn0\ue201","alt":null,"items":[
            {"title":"A","url":"https://a.org"},{"url":"https://b.org"},{"title":"C","url":"javascript:x"}]}],
        "citations":[{"metadata":{"title":"Doc","url":"https://d.org","extra":{"cited_message_idx":6}}}]})");
    CHECK(withLinks("One \ue200cite\ue202turn0\ue201 two", metadata) ==
          "One ([A](https://a.org), [https://b.org](https://b.org)) two");
    CHECK(withLinks("One【6†source】, two 【7:0†source】.", metadata) == "One([Doc](https://d.org)), two.");
    CHECK(withLinks("【注意】 stays, 【a†b】 too", metadata) == "【注意】 stays, 【a†b】 too");
    CHECK(withLinks("cut \ue200cite\ue202tur", metadata) == "cut citetur");
    CHECK(withLinks("\ue0b0 \ue2a9 \ue210", metadata) == "\ue0b0 \ue2a9 \ue210");  // signs of icon fonts stay
    CHECK(withLinks("a \ue200url\ue202Words\ue202turn0\ue201.", metadata) == "a Words.");
    // A million marks take no time to speak of, whatever they refer to.
    std::string many;
    for (int i = 0; i < 300'000; ++i) many += "\ue200【";
    CHECK(withLinks(many, metadata).size() == 900'000);
}

TEST_CASE("a canvas is an answer") {
    const ImportedFile file = read(sample("canvas.json"));
    CHECK(talk(file.conversations[0]) == Lines{"user: Write an essay in a canvas",
                                               ">assistant: **essay**\n\n# Essay about foxes\n\nFoxes are clever.",
                                               ">>assistant: I wrote the essay in the canvas."});
    CHECK(file.conversations[0].messages[1].message.model_name == "gpt-4o");
    const auto canvas = [](const std::string& tool, const std::string& text) {
        const std::string message = R"({"author":{"role":"assistant"},"recipient":"canmore.)" + tool +
                                    R"(","content":{"content_type":"code","text":)" + json(text).dump() + "}}";
        return readChatGptMessage(json::parse(message)).text;
    };
    CHECK(
        canvas("update_textdoc", R"({"updates":[{"pattern":".*","replacement":"New text"},{"replacement":"More"}]})") ==
        "New text\n\nMore");
    CHECK(canvas("comment_textdoc", R"({"comments":[{"pattern":"x","comment":"Shorter."}]})") == "Shorter.");
    CHECK(canvas("create_textdoc", R"json({"name":"fox","type":"code/python","content":"print('```')"})json") ==
          "**fox**\n\n````python\nprint('```')\n````");
    CHECK(canvas("create_textdoc", "no JSON") == "no JSON");
}

TEST_CASE("the model of the conversation is that of its answers") {
    const ImportedFile file = read(sample("default_model.json"));
    CHECK(file.conversations[0].messages[1].message.model_name == "gpt-5-thinking");
    CHECK(file.conversations[0].messages[0].message.model_name.empty());
}

TEST_CASE("times") {
    const ImportedFile file = read(sample("times.json"));
    REQUIRE(file.conversations.size() == 4);
    const auto times = [&](std::size_t i) {
        const Conversation& c = file.conversations[i].conversation;
        return std::pair(c.created_ms, c.updated_ms);
    };
    CHECK(times(0) == std::pair<std::int64_t, std::int64_t>(0, 0));  // nobody knows
    CHECK(times(1) == std::pair<std::int64_t, std::int64_t>(1740816000000, 1740816600000));
    CHECK(times(2) == std::pair<std::int64_t, std::int64_t>(1714000000000, 1714000100000));
    CHECK(times(3) == std::pair<std::int64_t, std::int64_t>(1714000000500, 1714000000500));  // of the messages

    for (const char* same :
         {"1740816000", "1740816000000", "1740816000000000", "1740816000000000000", "1740816000.0", R"("1740816000")",
          R"("2025-03-01T08:00:00Z")", R"("2025-03-01T08:00:00.000000+00:00")", R"("2025-03-01T16:00:00+08:00")",
          R"("2025-03-01T03:30:00-0430")", R"("2025-03-01 08:00")", R"("2025-03-01T08:00:00")"}) {
        CAPTURE(same);
        CHECK(timeOf(json::parse(same)) == 1740816000000);
    }
    CHECK(timeOf(json::parse(R"("2025-03-01T08:00:00.123456+08:00")")) == 1740787200123);
    CHECK(timeOf(json::parse(R"("2025-03-01")")) == 1740787200000);
    for (const char* none :
         {"null", "-5", "1e300", "0", "true", "[]", R"("")", R"("soon")", R"("2025-02-30T00:00:00Z")",
          R"("2025-03-01T25:00Z")", R"("2025-03-01T08:00:00 o'clock")", R"("-025-03-01")"}) {
        CAPTURE(none);
        CHECK(timeOf(json::parse(none)) == 0);
    }
}

TEST_CASE("a blank title is none, and the first question gives one") {
    const std::string question(200, 'w');
    for (const char* title : {"", "  ", "\\n\\t"}) {
        const ImportedFile file = read("[" + plainChat(title, "What is " + question) + "]");
        const Conversation& c = file.conversations[0].conversation;
        CHECK(c.title.starts_with("What is www"));
        CHECK(c.title.ends_with("…"));
        CHECK(c.automatic_title);
    }
}

namespace {

void writeFile(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

void writeZip(const std::string& path, const Entries& entries) {
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    REQUIRE(zip);
    for (const auto& [name, bytes] : entries) {
        zip_source_t* source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
        REQUIRE(zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_GUESS) >= 0);
    }
    REQUIRE(zip_close(zip) == 0);
}

}  // namespace

TEST_CASE("archives as they are sent") {
    const TemporaryDir dir;
    const std::string path = dir.path() + "/export.zip";
    const std::string user = R"({"id":"user-1"})";
    const std::string one = "[" + plainChat("One") + "]", two = "[" + plainChat("Two") + "]";
    const auto titles = [&](const Entries& entries) {
        writeZip(path, entries);
        const auto file = importFile(path);
        REQUIRE_MESSAGE(file.ok(), file.status().message());
        Lines found;
        for (const auto& content : file->conversations) found.push_back(content.conversation.title);
        return found;
    };
    CHECK(titles({{"user.json", user}, {"conversations.json", one}, {"chat.html", "<html>"}}) == Lines{"One"});
    CHECK(titles({{"x/conversations-001.json", two},
                  {"x/conversations-000.json", one},
                  {"__MACOSX/x/._a.json", "\x01"}}) == Lines{"One", "Two"});
    CHECK(titles({{"all/history.json", one}, {"all/user.json", user}}) == Lines{"One"});

    const auto says = [&](std::string_view words) {
        const auto file = importFile(path);
        REQUIRE_FALSE(file.ok());
        CAPTURE(file.status().message());
        CHECK(file.status().message().find(words) != std::string::npos);
        CHECK(file.status().message().find("export.zip: ") != std::string::npos);
        CHECK(file.status().message().size() < 400);
    };
    writeZip(path, {{"chat.html", "<html>"}});
    says("holds no conversations.json");
    writeZip(path, {{"conversations.json", "{\"a\""}});
    says("ends too early");
    writeZip(path, {{"conversations.json", std::string(std::size_t{60} << 20, ' ')}});  // 60 kB
    says("unpacks to far more");
    std::string bytes = "PK\x03\x04" + std::string(500, 'x');
    writeFile(path, bytes);
    says("cannot be read");
    writeZip(path, {{std::string(2000, 'n') + "\x1b[2J.json", "{\"a\""}, {"conversations.json", one}});
    CHECK(importFile(path).ok());
}

TEST_CASE("what is not a regular file is refused at once") {
    const TemporaryDir dir;
    const auto says = [](const std::string& path, std::string_view words) {
        const auto file = importFile(path);
        REQUIRE_FALSE(file.ok());
        CAPTURE(file.status().message());
        CHECK(file.status().message().find(words) != std::string::npos);
        CHECK(file.status().message().size() < 400);
    };
    says(dir.path(), "it is a folder");
    says("/dev/zero", "not a regular file");
    says(dir.path() + "/" + std::string(200, 'n') + "/none.json", "none.json: cannot be read");
    const std::string pipe = dir.path() + "/pipe";
    REQUIRE(std::system(("mkfifo '" + pipe + "'").c_str()) == 0);
    says(pipe, "not a regular file");
}

TEST_CASE("a conversation without an id is known by what it holds") {
    const TemporaryDir dir;
    const std::string path = dir.path() + "/one.json";
    const auto origin = [&](const std::string& title, const std::string& text) {
        writeFile(path, "[{\"title\":\"" + title + "\",\"mapping\":{" + node("a", "", "user", text) + "}}]");
        const auto file = importFile(path);
        REQUIRE(file.ok());
        return file->conversations[0].conversation.origin;
    };
    const std::string first = origin("T", "abc");
    CHECK(first.starts_with("content:"));
    CHECK(origin("T", "abc") == first);
    CHECK(origin("T", "abd") != first);
    CHECK(origin("Ta", "bc") != first);
    writeFile(path, sample("plain.json"));
    CHECK(importFile(path)->conversations[0].conversation.origin == "chatgpt:c-Plain");
}
