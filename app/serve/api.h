#pragma once
// The endpoints: OpenAI's API with the fields of vLLM and SGLang for routing, on one model.

#include <memory>

#include "app/serve/access.h"
#include "app/serve/metrics.h"
#include "app/serve/request.h"
#include "app/serve/session_pool.h"
#include "engine/engine.h"

namespace moescope::serve {

struct ApiOptions {
    std::string model_name;  ///< "": the model's own, or its file's without folder and ending
    SessionOptions session;
    int sessions = 1;  ///< that answer at once
    PoolLimits limits;
    Access access;
};

/// Any thread may ask.
class Api : public HttpHandler {
public:
    /// Errors: those of Session::create().
    static Result<std::unique_ptr<Api>> create(std::shared_ptr<Model> model, const ApiOptions& options);

    std::optional<HttpReply> refuse(const HttpHead& head) override;
    HttpReply answer(const HttpRequest& request) override;
    HttpReply explain(int status) override;

    const ServedModel& served() const { return m_served; }
    const SessionPool& pool() const { return *m_pool; }

private:
    Api(std::shared_ptr<Model> model, const ApiOptions& options, std::unique_ptr<SessionPool> pool);

    HttpReply models();
    HttpReply chat(const HttpRequest& request);
    HttpReply text(const HttpRequest& request);
    HttpReply tokenize(const HttpRequest& request);
    /// What harnesses need that ask the server to tokenize.
    HttpReply tokenizerInfo();
    HttpReply detokenize(const HttpRequest& request);
    /// With what a browser must see, and counted.
    HttpReply finished(const HttpHead& head, HttpReply reply);

    std::shared_ptr<Model> m_model;
    Access m_access;
    std::unique_ptr<SessionPool> m_pool;
    ServedModel m_served;
    std::int64_t m_created;
    Metrics m_metrics;
};

/// A reply that is an error.
HttpReply replyOf(const ApiError& error);

}  // namespace moescope::serve
