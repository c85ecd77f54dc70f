#include "app/serve/replies.h"

#include <algorithm>
#include <cmath>

#include "app/serve/routing_fields.h"
#include "engine/base/utf8.h"

namespace moescope::serve {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no infinity; this is what OpenAI's servers write for what cannot be.
double writable(double log_probability) {
    return std::max(log_probability, -9999.0);
}

std::size_t charactersIn(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continuesCharacter(c); }));
}

const char* finishName(FinishReason reason) {
    return reason == FinishReason::kEndOfText ? "stop" : "length";
}

/// With U+FFFD for what is no UTF-8: a token may be a part of a character.
std::string readable(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const Utf8Character c = firstCharacter(bytes);
        text += c.valid ? bytes.substr(0, c.bytes) : std::string_view("\xef\xbf\xbd");
        bytes.remove_prefix(c.bytes);
    }
    return text;
}

Json bytesOf(std::string_view bytes) {
    Json array = Json::array();
    for (const char byte : bytes) array.push_back(static_cast<unsigned char>(byte));
    return array;
}

}  // namespace

Json Usage::toJson() const {
    return {{"prompt_tokens", prompt_tokens},
            {"completion_tokens", completion_tokens},
            {"total_tokens", prompt_tokens + completion_tokens},
            {"prompt_tokens_details", {{"cached_tokens", cached_tokens}}}};
}

void ChoiceWriter::echo(std::string_view text, std::span<const std::int32_t> ids,
                        const std::vector<TokenScore>& scores) {
    m_text += text;
    std::size_t offset = 0;
    for (std::size_t i = 0; m_request.logprobs >= 0 && i < ids.size(); ++i) {
        Scored scored;
        if (i > 0) scored.score = scores[i - 1];
        scored.id = ids[i];
        scored.offset = offset;
        offset += charactersIn(m_tokenizer.bytes(ids[i]));
        m_scored.push_back(std::move(scored));
    }
    m_characters = charactersIn(text);
}

void ChoiceWriter::add(const CompletionDelta& delta) {
    if (delta.score) m_scored.push_back({*delta.score, delta.score->token, m_characters});
    m_text += delta.text;
    m_characters += charactersIn(delta.text);
    m_ids.insert(m_ids.end(), delta.ids.begin(), delta.ids.end());
}

void ChoiceWriter::end(const Completion& completion, std::size_t prompt_tokens) {
    m_end = &completion;
    // Of texts, as with vLLM: evaluation harnesses count on one token after the prompt. Chats have what they show.
    if (!m_chat && completion.end_score) {
        m_scored.push_back({*completion.end_score, completion.end_score->token, m_characters});
    }
    m_row_count = completion.rowCount(prompt_tokens, m_request.routing.start);
}

bool ChoiceWriter::pending() const {
    return !m_text.empty() || !m_scored.empty() || m_end || (m_request.token_ids && !m_ids.empty());
}

Json ChoiceWriter::opening() {
    Json choice = {{"index", m_index},
                   {"delta", {{"role", "assistant"}, {"content", ""}}},
                   {"logprobs", nullptr},
                   {"finish_reason", nullptr}};
    return choice;
}

Json ChoiceWriter::write() {
    Json choice = {{"index", m_index}};
    if (!m_chat) {
        choice["text"] = m_text;
    } else if (m_request.stream) {
        choice["delta"] = m_text.empty() && m_scored.empty() ? Json::object() : Json{{"content", m_text}};
    } else {
        choice["message"] = {{"role", "assistant"}, {"content", m_text}, {"refusal", nullptr}};
    }
    choice["logprobs"] = logprobs();
    choice["finish_reason"] = m_end ? Json(finishName(m_end->finish)) : Json();
    if (m_end && m_end->stop_text) choice["stop_reason"] = *m_end->stop_text;
    addIds(choice);
    if (m_end) addRouting(choice);
    m_text.clear();
    m_scored.clear();
    m_ids.clear();
    m_end = nullptr;
    return choice;
}

void ChoiceWriter::addIds(Json& choice) {
    if (!m_request.token_ids) return;
    // The end-of-text token has no piece.
    if (m_end && !m_end->ids.empty() && m_tokenizer.isEndOfText(m_end->ids.back())) m_ids.push_back(m_end->ids.back());
    choice["token_ids"] = m_ids;
    if (!m_prompt_ids.empty() && !m_chat) choice["prompt_token_ids"] = m_prompt_ids;
    m_prompt_ids = {};
}

void ChoiceWriter::addRouting(Json& choice) {
    if (!m_end->rows) return;
    const RoutingPart part{m_end->rows->log, 0, m_row_count};
    choice["routed_experts"] = base64(expertsNpy(part));
    Json own;
    if (m_request.routing.gates) own["gates"] = base64(gatesNpy(part));
    if (m_request.routing.norms) {
        own["shared_norms"] = base64(sharedNormsNpy(part));
        own["routed_norms"] = base64(routedNormsNpy(part));
    }
    if (!own.is_null()) choice["moescope"] = own;
}

std::string ChoiceWriter::textOf(std::int32_t id) const {
    const std::string_view bytes = m_tokenizer.bytes(id);
    return readable(bytes.empty() ? m_tokenizer.name(id) : std::string(bytes));
}

Json ChoiceWriter::logprobs() {
    if (m_request.logprobs < 0 || m_scored.empty()) return nullptr;
    return m_chat ? chatLogprobs() : textLogprobs();
}

Json ChoiceWriter::chatLogprobs() {
    const auto entry = [&](std::int32_t id, double log_probability) {
        return Json{
            {"token", textOf(id)}, {"logprob", writable(log_probability)}, {"bytes", bytesOf(m_tokenizer.bytes(id))}};
    };
    Json content = Json::array();
    for (const Scored& scored : m_scored) {
        Json token = entry(scored.id, scored.score->log_probability);
        token["top_logprobs"] = Json::array();
        for (const auto& [id, value] : scored.score->best) token["top_logprobs"].push_back(entry(id, value));
        content.push_back(std::move(token));
    }
    return {{"content", std::move(content)}, {"refusal", nullptr}};
}

Json ChoiceWriter::textLogprobs() {
    Json tokens = Json::array(), values = Json::array(), tops = Json::array(), offsets = Json::array();
    for (const Scored& scored : m_scored) {
        tokens.push_back(textOf(scored.id));
        offsets.push_back(scored.offset);
        if (!scored.score) {
            values.push_back(nullptr);
            tops.push_back(nullptr);
            continue;
        }
        values.push_back(writable(scored.score->log_probability));
        // Tokens may have the same text: the likeliest of them, which comes first, is told. The chosen one always is.
        Json top = Json::object();
        for (const auto& [id, value] : scored.score->best) {
            if (std::string text = textOf(id); !top.contains(text)) top[std::move(text)] = writable(value);
        }
        if (std::string text = textOf(scored.id); !top.contains(text)) top[std::move(text)] = values.back();
        tops.push_back(std::move(top));
    }
    return {{"tokens", tokens}, {"token_logprobs", values}, {"top_logprobs", tops}, {"text_offset", offsets}};
}

Json sglext(const CompletionRequest& request, const Completion& first, std::span<const std::int32_t> prompt,
            const std::vector<std::vector<std::int32_t>>& output) {
    Json out;
    if (first.rows) {
        const RoutingPart part{first.rows->log, 0, first.rowCount(prompt.size(), request.routing.start)};
        out["routed_experts"] = base64(expertsInt32(part));
    }
    if (request.input_ids_in_sglext) out["input_ids"] = prompt;
    if (request.output_ids_in_sglext) out["output_ids"] = output;
    return out;
}

}  // namespace moescope::serve
