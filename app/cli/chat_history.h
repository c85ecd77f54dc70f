#pragma once
// Keeps what is said in `chat` in the history: questions before they are answered, answers while they come.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/chat/answer_recorder.h"
#include "storage/history.h"

namespace moescope::cli {

/// What `chat --continue` needs of a stored conversation.
struct StoredChat {
    std::string title, system_prompt;
    std::vector<Message> branch;  ///< that is shown
};

/// What cannot be saved is said on stderr, and the chat goes on without it; every call may be made then too. A
/// conversation of which a message is missing is not written any further; the next one is tried again. Receives the
/// routing and the pieces of the answer between beginAnswer() and endAnswer().
class ChatHistory {
public:
    /// Keeps nothing, as the user wishes.
    ChatHistory() = default;
    /// Opens the history of a data folder ("": the user's own).
    explicit ChatHistory(const std::string& data_dir);
    ChatHistory(const ChatHistory&) = delete;
    ChatHistory& operator=(const ChatHistory&) = delete;

    /// The next question begins a conversation.
    void startNew(const std::string& system_prompt, const std::string& model_path);
    /// What follows goes on with a stored conversation. Throws Failure if there is none such, or it is in the trash.
    StoredChat resume(std::int64_t conversation);
    /// 0: none has been stored yet.
    std::int64_t conversation() const { return m_conversation.id; }

    /// Is on the disk when this returns. Gives its id, 0 if it is not kept.
    std::int64_t addQuestion(const std::string& text);
    /// What follows does not follow the last question, which stays as a branch of its own.
    void setQuestionAside();
    /// Begins the answer to the last question. Gives its id, 0 if it is not kept.
    std::int64_t beginAnswer(const AnswererInfo& by, const AnswerRequest& request, const AnswerBegin& begin);
    void onToken(const TokenRouting& token);
    void onPiece(const AnswerPiece& piece);
    void endAnswer(const AnswerEnd& end);

    /// Whether all that was to be kept is on the disk.
    bool savedAll();

private:
    bool keeping() const { return m_history && !m_broken; }
    /// Says why something is not saved; the conversation ends there in the history.
    void giveUp(const Status& status);
    void sayUnsaved(const Status& status);
    void commitIfDue();
    void finishAnswer();
    void settle();

    bool m_wanted = false;
    std::string m_unopened;  // why there is no history
    std::unique_ptr<History> m_history;
    Conversation m_conversation;
    std::optional<std::int64_t> m_last;  // message
    std::optional<std::int64_t> m_before_question;
    std::unique_ptr<AnswerRecorder> m_recorder;
    std::optional<AnswerEnd> m_end;  // of an answer that could not be finished yet
    bool m_broken = false;           // a message of this conversation is missing in the history
    bool m_lost = false;             // something was not saved and will not be
    bool m_said = false;             // why this answer is not saved
};

}  // namespace moescope::cli
