#include "app/window/rereading.h"

#include <QLocale>
#include <algorithm>

#include "app/window/chat_controller.h"
#include "app/window/routing_desk.h"
#include "ui/chat/transcript_model.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

std::vector<TranscriptToken> shown(const std::vector<MessageToken>& tokens) {
    std::vector<TranscriptToken> result;
    for (const MessageToken& token : tokens) result.push_back({token.begin, token.end, token.position});
    return result;
}

bool alike(const std::vector<TranscriptToken>& a, const std::vector<TranscriptToken>& b) {
    return std::ranges::equal(
        a, b, [](const TranscriptToken& x, const TranscriptToken& y) { return x.begin == y.begin && x.end == y.end; });
}

}  // namespace

Rereading::Rereading(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    connect(parts.engine, &EngineThread::rereadProgress, this, &Rereading::progressed);
    connect(parts.engine, &EngineThread::rereadEnded, this, &Rereading::onEnded);
    connect(&parts.inspector->model(), &InspectorModel::sourceChanged, this, [this] {
        const SharedSource source = m_parts.inspector->model().whole();
        if (const auto reread = source ? m_reread.value(source->id()) : nullptr) link(*source, *reread);
    });
}

void Rereading::setModel(const LoadedModel& model) {
    m_model = model;
    const QString name = oneLine(model.name);
    m_parts.inspector->setReadAgain(model.model ? tr("Re-read this chat with %1").arg(name) : QString());
}

void Rereading::start() {
    if (m_running) return;
    if (!m_model.model) {
        return emit refused(m_model.server.isEmpty()
                                ? tr("Load a model first, then re-read the chat.")
                                : tr("The model runs on a server; load one on this machine to re-read the chat."));
    }
    if (m_parts.chat->answering()) return emit refused(tr("Wait for the answer to end, then re-read the chat."));
    RereadJob job;
    job.conversation = m_parts.chat->conversation();
    job.rules = m_parts.chat->rules();
    if (const std::string& system = m_parts.chat->current().system_prompt; !system.empty()) {
        job.messages.push_back({Role::kSystem, system});
        job.ids.push_back(0);
    }
    const TranscriptModel& transcript = *m_parts.transcript;
    for (int row = 0; row < transcript.count(); ++row) {
        const TranscriptMessage& m = transcript.at(row);
        job.messages.push_back({m.role == TranscriptRole::kUser ? Role::kUser : Role::kAssistant, m.text});
        job.ids.push_back(m.id);
    }
    if (transcript.count() == 0) return emit refused(tr("This chat has nothing to read."));
    m_running = true;
    emit runningChanged(true);
    m_parts.engine->reread(std::move(job));
}

void Rereading::onEnded(const std::shared_ptr<const Reread>& reread, const QString& sentence) {
    m_running = false;
    emit runningChanged(false);
    if (!reread) {
        if (!sentence.isEmpty()) emit failed(sentence);
        return;
    }
    const QString model = oneLine(QString::fromStdString(reread->model)), rules = rulesWords(reread->rules);
    const QString by = rules.isEmpty() ? model : tr("%1 (%2)").arg(model, rules);
    const SharedSource source = m_parts.desk->sources().addReread(reread->conversation, by, reread->log);
    std::vector<QString> texts;
    for (const std::string& text : reread->texts) texts.push_back(QString::fromStdString(text));
    source->setTexts(std::move(texts));
    for (std::size_t t = 0; t < reread->owners.size(); ++t) {
        const int owner = reread->owners[t];
        const bool of_system = owner >= 0 && reread->roles[static_cast<std::size_t>(owner)] == Role::kSystem;
        if (owner < 0 || of_system)
            source->setPart(static_cast<int>(t), of_system ? TokenPart::kSystem : TokenPart::kTemplate);
    }
    m_reread.insert(source->id(), reread);
    link(*source, *reread);
    const int tokens = source->size();
    emit said(reread->left_out == 0
                  ? tr("%1 read %Ln token(s) of this chat. Their routing is shown now, and not saved.", nullptr, tokens)
                        .arg(model)
                  : tr("%1 read the first %Ln token(s) of this chat; %2 more do not fit its context. Their routing is "
                       "shown now, and not saved.",
                       nullptr, tokens)
                        .arg(model, QLocale().toString(reread->left_out)));
    // Another chat may have been opened meanwhile: the routing waits in this one's sources.
    if (m_parts.chat->conversation() != reread->conversation) return;
    const SharedSource before = m_parts.desk->shownSource();
    m_parts.desk->showSource(source);
    // Compare has both at hand: what was shown of this chat, and what was read.
    if (before && m_parts.desk->sources().conversationOf(before->id()) == reread->conversation)
        m_parts.inspector->model().compare(before->id(), source->id());
}

void Rereading::link(RoutingSource& source, const Reread& reread) {
    if (reread.conversation != m_parts.chat->conversation()) return;
    const TokenRange all{0, static_cast<std::size_t>(source.size())};
    for (std::size_t i = 0; i < reread.ids.size(); ++i) {
        const TranscriptMessage* m = m_parts.transcript->find(reread.ids[i]);
        if (!m) continue;
        const std::vector<TranscriptToken> tokens = shown(reread.tokens[i]);
        const bool of_prompt = reread.roles[i] != Role::kAssistant;
        // Where the transcript has other tokens, by another vocabulary, theirs cannot be pointed at from here.
        const bool its = m->tokens.empty() || alike(m->tokens, tokens);
        source.place(its ? m->id : 0, m->text, tokens, all, 0,
                     of_prompt ? std::optional(TokenPart::kQuestion) : std::nullopt);
        if (m->tokens.empty() && !tokens.empty()) m_parts.transcript->appendText(m->id, {}, tokens);
    }
}

}  // namespace moescope
