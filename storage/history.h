#pragma once
// The history: every conversation, in one SQLite file of the data folder. Layout: schema.cpp.
//
//   auto history = History::open(data_dir);
//   const auto conversation = history->createConversation({...});
//   const auto question = history->addMessage(message);        // is on the disk when this returns
//
// A History belongs to one thread; several may be open on one file, in this process and in others: readers never wait,
// writers wait for one another, for a time that can be set, and then give StatusCode::kBusy. Every call that writes has
// committed to the disk when it returns, or has changed nothing and says why.

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/file_lock.h"
#include "engine/base/status.h"
#include "storage/conversation.h"
#include "storage/routing_search.h"
#include "storage/settings_store.h"

namespace SQLite {
class Database;
}

namespace moescope {

class AnswerWriter;
enum class Access;

/// What happened when a history was opened, for the user to know.
struct OpenReport {
    bool created = false;
    int migrated_from = -1;    ///< version that the file had; -1: no migration was needed
    std::string copy_path;     ///< of the file before the migration
    std::string damaged_path;  ///< where a damaged file was put; "" if none was found
    std::int64_t recovered_conversations = 0, recovered_messages = 0;
    std::string looked_at_again;  ///< an earlier damaged file of which not all had been recovered; "" for none
    std::int64_t brought_back_conversations = 0, brought_back_messages = 0;  ///< that came from it
    std::int64_t interrupted_answers = 0;                                    ///< that a program which ended had begun
    std::string problem;  ///< a sentence: what could not be done in opening, and is tried again at the next start
    /// One sentence for the status bar; "" if there is nothing to say.
    std::string sentence() const;
};

/// Which conversations a list shows.
struct ConversationFilter {
    bool trash = false;                  ///< those in the trash instead of the others
    std::optional<std::int64_t> folder;  ///< only those of a folder
    int limit = 200, offset = 0;
};

/// Bytes of a text that a search has found.
struct HitRange {
    std::uint32_t begin = 0, end = 0;
};

struct SearchHit {
    std::int64_t conversation = 0;
    std::optional<std::int64_t> message;  ///< none: the title was found
    std::string title;                    ///< of the conversation
    std::string snippet;                  ///< part of the text around the first hits
    std::vector<HitRange> ranges;         ///< hits within the snippet
};

struct SearchResult {
    std::vector<SearchHit> hits;  ///< titles first, then messages, newest first
    bool complete = true;         ///< false: cut off by the limit or by time
};

/// What a question was typed as, and leaves when it is stored.
struct AskedDraft {
    bool keep = false;    ///< leave every draft, as for a question that was changed in its place
    std::string setting;  ///< key of the setting with the draft of a chat that is not stored yet, "" for none
};

/// Where a question is.
struct Asked {
    std::int64_t conversation = 0, message = 0;
};

struct HistoryOptions {
    /// How long opening, and every call that writes, waits while another program writes; kBusy then.
    int patience_ms = 10'000;
    /// Where nothing can be written (a folder or file without the right, a read-only medium, a full disk), the history
    /// is opened to be read. Every call that writes fails then with a sentence; why a folder that could be written is
    /// not is OpenReport::problem.
    bool reading_is_enough = false;
};

/// Other files that may still hold what was purged.
struct OldCopies {
    int backups = 0;        ///< at most five; the oldest goes with each new one
    int damaged = 0;        ///< files that were put aside when they were damaged; never deleted automatically
    int earlier_forms = 0;  ///< copies made before the history was brought to a newer form; never deleted automatically
    int all() const { return backups + damaged + earlier_forms; }
};

/// Told after each step of an import: messages that are stored, of all.
using ImportProgress = std::function<void(std::size_t stored, std::size_t all)>;

/// What became of conversations that were brought in.
struct BroughtIn {
    std::size_t added = 0;         ///< conversations that are new
    std::size_t extended = 0;      ///< that were here and got messages
    std::size_t present = 0;       ///< that were here with all of theirs
    std::size_t in_trash = 0;      ///< of the last two, those in the trash, where they stay
    std::size_t messages = 0;      ///< that were stored
    std::size_t new_in_known = 0;  ///< of these, such as came to conversations that were here
};

std::int64_t nowMs();  ///< milliseconds since 1970

class History {
public:
    /// Opens data_dir/history.sqlite, makes or migrates it, and recovers what can be read of a damaged one. It may be a
    /// link to a file; what belongs to it (journal, locks, damaged files) is beside that file then, backups do not.
    /// Errors: a schema newer than this program's (the file is not touched), a folder that cannot be written, a damaged
    /// file that another program has open, a link to what is not there, kBusy.
    static Result<std::unique_ptr<History>> open(const std::string& data_dir, const HistoryOptions& options = {});
    ~History();

    const std::string& path() const { return m_path; }
    const OpenReport& report() const { return m_report; }
    /// Nothing can be written; see HistoryOptions::reading_is_enough.
    bool readOnly() const;
    /// From now on; see HistoryOptions.
    void setPatience(int ms);

    // Conversations.
    Result<std::int64_t> createConversation(const Conversation& conversation);
    Result<Conversation> conversation(std::int64_t id);
    /// Pinned first, then by the last change, newest first; of the same time, as they were stored.
    Result<std::vector<Conversation>> conversations(const ConversationFilter& filter);
    Status setTitle(std::int64_t id, const std::string& title, bool automatic);
    Status setPinned(std::int64_t id, bool pinned);
    Status setFolder(std::int64_t id, std::optional<std::int64_t> folder);
    Status setSystemPrompt(std::int64_t id, const std::string& text);
    Status setModel(std::int64_t id, const std::string& path);
    Status setConversationSettings(std::int64_t id, const std::string& json);
    Status setDraft(std::int64_t id, const std::string& text);
    Status setLeaf(std::int64_t id, std::optional<std::int64_t> message);
    Status moveToTrash(std::int64_t id);
    Status restore(std::int64_t id);
    /// For ever. Others can write while a long one goes; if this program ends meanwhile, it is gone for all who look,
    /// and its remains are removed later.
    Status purge(std::int64_t id);
    Status purgeTrash(std::int64_t older_than_ms);

    // Folders.
    Result<std::vector<Folder>> folders();
    Result<std::int64_t> createFolder(const std::string& name);
    Status renameFolder(std::int64_t id, const std::string& name);
    Status deleteFolder(std::int64_t id);  ///< its conversations stay, in no folder

    // Messages.
    /// Stores a question in one step, so that a program that ends at any moment has it as a draft or as a message: the
    /// conversation if its id is 0 (as createConversation(), without a draft), the message in it (its own
    /// `conversation` is not looked at) as the new leaf, the time of the change, and the draft taken away. A stored
    /// conversation without a title gets the given one if that is automatic.
    Result<Asked> ask(const Conversation& conversation, const Message& question, const AskedDraft& draft = {});
    /// Stores a message (id, times and conversation's leaf and change time are set) and gives its id.
    Result<std::int64_t> addMessage(const Message& message);
    Result<Message> message(std::int64_t id);
    /// All of a conversation that are not deleted, oldest first, without tokens. Answers that are being written have
    /// the text so far.
    Result<std::vector<Message>> messages(std::int64_t conversation);
    /// Marks a message and all under it as deleted. If the shown branch led through it, the leaf becomes the newest
    /// message of a sibling's branch, or the parent.
    Status deleteMessage(std::int64_t id);
    Status undeleteMessage(std::int64_t id);  ///< with what was deleted along with it; it is shown again
    Result<std::vector<MessageToken>> tokens(std::int64_t message);
    /// What might have been said in the place of each of these tokens; empty if that is not known of any.
    Result<std::vector<TokenOdds>> odds(std::int64_t message);
    Result<std::optional<RoutingLog>> routing(std::int64_t message);

    /// Begins an answer under a question: it exists in the history from now on. Its conversation shows it, unless it is
    /// not to be `shown`. The writer must not outlive this.
    Result<std::unique_ptr<AnswerWriter>> beginAnswer(const Message& answer, const RoutingShape& shape,
                                                      bool shown = true);
    /// An answer beside `message`, which has ended, that is the same up to `token` (its index) and has the token
    /// `instead` with `text` there, to be continued. It is shown. What is known of the common tokens is copied.
    Result<std::int64_t> branchAnswer(std::int64_t message, std::size_t token, std::int32_t instead,
                                      std::string_view text);
    /// Continues an answer that has ended.
    Result<std::unique_ptr<AnswerWriter>> continueAnswer(std::int64_t message, const RoutingShape& shape);

    // Whole conversations, for export and import.
    Result<ConversationContent> content(std::int64_t conversation);
    /// Stores a conversation, in steps of at most 500 messages or about 100 ms, between which others can write: until
    /// the last one nobody sees it. If it fails, is stopped, or the program ends, nothing of it stays (what a program
    /// that has ended leaves is removed by the next import, and before).
    Result<std::int64_t> import(const ConversationContent& content, const ImportProgress& progress = {},
                                const std::stop_token& stop = {});

    /// Stores the conversations that are not here yet. Of those that are, known by their origin, the messages that are
    /// missing are added under what they follow, found by what it says; nothing that is here is changed, apart from the
    /// time of the last change and the branch that is shown, if it is the one that goes on. So doing it again does
    /// nothing, a later export adds what is new, and two histories can be brought together. Others can write meanwhile:
    /// the lock is held for about 100 ms at a time. If it fails, is stopped, or the program ends, `brought` says what
    /// stays: whole conversations, and messages under those that were here.
    Status bringIn(std::span<const ConversationContent> conversations, BroughtIn& brought,
                   const ImportProgress& progress = {}, const std::stop_token& stop = {});

    /// Finds words and parts of words in titles and texts, folded as folding.h says; each blank-separated part must
    /// occur, and what is in quotation marks is one part, in which any white space is as good as a blank. Accents count
    /// where they are typed: "naive" finds naïve, and "naïve" does not find naive. Takes at most about `limit_ms` where
    /// the index cannot help (words of one or two characters, phrases).
    Result<SearchResult> search(std::string_view query, int limit, const std::stop_token& stop = {}, int limit_ms = 80);

    /// Finds the tokens that an expert took, in every conversation outside the trash: the first `limit` of the newest
    /// answers with their texts, and how many there are in all. A stop ends it with what there is so far.
    Result<RoutingSearchResult> routingSearch(const RoutingQuery& query, int limit, const std::stop_token& stop = {});

    /// What programs keep under a key.
    SettingsStore settings();

    // Maintenance.
    /// A copy in data_dir/backups, at most one a day, of which five stay: this one, and those that hold most. Gives its
    /// path, "" if there was one of today or another program makes one.
    Result<std::string> backUp(const std::stop_token& stop = {});
    /// Reads the whole file; seconds for gigabytes. Nobody waits for it. What it finds is mended at the next start.
    Status checkIntegrity(const std::stop_token& stop = {});
    /// For a sentence after purging: the text is gone from the history (overwritten, also in its journal), not from
    /// these.
    Result<OldCopies> oldCopies();

private:
    friend class AnswerWriter;
    using Clock = std::chrono::steady_clock;
    History(const std::string& data_dir, std::string path, const HistoryOptions& options);
    Status openToWrite(const std::string& data_dir);
    Status openToRead();
    Status openCopy();  // of what cannot be read in its place; throws SQLite::Exception
    Status use();       // opens, migrates; throws SQLite::Exception if the file is damaged
    void removeDeadWriters();
    void truncateJournal();
    Status closeInterruptedAnswers();
    Status takeWriterLock();  // shows that this History writes answers; made when it is first needed
    Status removeUnfinished();
    Status removeUnfinished(std::int64_t conversation);
    void markUnfinished(std::int64_t conversation);  // within a transaction; throws SQLite::Exception
    void letOthersWrite();
    Result<std::size_t> bringShort(std::span<const ConversationContent> conversations, BroughtIn& brought);
    void insertShort(const ConversationContent& content);  // within a transaction; throws SQLite::Exception
    Status extend(std::int64_t id, const ConversationContent& content, BroughtIn& brought, const std::stop_token& stop);
    Status update(const char* sql, std::int64_t id, const std::string& text);
    Status update(const char* sql, std::int64_t id, std::optional<std::int64_t> number);
    std::int64_t insertConversation(const Conversation& conversation);  // throws SQLite::Exception

    std::string m_path, m_data_dir;  // of the file itself, and where its locks are
    std::string m_backups_dir;
    HistoryOptions m_options;
    Access m_access{};     // kWrite
    std::string m_opened;  // what connections open: m_path, or a copy of it in m_scratch
    std::string m_scratch;
    std::unique_ptr<SQLite::Database> m_db;
    std::optional<FileLock> m_in_use;       ///< shared: nobody puts the file aside under us
    std::optional<FileLock> m_writer_lock;  ///< tells other processes that our answers are being written
    std::string m_writer_name;
    Clock::time_point m_left_to_others{};
    OpenReport m_report;
};

}  // namespace moescope
