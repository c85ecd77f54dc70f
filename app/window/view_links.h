#pragma once
// What the inspector shows, as a text on the clipboard, and from such a text back to it. GUI thread.

#include <QObject>
#include <optional>

#include "ui/inspector/view_text.h"

class QWidget;

namespace moescope {

class ChatController;
class InspectorDock;
class RoutingDesk;
class ThemeStore;

class ViewLinks : public QObject {
    Q_OBJECT

public:
    struct Parts {
        ChatController* chat;
        RoutingDesk* desk;
        InspectorDock* inspector;
        ThemeStore* themes;
        QWidget* window;
    };
    /// None is owned; all outlive this.
    explicit ViewLinks(const Parts& parts, QObject* parent = nullptr);

    /// Of what is shown now; "" if nothing is, or nothing that another start of the program has.
    QString text() const;
    void copy();
    void askAndOpen();
    /// Shows what the text says; what comes from several chats is read first.
    void open(const QString& text);

signals:
    void said(const QString& sentence);
    void refused(const QString& sentence);
    /// A chat is to be opened, at a message if that is not 0.
    void chatWanted(qint64 conversation, qint64 message);

private:
    void show();

    Parts m_parts;
    std::optional<ViewText> m_wanted;  // as soon as its source is there
    qint64 m_wanted_source = 0;
};

}  // namespace moescope
