#pragma once
// Reads the chat that is shown again by the loaded model, so that its routing is there: of a chat that was imported, or
// answered by another model, to be compared with what that recorded. GUI thread. What was read stays while the window
// is open; the history has none of it.

#include <QHash>
#include <QObject>

#include "app/window/engine_thread.h"
#include "ui/inspector/routing_source.h"

namespace moescope {

class ChatController;
class InspectorDock;
class RoutingDesk;
class TranscriptModel;

class Rereading : public QObject {
    Q_OBJECT

public:
    struct Parts {
        ChatController* chat;
        EngineThread* engine;
        TranscriptModel* transcript;
        RoutingDesk* desk;
        InspectorDock* inspector;
    };
    /// None is owned; all outlive this.
    explicit Rereading(const Parts& parts, QObject* parent = nullptr);

    void setModel(const LoadedModel& model);
    /// The branch that is shown, with the chat's router rules. In Compare, it is then beside what was shown of the chat
    /// before. refused() says why nothing is done.
    void start();
    bool running() const { return m_running; }

signals:
    void runningChanged(bool running);
    void progressed(int done, int total);
    /// A sentence: what is there now.
    void said(const QString& sentence);
    void refused(const QString& sentence);
    void failed(const QString& sentence);

private:
    void onEnded(const std::shared_ptr<const Reread>& reread, const QString& sentence);
    /// Finds a source's tokens in the shown messages; those that have no tokens get them, so that they can be pointed
    /// at.
    void link(RoutingSource& source, const Reread& reread);

    Parts m_parts;
    LoadedModel m_model;
    QHash<qint64, std::shared_ptr<const Reread>> m_reread;  // by the source's id
    bool m_running = false;
};

}  // namespace moescope
