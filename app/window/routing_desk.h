#pragma once
// Between the chat and the inspector: the shown branch is the inspector's source and grows while an answer streams;
// what is selected in one is selected in the other. Of a long branch the source has the last answers only
// (kMostTokens), so that opening a chat does not wait for the records of all of it; a token of an earlier answer brings
// that answer's routing. GUI thread.

#include <QObject>
#include <QTimer>

#include "app/window/branch_routing.h"
#include "app/window/chats_reader.h"
#include "app/window/routing_sources.h"

namespace moescope {

class ChatController;
class InspectorDock;
class TranscriptModel;
class TranscriptView;

class RoutingDesk : public QObject {
    Q_OBJECT

public:
    /// Tokens after which no earlier answers are read when a chat is opened.
    static constexpr std::size_t kMostTokens = 8192;

    /// None is owned; all outlive this. `data_dir`: of the history.
    RoutingDesk(const std::string& data_dir, History* history, ChatController* chat, TranscriptModel* transcript,
                TranscriptView* view, InspectorDock* inspector, QObject* parent = nullptr);

    void setModel(const LoadedModel& model);
    RoutingSources& sources() { return m_sources; }
    /// Selects a token of a shown answer, here and in the transcript.
    void selectToken(qint64 message, int index);
    /// Shows another source in the inspector, until the chat changes.
    void showSource(const SharedSource& source);
    /// What the inspector shows; null if nothing.
    SharedSource shownSource() const;
    /// Its tokens in the scope.
    SharedSource scopedSource() const;
    /// The last answer of the shown branch, if the source is that; 0 otherwise.
    qint64 lastAnswerOf(qint64 source) const;
    /// Of several chats, which are read now.
    ChatsReader& reader() { return m_reader; }
    /// Shows two answers beside each other.
    void compare(qint64 a, qint64 b);
    /// What waits to be done is done now; for tests.
    void flush();

private:
    /// An answer's place among the tokens of the source.
    struct Part {
        qint64 message = 0;
        std::size_t begin = 0, end = 0;
        std::shared_ptr<const RoutingLog> log;  // its own; null if none fits
        std::size_t read = 0;                   // tokens of it that were looked at
    };
    /// In slices, so that nobody waits for a long chat's routing; `whole`: all of it now.
    void rebuild(bool whole = false);
    /// A token in the shown source; `load`: that shows the source which has it, if another one does.
    Spot spotOf(qint64 message, int index, bool load);
    void addAnswer(qint64 message);
    /// Takes records of an answer that came while a rebuild was due.
    void catchUp(Part& part);
    void grow(const AnswerBatch& batch);
    void place(const Part& part, int first_index);
    void onSelection(RoutingSelection::Parts parts);
    void onSourceWanted(qint64 id);
    void offer();
    void offerChoices();
    /// Links the tokens of questions, the system prompt and the template, as the loaded model places them.
    void placeQuestions();
    /// What the shown source's routing was made by, for figures.
    QString origin() const;

    RoutingSources m_sources;
    ChatsReader m_reader;
    ChatController* m_chat;
    TranscriptModel* m_transcript;
    TranscriptView* m_view;
    InspectorDock* m_inspector;
    std::shared_ptr<RoutingRuns> m_runs;  // of m_source
    BranchRouting m_branch;               // what m_runs has
    SharedSource m_source;
    qint64 m_conversation = 0;
    std::vector<Part> m_parts;
    std::size_t m_questions_placed = 0;  // records of m_source that were looked at for them
    std::size_t m_skipped = 0;           // answers of the branch before the first part
    QTimer m_rebuild;
    bool m_from_transcript = false;
};

}  // namespace moescope
