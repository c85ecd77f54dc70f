#include "app/window/chat_settings.h"

#include "app/chat/answer_settings.h"
#include "app/window/history_writer.h"

namespace moescope {

GenerationSettings ChatSettings::of(const Conversation& conversation) const {
    if (!hasAnswerSettings(conversation.settings)) return m_defaults;
    return AnswerSettings::fromJson(conversation.settings);
}

RouterRules ChatSettings::rulesOf(const Conversation& conversation) {
    return rulesIn(conversation.settings);
}

void ChatSettings::setSystemPrompt(Conversation& conversation, const QString& text) {
    conversation.system_prompt = text.toStdString();
    writeSystemPrompt(conversation);
}

void ChatSettings::setSettings(Conversation& conversation, const GenerationSettings& settings) {
    conversation.settings = AnswerSettings{settings, rulesOf(conversation)}.toJson();
    writeSettings(conversation);
}

void ChatSettings::setRules(Conversation& conversation, const RouterRules& rules) {
    conversation.settings = withRules(conversation.settings, rules);
    writeSettings(conversation);
}

void ChatSettings::setModel(Conversation& conversation, const QString& path) {
    if (conversation.id == 0 || conversation.model_path == path.toStdString()) return;
    conversation.model_path = path.toStdString();
    m_writer->write([id = conversation.id,
                     model = conversation.model_path](History& history) { return history.setModel(id, model); },
                    [this, id = conversation.id](const Status& status) {
                        if (!status.ok()) emit failed(id, status);
                    },
                    HistoryWriter::Wait::kNo);
}

void ChatSettings::writeChanges(const Conversation& now, const Conversation& stored) {
    if (now.system_prompt != stored.system_prompt) writeSystemPrompt(now);
    if (now.settings != stored.settings) writeSettings(now);
}

void ChatSettings::writeSystemPrompt(const Conversation& conversation) {
    if (conversation.id == 0) return;
    m_writer->write([id = conversation.id,
                     text = conversation.system_prompt](History& history) { return history.setSystemPrompt(id, text); },
                    [this, id = conversation.id](const Status& status) {
                        if (!status.ok()) emit failed(id, status);
                    });
}

void ChatSettings::writeSettings(const Conversation& conversation) {
    if (conversation.id == 0) return;
    m_writer->write([id = conversation.id, json = conversation.settings](
                        History& history) { return history.setConversationSettings(id, json); },
                    [this, id = conversation.id](const Status& status) {
                        if (!status.ok()) emit failed(id, status);
                    });
}

}  // namespace moescope
