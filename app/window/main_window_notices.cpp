// What the window says in its notice bar about chats: it stands over the chat that it is about, and goes with it.

#include <QLocale>
#include <utility>

#include "app/chat/prompt.h"
#include "app/window/main_window.h"
#include "ui/chrome/notice_bar.h"
#include "ui/composer/composer.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

}  // namespace

void MainWindow::sayOf(qint64 conversation, const QString& sentence, const QString& label,
                       std::function<void()> action) {
    m_chat_notices[conversation] = {sentence, label, action};
    if (conversation == m_chat->conversation()) m_notice->warn(sentence, 0, label, std::move(action));
}

void MainWindow::dropNotice(qint64 conversation) {
    const QString said = m_chat_notices.take(conversation).sentence;
    if (shows(said)) m_notice->clear();
}

bool MainWindow::shows(const QString& notice) const {
    return !notice.isEmpty() && m_notice->sentence() == shownSentence(notice);
}

void MainWindow::showNoticesOf(qint64 conversation) {
    // What is said of one chat stands over no other.
    for (const ChatNotice& said : std::as_const(m_chat_notices)) {
        if (shows(said.sentence)) m_notice->clear();
    }
    clearPassing();
    const auto said = m_chat_notices.constFind(conversation);
    if (said != m_chat_notices.constEnd()) m_notice->warn(said->sentence, 0, said->label, said->action);
}

void MainWindow::dropNotices() {
    const auto conversations = m_chat_notices.keys();
    for (const qint64 id : conversations) dropNotice(id);
    clearPassing();
}

void MainWindow::sayHeldUp(bool held_up) {
    if (held_up) {
        m_held_up =
            tr("Another program is writing to the history. What you write is kept, and saved as soon as it is "
               "done.");
        if (!m_close_when_saved) m_notice->say(m_held_up);
    } else if (shows(std::exchange(m_held_up, {}))) {
        m_notice->clear();
    }
}

void MainWindow::onNotStored(qint64 conversation, qint64 edited, const QString& text, const Status& why) {
    QString label;
    std::function<void()> shorten;
    if (why.code() == StatusCode::kOutOfRange && m_model.model) {
        const std::string prompt = m_chat->current().system_prompt;
        const int most = m_chat->settings().max_tokens;
        label = tr("Keep the last %1 tokens")
                    .arg(QLocale().toString(roomForQuestion(*m_model.model, prompt, m_model.context, most)));
        shorten = [this, prompt, most] {
            if (!m_model.model) return;
            const QString kept =
                qt(lastPartThatFits(*m_model.model, m_composer->text().toStdString(), prompt, m_model.context, most));
            m_composer->setText(kept);
            if (m_editing == 0) m_chat->setDraft(kept);
            countDraft(kept);
            m_composer->setFocus();
        };
    }
    sayOf(conversation, qt(why.message()), label, std::move(shorten));
    if (conversation != m_chat->conversation()) return;  // its draft has the text
    // Nothing that was written goes away, also not what was written since.
    m_composer->flushDraft();
    if (edited != 0) {
        editQuestion(edited);
        return m_composer->setText(text);
    }
    const QString since = m_composer->text();
    m_composer->setText(since.isEmpty() ? text : text + QLatin1Char('\n') + since);
    m_chat->setDraft(m_composer->text());
}

void MainWindow::sayInPassing(const QString& sentence, int seconds, const QString& label,
                              std::function<void()> action) {
    m_notice->say(m_passing = sentence, seconds, label, std::move(action));
}

void MainWindow::clearPassing() {
    if (shows(std::exchange(m_passing, {}))) m_notice->clear();
}

}  // namespace moescope
