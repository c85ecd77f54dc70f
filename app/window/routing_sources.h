#pragma once
// From the history to what the inspector reads: the routing of an answer, or of the shown branch of a conversation,
// with the texts of its tokens and their places in the messages. No model is needed; with the one that answered loaded,
// the tokens of prompts have their texts too. GUI thread.
//
// Ids of sources: an answer's is its message's id, a conversation's shown branch is minus its id, imported traces and
// chats that were read again count on from kFirstTrace. Whole chats, folders and all chats, which ChatsReader reads,
// are below these.

#include <QHash>
#include <QList>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "app/window/engine_thread.h"
#include "storage/history.h"
#include "ui/inspector/inspector_model.h"

namespace moescope {

class RoutingSources {
public:
    static constexpr qint64 kFirstTrace = qint64{1} << 40;
    static constexpr qint64 kAllChats = -(qint64{1} << 40);
    static qint64 idOfConversation(qint64 conversation) { return -conversation; }
    static qint64 idOfWholeChat(qint64 conversation) { return -(qint64{1} << 41) - conversation; }
    static qint64 idOfFolder(qint64 folder) { return -(qint64{1} << 42) - folder; }
    static bool isOfChats(qint64 id) { return id <= kAllChats; }

    /// `history` is not owned.
    explicit RoutingSources(History* history) : m_history(history) {}

    /// The model that texts of prompts' tokens may be taken from.
    void setModel(const LoadedModel& model) { m_model = model; }
    const LoadedModel& model() const { return m_model; }
    /// A token's text in the vocabulary of a model; "" if that model is not loaded.
    QString tokenText(const std::string& model, std::int32_t token) const;
    RoutingSource::Vocabulary vocabulary(const std::string& model) const;

    /// Null where nothing is known of it.
    SharedSource load(qint64 id);
    SharedSource answer(qint64 message);
    /// Of the branch that is shown, answer after answer; those of other models than the last one's are left out.
    SharedSource conversation(qint64 id);
    /// A trace of another program, or of ours. Its texts, one per token, may be missing.
    SharedSource addTrace(const QString& name, const std::shared_ptr<const RoutingLog>& log,
                          std::vector<QString> texts = {});

    /// A chat as a model has read it again.
    SharedSource addReread(qint64 conversation, const QString& model, const std::shared_ptr<const RoutingLog>& log);
    /// The last one of a chat; null if there is none.
    SharedSource rereadOf(qint64 conversation) const;

    /// A source's name in texts that open it again: "branch-12", "answer-34", "chat-12", "folder-3", "all",
    /// "trace-law.csv"; "" for one that the next start does not have.
    QString keyOf(qint64 id) const;
    /// The source that keyOf() named so; nothing if the history no longer has it.
    std::optional<qint64> idOf(const QString& key) const;
    /// The chat that a source is of; 0: of none, or of several.
    qint64 conversationOf(qint64 id) const;

    /// What Compare and Specialists may load: imported traces, the answers of a conversation with what makes each
    /// different, and other conversations by folder.
    QList<SourceOffer> offers(qint64 conversation) const;
    /// What the scope bar may show: the branch, its answer `message` (0: none), the whole chat, its folder, all chats,
    /// traces.
    QList<SourceOffer> choices(qint64 conversation, qint64 message) const;
    /// The chats of a source of several, newest first.
    std::vector<std::int64_t> chatsOf(qint64 id) const;

private:
    History* m_history;
    LoadedModel m_model;
    qint64 nextId() const { return kFirstTrace + static_cast<qint64>(m_kept.size()); }

    struct Kept {
        SharedSource source;
        qint64 conversation = 0;  // that was read again; 0: an imported trace
        QString choice;           // its name in the scope bar
    };
    std::vector<Kept> m_kept;
};

}  // namespace moescope
