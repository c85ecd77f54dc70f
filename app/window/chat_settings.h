#pragma once
// What a conversation says about how it is answered: system prompt, settings, router rules, model. Changes are written
// to the history. GUI thread.

#include <QObject>
#include <QString>

#include "engine/base/generation_settings.h"
#include "engine/routing/router_rules.h"
#include "storage/conversation.h"

namespace moescope {

class HistoryWriter;
class Status;

class ChatSettings : public QObject {
    Q_OBJECT

public:
    /// The writer outlives this.
    explicit ChatSettings(HistoryWriter* writer, QObject* parent) : QObject(parent), m_writer(writer) {}

    void setDefaults(const GenerationSettings& defaults) { m_defaults = defaults; }
    /// The conversation's own, else the defaults.
    GenerationSettings of(const Conversation& conversation) const;
    static RouterRules rulesOf(const Conversation& conversation);

    // Change the conversation, and its row in the history if it has one.
    void setSystemPrompt(Conversation& conversation, const QString& text);
    void setSettings(Conversation& conversation, const GenerationSettings& settings);
    void setRules(Conversation& conversation, const RouterRules& rules);
    void setModel(Conversation& conversation, const QString& path);
    /// What of a conversation is not what was stored with it.
    void writeChanges(const Conversation& now, const Conversation& stored);

signals:
    /// Something could not be written.
    void failed(qint64 conversation, const moescope::Status& why);

private:
    void writeSystemPrompt(const Conversation& conversation);
    void writeSettings(const Conversation& conversation);

    HistoryWriter* m_writer;
    GenerationSettings m_defaults;
};

}  // namespace moescope
