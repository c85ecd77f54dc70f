#pragma once
// Answers with a model that is loaded here.

#include <memory>

#include "app/chat/answerer.h"
#include "engine/engine.h"

namespace moescope {

class LocalAnswerer : public Answerer {
public:
    /// Errors: those of Session::create().
    static Result<std::unique_ptr<LocalAnswerer>> create(std::shared_ptr<Model> model, const SessionOptions& options);

    const AnswererInfo& info() const override { return m_info; }
    AnswerEnd answer(const AnswerRequest& request, AnswerObserver& observer, const std::stop_token& stop) override;

    /// From the next answer on its session computes beside others of its model, which answer on threads of their own
    /// (engine/shared_compute.h); null: alone. Not owned.
    void share(SharedCompute* shared) { m_session->share(shared); }

    const std::shared_ptr<Model>& model() const { return m_model; }
    std::uint64_t memoryBytes() const { return m_session->memoryBytes(); }  ///< beside the model's

private:
    LocalAnswerer(std::shared_ptr<Model> model, std::unique_ptr<Session> session);
    std::size_t previousFirst(const AnswerRequest& request, int reserve) const;

    std::shared_ptr<Model> m_model;
    std::unique_ptr<Session> m_session;
    AnswererInfo m_info;
    RouterRules m_rules;             // what the cached keys and values were computed with
    std::int64_t m_last_answer = 0;  // whose tokens the cache ends with; 0: not known
    /// Where the last prompt began, if turns were dropped.
    struct Cut {
        std::int64_t conversation = 0, first = 0;
        int reserve = 0;
    } m_cut;
};

}  // namespace moescope
