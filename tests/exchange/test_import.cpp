// If these fail, what was exported does not come back, or a file that somebody sent can harm the program.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <unordered_set>

#include "storage/exchange/export.h"
#include "storage/exchange/import.h"
#include "tests/exchange/samples.h"

using namespace moescope;

namespace {

Result<std::vector<ConversationContent>> readAll(std::string_view bytes) {
    auto file = importConversations(bytes);
    if (!file.ok()) return file.status();
    return std::move(file->conversations);
}

std::string exportedJson(const std::vector<ConversationContent>& content) {
    return exportConversations(content, ExportFormat::kJson);
}

std::string chatGptSample() {
    std::ifstream in(MOESCOPE_EXCHANGE_DATA "/chatgpt.json", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What importConversations promises of any result: the database relies on it.
void checkPromises(const std::vector<ConversationContent>& conversations) {
    for (const auto& content : conversations) {
        std::unordered_set<std::int64_t> ids;
        for (const auto& [message, tokens, odds, routing] : content.messages) {
            if (message.parent) REQUIRE(ids.contains(*message.parent));
            REQUIRE(message.id == std::ssize(ids) + 1);
            ids.insert(message.id);
            for (const MessageToken& token : tokens) {
                REQUIRE(token.begin <= token.end);
                REQUIRE(token.end <= message.text.size());
            }
            if (!routing) continue;
            for (std::size_t t = 0; t < routing->size(); ++t) {
                for (int l = 0; l < routing->shape().moe_layers; ++l) {
                    const LayerRouting r = routing->at(t, l);
                    REQUIRE(r.count <= kMaxActiveExperts);
                    for (int k = 0; k < r.count; ++k)
                        REQUIRE(r.experts[static_cast<std::size_t>(k)] < routing->shape().experts);
                }
            }
        }
        if (content.conversation.leaf) REQUIRE(ids.contains(*content.conversation.leaf));
    }
    // And whatever was read can be written in every format, and read again.
    for (const ExportFormat format : kExportFormats) {
        REQUIRE(exportConversations(conversations, format, {true, true, true, true}).size() < 100'000'000);
    }
    REQUIRE(readAll(exportedJson(conversations)).ok());
}

std::string refusal(std::string_view bytes) {
    const auto result = readAll(bytes);
    REQUIRE_FALSE(result.ok());
    return result.status().message();
}

/// A file of one conversation with these messages.
std::string fileOf(const std::string& messages) {
    return R"({"format":"moescope-conversations","version":1,"conversations":[{"messages":[)" + messages + "]}]}";
}

}  // namespace

TEST_CASE("JSON -> import -> JSON is the same bytes") {
    ConversationContent trash = emptySample("Trash \"\\\u2028\t");
    trash.conversation.deleted_ms = 5;
    addMessage(trash, 0, Author::kUser, std::string("\0\x1f\x7f\r\n", 5));
    const std::vector<ConversationContent> all = {branchSample(), textSample(), trash, emptySample("")};
    const std::string first = exportedJson(all);
    const auto imported = readAll(first);
    REQUIRE(imported.ok());
    CHECK((exportedJson(*imported) == first));
    checkPromises(*imported);

    const ConversationContent& content = imported.value()[0];
    const Conversation& c = content.conversation;
    CHECK(c.id == 0);
    CHECK_FALSE(c.folder);
    CHECK(content.folder_name == "Routing studies");
    CHECK(c.pinned);
    CHECK_FALSE(c.automatic_title);
    CHECK(c.draft == "half a thou");
    CHECK(c.leaf == 5);
    CHECK(c.message_count == 7);  // two are in the trash
    CHECK(content.messages.size() == 9);
    CHECK(content.messages[7].message.deleted_ms.has_value());
    CHECK(content.messages[4].message.context_start == 3);

    const MessageContent source = branchSample().messages[2];
    const MessageContent& answer = content.messages[2];
    CHECK(answer.tokens == source.tokens);
    CHECK(answer.odds == source.odds);
    CHECK(answer.message.thinking_tokens_per_second == source.message.thinking_tokens_per_second);
    CHECK(answer.message.tokens_per_second == source.message.tokens_per_second);
    CHECK(answer.message.settings == source.message.settings);
    REQUIRE(answer.routing.has_value());
    REQUIRE(answer.routing->size() == source.routing->size());
    for (std::size_t t = 0; t < source.routing->size(); ++t) {
        CHECK(answer.routing->token(t).phase == source.routing->token(t).phase);
        CHECK(answer.routing->token(t).position == source.routing->token(t).position);
        for (int l = 0; l < 3; ++l) {
            const LayerRouting a = answer.routing->at(t, l), b = source.routing->at(t, l);
            CHECK(a.count == b.count);
            CHECK(a.experts == b.experts);
            CHECK(a.gates == b.gates);
            CHECK(a.probabilities == b.probabilities);
            CHECK(a.runners_up == b.runners_up);
            CHECK(a.runner_up_probabilities == b.runner_up_probabilities);
            CHECK(a.shared_norm == b.shared_norm);
            CHECK(a.routed_norm == b.routed_norm);
        }
    }
}

TEST_CASE("which experts ran on a GPU comes back, and what is no such list is refused") {
    ConversationContent content = branchSample();
    RoutingLog log(content.messages[2].routing->shape());
    for (std::size_t t = 0; t < content.messages[2].routing->size(); ++t) {
        auto layers = content.messages[2].routing->layers(t);
        layers[t % 3].on_card = t % 2 ? 0b01 : 0b11;
        const RoutingLog::Token& token = content.messages[2].routing->token(t);
        log.onToken({token.token, token.position, token.phase, layers});
    }
    content.messages[2].routing = log;
    const std::string json = exportedJson({content});
    const std::string places = "\"on_card\": [[3,0,0],[0,1,0],[0,0,3],[1,0,0]]";
    CHECK(json.find(places) != std::string::npos);
    CHECK(exportedJson({branchSample()}).find("on_card") == std::string::npos);
    const auto imported = readAll(json);
    REQUIRE_MESSAGE(imported.ok(), imported.status().message());
    CHECK((exportedJson(*imported) == json));
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < 3; ++l) {
            CHECK(imported.value()[0].messages[2].routing->at(t, l).on_card == log.at(t, l).on_card);
        }
    }
    for (const char* wrong : {"\"on_card\": [[3,0,0]]", "\"on_card\": [[3,0],[0,1,0],[0,0,3],[1,0,0]]",
                              "\"on_card\": [[4,0,0],[0,1,0],[0,0,3],[1,0,0]]", "\"on_card\": [1,2,3,4]"}) {
        CAPTURE(wrong);
        std::string changed = json;
        changed.replace(changed.find(places), places.size(), wrong);
        CHECK_FALSE(readAll(changed).ok());
    }
}

TEST_CASE("groups of experts come back, and numbers that cannot be are refused") {
    ConversationContent content = branchSample();
    RoutingShape shape = content.messages[2].routing->shape();
    shape.groups = 4;
    shape.groups_used = 2;
    RoutingLog log(shape);
    log.append(*content.messages[2].routing);
    content.messages[2].routing = log;
    const std::string json = exportedJson({content});
    const std::string said = "\"groups\": 4, \"groups_used\": 2, ";
    REQUIRE(json.find(said) != std::string::npos);
    CHECK(exportedJson({branchSample()}).find("groups") == std::string::npos);
    const auto imported = readAll(json);
    REQUIRE_MESSAGE(imported.ok(), imported.status().message());
    CHECK(imported->at(0).messages[2].routing->shape() == shape);
    CHECK((exportedJson(*imported) == json));
    for (const char* wrong : {"\"groups\": 3, \"groups_used\": 2, ", "\"groups\": 4, \"groups_used\": 5, ",
                              "\"groups\": 1, \"groups_used\": 2, ", "\"groups\": -4, \"groups_used\": 2, "}) {
        CAPTURE(wrong);
        std::string changed = json;
        changed.replace(changed.find(said), said.size(), wrong);
        CHECK_FALSE(readAll(changed).ok());
    }
}

TEST_CASE("an export of a program that had errors in place of reasons") {
    std::ifstream in(MOESCOPE_TEST_DATA "/history/export-of-form-3.json", std::ios::binary);
    const std::string old{std::istreambuf_iterator<char>(in), {}};
    const auto read = readAll(old);
    REQUIRE_MESSAGE(read.ok(), read.status().message());
    const Message& failed = read->at(0).messages.at(6).message;
    CHECK(failed.finish == FinishReason::kError);
    CHECK(failed.error == "The backend failed: *no memory*; load a smaller model.");
    CHECK(read->at(0).messages.at(2).message.finish == FinishReason::kLength);
    // It says what is exported today, and nothing else of it has changed.
    ConversationContent then = branchSample();
    then.messages[2].odds.clear();  // came later
    then.messages[2].message.thinking_tokens_per_second = 0;
    CHECK(exportedJson(*read) == exportedJson({then}));
}

TEST_CASE("every float comes back, and numbers that JSON has not") {
    RoutingLog log({0, 1, 4096, 16, 0});
    std::mt19937 random(7);
    const auto any = [&] {
        const std::uint32_t bits = static_cast<std::uint32_t>(random());
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    };
    for (int t = 0; t < 20000; ++t) {
        LayerRouting r;
        r.count = kMaxActiveExperts;
        for (std::size_t k = 0; k < r.gates.size(); ++k) {
            r.experts[k] = static_cast<std::int32_t>(random() % 4096);
            r.gates[k] = any();
        }
        r.shared_norm = t % 2 == 0 ? -0.0f : std::numeric_limits<float>::infinity();
        r.routed_norm = t % 2 == 0 ? std::numeric_limits<float>::quiet_NaN() : -std::numeric_limits<float>::max();
        log.onToken({t, t, Phase::kDecode, std::span(&r, 1)});
    }
    ConversationContent content = emptySample("Floats");
    addMessage(content, 0, Author::kAssistant, "x");
    content.messages[0].routing = log;
    const std::string json = exportedJson({content});
    const auto imported = readAll(json);
    REQUIRE(imported.ok());
    CHECK((exportedJson(*imported) == json));
    const RoutingLog& back = *imported.value()[0].messages[0].routing;
    bool same = back.size() == log.size();
    for (std::size_t t = 0; t < log.size() && same; ++t) {
        for (std::size_t k = 0; k < kMaxActiveExperts; ++k) {
            const float a = log.at(t, 0).gates[k], b = back.at(t, 0).gates[k];
            same = same && (std::isnan(a) ? std::isnan(b) : std::memcmp(&a, &b, sizeof a) == 0);
        }
        same = same && std::signbit(back.at(t, 0).shared_norm) == std::signbit(log.at(t, 0).shared_norm);
    }
    CHECK(same);
}

TEST_CASE("what a database should not hold is still written so that it can be read") {
    ConversationContent content = branchSample();
    content.conversation.settings = "not JSON";
    content.messages[0].message.settings = std::string(1000, '[');
    content.messages[2].tokens = {{1, 500, 400, 0}, {1, 4, 500, 0}};
    content.messages[4].message.context_start = 9999;
    content.messages[5].message.parent = 9999;
    const std::string json = exportedJson({content});
    const auto imported = readAll(json);
    REQUIRE(imported.ok());
    CHECK((exportedJson(*imported) == json));
    CHECK(imported.value()[0].conversation.settings == "{}");
}

TEST_CASE("fields may be missing, and unknown ones are passed over") {
    const auto imported = readAll(fileOf(R"({"id": 9, "role": "user", "text": "Hi", "new": [1]})"));
    REQUIRE(imported.ok());
    const ConversationContent& content = imported.value()[0];
    CHECK(content.conversation.title == "");
    CHECK(content.conversation.automatic_title);
    CHECK(content.messages[0].message.id == 1);
    CHECK(content.messages[0].message.text == "Hi");
    CHECK(content.messages[0].message.settings == "{}");
}

TEST_CASE("files that are no export say what to choose") {
    CHECK(refusal("").find("The file is empty") != std::string::npos);
    CHECK(refusal("# Markdown").find("not valid JSON: it is damaged at byte 1 of 10") != std::string::npos);
    CHECK(refusal("PK\x03\x04zip").find("unpack it") != std::string::npos);
    CHECK(refusal(std::string("\xff\xfe[\0", 4)).find("UTF-16") != std::string::npos);
    for (const char* other : {"{}", "[1]", "[{}]", "3", "\"x\"", "null", R"({"conversations":[]})"}) {
        CHECK(refusal(other).find("choose a Moescope export") != std::string::npos);
    }
    CHECK(readAll("[]").value().empty());
    const std::string jsonl = exportConversations(std::vector{branchSample()}, ExportFormat::kJsonLines);
    CHECK(refusal(jsonl).find("damaged at byte") != std::string::npos);
}

TEST_CASE("a newer version is refused") {
    const auto result = readAll(R"({"format":"moescope-conversations","version":2,"conversations":[]})");
    CHECK(result.status().code() == StatusCode::kUnsupported);
    CHECK(result.status().message() ==
          "The file has version 2 of Moescope's export, this program reads up to 1; install a newer Moescope.");
    CHECK(refusal(R"({"format":"moescope-conversations","conversations":[]})").find("\"version\"") !=
          std::string::npos);
    CHECK(refusal(R"({"format":"other","version":1,"conversations":[]})").find("\"format\"") != std::string::npos);
    CHECK(refusal(R"({"format":"moescope-conversations","version":1})").find("\"conversations\"") != std::string::npos);
}

TEST_CASE("wrong fields are named") {
    const auto says = [](const std::string& messages, std::string_view what) {
        const std::string message = refusal(fileOf(messages));
        CAPTURE(message);
        CHECK(message.find(what) != std::string::npos);
        CHECK(message.find("conversation 1") != std::string::npos);
        CHECK(message.ends_with('.'));
    };
    const std::string first = R"({"id":1,"role":"user","text":"a"})";
    says("3", "message 1: expected an object, found 3");
    says(R"({"role":"user","text":"a"})", "\"id\" is missing");
    says(R"({"id":1,"role":"robot","text":"a"})", "\"role\" should be");
    says(R"({"id":1,"role":"user","text":7})", "\"text\" should be a text, found 7");
    says(R"({"id":1.5,"role":"user","text":"a"})", "\"id\" should be a whole number");
    says(R"({"id":99999999999999999999,"role":"user","text":"a"})", "\"id\" should be a whole number");
    says(R"({"id":1,"role":"user","text":"a","prompt_tokens":4294967296})", "\"prompt_tokens\"");
    says(R"({"id":1,"role":"user","text":"a","settings":[]})", "\"settings\"");
    says(first + "," + first, "message 2: its \"id\" is used twice");
    says(first + R"(,{"id":2,"parent":3,"role":"user","text":"b"},{"id":3,"parent":2,"role":"user","text":"c"})",
         "message 2: \"parent\" should be the id of a message before it, found 3");
    says(R"({"id":1,"parent":1,"role":"user","text":"a"})", "\"parent\"");
    says(R"({"id":1,"role":"user","text":"a","context_start":2})", "\"context_start\"");
    says(R"({"id":1,"role":"user","text":"a","tokens":[[1,0,2,0]]})", "token 1");
    says(R"({"id":1,"role":"user","text":"a","tokens":[[1,1,0,0]]})", "token 1");
    says(R"({"id":1,"role":"user","text":"a","tokens":[[1,0,1,-1]]})", "token 1");
    says(R"({"id":1,"role":"user","text":"a","routing":{"moe_layers":1000000000}})", "routing: \"moe_layers\"");
    says(R"({"id":1,"role":"user","text":"a","routing":{"moe_layers":1,"tokens":[[1,0,"decode",[]]]}})",
         "routing: token 1");
    const std::string routing =
        R"({"id":1,"role":"user","text":"a","routing":{"moe_layers":1,"experts":4,"tokens":[[1,0,"decode",[)";
    says(routing + "[[4],[1],[1],[-1,-1],[0,0],0,0]]]]}}", "with 4 experts");
    says(routing + "[[-1],[1],[1],[-1,-1],[0,0],0,0]]]]}}", "with 4 experts");
    says(routing + "[[1],[1,2],[1],[-1,-1],[0,0],0,0]]]]}}", "token 1");
    says(routing + "[[1],[\"x\"],[1],[-1,-1],[0,0],0,0]]]]}}", "token 1");
    says(routing + "[[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[],[],[-1,-1],[0,0],0,0]]]]}}", "token 1");
}

TEST_CASE("ChatGPT's conversations.json") {
    const auto imported = readAll(chatGptSample());
    REQUIRE(imported.ok());
    checkPromises(*imported);
    REQUIRE(imported->size() == 2);
    const ConversationContent& tea = imported.value()[0];
    CHECK(tea.conversation.title == "Tea");
    CHECK_FALSE(tea.conversation.automatic_title);
    CHECK(tea.conversation.created_ms == 1700000000123);
    CHECK(tea.conversation.updated_ms == 1700000500500);
    CHECK(tea.conversation.system_prompt == "Be kind.");
    REQUIRE(tea.messages.size() == 4);
    CHECK(tea.messages[0].message.text == "[image]\n\nWhat tea is this? 茶");
    CHECK_FALSE(tea.messages[0].message.parent);
    CHECK(tea.messages[1].message.text == "Green");  // the first child, though it comes later in the file
    CHECK(tea.messages[1].message.finish == FinishReason::kStopped);
    CHECK(tea.messages[2].message.text == "Oolong, I think.");  // the tool and its call are gone
    CHECK(tea.messages[2].message.parent == 1);
    CHECK(tea.messages[2].message.model_name == "gpt-4");
    CHECK(tea.messages[2].message.finish == FinishReason::kEndOfText);
    CHECK(tea.messages[2].message.created_ms == 1700000013000);
    CHECK(tea.messages[3].message.text == "How hot?\n\n[audio]\n\n[attachment]");
    CHECK(tea.conversation.leaf == 4);  // the current node is empty: the message above it
    CHECK(imported.value()[1].messages.empty());
    CHECK(imported.value()[1].conversation.automatic_title);
}

TEST_CASE("trees of ChatGPT that are none") {
    const auto mapping = [](const std::string& nodes) { return "[{\"mapping\":{" + nodes + "}}]"; };
    // Children that are others' or nobody's are passed over, as are parents that do not exist.
    const std::string odd = R"("a":{"children":["b","b","c","x",3]},"b":{"parent":"a"},"c":{"parent":"zz"},"d":7)";
    CHECK(readAll(mapping(odd)).ok());
    CHECK(refusal("[{\"mapping\":3}]").find("its \"mapping\" is not an object") != std::string::npos);

    std::string chain = R"("n0":{})";  // deep, not wide
    for (int i = 1; i < 100000; ++i) {
        chain +=
            ",\"n" + std::to_string(i) + "\":{\"parent\":\"n" + std::to_string(i - 1) +
            "\",\"message\":{\"author\":{\"role\":\"user\"},\"create_time\":1e300,\"content\":{\"parts\":[\"x\"]}}}";
    }
    const auto deep = readAll(mapping(chain));
    REQUIRE(deep.ok());
    CHECK(deep.value()[0].messages.size() == 99999);
    CHECK(deep.value()[0].messages[0].message.created_ms == 0);
    checkPromises(*deep);
}

TEST_CASE("hostile bytes") {
    for (const char c : {'[', '{', '"', '\\', '\0', '\xff', '-', '1', ' '})
        CHECK_FALSE(readAll(std::string(1000000, c)).ok());
    std::string nested;
    for (int i = 0; i < 100000; ++i) nested += "{\"a\":[";
    CHECK(refusal("{\"format\":\"moescope-conversations\",\"a\":" + nested).find("nests deeper") != std::string::npos);
    CHECK(refusal("[{\"mapping\":" + nested).find("the file ends in it") != std::string::npos);
    const std::string deep = std::string(1000, '[') + std::string(1000, ']');
    CHECK(refusal("[{\"mapping\":{\"a\":" + deep + "}}]").find("nests deeper") != std::string::npos);
    const std::string user = R"({"id":1,"role":"user","text":"a","settings":)";
    CHECK(refusal(fileOf(user + std::string(100, '[') + std::string(100, ']') + "}")).find("\"settings\"") !=
          std::string::npos);
    std::string levels = "{}";
    for (int i = 0; i < 80; ++i) levels = "{\"a\":" + levels + "}";
    CHECK(refusal(fileOf(user + levels + "}")).find("at most 64 levels") != std::string::npos);
    CHECK(refusal(fileOf(R"({"id":1e999,"role":"user","text":"a"})")).find("a number") != std::string::npos);
    CHECK(refusal(fileOf("{\"id\":1,\"role\":\"user\",\"text\":\"\xff\"}")).find("not UTF-8 before byte 108 of") !=
          std::string::npos);
    CHECK(refusal(fileOf(R"({"id":1,"role":"user","text":"\ud800"})")).find("half a character") != std::string::npos);
    const std::string whole = fileOf(R"({"id":1,"role":"user","text":"a"})");
    CHECK(refusal(whole.substr(0, whole.size() - 3)).find("ends too early") != std::string::npos);
    CHECK(refusal(whole + "x").find("damaged at byte") != std::string::npos);
    // A million lists take far more memory than their letters.
    std::string lists = "[]";
    for (int i = 0; i < 3'000'000; ++i) lists += ",[]";
    CHECK(refusal(fileOf(R"({"id":1,"role":"user","text":"a","x":[)" + lists + "]}")).find("more values") !=
          std::string::npos);
    CHECK(refusal("[{\"mapping\":{\"a\":{\"message\":{\"author\":{\"role\":\"user\"},\"x\":[" + lists + "]}}}}]")
              .find("none of its 1 message") != std::string::npos);
    // Brackets in texts are no nesting.
    CHECK(readAll(fileOf(R"({"id":1,"role":"user","text":"\")" + std::string(1000, '[') + "\"}")).ok());
}

TEST_CASE("truncated and flipped files are refused or read, and nothing else") {
    std::mt19937 random(3);
    const std::string ours = exportedJson({branchSample(), textSample()});
    for (const std::string& file : {ours, chatGptSample()}) {
        const bool is_ours = file == ours;
        const std::size_t text_bytes = file.find_last_not_of('\n');
        for (std::size_t size = 0; size < text_bytes; size += 7) {
            const auto result = importConversations(std::string_view(file).substr(0, size));
            if (result.ok()) {  // what was whole of another program's, with a word about the rest
                REQUIRE_FALSE(is_ours);
                REQUIRE(result->conversations.size() == 1);
                REQUIRE(result->refused.size() <= 1);
                continue;
            }
            REQUIRE(result.status().message().ends_with('.'));
            REQUIRE(result.status().message().size() < 400);
        }
        int read = 0;
        for (int round = 0; round < 3000; ++round) {
            std::string bytes = file;
            for (auto n = random() % 3 + 1; n > 0; --n) {
                bytes[random() % bytes.size()] = "0123456789-.,:[]{}\"\\aeun \xff\x80"[random() % 26];
            }
            const auto result = readAll(bytes);
            if (result.ok() && ++read % 10 == 0) checkPromises(*result);
        }
        CHECK(read > 100);  // else the test does not get past the parser
    }
}
