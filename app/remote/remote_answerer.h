#pragma once
// Answers that a server of others computes: whatever has OpenAI's interface, and where that is vLLM or SGLang, which
// experts ran as well.
//
// vLLM names them in no stream. While an answer comes, and once more at its end, its tokens so far are given to the
// model again as a prompt, which names the experts of all of them: the same ones, but for near ties. SGLang names them
// at the end of the stream itself; it is given the ids of the prompt, which a first request of one token tells.

#include <memory>
#include <vector>

#include "app/chat/answerer.h"
#include "app/remote/probe.h"

namespace moescope {

class RemoteAnswerer : public Answerer {
public:
    explicit RemoteAnswerer(RemoteModel model);

    const AnswererInfo& info() const override { return m_info; }
    AnswerEnd answer(const AnswerRequest& request, AnswerObserver& observer, const std::stop_token& stop) override;

    const RemoteModel& model() const { return m_model; }
    /// What stands for it where a model's file would: "http://127.0.0.1:8000#NAME".
    std::string path() const { return withoutVersion(m_model.address.url) + "#" + m_model.model.id; }
    /// "Answered by 127.0.0.1:8000 (vLLM). Experts are read again from its tokens, by ids only." and the like.
    std::string sentence() const;

private:
    /// What the server had computed at the end of the last answer.
    struct Last {
        std::int64_t answer = 0;
        std::vector<std::int32_t> ids;
        int rows = 0;  ///< tokens whose experts are known
    };

    RemoteModel m_model;
    Server m_server;
    AnswererInfo m_info;
    Last m_last;
};

}  // namespace moescope
