#include "app/window/chat_notices.h"

#include <utility>

#include "app/window/chat_controller.h"

namespace moescope {

void ChatNotices::show(Notice& notice) {
    notice.shown = m_bar->warn(notice.sentence, 0, notice.label, notice.action);
}

void ChatNotices::say(qint64 conversation, const QString& sentence, const QString& label,
                      std::function<void()> action) {
    Notice& notice = m_notices[conversation];
    notice = {sentence, label, std::move(action), 0};
    if (conversation == m_chat->conversation()) show(notice);
}

void ChatNotices::sayInPassing(const QString& sentence, int seconds, const QString& label,
                               std::function<void()> action) {
    m_passing = m_bar->say(sentence, seconds, label, std::move(action));
}

void ChatNotices::showOf(qint64 conversation) {
    for (const Notice& notice : std::as_const(m_notices)) m_bar->takeBack(notice.shown);
    m_bar->takeBack(std::exchange(m_passing, 0));
    const auto said = m_notices.find(conversation);
    if (said != m_notices.end()) show(*said);
}

void ChatNotices::becameStored(qint64 conversation) {
    if (m_notices.contains(0)) m_notices[conversation] = m_notices.take(0);
}

void ChatNotices::drop(qint64 conversation) {
    m_bar->takeBack(m_notices.take(conversation).shown);
}

void ChatNotices::dropAll() {
    for (const Notice& notice : std::as_const(m_notices)) m_bar->takeBack(notice.shown);
    m_notices.clear();
    m_bar->takeBack(std::exchange(m_passing, 0));
}

}  // namespace moescope
