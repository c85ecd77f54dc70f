#pragma once
// Reads the routing of whole chats, all branches of them, into one source that grows as it comes: a chat, a folder,
// all chats. Reading has a thread and a connection of its own; the source is filled on the GUI thread, where all of
// this is called. Branches share the tokens before they part, and what was read again for an answer has records twice:
// each token is there once.

#include <QObject>
#include <QTimer>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "storage/history.h"
#include "ui/inspector/routing_source.h"

namespace moescope {

/// The routing of an answer in a chat: which tokens of its log count.
struct AnswerPart {
    Message message;
    std::shared_ptr<const RoutingLog> log;
    std::vector<TokenRange> tokens;
    std::vector<MessageToken> places;
};
/// Of a chat's answers with this shape, each token once. `messages` as History::messages() gives them.
std::vector<AnswerPart> partsOfChat(History& history, const std::vector<Message>& messages, const RoutingShape& shape,
                                    const std::stop_token& stop = {});

class ChatsReader : public QObject {
    Q_OBJECT

public:
    /// More is not read, newest chats first: this many bytes of records.
    static constexpr std::size_t kMostBytes = std::size_t{2} << 30;

    explicit ChatsReader(std::string data_dir, QObject* parent = nullptr);
    ~ChatsReader() override;

    /// Ends what is being read.
    void stop();
    /// Of the chats with these ids, in their order; `shape`: of the model whose answers count.
    void read(qint64 id, const QString& name, std::vector<std::int64_t> chats, const RoutingShape& shape,
              const std::function<RoutingSource::Vocabulary(const std::string& model)>& vocabulary);
    bool reading() const { return m_reading; }

signals:
    /// Once, with the first tokens.
    void begun(const moescope::SharedSource& source);
    /// More tokens are there; at most ten times a second.
    void grew();
    /// A sentence if something was left out, or "".
    void ended(const QString& note);

private:
    void take(std::vector<AnswerPart> parts);

    std::string m_data_dir;
    std::stop_source m_stop;
    std::uint64_t m_turn = 0;  // what comes of an earlier one is dropped
    bool m_reading = false, m_begun = false;
    std::shared_ptr<RoutingRuns> m_runs;
    SharedSource m_source;
    QTimer m_growth;
    std::function<RoutingSource::Vocabulary(const std::string& model)> m_vocabulary;
};

}  // namespace moescope
