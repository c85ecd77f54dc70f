#pragma once
// The answer that is being made: what was asked of the engine, and what it has said so far. There is at most one, which
// may belong to another conversation than the one that is shown. Others may be made beside it, in columns; of these it
// knows only whether any still is. GUI thread.

#include <QObject>
#include <QString>
#include <functional>
#include <string>
#include <vector>

#include "app/window/engine_thread.h"

namespace moescope {

class ActiveAnswer : public QObject {
    Q_OBJECT

public:
    /// Calls `then` once, later, when what was changed until now has been painted.
    using AfterPainting = std::function<void(std::function<void()> then)>;

    explicit ActiveAnswer(EngineThread* engine, QObject* parent) : QObject(parent), m_engine(engine) {}

    /// The engine is asked after that, as it takes all cores then; without one, at once.
    void setAfterPainting(AfterPainting wait) { m_after_painting = std::move(wait); }

    /// From ask() to end().
    bool runs() const { return m_state != State::kNone; }
    /// From ask() to endOthers(), if there are any.
    bool othersRun() const { return m_others_run; }
    /// Its conversation, and that of the others; 0: none runs.
    qint64 conversation() const { return runs() || m_others_run ? m_request.conversation : 0; }
    /// The message that is written; 0 before it exists.
    qint64 message() const { return m_message; }
    /// What was asked for last, also after it has ended.
    const AnswerRequest& request() const { return m_request; }
    /// All of it that the engine has said. The history may be behind, or ahead of batches that are still to come.
    const std::string& text() const { return m_text; }
    const std::vector<MessageToken>& tokens() const { return m_tokens; }
    /// What stands after its figures: the rules that it is made with.
    const QString& rulesText() const { return m_rules_text; }

    /// `compare_with`: an answer that it is to be compared with; 0: none. `others`: in columns beside it, from the
    /// first.
    void ask(AnswerRequest request, qint64 compare_with = 0, std::vector<AnswerRequest> others = {});
    /// The last request again, under another policy, and compared with the same answer; false if there was none.
    bool askAgain(ContextPolicy policy);
    /// The engine has been asked at the latest when this returns, so that it ends what was begun: all of it.
    void stop();
    /// The same of one that has others beside it; 0: this one.
    void stopColumn(int column);

    /// It exists. For an answer that goes on, with the tokens that it has.
    void begin(qint64 message, std::vector<MessageToken> tokens);
    /// False if it is of another answer.
    bool add(const AnswerBatch& batch);
    /// It has ended, or was refused. Gives the answer that it is to be compared with, 0 for none.
    qint64 end();
    /// All have ended.
    void endOthers() { m_others_run = false; }

private:
    enum class State {
        kNone,
        kToBeAsked,  // the window paints the question
        kAsked,
        kBegun,
    };
    void start();
    void handOver();

    EngineThread* m_engine;
    AfterPainting m_after_painting;
    State m_state = State::kNone;
    AnswerRequest m_request;
    std::vector<AnswerRequest> m_others;
    bool m_others_run = false;
    qint64 m_message = 0, m_compare_with = 0;
    std::string m_text;
    std::vector<MessageToken> m_tokens;
    QString m_rules_text;
    int m_turn = 0;  // of ask(): a call that comes late belongs to another one
};

}  // namespace moescope
