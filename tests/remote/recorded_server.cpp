#include "tests/remote/recorded_server.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/routing/trace/npy.h"
#include "engine/routing/trace/served_array.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr const char* kJson = "application/json";

std::string base64(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        }
        for (std::size_t j = 0; j < 4; ++j) text += i + j > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * j) & 63];
    }
    return text;
}

/// The rows [start, end) of the recorded conversation, as vLLM has them.
std::string rows(std::size_t start, std::size_t end) {
    static const ServedArray kAll = *readServedArray(
        json::parse(recorded("vllm/second-request.response.json"))["choices"][0]["routed_experts"], {});
    const std::size_t row = kAll.shape[1] * kAll.shape[2];
    const std::size_t shape[] = {end - start, kAll.shape[1], kAll.shape[2]};
    std::string bytes = npyHeader("|u1", shape);
    for (std::size_t i = start * row; i < end * row; ++i) bytes += static_cast<char>(kAll.ids[i]);
    return base64(bytes);
}

std::string answerOfOne(const json& prompt, json routed) {
    json answer = {{"object", "text_completion"},
                   {"choices",
                    {{{"index", 0},
                      {"text", ""},
                      {"finish_reason", "length"},
                      {"token_ids", {202}},
                      {"prompt_token_ids", prompt},
                      {"routed_experts", std::move(routed)}}}},
                   {"usage", {{"prompt_tokens", prompt.size()}, {"completion_tokens", 1}}}};
    return answer.dump();
}

}  // namespace

std::string recorded(const std::string& name) {
    std::ifstream file(std::string(MOESCOPE_TEST_DATA "/servers/") + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void RecordedVllm::stream(ReplayConnection& to, std::string_view events) const {
    if (cut >= 0) events = events.substr(0, static_cast<std::size_t>(cut));
    if (!to.beginStream()) return;
    while (!events.empty()) {
        const std::size_t end = event_pause_ms > 0 ? events.find("\n\n") : std::string_view::npos;
        const std::string_view some = events.substr(0, end == std::string_view::npos ? end : end + 2);
        if (!to.sendInPieces(some, piece)) return;
        events.remove_prefix(some.size());
        if (event_pause_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(event_pause_ms));
    }
    if (reset) to.reset();
}

void RecordedVllm::answer(const ReplayRequest& request, ReplayConnection& to) {
    const json body = json::parse(request.body, nullptr, false);
    if (request.path == "/v1/models") return to.reply(200, kJson, recorded("vllm/models.response.json"));
    if (request.path == "/tokenize") return to.reply(200, kJson, recorded("vllm/tokenize-chat.response.json"));
    if (request.path == "/v1/chat/completions") return stream(to, recorded("vllm/chat-stream-ids.sse"));
    if (request.path != "/v1/completions") return to.reply(404, kJson, R"({"detail":"Not Found"})");
    const json all = json::parse(recorded("vllm/second-request.response.json"))["choices"][0]["prompt_token_ids"];
    const json prompt = body["prompt"].is_string() ? all : body["prompt"];
    if (prompt.size() > all.size()) return to.reply(400, kJson, R"({"error":{"message":"too long"}})");
    if (body.value("stream", false)) {  // a partial answer goes on: the rest of the recorded one
        std::string events;
        for (std::size_t i = prompt.size(); i < all.size(); ++i) {
            const json finish = i + 1 == all.size() ? json("length") : json();
            const json event = {{"choices",
                                 {{{"index", 0},
                                   {"text", "+"},
                                   {"finish_reason", finish},
                                   {"token_ids", {all[i]}},
                                   {"prompt_token_ids", i == prompt.size() ? prompt : json()}}}}};
            events += "data: " + event.dump() + "\n\n";
        }
        return stream(to, events + "data: [DONE]\n\n");
    }
    const std::size_t start = knows_start ? body.value("routed_experts_prompt_start", std::size_t{0}) : 0;
    to.reply(200, kJson, answerOfOne(prompt, routing ? json(rows(start, prompt.size())) : json()));
}

void RecordedSglang::answer(const ReplayRequest& request, ReplayConnection& to) const {
    const json body = json::parse(request.body, nullptr, false);
    if (request.path == "/v1/models") return to.reply(200, kJson, recorded("sglang/models.response.json"));
    if (request.path == "/v1/chat/completions") return to.reply(200, kJson, recorded("sglang/chat-ids.response.json"));
    if (request.path == "/v1/completions" && body.value("stream", false)) {
        // The recorded chat, as completions stream: an event a token, then the experts.
        const json whole = json::parse(recorded("sglang/chat-ids.response.json"));
        const std::vector<std::string> texts = {"", "\x7f", "", "\xEF\xBF\xBD"};
        std::string events;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const json finish = i + 1 == texts.size() ? json("length") : json();
            const json choice = {{"index", 0},
                                 {"text", texts[i]},
                                 {"finish_reason", finish},
                                 {"token_ids", {whole["sglext"]["output_ids"][0][i]}}};
            events += "data: " + json{{"choices", {choice}}}.dump() + "\n\n";
        }
        const json extra = {{"choices", json::array()},
                            {"sglext", {{"routed_experts", whole["sglext"]["routed_experts"]}}}};
        if (body.value("return_routed_experts", false)) events += "data: " + extra.dump() + "\n\n";
        events += "data: " + json{{"choices", json::array()}, {"usage", whole["usage"]}}.dump() + "\n\n";
        if (to.beginStream()) to.sendInPieces(events + "data: [DONE]\n\n", piece);
        return;
    }
    if (request.path == "/v1/completions") return to.reply(200, kJson, recorded("sglang/completion.response.json"));
    to.reply(404, kJson, R"({"detail":"Not Found"})");
}

}  // namespace moescope
