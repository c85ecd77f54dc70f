// Answers of servers, as vLLM and SGLang were recorded. If these fail, a chat with a large model loses words, shows the
// experts of other tokens, or cannot be stopped.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "app/remote/bounded_json.h"
#include "app/remote/remote_answerer.h"
#include "engine/routing/trace/served_array.h"
#include "tests/remote/collected.h"
#include "tests/remote/recorded_server.h"
#include "tests/support/skip.h"

using namespace moescope;
using nlohmann::json;

namespace {

constexpr int kPrompt = 26;
const std::vector<std::int32_t> kAnswer = {290, 127, 291, 210, 160, 239};

RemoteModel probed(const std::string& url, int experts = 0) {
    auto model = probe({url, {}, {}}, {}, experts, {});
    if (!model.ok()) FAIL(model.status().message());
    return *model;
}

/// What the model says in the recorded stream.
std::string recordedText() {
    std::string text;
    const std::string stream = recorded("vllm/chat-stream-ids.sse");
    for (std::size_t at = 0; (at = stream.find("data: {", at)) != std::string::npos; ++at) {
        text += readChatEvent(json::parse(stream.substr(at + 6, stream.find('\n', at) - at - 6))).text;
    }
    return text;
}

/// The recorded rows: experts of a token and layer.
std::set<std::int32_t> recordedRow(std::size_t token, std::size_t layer) {
    static const ServedArray kAll = *readServedArray(
        json::parse(recorded("vllm/second-request.response.json"))["choices"][0]["routed_experts"], {});
    const auto first = kAll.ids.begin() + static_cast<std::ptrdiff_t>((token * 4 + layer) * 3);
    return {first, first + 3};
}

/// That the log has the recorded rows of tokens [first, end), each once, in their order.
void checkRows(const RoutingLog& log, int first, int end) {
    REQUIRE(static_cast<int>(log.size()) == end - first);
    for (std::size_t i = 0; i < log.size(); ++i) {
        const int position = first + static_cast<int>(i);
        CHECK(log.token(i).position == position);
        CHECK(log.token(i).phase == (position < kPrompt ? Phase::kPrefill : Phase::kDecode));
        if (position >= kPrompt) CHECK(log.token(i).token == kAnswer[static_cast<std::size_t>(position - kPrompt)]);
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            const ExpertIds experts = log.experts(i, l);
            CHECK(std::set<std::int32_t>(experts.begin(), experts.end()) ==
                  recordedRow(static_cast<std::size_t>(position), static_cast<std::size_t>(l) + 1));
        }
    }
}

void checkTokens(const Collected& got, std::size_t count) {
    REQUIRE(got.tokens.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(got.tokens[i].id == kAnswer[i]);
        CHECK(got.tokens[i].position == kPrompt + static_cast<int>(i));
    }
    CHECK(got.tokens.back().end == got.text.size());
}

/// A server that answers chats with one stream.
struct Says {
    std::string events;
    ReplayServer server{[this](const ReplayRequest&, ReplayConnection& to) {
        if (to.beginStream()) to.send(events);
    }};

    RemoteModel model() const {
        RemoteModel model;
        model.address.url = server.url();
        model.model.id = "m";
        return model;
    }
};

std::string event(const json& delta, const json& finish = {}) {
    return "data: " + json{{"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}}}}.dump() + "\n\n";
}

}  // namespace

TEST_CASE("a server is told by one token of an answer") {
    RecordedVllm server;
    const RemoteModel model = probed(server.url());
    CHECK(model.kind == ServerKind::kVllm);
    CHECK(model.model.id == "tiny");
    CHECK(model.model.context == 512);
    CHECK(model.token_ids);
    REQUIRE(model.rows);
    CHECK(model.rows->layers == 4);
    CHECK(model.rows->width == 3);
    const RoutingShape& shape = model.rows->shape;
    CHECK(shape.first_moe_layer == 1);
    CHECK(shape.moe_layers == 3);
    CHECK(shape.experts == 8);
    CHECK(shape.experts_used == 3);
    CHECK_FALSE(shape.has_gates);
    CHECK_FALSE(shape.has_order);
    CHECK(shape.has_tokens);
    CHECK(shape.has_phases);
    CHECK(probed(server.url(), 16).rows->shape.experts == 16);  // as the user says

    server.routing = false;
    const RemoteModel without = probed(server.url());
    CHECK(without.token_ids);
    CHECK_FALSE(without.rows);
    CHECK(without.routing_note.find("--enable-return-routed-experts") != std::string::npos);
    CHECK_FALSE(probe({server.url(), {}, {}}, "other", 0, {}).ok());

    RecordedSglang sglang;
    const RemoteModel other = probed(sglang.url());
    CHECK(other.kind == ServerKind::kSglang);
    REQUIRE(other.rows);
    CHECK(other.rows->layers == 4);
    CHECK(other.rows->width == 3);
}

TEST_CASE("a chat with vLLM: text, tokens, and experts that are read again") {
    RecordedVllm server;
    RemoteAnswerer answerer(probed(server.url()));
    server.takeRequests();
    SUBCASE("in one piece") {}
    SUBCASE("byte by byte") {
        server.piece = 1;
    }
    SUBCASE("slowly, so that experts come while it streams") {
        server.event_pause_ms = 20;
    }
    SUBCASE("from a version that gives all rows whatever it is asked for") {
        server.knows_start = false;
        server.event_pause_ms = 20;
    }
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(question("the red hat"), got, {});
    CHECK(end.error == "");
    CHECK(end.note == "");
    CHECK(end.finish == FinishReason::kLength);
    CHECK(end.prompt_tokens == kPrompt);
    CHECK(end.answer_tokens == 6);
    CHECK(end.context_used == kPrompt + 6);
    CHECK(end.first_token_seconds > 0);
    CHECK(got.begin.prompt_tokens == kPrompt);
    CHECK(got.text == recordedText());
    checkTokens(got, 6);
    checkRows(got.log, 0, kPrompt + 6);
    // Rows that are there are not asked for again.
    int next = 0;
    for (const ReplayRequest& request : server.takeRequests()) {
        const json body = json::parse(request.body);
        if (request.path == "/v1/chat/completions") {
            CHECK(body["messages"] == json{{{"role", "user"}, {"content", "the red hat"}}});
            CHECK(body["return_token_ids"] == true);
            continue;
        }
        CHECK(body["routed_experts_prompt_start"] == next);
        next = static_cast<int>(body["prompt"].size());
    }
    CHECK(next == kPrompt + 6);
}

TEST_CASE("a chat that goes on asks only for the experts of what is new") {
    RecordedVllm server;
    RemoteAnswerer answerer(probed(server.url()));
    AnswerRequest request = question("the red hat");
    Collected first(answerer.info());
    (void)answerer.answer(request, first, {});
    request.turns.emplace_back();
    request.turns.back().id = first.id;
    request.turns.back().author = Author::kAssistant;
    request.turns.back().text = "<think>\nof hats\n</think>\n\nred";
    request.turns.push_back(request.turns.front());
    request.turns.back().id = 9;
    server.takeRequests();
    Collected second(answerer.info());
    (void)answerer.answer(request, second, {});
    CHECK(second.begin.known == kPrompt);  // the recorded prompt is the same again
    checkRows(second.log, kPrompt, kPrompt + 6);
    // What was thought is no part of what was said.
    const json body = json::parse(server.takeRequests().front().body);
    CHECK(body["messages"][1] == json{{"role", "assistant"}, {"content", "red"}});
}

TEST_CASE("an answer without routing, where nobody wants it or the server has none") {
    RecordedVllm server;
    server.routing = false;
    RemoteAnswerer answerer(probed(server.url()));
    CHECK(answerer.info().abilities.routing == RoutingDetail::kNone);
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(question("the red hat"), got, {});
    CHECK(end.finish == FinishReason::kLength);
    CHECK(end.note == "");
    checkTokens(got, 6);
    CHECK(got.log.size() == 0);
}

TEST_CASE("a connection that is lost anywhere keeps what came") {
    RecordedVllm server;
    server.routing = false;
    RemoteAnswerer answerer(probed(server.url()));
    const std::string stream = recorded("vllm/chat-stream-ids.sse"), text = recordedText();
    SUBCASE("closed") {}
    SUBCASE("reset") {
        server.reset = true;
    }
    std::size_t most = 0, lost = 0, ended = 0, none = 0;
    for (std::size_t cut = 0; cut < stream.size(); cut += server.reset ? 7 : 1) {
        CAPTURE(cut);
        server.cut = static_cast<int>(cut);
        Collected got(answerer.info());
        const AnswerEnd end = answerer.answer(question("the red hat"), got, {});
        REQUIRE(got.text == text.substr(0, got.text.size()));
        REQUIRE(got.tokens.size() <= kAnswer.size());
        if (!server.reset) REQUIRE(got.tokens.size() >= most);  // a reset may throw away what was on its way
        most = std::max(most, got.tokens.size());
        if (!end.begun) {
            ++none;
            REQUIRE(!end.error.empty());
            REQUIRE(got.tokens.empty());
        } else if (end.finish == FinishReason::kConnectionLost) {
            ++lost;
            REQUIRE(end.error.empty());
            REQUIRE(end.note.find("connection") != std::string::npos);
            REQUIRE(mayContinue(end.finish));
        } else {
            ++ended;
            REQUIRE(end.finish == FinishReason::kLength);
            REQUIRE(got.text == text);
        }
    }
    CHECK(none > 0);
    CHECK(lost > 0);
    if (!server.reset) CHECK(ended > 0);
}

TEST_CASE("a stop closes the connection at once and keeps what came") {
    std::atomic<bool> gone = false;
    ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) {
        to.beginStream();
        to.send(event({{"role", "assistant"}, {"content", "half"}}));
        gone = to.waitUntilGone();
    });
    RemoteModel model;
    model.address.url = server.url();
    RemoteAnswerer answerer(model);
    std::stop_source stop;
    std::jthread presser;
    Collected got(answerer.info());
    std::chrono::steady_clock::time_point pressed;
    got.on_piece = [&] {
        presser = std::jthread([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            pressed = std::chrono::steady_clock::now();
            stop.request_stop();
        });
    };
    const AnswerEnd end = answerer.answer(question("?"), got, stop.get_token());
    const auto took = std::chrono::steady_clock::now() - pressed;
    CHECK(end.begun);
    CHECK(end.finish == FinishReason::kStopped);
    CHECK(got.text == "half");
    CHECK(took < std::chrono::seconds(2));  // 200 ms on a machine that does nothing else
    for (int i = 0; i < 200 && !gone; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(gone);
}

TEST_CASE("an answer that was cut off goes on from its tokens") {
    RecordedVllm server;
    RemoteAnswerer answerer(probed(server.url()));
    AnswerRequest request = question("the red hat");
    Message partial;
    partial.id = 7;
    partial.author = Author::kAssistant;
    partial.text = recordedText();
    request.turns.push_back(partial);
    request.continued = 7;
    const auto bytes = static_cast<std::uint32_t>(partial.text.size());
    for (std::uint32_t i = 0; i < 5; ++i) {
        request.continued_tokens.push_back(
            {kAnswer[i], i == 4 ? 0u : 0u, i == 4 ? bytes : 0u, kPrompt + static_cast<int>(i)});
    }
    server.takeRequests();
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(request, got, {});
    CHECK(end.error == "");
    CHECK(end.finish == FinishReason::kLength);
    CHECK(got.begin.prompt_tokens == kPrompt + 5);
    CHECK(got.begin.continued == 5);
    REQUIRE(got.tokens.size() == 1);
    CHECK(got.tokens[0].id == kAnswer[5]);
    CHECK(got.tokens[0].position == kPrompt + 5);
    CHECK(got.tokens[0].begin == bytes);
    const auto requests = server.takeRequests();
    REQUIRE(requests.size() >= 2);
    CHECK(requests[0].path == "/tokenize");
    CHECK(json::parse(requests[0].body)["messages"].size() == 1);
    CHECK(json::parse(requests[1].body)["prompt"].size() == kPrompt + 5);
}

TEST_CASE("a server that cannot go on says so, and is not asked") {
    Says server;
    RemoteAnswerer answerer(server.model());
    AnswerRequest request = question("?");
    request.turns.push_back(request.turns.front());
    request.turns.back().author = Author::kAssistant;
    request.turns.back().id = request.continued = 2;
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(request, got, {});
    CHECK_FALSE(end.begun);
    CHECK(end.error.find("cannot continue an answer") != std::string::npos);
    CHECK(server.server.takeRequests().empty());
}

TEST_CASE("a chat with SGLang: its experts come at the end, as vLLM's do") {
    RecordedSglang server;
    SUBCASE("in one piece") {}
    SUBCASE("byte by byte") {
        server.piece = 1;
    }
    RemoteAnswerer answerer(probed(server.url()));
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(question("the red hat"), got, {});
    CHECK(end.error == "");
    CHECK(end.note == "");
    CHECK(end.finish == FinishReason::kLength);
    CHECK(got.text == "\x7f\xEF\xBF\xBD");
    checkTokens(got, 4);
    checkRows(got.log, 0, kPrompt + 3);
    const auto requests = server.takeRequests();
    const json stream = json::parse(requests.back().body);
    CHECK(stream["prompt"].size() == kPrompt);
    CHECK(stream["return_routed_experts"] == true);
}

TEST_CASE("streams of servers of all kinds") {
    Says server;
    std::string expected = "Hello";
    FinishReason finish = FinishReason::kEndOfText;
    int tokens = 2;
    const std::string hello = event({{"role", "assistant"}, {"content", ""}}) + event({{"content", "Hel"}}) +
                              event({{"content", "lo"}}) + event(json::object(), "stop");
    SUBCASE("role only, empty chunks, pings, usage") {
        server.events = ": ping\n\n" + hello +
                        ": ping\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
                        "\"completion_tokens\":5}}\n\ndata: [DONE]\n\n";
        tokens = 5;
    }
    SUBCASE("no [DONE]") {
        server.events = hello;
    }
    SUBCASE("[DONE] without a reason, and without a blank line") {
        server.events = event({{"content", "Hello"}}) + "data: [DONE]";
        tokens = 1;
    }
    SUBCASE("a length") {
        server.events = event({{"content", "Hello"}}, "length");
        finish = FinishReason::kLength;
        tokens = 1;
    }
    SUBCASE("what is thought, under the name that some give it") {
        server.events = event({{"reasoning_content", "Be"}}) + event({{"reasoning_content", " kind."}}) + hello;
        expected = "<think>\nBe kind.\n</think>\n\nHello";
        tokens = 4;
    }
    SUBCASE("and under the other") {
        server.events = event({{"reasoning", "Be kind."}, {"content", nullptr}}) + hello;
        expected = "<think>\nBe kind.\n</think>\n\nHello";
        tokens = 3;
    }
    SUBCASE("unknown events") {
        server.events = "data: {\"object\":\"progress\"}\n\n" + hello;
    }
    RemoteAnswerer answerer(server.model());
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(question("?"), got, {});
    CHECK(end.error == "");
    CHECK(end.finish == finish);
    CHECK(got.text == expected);
    CHECK(got.tokens.empty());
    CHECK(end.answer_tokens == tokens);
}

TEST_CASE("several tokens in one event become complete with the last") {
    Says server;
    server.events =
        "data: " +
        json{{"choices", {{{"delta", {{"content", "ab"}}}, {"token_ids", {5, 6, 7}}, {"finish_reason", "stop"}}}},
             {"prompt_token_ids", {1, 2}}}
            .dump() +
        "\n\n";
    RemoteModel model = server.model();
    model.token_ids = true;
    RemoteAnswerer answerer(model);
    Collected got(answerer.info());
    (void)answerer.answer(question("?"), got, {});
    const std::vector<MessageToken> expected = {{5, 0, 0, 2}, {6, 0, 0, 3}, {7, 0, 2, 4}};
    CHECK(got.tokens == expected);
}

TEST_CASE("a server that does not stream answers all the same") {
    ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) {
        to.reply(
            200, "application/json",
            R"({"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"completion_tokens":1}})");
    });
    RemoteModel model;
    model.address.url = server.url();
    RemoteAnswerer answerer(model);
    Collected got(answerer.info());
    const AnswerEnd end = answerer.answer(question("?"), got, {});
    CHECK(end.finish == FinishReason::kEndOfText);
    CHECK(got.text == "Hello");
}

TEST_CASE("a conversation that does not fit is shortened, asked about, or refused") {
    std::atomic<std::size_t> room = 3;  // messages
    ReplayServer server([&](const ReplayRequest& request, ReplayConnection& to) {
        if (json::parse(request.body)["messages"].size() > room) {
            return to.reply(
                400, "application/json",
                R"({"error":{"message":"This model's maximum context length is 512 tokens. However, your prompt contains 2100 input tokens."}})");
        }
        to.beginStream();
        to.send(event({{"content", "ok"}}, "stop"));
    });
    RemoteModel model;
    model.address.url = server.url();
    model.model.context = 512;
    RemoteAnswerer answerer(model);
    AnswerRequest request = question("one");
    for (int i = 2; i < 9; ++i) {
        request.turns.push_back(request.turns.front());
        request.turns.back().id = i;
        request.turns.back().author = i % 2 == 0 ? Author::kAssistant : Author::kUser;
    }
    Collected got(answerer.info());
    request.settings.context_policy = ContextPolicy::kDropOldest;
    AnswerEnd end = answerer.answer(request, got, {});
    CHECK(end.finish == FinishReason::kEndOfText);
    CHECK(got.begin.first_turn >= 4);
    CHECK(request.turns[got.begin.first_turn].author == Author::kUser);

    request.settings.context_policy = ContextPolicy::kAsk;
    end = answerer.answer(request, got, {});
    REQUIRE(end.overflow);
    CHECK(end.overflow->fits_cut);
    CHECK(end.overflow->tokens == 2100);
    CHECK(end.overflow->context == 512);

    room = 0;
    request.settings.context_policy = ContextPolicy::kDropOldest;
    end = answerer.answer(request, got, {});
    CHECK(end.overflow);
    CHECK_FALSE(end.begun);
}

TEST_SUITE_BEGIN("data");

TEST_CASE("every recorded response has the rows that its tokens say") {
    const std::filesystem::path servers = std::filesystem::path(MOESCOPE_SHARED) / "servers";
    if (!std::filesystem::is_directory(servers)) return skipCase("no recorded servers");
    int read = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(servers)) {
        const std::string name = file.path().string();
        if (!name.ends_with(".response.json")) continue;
        std::ifstream stream(file.path(), std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(stream)), {});
        const auto answer = boundedJson(text);
        if (!answer || !answer->is_object()) continue;
        const ChatEvent event = readChatEvent(*answer);
        if (event.routed.is_null() || !event.prompt_tokens || !answer->contains("choices") ||
            (*answer)["choices"].size() > 1)
            continue;
        CAPTURE(name);
        std::ifstream asked(name.substr(0, name.size() - 13) + "request.json");
        const json request = json::parse(asked, nullptr, false);
        RowLayout layout;
        layout.layers = 4;
        layout.width = 3;
        if (name.find("deepseek_v2") != std::string::npos) {
            const auto array = readServedArray(event.routed, {});
            REQUIRE(array.ok());
            layout.layers = static_cast<int>(array->shape[1]);
            layout.width = static_cast<int>(array->shape[2]);
        }
        layout.shape.first_moe_layer = 1;
        layout.shape.moe_layers = layout.layers - 1;
        layout.shape.experts = 64;
        layout.shape.experts_used = layout.width;
        const int end = *event.prompt_tokens + *event.answer_tokens - 1;
        const int start = request.value("sampling_params", request).value("routed_experts_prompt_start", 0);
        std::vector<std::int32_t> ids(static_cast<std::size_t>(end) + 1);
        int next = 0;
        RoutingLog log(layout.shape);
        const Status status = giveRows(event.routed, layout, {ids, *event.prompt_tokens, end, start}, next, log);
        CHECK(status.message() == "");
        CHECK(static_cast<int>(log.size()) == end - start);
        CHECK(next == (end > start ? end : 0));
        ++read;
    }
    CHECK(read >= 20);
}

TEST_SUITE_END();
