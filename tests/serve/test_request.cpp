// If these fail, the server passes over a field that changes the answer, or refuses clients for one that does not.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "app/serve/request.h"

using namespace moescope;
using namespace moescope::serve;

namespace {

using Json = nlohmann::json;

ServedModel servedModel() {
    ServedModel model;
    model.name = "m";
    model.vocabulary = 100;
    model.context = 64;
    model.shape = {.first_moe_layer = 1, .moe_layers = 2, .experts = 8, .experts_used = 2};
    return model;
}

Json chat(const Json& more) {
    Json body = {{"messages", {{{"role", "user"}, {"content", "Hi"}}}}};
    body.update(more);
    return body;
}

Json text(const Json& more) {
    Json body = {{"prompt", "Hi"}};
    body.update(more);
    return body;
}

/// "" if it is understood, else the field that was refused.
std::string refusedChat(const Json& more) {
    const auto request = parseChatRequest(chat(more).dump(), servedModel());
    return request.ok() ? "" : request.error().param.empty() ? "?" : request.error().param;
}
std::string refusedText(const Json& more) {
    const auto request = parseTextRequest(text(more).dump(), servedModel());
    return request.ok() ? "" : request.error().param.empty() ? "?" : request.error().param;
}

}  // namespace

TEST_CASE("what is not said is as OpenAI has it") {
    const auto request = parseChatRequest(chat(Json::object()).dump(), servedModel());
    REQUIRE(request.ok());
    CHECK(request->sampling.temperature == 1);
    CHECK(request->sampling.top_p == 1);
    CHECK(request->sampling.top_k == 0);
    CHECK(request->sampling.min_p == 0);
    CHECK(request->random_seed);
    CHECK_FALSE(request->max_tokens);
    CHECK(request->logprobs == -1);
    CHECK(request->choices == 1);
    CHECK(parseTextRequest(text(Json::object()).dump(), servedModel())->max_tokens == 16);
}

TEST_CASE("all that is supported is read") {
    const auto request =
        parseChatRequest(chat({{"model", "m"},
                               {"temperature", 0.5},
                               {"top_p", 0.25},
                               {"top_k", 7},
                               {"min_p", 0.125},
                               {"seed", -1},
                               {"presence_penalty", 1},
                               {"frequency_penalty", -2},
                               {"repetition_penalty", 1.5},
                               {"n", 3},
                               {"logit_bias", {{"99", -100}, {"0", 5.5}}},
                               {"stop", {"a", "b"}},
                               {"max_completion_tokens", 9},
                               {"max_tokens", 5},
                               {"logprobs", true},
                               {"top_logprobs", 20},
                               {"stream", true},
                               {"stream_options", {{"include_usage", true}, {"include_obfuscation", false}}},
                               {"return_routed_experts", true},
                               {"routed_experts_prompt_start", 4},
                               {"return_token_ids", true},
                               {"moescope", {{"rules", "k 1; mask 2: 3"}, {"gates", true}, {"norms", true}}}})
                             .dump(),
                         servedModel());
    REQUIRE_MESSAGE(request.ok(), request.error().message);
    CHECK(request->sampling.temperature == 0.5f);
    CHECK(request->sampling.top_p == 0.25f);
    CHECK(request->sampling.top_k == 7);
    CHECK(request->sampling.min_p == 0.125f);
    CHECK(request->sampling.seed == ~std::uint64_t{0});
    CHECK_FALSE(request->random_seed);
    CHECK(request->sampling.presence_penalty == 1);
    CHECK(request->sampling.frequency_penalty == -2);
    CHECK(request->sampling.repetition_penalty == 1.5f);
    CHECK(request->choices == 3);
    CHECK(request->sampling.logit_bias.size() == 2);
    CHECK(request->stop == std::vector<std::string>{"a", "b"});
    CHECK(request->max_tokens == 9);
    CHECK(request->logprobs == 20);
    CHECK(request->include_usage);
    CHECK(request->routing.start == 4);
    CHECK(request->routing.gates);
    CHECK(request->token_ids);
    CHECK(request->rules.all.experts_used == 1);
    CHECK(request->rules.layers.at(2).masked == std::vector<std::int32_t>{3});
}

TEST_CASE("a field that would change the answer is refused by its name") {
    for (const char* name : {"tools", "functions", "response_format", "min_tokens", "ignore_eos", "stop_token_ids",
                             "best_of", "guided_json", "reasoning_effort", "anything_new", "suffix", "echo", "audio"}) {
        CAPTURE(name);
        CHECK(refusedChat({{name, {{"x", 1}}}}) == name);
    }
    CHECK(refusedChat({{"stream", true}, {"stream_options", {{"other", 1}}}}) == "stream_options.other");
    CHECK(refusedChat({{"moescope", {{"other", 1}}}}) == "moescope.other");
    CHECK(refusedText({{"response_format", {{"type", "json_object"}}}}) == "response_format");
}

TEST_CASE("what asks for nothing, or is of no effect, is passed over") {
    CHECK(refusedChat({{"tools", Json::array()},
                       {"tool_choice", "auto"},
                       {"response_format", {{"type", "text"}}},
                       {"best_of", 1},
                       {"user", "me"},
                       {"store", false},
                       {"metadata", {{"a", "b"}}},
                       {"service_tier", "auto"},
                       {"ignore_eos", false},
                       {"functions", nullptr},
                       {"anything_new", nullptr},
                       {"length_penalty", 1},
                       {"parallel_tool_calls", true},
                       {"modalities", {"text"}},
                       {"seed", nullptr},
                       {"stop", nullptr},
                       {"max_tokens", nullptr}}) == "");
}

TEST_CASE("values that cannot be are refused by the name of their field") {
    const std::pair<const char*, Json> cases[] = {{"temperature", -0.1},
                                                  {"temperature", "hot"},
                                                  {"top_p", 1.5},
                                                  {"top_p", Json()},
                                                  {"top_k", -2},
                                                  {"top_k", 1.5},
                                                  {"min_p", 2},
                                                  {"presence_penalty", 2.1},
                                                  {"frequency_penalty", -2.1},
                                                  {"n", 0},
                                                  {"n", 129},
                                                  {"n", 1.5},
                                                  {"seed", 1.5},
                                                  {"seed", "1"},
                                                  {"stop", ""},
                                                  {"stop", {1}},
                                                  {"stop", Json::array({""})},
                                                  {"stop", std::string(1025, 'x')},
                                                  {"logit_bias", {1}},
                                                  {"logit_bias", {{"100", 1}}},
                                                  {"logit_bias", {{"x", 1}}},
                                                  {"logit_bias", {{"-1", 1}}},
                                                  {"logit_bias", {{"1", 101}}},
                                                  {"logit_bias", {{"1", "2"}}},
                                                  {"max_tokens", 0},
                                                  {"max_tokens", -1},
                                                  {"logprobs", 3},
                                                  {"top_logprobs", 1},
                                                  {"stream", 1},
                                                  {"stream_options", {{"include_usage", true}}},
                                                  {"messages", Json::array()},
                                                  {"messages", "Hi"},
                                                  {"model", 7},
                                                  {"moescope", true},
                                                  {"return_routed_experts", "yes"},
                                                  {"routed_experts_prompt_start", -1},
                                                  {"chat_template_kwargs", 1}};
    for (const auto& [name, value] : cases) {
        CAPTURE(name);
        CAPTURE(value.dump());
        CHECK(refusedChat({{name, value}}) == (value.is_null() ? "" : name));
    }
    CHECK(refusedChat({{"moescope", {{"rules", "dance 3"}}}}) == "moescope.rules");
    CHECK(refusedChat({{"moescope", {{"rules", "mask 8"}}}}) == "moescope.rules");  // there are 8
    CHECK(refusedChat({{"chat_template_kwargs", {{"thinking", true}}}}) == "chat_template_kwargs.thinking");
    CHECK(refusedText({{"max_tokens", 0}}) == "max_tokens");
    CHECK(refusedText({{"max_tokens", 0}, {"echo", true}}) == "");
    CHECK(refusedText({{"prompt", Json::array()}}) == "prompt");
    CHECK(refusedText({{"prompt", {1, 100}}}) == "prompt");
    CHECK(refusedText({{"prompt", {1, "a"}}}) == "prompt");
    CHECK(refusedText({{"prompt", Json::array({Json::array()})}}) == "prompt");
    CHECK(refusedText({{"prompt", 7}}) == "prompt");
    CHECK(refusedText({{"prompt", {"a", "b"}}, {"n", 65}}) == "n");
    CHECK(refusedText({{"logprobs", 21}}) == "logprobs");
}

TEST_CASE("a model that is not here is not found") {
    const auto request = parseChatRequest(chat({{"model", "other"}}).dump(), servedModel());
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().status == 404);
    CHECK(request.error().code == "model_not_found");
}

TEST_CASE("messages are texts of known roles") {
    const auto messages = [](const Json& list) { return refusedChat({{"messages", list}}); };
    CHECK(messages({{{"role", "developer"}, {"content", {{{"type", "text"}, {"text", "a"}}}}},
                    {{"role", "user"}, {"content", "b"}, {"name", "Ann"}},
                    {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Json::array()}}}) == "");
    CHECK(messages({{{"role", "tool"}, {"content", "a"}}}) == "messages");
    CHECK(messages({{{"role", "user"}, {"content", 7}}}) == "messages");
    CHECK(messages({{{"role", "user"}, {"content", {{{"type", "image_url"}, {"image_url", "x"}}}}}}) == "messages");
    CHECK(messages({{{"role", "user"}, {"content", {7}}}}) == "messages");
    CHECK(messages({{{"role", "assistant"}, {"tool_calls", {{{"id", "1"}}}}}}) == "messages");
    CHECK(messages({{{"content", "a"}}}) == "messages");
    CHECK(messages({"a"}) == "messages");
    const auto request = parseChatRequest(
        R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]})",
        servedModel());
    REQUIRE(request.ok());
    CHECK(request->messages.front().text == "ab");
}

TEST_CASE("an answer goes on only where there is one") {
    CHECK(refusedChat({{"continue_final_message", true}, {"add_generation_prompt", false}}) ==
          "continue_final_message");
    const Json begun = {{{"role", "user"}, {"content", "a"}}, {{"role", "assistant"}, {"content", "b"}}};
    CHECK(refusedChat({{"messages", begun}, {"continue_final_message", true}, {"add_generation_prompt", false}}) == "");
    CHECK(refusedChat({{"messages", begun}, {"continue_final_message", true}, {"add_generation_prompt", true}}) ==
          "add_generation_prompt");
    CHECK(refusedChat({{"add_generation_prompt", false}}) == "add_generation_prompt");
}

TEST_CASE("what is no object of JSON is refused") {
    for (const char* body : {"", "{", "[]", "7", "null", "\"a\"", "{\"prompt\": \"\xff\"}"}) {
        CAPTURE(body);
        CHECK_FALSE(parseTextRequest(body, servedModel()).ok());
    }
    CHECK_FALSE(parseTextRequest("{\"prompt\": " + std::string(1'000'000, '[') + "}", servedModel()).ok());
}
