#include "app/serve/api.h"

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/chat/model_name.h"
#include "app/serve/answering.h"
#include "engine/base/foreign_text.h"
#include "engine/base/utf8.h"

namespace moescope::serve {
namespace {

using Json = nlohmann::ordered_json;

struct Endpoint {
    std::string_view method, path;
};
constexpr Endpoint kEndpoints[] = {
    {"GET", "/v1/models"},   {"POST", "/v1/chat/completions"}, {"POST", "/v1/completions"}, {"POST", "/tokenize"},
    {"POST", "/detokenize"}, {"GET", "/tokenizer_info"},       {"GET", "/health"},          {"GET", "/metrics"},
};

HttpReply replyOf(const Json& body) {
    HttpReply reply;
    reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return reply;
}

ApiError errorWith(int status, std::string sentence) {
    ApiError error;
    error.status = status;
    error.message = std::move(sentence);
    return error;
}

/// What clients call a model by, without the folder that it is in.
std::string servedName(const Model& model, const ApiOptions& options) {
    if (!options.model_name.empty()) return options.model_name;
    if (!model.config().name.empty()) return model.config().name;
    return std::filesystem::path(model.path()).stem().string();
}

/// Of a text as it is. Harnesses ask for the ids of tokens that /tokenizer_info names by their names alone; within a
/// text these are words as any others.
std::vector<std::int32_t> textTokens(const Model& model, const TokenizeRequest& request) {
    const Tokenizer& tokenizer = model.tokenizer();
    for (const auto& id : {tokenizer.bos(), tokenizer.eos()}) {
        if (id && !request.add_bos && request.prompt == tokenizer.name(*id)) return {*id};
    }
    return textPrompt(model, request.prompt, request.add_bos);
}

}  // namespace

HttpReply replyOf(const ApiError& error) {
    HttpReply reply;
    reply.status = error.status;
    reply.body = error.toJson();
    return reply;
}

Result<std::unique_ptr<Api>> Api::create(std::shared_ptr<Model> model, const ApiOptions& options) {
    auto pool = SessionPool::create(model, options.session, options.sessions, options.limits);
    if (!pool.ok()) return pool.status();
    return std::unique_ptr<Api>(new Api(std::move(model), options, std::move(*pool)));
}

Api::Api(std::shared_ptr<Model> model, const ApiOptions& options, std::unique_ptr<SessionPool> pool)
    : m_model(std::move(model)),
      m_access(options.access),
      m_pool(std::move(pool)),
      m_created(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                    .count()) {
    m_served.name = servedName(*m_model, options);
    m_served.vocabulary = m_model->config().vocabulary;
    m_served.context = m_pool->context();
    m_served.shape = m_model->config().routingShape();
    m_served.thinking_choice = m_model->chatTemplate().thinkingChoice();
}

std::optional<HttpReply> Api::refuse(const HttpHead& head) {
    std::optional<ApiError> error = refusalFor(head, m_access);
    if (!error) {
        const std::string method = head.method == "HEAD" ? "GET" : head.method;
        bool path_known = false, known = false;
        for (const Endpoint& endpoint : kEndpoints) {
            path_known |= endpoint.path == head.path;
            known |= endpoint.path == head.path && (endpoint.method == method || method == "OPTIONS");
        }
        if (!path_known) {
            error = errorWith(404, "There is no endpoint at " + quoted(head.path) + ".");
        } else if (!known) {
            error = errorWith(405, quoted(head.path) + " does not support the method " + quoted(head.method) + ".");
        } else if (method == "POST" && !head.content_type.starts_with("application/json")) {
            // What a page can send without asking is of other types.
            error = errorWith(415, "The request's Content-Type is not application/json.");
        }
    }
    if (!error) return std::nullopt;
    return finished(head, replyOf(*error));
}

HttpReply Api::answer(const HttpRequest& request) {
    const std::string& path = request.head.path;
    HttpReply reply;
    if (request.head.method == "OPTIONS") {
        reply.status = 204;
        reply.headers = {{"Access-Control-Allow-Methods", "GET, POST, OPTIONS"},
                         {"Access-Control-Allow-Headers", "authorization, content-type"},
                         {"Access-Control-Max-Age", "600"}};
    } else if (path == "/v1/models") {
        reply = models();
    } else if (path == "/v1/chat/completions") {
        reply = chat(request);
    } else if (path == "/v1/completions") {
        reply = text(request);
    } else if (path == "/tokenize") {
        reply = tokenize(request);
    } else if (path == "/detokenize") {
        reply = detokenize(request);
    } else if (path == "/tokenizer_info") {
        reply = tokenizerInfo();
    } else if (path == "/metrics") {
        reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
        reply.body = m_metrics.text(m_pool->running(), m_pool->waiting());
    } else {
        reply = replyOf(Json{{"status", "ok"}});
    }
    return finished(request.head, std::move(reply));
}

HttpReply Api::finished(const HttpHead& head, HttpReply reply) {
    // Paths that are not ours are not kept: anybody could make them up.
    m_metrics.countRequest(reply.status == 404 && !head.path.starts_with("/v1/") ? "other" : head.path, reply.status);
    if (!head.origin.empty() && reply.status != 403) {
        reply.headers.emplace_back("Access-Control-Allow-Origin", head.origin);
        reply.headers.emplace_back("Vary", "Origin");
    }
    return reply;
}

HttpReply Api::explain(int status) {
    std::string sentence;
    switch (status) {
        case 411:
            sentence = "The request has no Content-Length, or several.";
            break;
        case 413:
            sentence = "The request's body is too long.";
            break;
        case 414:
            sentence = "The request's address is too long.";
            break;
        case 415:
            sentence = "The request's body is compressed, which is not supported.";
            break;
        case 500: {
            ApiError error = errorWith(500, "The server failed to answer; the same may work later.");
            error.type = "server_error";
            return replyOf(error);
        }
        default:
            sentence = "This is not a valid HTTP/1.1 request.";
    }
    return replyOf(errorWith(status, sentence));
}

HttpReply Api::models() {
    const Json model = {{"id", m_served.name},
                        {"object", "model"},
                        {"created", m_created},
                        {"owned_by", "moescope"},
                        {"max_model_len", m_served.context},
                        {"moescope",
                         {{"architecture", m_model->config().architecture_name},
                          {"layers", m_model->config().layers},
                          {"dense_layers", m_model->config().dense_layers},
                          {"experts", m_served.shape.experts},
                          {"experts_used", m_served.shape.experts_used},
                          {"shared_experts", m_served.shape.shared_experts},
                          {"expert_groups", m_served.shape.groups},
                          {"expert_groups_used", m_served.shape.groups_used}}}};
    return replyOf(Json{{"object", "list"}, {"data", Json::array({model})}});
}

HttpReply Api::chat(const HttpRequest& request) {
    auto parsed = parseChatRequest(request.body, m_served);
    if (!parsed.ok()) return replyOf(parsed.error());
    return answerChat({*m_model, m_served, *m_pool, m_metrics}, std::move(*parsed), request.watch());
}

HttpReply Api::text(const HttpRequest& request) {
    auto parsed = parseTextRequest(request.body, m_served);
    if (!parsed.ok()) return replyOf(parsed.error());
    return answerText({*m_model, m_served, *m_pool, m_metrics}, std::move(*parsed), request.watch());
}

HttpReply Api::tokenize(const HttpRequest& request) {
    const auto parsed = parseTokenizeRequest(request.body, m_served);
    if (!parsed.ok()) return replyOf(parsed.error());
    const std::vector<std::int32_t> ids =
        parsed->messages ? chatPrompt(*m_model, *parsed->messages, parsed->answer_follows, false, std::nullopt)
                         : textTokens(*m_model, *parsed);
    Json body = {{"count", ids.size()}, {"max_model_len", m_served.context}, {"tokens", ids}};
    if (parsed->token_texts) {
        Json texts = Json::array();
        for (const std::int32_t id : ids) {
            const std::string_view bytes = m_model->tokenizer().bytes(id);
            texts.push_back(bytes.empty() ? m_model->tokenizer().name(id) : std::string(bytes));
        }
        body["token_strs"] = std::move(texts);
    }
    return replyOf(body);
}

HttpReply Api::tokenizerInfo() {
    const Tokenizer& tokenizer = m_model->tokenizer();
    const auto named = [&](std::optional<std::int32_t> id) { return id ? Json(tokenizer.name(*id)) : Json(); };
    return replyOf(Json{{"tokenizer_class", "moescope"},
                        {"bos_token", named(tokenizer.bos())},
                        {"eos_token", named(tokenizer.eos())},
                        {"add_bos_token", tokenizer.addBos()},
                        {"model_max_length", m_served.context}});
}

HttpReply Api::detokenize(const HttpRequest& request) {
    const auto ids = parseDetokenizeRequest(request.body, m_served);
    if (!ids.ok()) return replyOf(ids.error());
    return replyOf(Json{{"prompt", m_model->tokenizer().decode(*ids)}});
}

}  // namespace moescope::serve
