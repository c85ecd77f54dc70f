#include "app/serve/answering.h"

#include <fmt/format.h>

#include <chrono>
#include <random>

#include "app/chat/opening_blank.h"
#include "app/serve/completion.h"
#include "app/serve/replies.h"
#include "engine/base/version.h"

namespace moescope::serve {
namespace {

using Json = nlohmann::ordered_json;
using Ids = std::vector<std::int32_t>;

std::string textOf(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::uint64_t randomNumber() {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
}

/// One request's answers on their way.
class Answers {
public:
    Answers(const Answering& by, const CompletionRequest& request, bool chat, std::vector<Ids> prompts)
        : m_by(by),
          m_request(request),
          m_chat(chat),
          m_prompts(std::move(prompts)),
          m_id(
              fmt::format("{}-{:016x}{:08x}", chat ? "chatcmpl" : "cmpl", randomNumber(), randomNumber() & 0xffffffff)),
          m_created(
              std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                  .count()) {
        if (m_request.random_seed) m_request.sampling.seed = randomNumber();
    }

    /// What does not fit is refused before anything is computed.
    std::optional<ApiError> check() const;
    /// Waits for a session.
    std::optional<ApiError> begin(const std::stop_token& stop);
    /// An answer that goes on begins in the middle of a text.
    void setGoesOn() { m_goes_on = true; }

    HttpReply whole();
    void stream(const std::function<bool(std::string_view)>& write);

private:
    /// Calls on_part(writer) whenever there may be something to write.
    Status computeAll(const std::function<void(ChoiceWriter&)>& on_part);
    Status computeChoice(ChoiceWriter& writer, std::size_t prompt, int choice,
                         const std::function<void(ChoiceWriter&)>& on_part);
    int maxTokens(std::size_t prompt_tokens) const;
    Json envelope(Json choices) const;
    Json sgl() const { return sglext(m_request, m_first, m_prompts.front(), m_output); }

    Answering m_by;
    CompletionRequest m_request;
    bool m_chat, m_goes_on = false;
    std::vector<Ids> m_prompts;
    std::string m_id;
    std::int64_t m_created;
    std::stop_source m_stop;  // also of a client that is there and does not read
    std::optional<std::stop_callback<std::function<void()>>> m_gone;
    std::unique_ptr<SessionPool::Lease> m_lease;
    Usage m_usage;
    Completion m_first;  // of the first choice
    std::vector<Ids> m_output;
};

ApiError tooLong(std::size_t tokens, const std::string& what, int context) {
    ApiError error;
    error.message =
        fmt::format("The context of this model holds {} tokens, but {} has {}. Shorten it.", context, what, tokens);
    error.code = "context_length_exceeded";
    error.param = what.starts_with("the prompt") ? "prompt" : "messages";
    return error;
}

std::optional<ApiError> Answers::check() const {
    const int context = m_by.pool.context();
    for (const Ids& prompt : m_prompts) {
        if (prompt.empty()) return badField("prompt", "The prompt is empty; expected at least one token.");
        const std::string what = m_chat ? "the chat" : "the prompt";
        const bool answers = m_request.max_tokens.value_or(1) > 0;
        if (prompt.size() + (answers ? 1 : 0) > static_cast<std::size_t>(context)) {
            return tooLong(prompt.size(), answers ? what + ", which leaves room for an answer," : what, context);
        }
        if (const int wanted = m_request.max_tokens.value_or(0);
            prompt.size() + static_cast<std::size_t>(wanted) > static_cast<std::size_t>(context)) {
            return tooLong(prompt.size() + static_cast<std::size_t>(wanted),
                           fmt::format("{} of {} tokens with an answer of {}", what, prompt.size(), wanted), context);
        }
        if (m_request.routing.start > static_cast<int>(prompt.size())) {
            return badField("routed_experts_prompt_start",
                            fmt::format("The routing should start at token {}, but the prompt has {}.",
                                        m_request.routing.start, prompt.size()));
        }
    }
    return std::nullopt;
}

std::optional<ApiError> Answers::begin(const std::stop_token& stop) {
    m_gone.emplace(stop, [this] { m_stop.request_stop(); });
    auto lease = m_by.pool.take(m_prompts.front(), m_request.rules, stop);
    if (!lease.ok()) {
        if (stop.stop_requested()) m_by.metrics.countAbort();
        return lease.error();
    }
    m_lease = std::move(*lease);
    return std::nullopt;
}

int Answers::maxTokens(std::size_t prompt_tokens) const {
    return m_request.max_tokens.value_or(m_by.pool.context() - static_cast<int>(prompt_tokens));
}

Json Answers::envelope(Json choices) const {
    return {{"id", m_id},
            {"object", !m_chat            ? "text_completion"
                       : m_request.stream ? "chat.completion.chunk"
                                          : "chat.completion"},
            {"created", m_created},
            {"model", m_by.served.name},
            {"system_fingerprint", fmt::format("moescope-{}", programVersion())},
            {"choices", std::move(choices)}};
}

Status Answers::computeAll(const std::function<void(ChoiceWriter&)>& on_part) {
    for (std::size_t p = 0; p < m_prompts.size(); ++p) {
        for (int c = 0; c < m_request.choices; ++c) {
            const int index = static_cast<int>(p) * m_request.choices + c;
            ChoiceWriter writer(m_by.model.tokenizer(), m_request, m_chat, index);
            if (Status status = computeChoice(writer, p, c, on_part); !status.ok()) return status;
        }
    }
    return {};
}

Status Answers::computeChoice(ChoiceWriter& writer, std::size_t p, int c,
                              const std::function<void(ChoiceWriter&)>& on_part) {
    const Ids& prompt = m_prompts[p];
    const Tokenizer& tokenizer = m_by.model.tokenizer();
    writer.setPromptIds(prompt);
    CompletionJob job;
    job.prompt = prompt;
    job.max_tokens = maxTokens(prompt.size());
    job.seed = m_request.sampling.seed + static_cast<std::uint64_t>(c);
    if (c > 0 && p == 0 && m_first.rows) job.before = &*m_first.rows;
    job.stop = m_stop.get_token();
    bool opens = m_chat && !m_goes_on && m_by.model.chatTemplate().blankBeforeAnswer();
    if (m_request.echo && m_request.logprobs < 0) writer.echo(tokenizer.decode(prompt), prompt, {});
    if (m_request.echo && m_request.logprobs >= 0) {
        job.on_prompt_scores = [&](const std::vector<TokenScore>& scores) {
            writer.echo(tokenizer.decode(prompt), prompt, scores);
            on_part(writer);
        };
    }
    job.on_delta = [&](CompletionDelta delta) {
        if (opens && !delta.text.empty()) {
            delta.text = withoutOpeningBlank(delta.text);
            opens = false;
        }
        writer.add(delta);
        on_part(writer);
    };
    auto completion = complete(*m_lease, m_request, job);
    if (!completion.ok()) return completion.status();
    if (completion->finish == FinishReason::kStopped) return stopped("The request was stopped.");
    m_usage.prompt_tokens += c == 0 ? prompt.size() : 0;
    m_usage.completion_tokens += completion->ids.size();
    m_usage.cached_tokens += c == 0 ? static_cast<std::size_t>(completion->reused_tokens) : 0;
    m_by.metrics.countWork({prompt.size(), static_cast<std::uint64_t>(completion->reused_tokens),
                            completion->ids.size(), completion->prefill_seconds, completion->decode_seconds});
    m_output.push_back(completion->ids);
    const bool first = p == 0 && c == 0;
    if (first) m_first = std::move(*completion);
    const Completion& ended = first ? m_first : *completion;
    writer.end(ended, prompt.size());
    on_part(writer);
    return {};
}

HttpReply Answers::whole() {
    Json choices = Json::array();
    const Status status = computeAll([&](ChoiceWriter& writer) {
        if (writer.ended()) choices.push_back(writer.write());
    });
    m_lease.reset();
    HttpReply reply;
    if (!status.ok()) {
        if (status.code() == StatusCode::kStopped) m_by.metrics.countAbort();
        const ApiError error = errorOf(status);
        reply.status = error.status;
        reply.body = error.toJson();
        return reply;
    }
    Json body = envelope(std::move(choices));
    body["usage"] = m_usage.toJson();
    if (m_chat && m_request.token_ids) body["prompt_token_ids"] = m_prompts.front();
    if (Json extension = sgl(); !extension.is_null()) body["sglext"] = std::move(extension);
    reply.body = textOf(body);
    return reply;
}

void Answers::stream(const std::function<bool(std::string_view)>& write) {
    bool reads = true;
    const auto send = [&](const std::string& data) {
        reads = reads && write("data: " + data + "\n\n");
        if (!reads) m_stop.request_stop();
    };
    int opened = -1;
    const Status status = computeAll([&](ChoiceWriter& writer) {
        if (m_chat && opened != writer.index()) {
            opened = writer.index();
            Json event = envelope(Json::array({writer.opening()}));
            if (m_request.token_ids) event["prompt_token_ids"] = m_prompts.front();
            send(textOf(event));
        }
        if (writer.pending()) send(textOf(envelope(Json::array({writer.write()}))));
    });
    m_lease.reset();
    if (status.code() == StatusCode::kStopped) m_by.metrics.countAbort();
    if (!status.ok()) {
        send(errorOf(status).toJson());
    } else {
        if (Json extension = sgl(); !extension.is_null()) {
            Json event = envelope(Json::array());
            event["usage"] = nullptr;
            event["sglext"] = std::move(extension);
            send(textOf(event));
        }
        if (m_request.include_usage) {
            Json event = envelope(Json::array());
            event["usage"] = m_usage.toJson();
            send(textOf(event));
        }
    }
    send("[DONE]");
}

HttpReply replyWith(const std::shared_ptr<Answers>& answers, bool streamed, const std::stop_token& stop) {
    auto error = answers->check();
    if (!error) error = answers->begin(stop);
    HttpReply reply;
    if (error) {
        reply.status = error->status;
        reply.body = error->toJson();
        if (error->status == 429 || error->status == 503) reply.headers.emplace_back("Retry-After", "5");
        return reply;
    }
    if (!streamed) return answers->whole();
    reply.content_type = "text/event-stream";
    reply.headers.emplace_back("Cache-Control", "no-cache");
    reply.stream = [answers](const auto& write) { answers->stream(write); };
    return reply;
}

/// Megabytes are not made tokens only to learn that they do not fit.
std::optional<HttpReply> refuseTooLong(const Answering& by, std::size_t bytes, const std::string& what) {
    const std::size_t least = by.model.tokenizer().leastTokens(bytes);
    if (least <= static_cast<std::size_t>(by.pool.context())) return std::nullopt;
    HttpReply reply;
    const ApiError error = tooLong(least, what + " at least", by.pool.context());
    reply.status = error.status;
    reply.body = error.toJson();
    return reply;
}

}  // namespace

Ids chatPrompt(const Model& model, const std::vector<ChatMessage>& messages, bool answer_follows, bool continue_last,
               std::optional<bool> thinking) {
    ChatOptions options;
    options.thinking = thinking;
    const Tokenizer& tokenizer = model.tokenizer();
    if (!continue_last) return model.chatTemplate().render(tokenizer, messages, answer_follows, options).ids();
    const std::vector<ChatMessage> before(messages.begin(), messages.end() - 1);
    Ids ids = model.chatTemplate().render(tokenizer, before, true, options).ids();
    const std::string& begun = messages.back().text;
    const bool blank = model.chatTemplate().blankBeforeAnswer();
    for (const TokenSpan& span : tokenizer.encode(blank ? withOpeningBlank(begun) : begun)) ids.push_back(span.id);
    return ids;
}

Ids textPrompt(const Model& model, std::string_view text, bool bos) {
    const Tokenizer& tokenizer = model.tokenizer();
    Ids ids;
    if (bos && tokenizer.addBos() && tokenizer.bos()) ids.push_back(*tokenizer.bos());
    for (const TokenSpan& span : tokenizer.encode(text)) ids.push_back(span.id);
    return ids;
}

HttpReply answerChat(const Answering& by, ChatRequest request, const std::stop_token& stop) {
    std::size_t bytes = 0;
    for (const ChatMessage& message : request.messages) bytes += message.text.size();
    if (auto refusal = refuseTooLong(by, bytes, "the chat")) return *refusal;
    std::vector<Ids> prompts = {chatPrompt(by.model, request.messages, true, request.continue_last, request.thinking)};
    const auto answers = std::make_shared<Answers>(by, request, true, std::move(prompts));
    if (request.continue_last && !request.messages.back().text.empty()) answers->setGoesOn();
    return replyWith(answers, request.stream, stop);
}

HttpReply answerText(const Answering& by, TextRequest request, const std::stop_token& stop) {
    std::vector<Ids> prompts;
    for (auto& prompt : request.prompts) {
        if (auto* ids = std::get_if<Ids>(&prompt)) {
            prompts.push_back(std::move(*ids));
            continue;
        }
        const auto& text = std::get<std::string>(prompt);
        if (auto refusal = refuseTooLong(by, text.size(), "the prompt")) return *refusal;
        prompts.push_back(textPrompt(by.model, text, request.add_bos));
    }
    return replyWith(std::make_shared<Answers>(by, request, false, std::move(prompts)), request.stream, stop);
}

}  // namespace moescope::serve
