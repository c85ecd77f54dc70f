#pragma once
// A model that is served to a test, and what its answers must be, computed by the engine alone.

#include "app/serve/api.h"
#include "app/serve/server.h"
#include "tests/chat/answering.h"
#include "tests/serve/client.h"

namespace moescope::serve {

struct Served {
    std::unique_ptr<Api> api;
    std::unique_ptr<Server> server;  // ends before what it calls

    explicit Served(const std::shared_ptr<Model>& model, ApiOptions options = {}, const ConnectionLimits& limits = {}) {
        options.access.address = "127.0.0.1";
        options.model_name = "m";
        auto made = Api::create(model, options);
        REQUIRE_MESSAGE(made.ok(), made.status().message());
        api = std::move(*made);
        auto started = Server::start({"127.0.0.1", 0}, *api, limits);
        REQUIRE_MESSAGE(started.ok(), started.status().message());
        server = std::move(*started);
    }
    int port() const { return server->port(); }
    HttpAnswer chat(Json body) const { return post(port(), "/v1/chat/completions", withDefaults(std::move(body))); }
    HttpAnswer text(Json body) const { return post(port(), "/v1/completions", withDefaults(std::move(body))); }
    static Json withDefaults(Json body) {
        if (!body.contains("temperature")) body["temperature"] = 0;
        return body;
    }
    /// The value of a metric without labels.
    double metric(const std::string& name) const {
        const std::string text = get(port(), "/metrics").body;
        const std::size_t at = text.find("\nmoescope_" + name + " ");
        REQUIRE(at != std::string::npos);
        return std::atof(text.c_str() + at + name.size() + 11);
    }
};

/// What the engine says of some tokens.
struct Known {
    std::vector<std::int32_t> ids;
    std::vector<float> logits;  // (tokens, vocabulary)
    RoutingLog log;

    Known(const std::shared_ptr<Model>& model, std::vector<std::int32_t> tokens, const RouterRules& rules = {})
        : ids(std::move(tokens)), log(model->config().routingShape()) {
        const auto session = std::move(Session::create(model, {})).value();
        REQUIRE(session->setRouterRules(rules).ok());
        REQUIRE(session->evaluate(ids, LogitsWanted::kAll, &log, Phase::kPrefill, {}).ok());
        logits.assign(session->logits().begin(), session->logits().end());
    }
    /// ln p of token `i`, by the plain formula.
    double logProbability(std::size_t i) const {
        const std::size_t n = logits.size() / ids.size();
        double total = 0;
        for (std::size_t v = 0; v < n; ++v) total += std::exp(static_cast<double>(logits[(i - 1) * n + v]));
        return static_cast<double>(logits[(i - 1) * n + static_cast<std::size_t>(ids[i])]) - std::log(total);
    }
};

}  // namespace moescope::serve
