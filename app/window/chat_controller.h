#pragma once
// One conversation at a time: its tree of messages in the history, the branch that the transcript shows, and the answer
// that is being written (which may belong to another conversation than the one shown). GUI thread.
//
// A question is on the disk before it is answered. As a rule that is so when send() returns; where another program
// keeps the history locked, or the disk is slow, the transcript shows it as being saved (kUnsaved), and its answer
// begins after that. A new chat, its first question and the end of its draft are one transaction: a crash leaves all or
// the draft.

#include <QHash>
#include <QObject>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "app/chat/message_tree.h"
#include "app/window/active_answer.h"
#include "app/window/answer_routings.h"
#include "app/window/chat_settings.h"
#include "engine/base/generation_settings.h"
#include "storage/history.h"
#include "ui/chat/transcript_message.h"

namespace moescope {

class HistoryWriter;
class Model;
class TranscriptModel;

class ChatController : public QObject {
    Q_OBJECT

public:
    /// The id that a question has in the transcript until it is stored.
    static constexpr qint64 kUnsaved = -1;

    /// None is owned; all outlive this. `history` is read, `writer` writes.
    ChatController(History* history, HistoryWriter* writer, EngineThread* engine, TranscriptModel* transcript,
                   QObject* parent = nullptr);

    /// The conversation that is shown; 0: a new one that is not stored before its first question.
    qint64 conversation() const { return m_conversation.id; }
    const Conversation& current() const { return m_conversation; }
    void open(qint64 conversation);
    void startNew();
    /// After changes of title, prompt or settings that were made elsewhere.
    void reload();

    /// Whether a question may be asked at all; asked on the writer's thread before it is stored. Gives kOutOfRange and
    /// a sentence for one that is too long for the model's context.
    using Fits = std::function<Status(const std::string& question, const std::string& system_prompt, int max_tokens)>;
    void setFits(Fits fits) { m_fits = std::move(fits); }
    /// Whether answers are asked for the alternatives of their tokens.
    void setOddsWanted(OddsWanted wanted) { m_odds_wanted = wanted; }
    /// What is to be answered in columns beside an answer of the chat that is shown, from the first; none: nothing.
    using Others = std::function<std::vector<AnswerRequest>(const AnswerRequest& request)>;
    void setOthers(Others others) { m_others = std::move(others); }
    /// The engine is asked after the question has been painted: then it takes all cores.
    void setAfterPainting(ActiveAnswer::AfterPainting wait) { m_answer.setAfterPainting(std::move(wait)); }

    /// False if nothing may be asked now, which failed() has said. What cannot be stored (a full disk, a text that is
    /// too long) comes back by notStored().
    bool send(const QString& text);
    /// A sibling with another text: of a question with an answer to it, of an answer as it is. False as of send().
    bool edit(qint64 message, const QString& text);
    /// One more answer to a question, or to the question of an answer. With rules of its own instead of the
    /// conversation's, it is made with the sampling and seed of the answer, so that only the rules differ, and when it
    /// has ended, comparisonWanted() tells of the two.
    void regenerate(qint64 message, const std::optional<RouterRules>& rules = {});
    void continueAnswer(qint64 message);
    void remove(qint64 message);
    /// Brings back what remove() took last.
    void undoRemove();
    void showSibling(qint64 message, int delta);
    /// Shows the newest branch that a message is on, if the shown one does not have it.
    void showMessage(qint64 message);
    void stop();
    /// Ends one of the answers beside each other; 0: the chat's.
    void stopColumn(int column) { m_answer.stopColumn(column); }
    /// For a refusal that asked: the same answer, with the oldest turns dropped.
    void retryDroppingOldest();

    /// Whether an answer is being written, also in a column, or a question is being saved.
    bool answering() const { return m_answer.runs() || m_answer.othersRun() || m_unsaved; }
    bool saving() const { return m_unsaved.has_value(); }
    /// Where that belongs; 0 for none, and for a new chat.
    qint64 answeringConversation() const {
        return m_answer.conversation() != 0 ? m_answer.conversation() : m_unsaved ? m_unsaved->conversation : 0;
    }
    /// Whether continueAnswer() has something to do: an answer was cut off, and did not end by itself.
    bool mayContinue(qint64 message) const;
    QString textOf(qint64 message) const;
    /// The same without what the model thought aloud.
    QString shownTextOf(qint64 message) const;
    std::optional<qint64> lastQuestion() const;
    /// Tokens that the branch shown took of the context when it was last answered.
    int contextTokens() const;

    /// The settings that answers are made with: the conversation's own, else the defaults.
    GenerationSettings settings() const { return m_settings.of(m_conversation); }
    void setDefaults(const GenerationSettings& defaults) { m_settings.setDefaults(defaults); }
    void setSystemPrompt(const QString& text) { m_settings.setSystemPrompt(m_conversation, text); }
    /// The model that the conversation is held with, for when it is opened again.
    void setModel(const QString& path) { m_settings.setModel(m_conversation, path); }
    void setSettings(const GenerationSettings& settings) { m_settings.setSettings(m_conversation, settings); }
    void setDraft(const QString& text);
    /// The router's rules of the conversation.
    RouterRules rules() const { return ChatSettings::rulesOf(m_conversation); }
    void setRules(const RouterRules& rules) { m_settings.setRules(m_conversation, rules); }
    /// The name of the model that an answer is by.
    std::string modelOf(qint64 message) const;
    /// The first message that an answer's prompt still had; none: all before it.
    std::optional<std::int64_t> cutOf(qint64 message) const;
    /// Those that an answer was made with.
    RouterRules rulesOf(qint64 message) const;

    /// The routing of an answer, with that of the prompt's tokens that were computed for it; null if there is none.
    std::shared_ptr<const RoutingLog> routing(qint64 message) { return m_routings.of(message); }
    /// A token of an answer of this chat, and what might have been said in its place; nothing if that is not known.
    std::optional<MessageToken> tokenOf(qint64 message, int token);
    std::optional<TokenOdds> oddsOf(qint64 message, int token);
    /// Whether the chat that is shown may get messages now.
    bool mayChange() const { return !m_conversation.deleted_ms && !answering(); }
    /// An answer that is the same up to a token, has `instead` there, and goes on from it. `model` wrote it.
    void branchAt(qint64 message, int token, std::int32_t instead, const Model& model);

    /// The records of a token of an answer, one per MoE layer; empty if they are not known.
    std::vector<LayerRouting> tokenRouting(qint64 message, int token);
    /// The one of a MoE layer, counted from 0; nothing if it is not known.
    std::optional<LayerRouting> tokenRouting(qint64 message, int token, int layer);

signals:
    void opened(qint64 conversation);
    /// The new chat that is shown has been stored, with its first question.
    void becameStored(qint64 conversation);
    /// What was asked for could not be stored, and is in no transcript: `edited` as given to edit(), 0 from send().
    void notStored(qint64 conversation, qint64 edited, const QString& text, const moescope::Status& why);
    /// Title, time or number of messages changed, or it is new: lists want to know.
    void conversationChanged(qint64 conversation);
    void answeringChanged(bool answering);
    void answerProgress(const moescope::AnswerBatch& batch);
    void answerEnded(const moescope::AnswerEnded& end);
    /// While a long prompt is read: tokens so far; not for the last ones.
    void prefillProgress(int done, int total);
    void contextUsed(int tokens);
    /// An answer that was regenerated with rules of its own has ended: `before` is the one that it was asked from.
    void comparisonWanted(qint64 before, qint64 after);
    void removed();  ///< undoRemove() can bring it back
    /// A sentence for the user, about a conversation (0: the new one).
    void failed(qint64 conversation, const QString& sentence);
    /// The context is full and the policy is to ask.
    void contextQuestion(qint64 conversation, const QString& sentence);

private:
    /// The setting that holds what was written in a chat that is not stored yet.
    static constexpr const char* kNewDraft = "window.draft";
    /// A question, or an answer in other words, that is being stored.
    struct Unsaved {
        qint64 conversation = 0;  // 0: a new one, which is shown as long as this is
        std::optional<std::int64_t> parent;
        qint64 edited = 0;
        QString text;
        Author author = Author::kUser;
        std::string model;
        Conversation chat;     // as it is shown, for a new one
        bool stopped = false;  // it is to be stored, and not to be answered
    };
    /// What of a conversation is in the writer's queue, so that opening it shows what it will be.
    struct Queued {
        std::optional<std::string> draft;
        std::optional<std::int64_t> leaf;
    };

    void loadTree();
    /// Of an answer; read once while its conversation is open.
    const std::vector<TranscriptToken>& shownTokens(const Message& message);
    static TranscriptToken shown(const MessageToken& token) { return {token.begin, token.end, token.position}; }
    TranscriptMessage shownMessage(const Message& message);
    TranscriptMessage shownUnsaved() const;
    void showBranch();
    /// Makes a message that was just stored the end of the branch.
    void showNew(qint64 message);
    /// Forgets the routing and tokens of answers that are not shown anymore.
    void forgetOthers();
    void writeDraft(qint64 conversation);
    void writeLeaf();
    void store(Unsaved unsaved);
    void onStored(const Status& status, qint64 conversation, qint64 message);
    /// `answer`: to go on with, or to be compared with the new one; 0: none.
    enum class Instead { kNew, kContinued, kCompared };
    void requestAnswer(const Conversation& conversation, std::vector<Message> turns, const RouterRules& rules,
                       GenerationSettings settings, Instead how = Instead::kNew, qint64 answer = 0);
    void onBegun(qint64 conversation, qint64 message);
    void onBatch(const AnswerBatch& batch);
    void onEnded(const AnswerEnded& end);
    void onRefused(qint64 conversation, const QString& sentence, bool would_fit_cut);
    void onBesideEnded(qint64 conversation);
    void onRemoved(const Status& status, qint64 conversation, qint64 message);
    /// Whether an answer is being written, which is said.
    bool busy();
    bool check(const Status& status) { return check(status, m_conversation.id); }
    bool check(const Status& status, qint64 conversation);
    /// Of a token of an answer that is shown; nothing if there is none.
    std::optional<int> positionOf(qint64 message, int token) const;
    /// Tokens of an answer with what else there might have been, as many; read once while its conversation is open.
    struct ToldTokens {
        std::vector<MessageToken> tokens;
        std::vector<TokenOdds> odds;
    };
    const ToldTokens& toldTokens(qint64 message);

    History* m_history;
    HistoryWriter* m_writer;
    TranscriptModel* m_transcript;
    ChatSettings m_settings;
    ActiveAnswer m_answer;
    AnswerRoutings m_routings;
    Conversation m_conversation;
    QHash<qint64, std::vector<TranscriptToken>> m_shown_tokens;
    QHash<qint64, ToldTokens> m_told;
    MessageTree m_tree;  // of the conversation
    std::optional<Unsaved> m_unsaved;
    QHash<qint64, Queued> m_queued;
    Fits m_fits;
    Others m_others;
    OddsWanted m_odds_wanted = OddsWanted::kWhereFree;
    qint64 m_removed = 0;
};

}  // namespace moescope
