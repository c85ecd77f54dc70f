// A conversation read again on the engine's thread, for its routing.

#include <algorithm>

#include "app/chat/model_name.h"
#include "app/window/crash_note.h"
#include "app/window/engine_thread.h"
#include "app/window/report_clock.h"

namespace moescope {
namespace {

/// Of an answer's tokens the records say that they were decoded, as those that were answered here do.
class AsAnswered : public RoutingSink {
public:
    AsAnswered(RoutingLog& log, const Reread& reread) : m_log(log), m_reread(reread) {}
    void onToken(const TokenRouting& token) override {
        TokenRouting told = token;
        const int owner = m_reread.owners[static_cast<std::size_t>(token.position)];
        const bool of_answer = owner >= 0 && m_reread.roles[static_cast<std::size_t>(owner)] == Role::kAssistant;
        told.phase = of_answer ? Phase::kDecode : Phase::kPrefill;
        m_log.onToken(told);
    }

private:
    RoutingLog& m_log;
    const Reread& m_reread;
};

}  // namespace

void EngineThread::reread(RereadJob job) {
    enqueue([this, job = std::move(job)](const std::stop_token& stop) { doReread(job, stop); });
}

void EngineThread::doReread(const RereadJob& job, const std::stop_token& stop) {
    const auto refuse = [this](const QString& sentence) { emit rereadEnded(nullptr, sentence); };
    const auto fail = [&](const Status& why) {
        refuse(why.code() == StatusCode::kStopped ? QString() : QString::fromStdString(why.message()));
    };
    if (!m_answerer) return refuse(tr("No model is loaded; choose one above."));
    if (!m_local) return refuse(tr("The model runs on a server; re-reading a chat needs one on this machine."));
    nowDoing("re-reading a chat");
    const std::shared_ptr<Model>& model = m_local->model();
    const RenderedChat chat = model->chatTemplate().render(model->tokenizer(), job.messages, false);
    std::vector<std::int32_t> ids = chat.ids();
    auto session = sessionBeside(ids.size());
    if (!session.ok()) return fail(session.status());
    if (const Status rules = (*session)->setRouterRules(job.rules); !rules.ok()) return fail(rules);

    auto reread = std::make_shared<Reread>();
    reread->conversation = job.conversation;
    reread->model = modelName(*model);
    reread->rules = job.rules;
    reread->log = std::make_shared<RoutingLog>(m_answerer->info().shape);
    reread->ids = job.ids;
    for (const ChatMessage& message : job.messages) reread->roles.push_back(message.role);
    const std::size_t room = std::min(ids.size(), static_cast<std::size_t>((*session)->context()));
    reread->left_out = static_cast<int>(ids.size() - room);
    ids.resize(room);
    reread->tokens.resize(job.messages.size());
    for (std::size_t i = 0; i < room; ++i) {
        const RenderedChat::Token& token = chat.tokens[i];
        reread->owners.push_back(token.message);
        reread->texts.emplace_back(model->tokenizer().bytes(token.id));
        if (token.message >= 0)
            reread->tokens[static_cast<std::size_t>(token.message)].push_back(
                {token.id, token.begin, token.end, static_cast<std::int32_t>(i)});
    }
    // The blank that a model begins its answer with is not in the answer's text, but the model wrote it.
    for (std::size_t i = model->chatTemplate().blankBeforeAnswer() ? room : 0; i-- > 1;) {
        const int next = reread->owners[i];
        const bool begins = next >= 0 && reread->roles[static_cast<std::size_t>(next)] == Role::kAssistant;
        if (begins && reread->owners[i - 1] < 0 && reread->texts[i - 1] == " ") reread->owners[i - 1] = next;
    }
    AsAnswered sink(*reread->log, *reread);
    ReportClock report;
    const Status read = (*session)->evaluate(ids, LogitsWanted::kLast, &sink, Phase::kPrefill, stop, [&](int done) {
        if (report.due()) emit rereadProgress(done, static_cast<int>(room));
    });
    if (!read.ok()) return fail(read);
    emit rereadEnded(reread, {});
}

}  // namespace moescope
