#pragma once
// What the notice bar says about chats: a sentence stands over the chat that it is about, over no other, and until that
// chat is asked something again. GUI thread.

#include <QHash>

#include "ui/chrome/notice_bar.h"

namespace moescope {

class ChatController;

class ChatNotices {
public:
    /// Neither is owned; both outlive this.
    ChatNotices(NoticeBar* bar, const ChatController* chat) : m_bar(bar), m_chat(chat) {}

    /// About a conversation (0: the new one): shown whenever that one is.
    void say(qint64 conversation, const QString& sentence, const QString& label = {},
             std::function<void()> action = {});
    /// About what is shown now, with which it goes.
    void sayInPassing(const QString& sentence, int seconds, const QString& label = {},
                      std::function<void()> action = {});
    /// A conversation is opened.
    void showOf(qint64 conversation);
    /// The new chat has become a stored one.
    void becameStored(qint64 conversation);
    /// What was said of it is of no more interest.
    void drop(qint64 conversation);
    void dropAll();

private:
    struct Notice {
        QString sentence, label;
        std::function<void()> action;
        NoticeBar::Id shown = 0;  // as which it was shown last
    };
    void show(Notice& notice);

    NoticeBar* m_bar;
    const ChatController* m_chat;
    QHash<qint64, Notice> m_notices;  // by conversation
    NoticeBar::Id m_passing = 0;
};

}  // namespace moescope
