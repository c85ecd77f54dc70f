#include "app/window/chats_reader.h"

#include <QThreadPool>
#include <map>
#include <utility>

#include "app/window/branch_routing.h"

namespace moescope {

std::vector<AnswerPart> partsOfChat(History& history, const std::vector<Message>& messages, const RoutingShape& shape,
                                    const std::stop_token& stop) {
    std::vector<AnswerPart> parts;
    // What is known of the branch that ends with a message. Answers to one question share what it was asked with.
    std::map<std::int64_t, BranchRouting> known;
    for (const Message& m : messages) {
        if (stop.stop_requested()) return {};
        const std::int64_t parent = m.parent.value_or(0);
        if (m.author == Author::kUser) {
            if (known.contains(parent)) known[m.id] = known[parent];
            continue;
        }
        BranchRouting branch = known[parent];
        const auto tokens = history.tokens(m.id);
        const bool begun = tokens.ok() && !tokens->empty();
        auto read = history.routing(m.id);
        if (read.ok() && *read && shape.continues((*read)->shape()) && (*read)->size() > 0) {
            AnswerPart part{m, std::make_shared<const RoutingLog>(std::move(**read)), {}, {}};
            const auto begin = begun ? std::optional(tokens->front().position) : std::nullopt;
            part.tokens = branch.newTokens(*part.log, m.context_start, begin);
            if (begun) part.places = *tokens;
            known[parent] = begin ? branch.upTo(*begin) : known[parent];
            parts.push_back(std::move(part));
        }
        known[m.id] = branch;
    }
    return parts;
}

ChatsReader::ChatsReader(std::string data_dir, QObject* parent) : QObject(parent), m_data_dir(std::move(data_dir)) {
    m_growth.setSingleShot(true);
    m_growth.setInterval(100);
    connect(&m_growth, &QTimer::timeout, this, &ChatsReader::grew);
}

ChatsReader::~ChatsReader() {
    m_stop.request_stop();
}

void ChatsReader::stop() {
    m_stop.request_stop();
    ++m_turn;
    m_reading = false;
    m_growth.stop();
    m_runs.reset();
    m_source.reset();
}

void ChatsReader::read(qint64 id, const QString& name, std::vector<std::int64_t> chats, const RoutingShape& shape,
                       const std::function<RoutingSource::Vocabulary(const std::string& model)>& vocabulary) {
    stop();
    m_stop = {};
    m_reading = true;
    m_begun = false;
    m_vocabulary = vocabulary;
    m_runs = std::make_shared<RoutingRuns>(shape);
    m_source = std::make_shared<RoutingSource>(id, name, m_runs);
    QThreadPool::globalInstance()->start(
        [this, turn = m_turn, dir = m_data_dir, chats = std::move(chats), shape, stop = m_stop.get_token()] {
            const auto tell = [this, turn](auto run) {
                QMetaObject::invokeMethod(this, [this, turn, run = std::move(run)] {
                    if (turn == m_turn) run();
                });
            };
            QString note;
            auto history = History::open(dir);
            std::size_t bytes = 0, read = 0;
            if (!history.ok()) note = QString::fromStdString(history.status().message());
            for (; history.ok() && read < chats.size() && !stop.stop_requested(); ++read) {
                if (bytes >= kMostBytes) {
                    note = tr("The newest %Ln chat(s) were read; more would take too much memory.", nullptr,
                              static_cast<int>(read));
                    break;
                }
                const auto messages = (*history)->messages(chats[read]);
                if (!messages.ok()) continue;
                auto parts = partsOfChat(**history, *messages, shape, stop);
                for (const AnswerPart& part : parts) bytes += part.log->bytes();
                if (parts.empty() || stop.stop_requested()) continue;
                tell([this, parts = std::make_shared<std::vector<AnswerPart>>(std::move(parts))] {
                    take(std::move(*parts));
                });
            }
            if (stop.stop_requested()) return;
            tell([this, note] {
                m_reading = false;
                m_growth.stop();
                const SharedSource source = m_source;
                if (!std::exchange(m_begun, true)) emit begun(source);
                emit grew();
                emit ended(note);
            });
        });
}

void ChatsReader::take(std::vector<AnswerPart> parts) {
    for (const AnswerPart& part : parts) {
        const std::size_t begin = m_runs->size();
        for (const TokenRange& tokens : part.tokens) m_runs->append(part.log, tokens);
        if (begin == 0) m_source->setVocabulary(m_vocabulary(part.message.model_name));
        std::vector<TranscriptToken> places;
        for (const MessageToken& t : part.places) places.push_back({t.begin, t.end, t.position});
        m_source->place(part.message.id, part.message.text, places, {begin, m_runs->size()});
    }
    if (!m_begun && m_runs->size() > 0) {
        m_begun = true;
        const SharedSource source = m_source;  // whoever hears of it may stop the reading
        emit begun(source);
    } else if (!m_growth.isActive()) {
        m_growth.start();
    }
}

}  // namespace moescope
