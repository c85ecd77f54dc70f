// Streams of events, and the JSON in them. If these fail, an answer loses words or shows rubbish where a network cuts
// it, or a server fills this machine's memory.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/remote/bounded_json.h"
#include "app/remote/chat_event.h"
#include "app/remote/event_reader.h"

using namespace moescope;
using State = EventReader::State;

namespace {

/// The events of a stream that comes in two pieces.
std::vector<std::string> read(std::string_view stream, std::size_t cut) {
    std::vector<std::string> events;
    EventReader reader(1 << 20, [&](std::string_view data) {
        events.emplace_back(data);
        return true;
    });
    reader.push(stream.substr(0, cut));
    reader.push(stream.substr(cut));
    reader.finish();
    return events;
}

}  // namespace

TEST_CASE("events are the same wherever the stream is cut, and however its lines end") {
    const std::vector<std::string> expected = {R"({"a":"专家"})", "two\nlines", "", "[DONE]"};
    for (const std::string end : {"\n", "\r\n", "\r"}) {
        std::string stream;
        for (const char* line :
             {": ping", "", "data: {\"a\":\"专家\"}", "", "event: message", "id: 7", "retry: 10", "data:two",
              "data: lines", "", "dataset: not this", "datum", "", "data", "", ":", "data: [DONE]", ""}) {
            stream += line + end;
        }
        for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
            CAPTURE(cut);
            REQUIRE(read(stream, cut) == expected);
        }
        CHECK(read(stream.substr(0, stream.size() - end.size()), 3) == expected);  // without the last blank line
    }
}

TEST_CASE("what is wanted no more is not read") {
    int events = 0;
    EventReader reader(100, [&](std::string_view) { return ++events < 2; });
    CHECK(reader.push("data: 1\n\ndata: 2\n\ndata: 3\n\n") == State::kEnded);
    CHECK(reader.push("data: 4\n\n") == State::kEnded);
    CHECK(events == 2);
}

TEST_CASE("an endless line takes no memory") {
    const std::string much(1 << 20, 'x');
    int events = 0;
    EventReader data(1000, [&](std::string_view) { return ++events > 0; });
    CHECK(data.push("data: ") == State::kReading);
    CHECK(data.push(much) == State::kTooLong);
    CHECK(data.push("\n\ndata: 1\n\n") == State::kTooLong);
    CHECK(events == 0);
    EventReader lines(1000, [&](std::string_view) { return ++events > 0; });
    State state = State::kReading;
    for (int i = 0; i < 1000 && state == State::kReading; ++i) state = lines.push("data: 0123456789\n");
    CHECK(state == State::kTooLong);  // of one event
    // A comment may be as long as it likes: nothing of it is kept.
    EventReader comment(1000, [&](std::string_view) { return ++events > 0; });
    comment.push(": ");
    for (int i = 0; i < 100; ++i) REQUIRE(comment.push(much) == State::kReading);
    CHECK(comment.push("\ndata: 1\n\n") == State::kReading);
    CHECK(events == 1);
}

TEST_CASE("JSON of a server is bounded") {
    CHECK(boundedJson(R"({"a": [1, "]]]]", "\"[["]})"));
    CHECK_FALSE(boundedJson("{"));
    CHECK_FALSE(boundedJson(""));
    CHECK_FALSE(boundedJson("<html>"));
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(boundedJson(nested(kMostJsonDepth)));
    CHECK_FALSE(boundedJson(nested(kMostJsonDepth + 1)));
    CHECK_FALSE(boundedJson(nested(10'000'000)));
    std::string many = "[0";
    for (std::size_t i = 0; i < kMostJsonValues; ++i) many += ",0";
    CHECK_FALSE(boundedJson(many + "]"));
    const auto broken = boundedJson("{\"a\": \"x\xFFy\xE4\xB8\"}");
    REQUIRE(broken);
    CHECK((*broken)["a"] == "x\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("what is not of the form of an answer is passed over") {
    for (const char* text : {"null", "7", "[]", "{}", R"({"choices": {}})", R"({"object": "list"})"}) {
        CHECK_FALSE(readChatEvent(nlohmann::json::parse(text)).known);
    }
    for (const char* text :
         {R"({"choices": []})", R"({"choices": [7]})", R"({"choices": [{"delta": 7, "token_ids": {}, "text": []}]})",
          R"({"choices": [{"delta": {"content": null, "role": "assistant"}, "token_ids": [1, -2, 3]}]})",
          R"({"choices": [{"token_ids": ["a"], "finish_reason": 3, "prompt_token_ids": [4294967296]}]})",
          R"({"choices": [{}], "usage": {"prompt_tokens": -1, "completion_tokens": 1e99}})"}) {
        const ChatEvent event = readChatEvent(nlohmann::json::parse(text));
        CHECK(event.known);
        CHECK(event.text.empty());
        CHECK(event.tokens.empty());
        CHECK(event.prompt_ids.empty());
        CHECK(event.finish.empty());
        CHECK_FALSE(event.prompt_tokens);
        CHECK_FALSE(event.answer_tokens);
    }
}

TEST_CASE("an error is read in every form that servers give it") {
    const auto of = [](const char* text) { return serverError(nlohmann::json::parse(text)); };
    CHECK(of(R"({"error": {"message": "The model `x` does not exist.", "code": 404}})") ==
          "The model `x` does not exist.");
    CHECK(of(R"({"error": "Unauthorized"})") == "Unauthorized");
    CHECK(of(R"({"object": "error", "message": "too long", "code": 400})") == "too long");
    CHECK(of(R"({"detail": "Not Found"})") == "Not Found");
    CHECK(of(R"({"error": {"code": 500}})") == R"({"code":500})");
    CHECK(of(R"({"choices": []})").empty());
    CHECK(of("{\"error\": \"a\\u001b[2J\\nb\"}") == "a\xEF\xBF\xBD[2J b");
    CHECK(of(("{\"error\": \"" + std::string(100'000, 'x') + "\"}").c_str()).size() < 500);
}
