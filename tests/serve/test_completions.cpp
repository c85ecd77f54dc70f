// If these fail, other programs get another answer than the engine's own, wrong log-probabilities or wrong experts, or
// a form that their libraries do not understand.

#include <cmath>
#include <cstring>
#include <set>

#include "app/serve/routing_fields.h"
#include "tests/serve/served.h"

using namespace moescope;
using namespace moescope::serve;

namespace {

const Served& demo() {
    static const Served kServed(demoModel());
    return kServed;
}
const Served& tiny() {
    static const Served kServed(tinyModel());
    return kServed;
}

Json ask(const std::string& question, Json more = Json::object()) {
    Json body = {{"messages", {{{"role", "user"}, {"content", question}}}}};
    body.update(more);
    return body;
}

std::string decoded(const std::string& text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char* at = std::strchr(digits, c);
        if (c == '=' || !at) break;
        bits = bits << 6 | static_cast<std::uint32_t>(at - digits);
        if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8) & 255);
    }
    return out;
}

/// A .npy file's header and values.
template <class T>
struct Npy {
    std::string header;
    std::vector<T> values;
    explicit Npy(const Json& field) {
        const std::string file = decoded(field.get<std::string>());
        REQUIRE(file.size() >= 10);
        REQUIRE(file.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
        const std::size_t size = static_cast<unsigned char>(file[8]) + 256u * static_cast<unsigned char>(file[9]);
        CHECK((10 + size) % 64 == 0);
        header = file.substr(10, size);
        const std::string data = file.substr(10 + size);
        REQUIRE(data.size() % sizeof(T) == 0);
        values.resize(data.size() / sizeof(T));
        std::memcpy(values.data(), data.data(), data.size());
    }
};

/// What both servers' fields must be for tokens from `start` on.
std::vector<std::int32_t> expectedExperts(const RoutingLog& log, std::size_t start, std::size_t end, int width) {
    const RoutingShape& shape = log.shape();
    std::vector<std::int32_t> out;
    for (std::size_t t = start; t < end; ++t) {
        out.insert(out.end(), static_cast<std::size_t>(shape.first_moe_layer * width), 0);
        for (int l = 0; l < shape.moe_layers; ++l) {
            const LayerRouting layer = log.at(t, l);
            for (int i = 0; i < width; ++i)
                out.push_back(i < layer.count ? layer.experts[static_cast<std::size_t>(i)] : -1);
        }
    }
    return out;
}

std::vector<std::int32_t> int32s(const Json& field) {
    const std::string bytes = decoded(field.get<std::string>());
    std::vector<std::int32_t> out(bytes.size() / 4);
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
}

std::vector<std::int32_t> joined(const Json& a, const Json& b) {
    auto ids = a.get<std::vector<std::int32_t>>();
    for (const std::int32_t id : b.get<std::vector<std::int32_t>>()) ids.push_back(id);
    return ids;
}

}  // namespace

TEST_CASE("the model is listed") {
    const Json models = get(demo().port(), "/v1/models").json();
    REQUIRE(models["data"].size() == 1);
    CHECK(models["object"] == "list");
    CHECK(models["data"][0]["id"] == "m");
    CHECK(models["data"][0]["object"] == "model");
    CHECK(models["data"][0]["owned_by"] == "moescope");
    CHECK(models["data"][0]["max_model_len"] == demo().api->served().context);
    CHECK(get(demo().port(), "/health").json()["status"] == "ok");
}

TEST_CASE("a chat is answered as the program answers it") {
    const auto answerer = answererOf(demoModel());
    Listener heard(answerer->info().shape);
    const AnswerEnd end = answerer->answer(question("What is 7 plus 8?"), heard, {});
    const HttpAnswer answer = demo().chat(ask("What is 7 plus 8?"));
    REQUIRE(answer.status == 200);
    CHECK(answer.header("Content-Type") == "application/json");
    const Json body = answer.json();
    CHECK(body["object"] == "chat.completion");
    CHECK(body["model"] == "m");
    CHECK(body["id"].get<std::string>().starts_with("chatcmpl-"));
    REQUIRE(body["choices"].size() == 1);
    const Json& choice = body["choices"][0];
    CHECK(choice["index"] == 0);
    CHECK(choice["message"]["role"] == "assistant");
    CHECK(choice["message"]["content"] == heard.text);
    CHECK_FALSE(choice["message"].contains("tool_calls"));
    CHECK(choice["finish_reason"] == "stop");
    CHECK(choice["logprobs"].is_null());
    CHECK_FALSE(choice.contains("routed_experts"));
    CHECK_FALSE(body.contains("sglext"));
    CHECK(body["usage"]["prompt_tokens"] == end.prompt_tokens);
    CHECK(body["usage"]["completion_tokens"] == end.answer_tokens + 1);  // and the one that ends it
    CHECK(body["usage"]["total_tokens"] == end.prompt_tokens + end.answer_tokens + 1);
}

TEST_CASE("a stream says the same, a token at a time") {
    const Json whole = demo().chat(ask("What is 7 plus 8?", {{"logprobs", true}, {"top_logprobs", 2}})).json();
    const HttpAnswer answer = demo().chat(ask(
        "What is 7 plus 8?",
        {{"stream", true}, {"stream_options", {{"include_usage", true}}}, {"logprobs", true}, {"top_logprobs", 2}}));
    CHECK(answer.header("Content-Type") == "text/event-stream");
    const auto events = answer.events();
    REQUIRE(events.size() > 4);
    CHECK(events[0]["choices"][0]["delta"] == Json({{"role", "assistant"}, {"content", ""}}));
    std::string text;
    Json logprobs = Json::array();
    int finished = 0;
    for (std::size_t i = 1; i + 1 < events.size(); ++i) {
        CHECK(events[i]["object"] == "chat.completion.chunk");
        CHECK(events[i]["id"] == events[0]["id"]);
        REQUIRE(events[i]["choices"].size() == 1);
        const Json& choice = events[i]["choices"][0];
        text += choice["delta"].value("content", "");
        if (choice["logprobs"].is_object()) {
            for (const Json& token : choice["logprobs"]["content"]) logprobs.push_back(token);
        }
        finished += choice["finish_reason"] == "stop";
    }
    CHECK(text == whole["choices"][0]["message"]["content"]);
    CHECK(logprobs == whole["choices"][0]["logprobs"]["content"]);
    CHECK(finished == 1);
    CHECK(events.back()["choices"].empty());
    CHECK(events.back()["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]);
}

TEST_CASE("log-probabilities of a chat are the model's own, whatever the sampler does") {
    const Json body = demo()
                          .chat(ask("What is 7 plus 8?", {{"logprobs", true},
                                                          {"top_logprobs", 3},
                                                          {"temperature", 2},
                                                          {"seed", 5},
                                                          {"return_token_ids", true},
                                                          {"max_tokens", 8}}))
                          .json();
    const Json& choice = body["choices"][0];
    const Known known(demoModel(), joined(body["prompt_token_ids"], choice["token_ids"]));
    const std::size_t prompt = body["prompt_token_ids"].size();
    const Json& content = choice["logprobs"]["content"];
    REQUIRE(content.size() >= choice["token_ids"].size() - 1);
    for (std::size_t i = 0; i < content.size(); ++i) {
        CHECK(content[i]["logprob"].get<double>() == doctest::Approx(known.logProbability(prompt + i)).epsilon(1e-6));
        REQUIRE(content[i]["top_logprobs"].size() == 3);
        CHECK(content[i]["top_logprobs"][0]["logprob"] >= content[i]["top_logprobs"][1]["logprob"]);
        CHECK(content[i]["top_logprobs"][0]["logprob"] >= content[i]["logprob"]);
    }
}

TEST_CASE("echo gives the prompt's own log-probabilities") {
    const std::vector<std::int32_t> ids = {5, 9, 40, 3, 77, 12, 8, 8, 61};
    const Known known(tinyModel(), ids);
    for (const bool stream : {false, true}) {
        const HttpAnswer answer =
            tiny().text({{"prompt", ids}, {"max_tokens", 0}, {"echo", true}, {"logprobs", 2}, {"stream", stream}});
        REQUIRE(answer.status == 200);
        const Json choice = stream ? answer.events().front()["choices"][0] : answer.json()["choices"][0];
        CHECK(choice["text"] == tinyModel()->tokenizer().decode(ids));
        const Json& logprobs = choice["logprobs"];
        REQUIRE(logprobs["token_logprobs"].size() == ids.size());
        CHECK(logprobs["token_logprobs"][0].is_null());
        CHECK(logprobs["top_logprobs"][0].is_null());
        CHECK(logprobs["text_offset"][0] == 0);
        for (std::size_t i = 1; i < ids.size(); ++i) {
            CHECK(logprobs["token_logprobs"][i].get<double>() ==
                  doctest::Approx(known.logProbability(i)).epsilon(1e-6));
            CHECK(logprobs["top_logprobs"][i].size() >= 2);
        }
    }
    const Json longer = tiny().text({{"prompt", ids}, {"max_tokens", 3}, {"echo", true}, {"logprobs", 0}}).json();
    CHECK(longer["choices"][0]["logprobs"]["tokens"].size() == ids.size() + 3);
    CHECK(longer["choices"][0]["text"].get<std::string>().starts_with(tinyModel()->tokenizer().decode(ids)));
    const Json plain = tiny().text({{"prompt", ids}, {"max_tokens", 3}, {"echo", true}}).json();
    CHECK(plain["choices"][0]["text"] == longer["choices"][0]["text"]);
    CHECK(plain["choices"][0]["logprobs"].is_null());
}

TEST_CASE("a text that ends at once still has one token after its prompt") {
    // Evaluation harnesses leave out the last one; else they would leave out the prompt's.
    const std::vector<std::int32_t> ids = {5, 9, 40, 3};
    const std::int32_t end = *tinyModel()->tokenizer().eos();
    std::vector<std::int32_t> ended = ids;
    ended.push_back(end);
    const Known known(tinyModel(), ended);
    for (const bool stream : {false, true}) {
        const HttpAnswer answer = tiny().text({{"prompt", ids},
                                               {"max_tokens", 1},
                                               {"echo", true},
                                               {"logprobs", 1},
                                               {"logit_bias", {{std::to_string(end), 100}}},
                                               {"stream", stream}});
        REQUIRE(answer.status == 200);
        Json values = Json::array(), tokens = Json::array(), tops = Json::array();
        for (const Json& event : stream ? answer.events() : std::vector<Json>{answer.json()}) {
            const Json& logprobs = event["choices"][0]["logprobs"];
            if (logprobs.is_null()) continue;
            for (const Json& value : logprobs["token_logprobs"]) values.push_back(value);
            for (const Json& token : logprobs["tokens"]) tokens.push_back(token);
            for (const Json& top : logprobs["top_logprobs"]) tops.push_back(top);
        }
        REQUIRE(values.size() == ids.size() + 1);
        CHECK(tops.size() == values.size());
        CHECK(tokens.back() == tinyModel()->tokenizer().name(end));
        for (std::size_t i = 1; i < ended.size(); ++i) {
            CHECK(values[i].get<double>() == doctest::Approx(known.logProbability(i)).epsilon(1e-6));
        }
    }
}

TEST_CASE("several prompts and choices come in order, each as if it were alone") {
    const Json body =
        demo()
            .text(
                {{"prompt", {"User: Hi", "User: What"}}, {"n", 2}, {"max_tokens", 6}, {"temperature", 1}, {"seed", 11}})
            .json();
    REQUIRE(body["choices"].size() == 4);
    for (int i = 0; i < 4; ++i) CHECK(body["choices"][static_cast<std::size_t>(i)]["index"] == i);
    const auto alone = [&](const char* prompt, int seed) {
        return demo()
            .text({{"prompt", prompt}, {"max_tokens", 6}, {"temperature", 1}, {"seed", seed}})
            .json()["choices"][0]["text"];
    };
    CHECK(body["choices"][0]["text"] == alone("User: Hi", 11));
    CHECK(body["choices"][1]["text"] == alone("User: Hi", 12));
    CHECK(body["choices"][2]["text"] == alone("User: What", 11));
    CHECK(body["choices"][3]["text"] == alone("User: What", 12));
}

TEST_CASE("a stop text ends an answer, which does not have it") {
    const std::string whole = demo().chat(ask("What is 7 plus 8?")).json()["choices"][0]["message"]["content"];
    REQUIRE(whole.size() > 6);
    const std::string stop = whole.substr(3, 3);
    const Json choice = demo().chat(ask("What is 7 plus 8?", {{"stop", stop}})).json()["choices"][0];
    CHECK(choice["message"]["content"] == whole.substr(0, whole.find(stop)));
    CHECK(choice["finish_reason"] == "stop");
    CHECK(choice["stop_reason"] == stop);
}

TEST_CASE("bias and penalties change the choice") {
    const std::vector<std::int32_t> ids = {5, 9, 40};
    const auto tokens = [&](Json more) {
        Json body = {{"prompt", ids}, {"max_tokens", 12}, {"return_token_ids", true}};
        body.update(more);
        return tiny().text(body).json()["choices"][0]["token_ids"].get<std::vector<std::int32_t>>();
    };
    for (const std::int32_t id : tokens({{"logit_bias", {{"33", 100}}}})) CHECK(id == 33);
    const auto spread = tokens({{"logit_bias", {{"33", 50}, {"34", 49}}}, {"frequency_penalty", 2}});
    CHECK(std::set<std::int32_t>(spread.begin(), spread.end()).size() == 2);
}

TEST_CASE("routing comes in the fields of vLLM and of SGLang, and gates and norms beside it") {
    for (const auto& model : {tinyModel(), demoModel()}) {
        const Served served(model);
        const RoutingShape shape = model->config().routingShape();
        const Json request = {{"prompt", {5, 9, 40, 3, 77, 12}},
                              {"max_tokens", 4},
                              {"return_routed_experts", true},
                              {"return_token_ids", true},
                              {"moescope", {{"gates", true}, {"norms", true}}}};
        for (const bool again : {false, true}) {  // the second time the prompt is known already
            const Json body = served.text(request).json();
            const Json& choice = body["choices"][0];
            const Known known(model, joined(request["prompt"], choice["token_ids"]));
            const std::size_t rows = known.ids.size() - 1;
            const auto expected = expectedExperts(known.log, 0, rows, shape.experts_used);
            const Npy<std::uint8_t> experts(choice["routed_experts"]);
            CAPTURE(again);
            CHECK(std::vector<std::int32_t>(experts.values.begin(), experts.values.end()) == expected);
            CHECK(experts.header.find("'|u1'") != std::string::npos);
            CHECK(experts.header.find("(" + std::to_string(rows) + ", " + std::to_string(model->config().layers) +
                                      ", " + std::to_string(shape.experts_used) + ")") != std::string::npos);
            CHECK(int32s(body["sglext"]["routed_experts"]) == expected);
            const Npy<float> gates(choice["moescope"]["gates"]), shared(choice["moescope"]["shared_norms"]),
                routed(choice["moescope"]["routed_norms"]);
            std::vector<float> expected_gates, expected_shared, expected_routed;
            for (std::size_t t = 0; t < rows; ++t) {
                const auto dense = static_cast<std::size_t>(shape.first_moe_layer);
                expected_gates.insert(expected_gates.end(), dense * static_cast<std::size_t>(shape.experts_used), 0);
                expected_shared.insert(expected_shared.end(), dense, 0);
                expected_routed.insert(expected_routed.end(), dense, 0);
                for (int l = 0; l < shape.moe_layers; ++l) {
                    const LayerRouting layer = known.log.at(t, l);
                    expected_gates.insert(expected_gates.end(), layer.gates.begin(), layer.gates.begin() + layer.count);
                    expected_shared.push_back(layer.shared_norm);
                    expected_routed.push_back(layer.routed_norm);
                }
            }
            CHECK(gates.values == expected_gates);
            CHECK(shared.values == expected_shared);
            CHECK(routed.values == expected_routed);
        }
    }
}

TEST_CASE("routing begins where it was asked to, and stands in a stream's last events") {
    const Json request = {{"prompt", {5, 9, 40, 3, 77, 12}},
                          {"max_tokens", 4},
                          {"return_routed_experts", true},
                          {"return_token_ids", true},
                          {"n", 2},
                          {"temperature", 1},
                          {"seed", 3}};
    const int used = tinyModel()->config().experts_used;
    for (const int start : {0, 2, 6}) {
        Json body = request;
        body["routed_experts_prompt_start"] = start;
        const Json answer = tiny().text(body).json();
        for (const Json& choice : answer["choices"]) {
            const Known known(tinyModel(), joined(request["prompt"], choice["token_ids"]));
            const Npy<std::uint8_t> experts(choice["routed_experts"]);
            CHECK(std::vector<std::int32_t>(experts.values.begin(), experts.values.end()) ==
                  expectedExperts(known.log, static_cast<std::size_t>(start), known.ids.size() - 1, used));
        }
    }
    Json body = request;
    body["routed_experts_prompt_start"] = 7;
    CHECK(tiny().text(body).json()["error"]["param"] == "routed_experts_prompt_start");

    const Json whole = tiny().text(request).json();
    body = request;
    body["stream"] = true;
    const auto events = tiny().text(body).events();
    CHECK(events.back()["choices"].empty());
    CHECK(events.back()["sglext"] == whole["sglext"]);
    std::vector<Json> fields(2);
    for (const Json& event : events) {
        for (const Json& choice : event["choices"]) {
            if (choice.contains("routed_experts"))
                fields[choice["index"].get<std::size_t>()] = choice["routed_experts"];
        }
    }
    CHECK(fields[0] == whole["choices"][0]["routed_experts"]);
    CHECK(fields[1] == whole["choices"][1]["routed_experts"]);
}

TEST_CASE("router rules hold for one request") {
    const std::vector<std::int32_t> ids = {5, 9, 40, 3, 77, 12};
    const RoutingShape shape = tinyModel()->config().routingShape();
    const Json request = {
        {"prompt", ids}, {"max_tokens", 0}, {"echo", true}, {"logprobs", 0}, {"return_routed_experts", true}};
    const Json before = tiny().text(request).json();
    const int last = shape.first_moe_layer + shape.moe_layers - 1;
    RouterRules rules;
    rules.layers[last].experts_used = 1;
    rules.all.masked = {0};
    Json body = request;
    body["moescope"] = {{"rules", "mask 0; k " + std::to_string(last) + ": 1"}};
    const Json ruled = tiny().text(body).json();
    const Known known(tinyModel(), ids, rules);
    // Layers differ in how many they have.
    const Npy<std::int32_t> experts(ruled["choices"][0]["routed_experts"]);
    CHECK(experts.header.find("'<i4'") != std::string::npos);
    CHECK(experts.values == expectedExperts(known.log, 0, ids.size(), shape.experts_used));
    CHECK(ruled["choices"][0]["logprobs"]["token_logprobs"][3].get<double>() ==
          doctest::Approx(known.logProbability(3)).epsilon(1e-6));
    Json after = tiny().text(request).json();
    CHECK(after["choices"] == before["choices"]);
}

TEST_CASE("a second question computes only what is new") {
    const Served served(demoModel());
    Json body = ask("What is 7 plus 8?");
    const Json first = served.chat(body).json();
    CHECK(first["usage"]["prompt_tokens_details"]["cached_tokens"] == 0);
    body["messages"].push_back(first["choices"][0]["message"]);
    body["messages"].back().erase("refusal");
    body["messages"].push_back({{"role", "user"}, {"content", "And 9?"}});
    const Json second = served.chat(body).json();
    CHECK(second["usage"]["prompt_tokens_details"]["cached_tokens"] >=
          first["usage"]["prompt_tokens"].get<int>() + first["usage"]["completion_tokens"].get<int>() - 1);
    CHECK(second["choices"][0]["message"]["content"] == demo().chat(body).json()["choices"][0]["message"]["content"]);
}

TEST_CASE("an answer goes on where it was cut off") {
    const std::string whole = demo().chat(ask("What is 7 plus 8?")).json()["choices"][0]["message"]["content"];
    const std::string begun =
        demo().chat(ask("What is 7 plus 8?", {{"max_tokens", 3}})).json()["choices"][0]["message"]["content"];
    REQUIRE(begun.size() < whole.size());
    Json body = ask("What is 7 plus 8?", {{"continue_final_message", true}, {"add_generation_prompt", false}});
    body["messages"].push_back({{"role", "assistant"}, {"content", begun}});
    CHECK(begun + demo().chat(body).json()["choices"][0]["message"]["content"].get<std::string>() == whole);
}

TEST_CASE("what does not fit the context is refused with numbers, and nothing is cut") {
    const int context = tiny().api->served().context;
    const auto error = [&](const HttpAnswer& answer) {
        CHECK(answer.status == 400);
        CHECK(answer.json()["error"]["code"] == "context_length_exceeded");
        CHECK(answer.json()["error"]["type"] == "invalid_request_error");
        return answer.json()["error"]["message"].get<std::string>();
    };
    const std::vector<std::int32_t> full(static_cast<std::size_t>(context), 5);
    CHECK(error(tiny().text({{"prompt", full}, {"max_tokens", 1}})).find(std::to_string(context)) != std::string::npos);
    CHECK(tiny().text({{"prompt", full}, {"max_tokens", 0}, {"echo", true}}).status == 200);
    error(tiny().text({{"prompt", {5}}, {"max_tokens", context}}));
    CHECK(tiny().text({{"prompt", {5}}, {"max_tokens", context - 1}}).status == 200);
    error(tiny().text({{"prompt", std::string(1'000'000, 'x')}}));
    error(tiny().chat(ask(std::string(1'000'000, 'x'))));
    error(tiny().chat(ask("Hi", {{"max_tokens", context}})));
    // Without a length an answer takes what is left.
    const Json all = tiny().chat(ask("Hi", {{"logit_bias", {{"33", 100}}}})).json();
    CHECK(all["choices"][0]["finish_reason"] == "length");
    CHECK(all["usage"]["total_tokens"] == context);
}

TEST_CASE("texts become tokens and come back") {
    const Json tokens =
        post(demo().port(), "/tokenize", {{"prompt", "Hello there"}, {"return_token_strs", true}}).json();
    CHECK(tokens["count"] == tokens["tokens"].size());
    CHECK(tokens["token_strs"].size() == tokens["tokens"].size());
    CHECK(tokens["max_model_len"] == demo().api->served().context);
    CHECK(post(demo().port(), "/detokenize", {{"tokens", tokens["tokens"]}}).json()["prompt"] == "Hello there");
    const Json chat = post(demo().port(), "/tokenize", ask("What is 7 plus 8?")).json();
    const Json answer = demo().chat(ask("What is 7 plus 8?", {{"return_token_ids", true}, {"max_tokens", 1}})).json();
    CHECK(chat["tokens"] == answer["prompt_token_ids"]);
    CHECK(post(demo().port(), "/detokenize", {{"tokens", {-1}}}).status == 400);
    CHECK(post(demo().port(), "/tokenize", {{"other", 1}}).status == 400);
    // What begins and ends texts is known by name, alone; within a text a name is words.
    const Json info = get(demo().port(), "/tokenizer_info").json();
    CHECK(info["model_max_length"] == demo().api->served().context);
    for (const char* which : {"bos_token", "eos_token"}) {
        const std::string name = info[which];
        const Json alone = post(demo().port(), "/tokenize", {{"prompt", name}, {"add_special_tokens", false}}).json();
        CHECK(alone["tokens"].size() == 1);
        const Json within =
            post(demo().port(), "/tokenize", {{"prompt", name + "a"}, {"add_special_tokens", false}}).json();
        CHECK(within["tokens"].size() > 2);
    }
}

TEST_CASE("errors are OpenAI's objects") {
    const auto answer = demo().chat({{"messages", 7}});
    CHECK(answer.status == 400);
    const Json error = answer.json()["error"];
    for (const char* key : {"message", "type", "param", "code"}) CHECK(error.contains(key));
    CHECK(error["type"] == "invalid_request_error");
    CHECK(error["param"] == "messages");
    CHECK(error["code"].is_null());
    CHECK(demo().chat(ask("Hi", {{"model", "other"}})).status == 404);
    CHECK(demo().chat(ask("Hi", {{"stream", true}, {"top_p", 7}})).status == 400);  // before the stream begins
    CHECK(post(demo().port(), "/v1/completions", Json("{")).status == 400);
}
