#include "app/remote/remote_answerer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/chat/prompt.h"
#include "app/remote/remote_answer.h"
#include "engine/base/foreign_text.h"
#include "engine/markdown/thinking.h"

namespace moescope {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kIdsPatience = 120s;
constexpr std::size_t kIdsBytes = 64 << 20;
/// An event of words is short; one with the experts of a long conversation is not.
constexpr std::size_t kEventBytes = 4 << 20, kRoutedEventBytes = 512 << 20;
/// Tokens of a chat template around a turn, at the most.
constexpr int kTurnTokens = 32;

/// Indices of the turns that a prompt may begin with: a question and its answer go together, the last question stays.
std::vector<std::size_t> startsOf(const AnswerRequest& request) {
    std::vector<std::size_t> starts = {0};
    for (std::size_t i = 1; i < request.turns.size(); ++i) {
        if (request.turns[i].author == Author::kUser) starts.push_back(i);
    }
    return starts;
}

json messagesOf(const AnswerRequest& request, std::size_t first, std::size_t end) {
    json messages = json::array();
    if (!request.system_prompt.empty()) messages.push_back({{"role", "system"}, {"content", request.system_prompt}});
    for (std::size_t i = first; i < end; ++i) {
        const Message& turn = request.turns[i];
        const bool user = turn.author == Author::kUser;
        // A thought is no part of what was said, but where it goes on.
        const bool whole = user || turn.id == request.continued;
        messages.push_back({{"role", user ? "user" : "assistant"},
                            {"content", whole ? turn.text : std::string(markdown::answerOf(turn.text))}});
    }
    return messages;
}

json samplingOf(const RemoteModel& model, const AnswerSettings& settings) {
    json body = {{"model", model.model.id},
                 {"temperature", settings.temperature},
                 {"top_p", std::max(settings.top_p, 1e-6)},  // 0 is refused
                 {"seed", settings.seed & 0x7fff'ffff},      // what all of them take
                 {"max_tokens", settings.max_tokens},
                 {"stream", true},
                 {"stream_options", {{"include_usage", true}}}};
    if (model.kind == ServerKind::kOther) return body;
    if (settings.top_k > 0) body["top_k"] = settings.top_k;
    if (settings.min_p > 0) body["min_p"] = settings.min_p;
    if (settings.repetition_penalty != 1) body["repetition_penalty"] = settings.repetition_penalty;
    return body;
}

/// Whether a refusal says that the prompt does not fit the context.
bool saysTooLong(const Status& status) {
    if (status.code() != StatusCode::kInvalid) return false;
    const std::string& words = status.message();
    for (const char* sign : {"context length", "context size", "context window", "context_length", "maximum context"}) {
        if (words.find(sign) != std::string::npos) return true;
    }
    return false;
}

/// The largest number in a sentence that is more than `least`; else `least` + 1.
int numberAbove(const std::string& words, int least) {
    int largest = least + 1;
    for (std::size_t i = 0; i < words.size(); ++i) {
        int number = 0;
        const auto [end, error] = std::from_chars(words.data() + i, words.data() + words.size(), number);
        if (error == std::errc()) largest = std::max(largest, number);
        if (end != words.data() + i) i = static_cast<std::size_t>(end - words.data());
    }
    return largest;
}

/// Ids of an answer that goes on, up to the last one that ended a character: a prompt that cuts one confuses servers.
std::vector<std::int32_t> wholeTokens(const std::vector<MessageToken>& tokens) {
    std::size_t count = tokens.size();
    while (count > 0 && tokens[count - 1].begin == tokens[count - 1].end) --count;
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(tokens[i].id);
    return ids;
}

/// The prompt's ids as vLLM counts them, without computing anything.
Result<std::vector<std::int32_t>> tokenized(const Server& server, const json& messages, bool goes_on,
                                            const std::string& model, const std::stop_token& stop) {
    const json body = {{"model", model},
                       {"messages", messages},
                       {"add_generation_prompt", !goes_on},
                       {"continue_final_message", goes_on}};
    const auto answer = server.ask("/tokenize", &body, kIdsBytes, kIdsPatience, stop);
    if (!answer.ok()) return answer.status();
    const auto tokens = answer->is_object() ? answer->find("tokens") : answer->end();
    if (!answer->is_object() || tokens == answer->end()) return std::vector<std::int32_t>();
    return tokenIds(*tokens);
}

/// The same of SGLang, by an answer of one token; it keeps what it has computed of the prompt.
Result<std::vector<std::int32_t>> tokenizedByAnswer(const Server& server, const json& messages, bool goes_on,
                                                    const std::string& model, const std::stop_token& stop) {
    json body = {{"model", model},
                 {"messages", messages},
                 {"max_tokens", 1},
                 {"temperature", 0},
                 {"return_input_ids_in_sglext", true}};
    if (goes_on) body["continue_final_message"] = true;
    const auto answer = server.ask("/v1/chat/completions", &body, kIdsBytes, kIdsPatience, stop);
    if (!answer.ok()) return answer.status();
    return readChatEvent(*answer).prompt_ids;
}

/// A request as it is sent.
struct Body {
    std::string path = "/v1/chat/completions";
    json fields;
    std::vector<std::int32_t> prompt;  ///< ids, if they are known
};

/// What is sent for the turns from `first` on; asks for the ids of the prompt where they are needed.
Result<Body> bodyOf(const RemoteModel& model, const Server& server, const AnswerRequest& request, std::size_t first,
                    bool wants_rows, const std::stop_token& stop) {
    const bool vllm = model.kind == ServerKind::kVllm, sglang = model.kind == ServerKind::kSglang;
    Body body;
    body.fields = samplingOf(model, request.settings);
    if (model.token_ids) body.fields["return_token_ids"] = true;
    if (sglang && model.rows && wants_rows) body.fields["return_routed_experts"] = true;
    if (request.raw) {
        body.path = "/v1/completions";
        body.fields["prompt"] = request.turns.front().text;
        return body;
    }
    const bool goes_on = request.continued != 0;
    const std::vector<std::int32_t> ids = wholeTokens(request.continued_tokens);
    // The tokens that were generated go on best as such; else their text does.
    const bool by_ids = goes_on && model.token_ids && !ids.empty();
    const json messages = messagesOf(request, first, request.turns.size() - (by_ids ? 1 : 0));
    body.fields["messages"] = messages;
    if (goes_on && !by_ids) {
        body.fields["continue_final_message"] = true;
        body.fields["add_generation_prompt"] = false;
    }
    std::size_t bytes = request.system_prompt.size();
    for (std::size_t i = first; i < request.turns.size(); ++i) bytes += request.turns[i].text.size() + kTurnTokens;
    const bool may_overflow = model.model.context > 0 && bytes + static_cast<std::size_t>(request.settings.max_tokens) >
                                                             static_cast<std::size_t>(model.model.context);
    const bool needs_ids = model.token_ids && (sglang || by_ids || may_overflow);
    if (!needs_ids) return body;
    auto prompt = sglang ? tokenizedByAnswer(server, messages, goes_on && !by_ids, model.model.id, stop)
                         : tokenized(server, messages, goes_on && !by_ids, model.model.id, stop);
    if (!prompt.ok() && (sglang || prompt.status().code() == StatusCode::kStopped)) return prompt.status();
    if (!prompt.ok() || prompt->empty()) {  // a gateway may not know how; then all goes by text
        if (!by_ids) return body;
        body.fields["messages"] = messagesOf(request, first, request.turns.size());
        body.fields["continue_final_message"] = true;
        body.fields["add_generation_prompt"] = false;
        return body;
    }
    body.prompt = std::move(*prompt);
    if (by_ids) body.prompt.insert(body.prompt.end(), ids.begin(), ids.end());
    if (vllm && !by_ids) return body;
    body.path = "/v1/completions";
    body.fields.erase("messages");
    body.fields.erase("continue_final_message");
    body.fields.erase("add_generation_prompt");
    body.fields["prompt"] = body.prompt;
    return body;
}

}  // namespace

RemoteAnswerer::RemoteAnswerer(RemoteModel model) : m_model(std::move(model)), m_server(m_model.address) {
    m_info.model_name = harmless(m_model.model.id, true);
    m_info.context = m_model.model.context;
    if (m_model.rows) m_info.shape = m_model.rows->shape;
    AnswererAbilities& can = m_info.abilities;
    can.token_ids = m_model.token_ids;
    can.routing = m_model.rows ? RoutingDetail::kIdsOnly : RoutingDetail::kNone;
    can.raw_prompts = m_model.completions;
    can.all_sampling = can.continues = m_model.kind != ServerKind::kOther;
}

std::string RemoteAnswerer::sentence() const {
    const char* kind = m_model.kind == ServerKind::kVllm     ? " (vLLM)"
                       : m_model.kind == ServerKind::kSglang ? " (SGLang)"
                                                             : "";
    std::string said = fmt::format("Answered by {}{}. ", m_model.address.host(), kind);
    if (!m_model.rows) {
        return said + (m_model.routing_note.empty() ? "It does not report which experts ran." : m_model.routing_note);
    }
    said += m_model.kind == ServerKind::kVllm
                ? "It reports the experts, without gates, when the answer's tokens are read again; "
                  "near ties may come out differently."
                : "It reports the experts, without gates, at the end of the answer.";
    return said;
}

AnswerEnd RemoteAnswerer::answer(const AnswerRequest& request, AnswerObserver& observer, const std::stop_token& stop) {
    AnswerEnd end;
    const auto refused = [&](const Status& status) {
        end.error = status.message();
        end.code = status.code();
        return end;
    };
    if (request.turns.empty()) return refused(invalid("There is no question to answer."));
    if (request.continued != 0 && !m_info.abilities.continues) {
        return refused(unsupported(
            fmt::format("{} cannot continue an answer: only vLLM and SGLang are known to. Regenerate it instead.",
                        m_model.address.host())));
    }
    const std::vector<std::size_t> starts = startsOf(request);
    const int context = m_info.context;
    const int reserve = request.reserve.value_or(reserveFor(context, request.settings.max_tokens));
    const bool drops = request.settings.context_policy == ContextPolicy::kDropOldest;
    // The answer before, or the one that goes on, if it was the last one here.
    const std::int64_t before = request.continued != 0     ? request.continued
                                : request.turns.size() > 1 ? request.turns[request.turns.size() - 2].id
                                                           : 0;
    const Last last = std::exchange(m_last, {});
    for (std::size_t at = 0;;) {
        const auto too_long = [&](int tokens, bool exact) {
            const std::size_t left = starts.size() - 1 - at;
            if (drops && left > 0) {
                at += (left + 1) / 2;
                return true;
            }
            end.overflow = ContextOverflow{tokens,
                                           exact,
                                           context,
                                           reserve,
                                           starts.size() == 1,
                                           request.settings.context_policy == ContextPolicy::kAsk && left > 0};
            return false;
        };
        auto body = bodyOf(m_model, m_server, request, starts[at], observer.wantsRouting(), stop);
        Status failed = body.status();
        const bool counted = body.ok() && !body->prompt.empty() && context > 0;
        const int tokens = counted ? static_cast<int>(body->prompt.size()) : 0;
        if (counted && tokens + std::max(1, reserve) > context) {
            if (too_long(tokens, true)) continue;
            return refused(outOfRange(end.overflow->sentence()));
        }
        if (counted) body->fields["max_tokens"] = std::min(request.settings.max_tokens, context - tokens);
        RemoteAnswer::Start start;
        start.first_turn = starts[at];
        if (before != 0 && last.answer == before) {
            start.before = &last.ids;
            start.rows_from = last.rows;
        }
        if (body.ok()) start.prompt = body->prompt;
        if (counted && m_model.kind == ServerKind::kSglang && start.before) {
            const auto known =
                static_cast<int>(std::ranges::mismatch(body->prompt, last.ids).in1 - body->prompt.begin());
            start.rows_from = std::min(known, start.rows_from);
            if (start.rows_from > 0) body->fields["routed_experts_start_len"] = start.rows_from;
        }
        RemoteAnswer answer(m_model, m_server, request, observer, std::move(start));
        Result<Server::Ended> ended =
            failed.ok() ? Result<Server::Ended>(Server::Ended{}) : Result<Server::Ended>(failed);
        if (failed.ok()) {
            ended = m_server.stream(
                body->path, body->fields, m_model.rows ? kRoutedEventBytes : kEventBytes,
                [&](ChatEvent& event) { return answer.onEvent(event); }, stop);
        }
        if (!ended.ok() && !answer.begun() && saysTooLong(ended.status())) {
            // Not the number of the port, with which the sentence begins.
            const std::string said = ended.status().message().substr(m_model.address.host().size());
            if (too_long(numberAbove(said, context), false)) continue;
            if (context == 0) end.overflow.reset();  // the server knows more of it
            return refused(outOfRange(context > 0 ? end.overflow->sentence() : ended.status().message()));
        }
        end = answer.finish(ended, stop);
        if (end.begun) m_last = {answer.id(), answer.ids(), answer.rows()};
        return end;
    }
}

}  // namespace moescope
