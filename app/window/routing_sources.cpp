#include "app/window/routing_sources.h"

#include <QCoreApplication>
#include <algorithm>

#include "app/chat/answer_settings.h"
#include "app/chat/model_name.h"
#include "app/window/branch_routing.h"
#include "app/window/titles.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::RoutingSources)
};

std::vector<TranscriptToken> shownTokens(const std::vector<MessageToken>& tokens) {
    std::vector<TranscriptToken> out;
    for (const MessageToken& t : tokens) out.push_back({t.begin, t.end, t.position});
    return out;
}

/// The messages from the first to the one that is shown last.
std::vector<Message> shownBranch(const Conversation& conversation, const std::vector<Message>& messages) {
    QHash<qint64, const Message*> by_id;
    for (const Message& m : messages) by_id.insert(m.id, &m);
    std::vector<Message> branch;
    for (auto at = conversation.leaf; at && by_id.contains(*at); at = by_id[*at]->parent) branch.push_back(*by_id[*at]);
    std::reverse(branch.begin(), branch.end());
    return branch;
}

/// The beginning of a text, in a line.
QString shortened(const std::string& text) {
    constexpr int kLongest = 40;
    constexpr std::size_t kEnough = 2000;  // bytes; a text may have megabytes
    const QString whole = QString::fromUtf8(text.data(), static_cast<qsizetype>(std::min(text.size(), kEnough)));
    const QString line = whole.simplified(), start = beginning(line, kLongest - 1);
    return start.size() == line.size() && text.size() <= kEnough ? line : start + QStringLiteral("…");
}

QString rulesOf(const Message& message) {
    return rulesWords(rulesIn(message.settings));
}

}  // namespace

QString RoutingSources::tokenText(const std::string& model, std::int32_t token) const {
    if (!m_model.model || token < 0 || token >= m_model.model->config().vocabulary) return {};
    if (modelName(*m_model.model) != model) return {};
    const std::string_view bytes = m_model.model->tokenizer().bytes(token);
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

RoutingSource::Vocabulary RoutingSources::vocabulary(const std::string& model) const {
    return [this, model](std::int32_t token) { return tokenText(model, token); };
}

SharedSource RoutingSources::load(qint64 id) {
    if (id >= kFirstTrace) {
        const auto at = static_cast<std::size_t>(id - kFirstTrace);
        return at < m_kept.size() ? m_kept[at].source : nullptr;
    }
    return id > 0 ? answer(id) : conversation(-id);
}

SharedSource RoutingSources::answer(qint64 message) {
    const auto m = m_history->message(message);
    auto log = m_history->routing(message);
    const auto tokens = m_history->tokens(message);
    if (!m.ok() || !log.ok() || !*log || !tokens.ok()) return nullptr;
    const auto runs = std::make_shared<RoutingRuns>((*log)->shape());
    BranchRouting().append(*runs, std::make_shared<const RoutingLog>(std::move(**log)), m->context_start, {});
    auto source = std::make_shared<RoutingSource>(message, shortened(m->text), runs);
    source->setVocabulary(vocabulary(m->model_name));
    source->place(message, m->text, shownTokens(*tokens), {0, runs->size()});
    return source;
}

SharedSource RoutingSources::conversation(qint64 id) {
    const auto c = m_history->conversation(id);
    const auto messages = m_history->messages(id);
    if (!c.ok() || !messages.ok()) return nullptr;
    const std::vector<Message> branch = shownBranch(*c, *messages);
    // From the end, so that the shape is that of the last answer; then in the order of the branch.
    std::shared_ptr<RoutingRuns> runs;
    std::vector<std::pair<const Message*, std::shared_ptr<const RoutingLog>>> parts;
    for (auto m = branch.rbegin(); m != branch.rend(); ++m) {
        if (m->author != Author::kAssistant) continue;
        auto part = m_history->routing(m->id);
        if (!part.ok() || !*part) continue;
        if (!runs) runs = std::make_shared<RoutingRuns>((*part)->shape());
        if (!runs->shape().continues((*part)->shape())) continue;
        parts.emplace_back(&*m, std::make_shared<const RoutingLog>(std::move(**part)));
    }
    if (!runs) return nullptr;
    struct Placed {
        const Message* message;
        std::vector<TranscriptToken> tokens;
        TokenRange range;
    };
    std::vector<Placed> placed;
    BranchRouting joined;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        const std::size_t begin = runs->size();
        const auto tokens = m_history->tokens(part->first->id);
        const bool begun = tokens.ok() && !tokens->empty();
        joined.append(*runs, part->second, part->first->context_start,
                      begun ? std::optional(tokens->front().position) : std::nullopt);
        placed.push_back(
            {part->first, begun ? shownTokens(*tokens) : std::vector<TranscriptToken>(), {begin, runs->size()}});
    }
    auto source = std::make_shared<RoutingSource>(idOfConversation(id), QString::fromStdString(c->title), runs);
    source->setVocabulary(vocabulary(parts.front().first->model_name));
    for (const Placed& p : placed) source->place(p.message->id, p.message->text, p.tokens, p.range);
    return source;
}

SharedSource RoutingSources::addTrace(const QString& name, const std::shared_ptr<const RoutingLog>& log,
                                      std::vector<QString> texts) {
    auto source = std::make_shared<RoutingSource>(nextId(), name, log);
    if (!texts.empty()) source->setTexts(std::move(texts));
    m_kept.push_back({source, 0, name});
    return source;
}

SharedSource RoutingSources::addReread(qint64 conversation, const QString& model,
                                       const std::shared_ptr<const RoutingLog>& log) {
    const auto chat = m_history->conversation(conversation);
    const QString choice = Words::tr("Re-read by %1").arg(model);
    const QString title = chat.ok() ? shownTitle(QString::fromStdString(chat->title)) : QString();
    auto source = std::make_shared<RoutingSource>(
        nextId(), title.isEmpty() ? choice : QStringLiteral("%1: %2").arg(choice, title), log);
    m_kept.push_back({source, conversation, choice});
    return source;
}

SharedSource RoutingSources::rereadOf(qint64 conversation) const {
    const auto found = std::find_if(m_kept.rbegin(), m_kept.rend(), [conversation](const Kept& kept) {
        return kept.conversation == conversation && conversation != 0;
    });
    return found == m_kept.rend() ? nullptr : found->source;
}

QString RoutingSources::keyOf(qint64 id) const {
    const auto numbered = [](const char* kind, qint64 number) {
        return QStringLiteral("%1-%2").arg(QLatin1String(kind)).arg(number);
    };
    if (id >= kFirstTrace) {
        const auto at = static_cast<std::size_t>(id - kFirstTrace);
        const bool trace = at < m_kept.size() && m_kept[at].conversation == 0;
        return trace ? QStringLiteral("trace-") + m_kept[at].source->name() : QString();
    }
    if (id > 0) return numbered("answer", id);
    if (id == kAllChats) return QStringLiteral("all");
    if (!isOfChats(id)) return numbered("branch", -id);
    return id > idOfFolder(0) ? numbered("chat", idOfWholeChat(0) - id) : numbered("folder", idOfFolder(0) - id);
}

std::optional<qint64> RoutingSources::idOf(const QString& key) const {
    if (key == QLatin1String("all")) return kAllChats;
    const qsizetype dash = key.indexOf(QLatin1Char('-'));
    const QString kind = key.left(dash), rest = key.mid(dash + 1);
    if (dash < 0) return {};
    if (kind == QLatin1String("trace")) {
        // The one that was opened last.
        for (auto kept = m_kept.rbegin(); kept != m_kept.rend(); ++kept) {
            if (kept->conversation == 0 && kept->source->name() == rest) return kept->source->id();
        }
        return {};
    }
    bool good = false;
    const qint64 number = rest.toLongLong(&good);
    if (!good || number <= 0 || number >= kFirstTrace) return {};
    if (kind == QLatin1String("answer") && m_history->message(number).ok()) return number;
    if (kind == QLatin1String("branch") && m_history->conversation(number).ok()) return idOfConversation(number);
    if (kind == QLatin1String("chat") && m_history->conversation(number).ok()) return idOfWholeChat(number);
    if (kind == QLatin1String("folder")) {
        const auto folders = m_history->folders();
        for (std::size_t i = 0; folders.ok() && i < folders->size(); ++i) {
            if ((*folders)[i].id == number) return idOfFolder(number);
        }
    }
    return {};
}

qint64 RoutingSources::conversationOf(qint64 id) const {
    if (id >= kFirstTrace) {
        const auto at = static_cast<std::size_t>(id - kFirstTrace);
        return at < m_kept.size() ? m_kept[at].conversation : 0;
    }
    if (id > 0) {
        const auto message = m_history->message(id);
        return message.ok() ? message->conversation : 0;
    }
    if (!isOfChats(id)) return -id;
    return id < kAllChats && id > idOfFolder(0) ? idOfWholeChat(0) - id : 0;
}

QList<SourceOffer> RoutingSources::offers(qint64 conversation) const {
    QList<SourceOffer> offers;
    for (const Kept& kept : m_kept) {
        const QString domain = kept.conversation == 0 ? Words::tr("Imported") : QString();
        offers.append({kept.source->id(), kept.source->name(), domain});
    }
    const auto messages =
        conversation ? m_history->messages(conversation) : Result<std::vector<Message>>(std::vector<Message>());
    int number = 0;
    for (std::size_t i = 0; messages.ok() && i < messages->size(); ++i) {
        const Message& m = (*messages)[i];
        if (m.author != Author::kAssistant) continue;
        const QString rules = rulesOf(m);
        const QString name = Words::tr("Answer %1: %2").arg(++number).arg(shortened(m.text));
        offers.append({m.id, rules.isEmpty() ? name : Words::tr("%1 (%2)").arg(name, rules), {}});
    }
    QHash<qint64, QString> folders;
    if (const auto found = m_history->folders(); found.ok()) {
        for (const Folder& f : *found) folders.insert(f.id, QString::fromStdString(f.name));
    }
    if (const auto found = m_history->conversations({}); found.ok()) {
        for (const Conversation& c : *found) {
            offers.append({idOfConversation(c.id), shownTitle(QString::fromStdString(c.title)),
                           folders.value(c.folder.value_or(0))});
        }
    }
    return offers;
}

QList<SourceOffer> RoutingSources::choices(qint64 conversation, qint64 message) const {
    QList<SourceOffer> choices;
    if (conversation > 0) {
        choices.append({idOfConversation(conversation), Words::tr("This branch"), {}});
        if (message > 0) choices.append({message, Words::tr("This answer"), {}});
        choices.append({idOfWholeChat(conversation), Words::tr("This chat, all branches"), {}});
        const auto chat = m_history->conversation(conversation);
        const auto folders = m_history->folders();
        for (std::size_t i = 0; chat.ok() && chat->folder && folders.ok() && i < folders->size(); ++i) {
            const Folder& folder = (*folders)[i];
            if (folder.id != *chat->folder) continue;
            const QString name = QString::fromStdString(folder.name);
            choices.append({idOfFolder(folder.id), Words::tr("Folder %1").arg(name), {}});
        }
    }
    choices.append({kAllChats, Words::tr("All chats"), {}});
    for (const Kept& kept : m_kept) {
        if (kept.conversation == 0 || kept.conversation == conversation)
            choices.append({kept.source->id(), kept.choice, {}});
    }
    return choices;
}

std::vector<std::int64_t> RoutingSources::chatsOf(qint64 id) const {
    std::vector<std::int64_t> chats;
    const auto found = m_history->conversations({});
    if (!found.ok()) return chats;
    for (const Conversation& c : *found) {
        const bool its = id == kAllChats || id == idOfWholeChat(c.id) || (c.folder && id == idOfFolder(*c.folder));
        if (its) chats.push_back(c.id);
    }
    return chats;
}

}  // namespace moescope
