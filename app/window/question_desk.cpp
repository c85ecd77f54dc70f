#include "app/window/question_desk.h"

#include <QLocale>
#include <QThreadPool>
#include <algorithm>
#include <utility>

#include "app/chat/prompt.h"
#include "app/window/chat_controller.h"
#include "app/window/chat_notices.h"
#include "app/window/model_loader.h"
#include "ui/chat/transcript_model.h"
#include "ui/composer/composer.h"

namespace moescope {

QuestionDesk::QuestionDesk(const Parts& parts, std::stop_token stop, QObject* parent)
    : QObject(parent), m_parts(parts), m_stop(std::move(stop)) {
    connect(parts.composer, &Composer::sent, this, &QuestionDesk::send);
    connect(parts.composer, &Composer::editCancelled, this, &QuestionDesk::cancelEdit);
    connect(parts.composer, &Composer::draftChanged, this, [this](const QString& text) {
        setDraft(text);
        count();
    });
    connect(parts.composer, &Composer::editLastRequested, this, [this] {
        if (const auto last = m_parts.chat->lastQuestion()) edit(*last);
    });
    connect(parts.composer, &Composer::filesOffered, this, &QuestionDesk::attach);
    connect(parts.chat, &ChatController::notStored, this, &QuestionDesk::onNotStored);
}

QString QuestionDesk::draft() const {
    return QString::fromStdString(m_parts.chat->current().draft);
}

void QuestionDesk::showDraft() {
    m_editing = 0;
    m_parts.composer->setEditing({});
    if (m_parts.composer->text() != draft()) m_parts.composer->setText(draft());
}

void QuestionDesk::flush() {
    m_parts.composer->flushDraft();
}

void QuestionDesk::setDraft(const QString& text) {
    // What is edited is no draft, and a chat in the trash gets none.
    if (m_editing == 0 && !m_parts.chat->current().deleted_ms) m_parts.chat->setDraft(text);
}

void QuestionDesk::ask(const QString& question) {
    if (m_parts.composer->enabledReason().isEmpty() && !m_parts.chat->answering()) {
        m_parts.chat->send(question);
    } else {
        m_parts.composer->setText(question);
    }
    m_parts.composer->setFocus();
}

void QuestionDesk::send(const QString& text) {
    const qint64 edited = std::exchange(m_editing, 0);
    if (!(edited != 0 ? m_parts.chat->edit(edited, text) : m_parts.chat->send(text))) {
        m_editing = edited;
        return m_parts.composer->setText(text);  // nothing that was written goes away
    }
    if (edited != 0 && m_editing == 0) {
        m_parts.composer->setEditing({});
        if (m_parts.composer->text().isEmpty()) m_parts.composer->setText(draft());
    }
    emit sent();
}

void QuestionDesk::edit(qint64 message) {
    flush();
    m_editing = message;
    int number = 0;
    bool question = false;
    for (int row = 0; row < m_parts.transcript->count(); ++row) {
        const TranscriptMessage& m = m_parts.transcript->at(row);
        question = m.role == TranscriptRole::kUser;
        number += question;
        if (m.id == message) break;
    }
    m_parts.composer->setText(m_parts.chat->textOf(message));
    m_parts.composer->setEditing(question ? tr("Editing question %1").arg(number)
                                          : tr("Editing answer %1").arg(number));
    m_parts.composer->setFocus();
}

void QuestionDesk::cancelEdit() {
    m_editing = 0;
    m_parts.composer->setEditing({});
    m_parts.composer->setText(draft());
    count();
}

void QuestionDesk::count() {
    const LoadedModel& model = m_parts.models->model();
    const QString text = m_parts.composer->text();
    countFiles();
    if (!model.model || text.isEmpty()) return m_parts.composer->setTokenCount(-1, -1);
    const int room = std::max(0, model.context - m_context_used);
    // Long texts are counted elsewhere: the window goes on.
    constexpr qsizetype kShort = 4000;
    if (text.size() <= kShort) {
        const std::size_t tokens = model.model->tokenizer().encode(text.toStdString()).size();
        return m_parts.composer->setTokenCount(static_cast<int>(tokens), room);
    }
    QThreadPool::globalInstance()->start([this, text, room, loaded = model.model, stop = m_stop] {
        if (stop.stop_requested()) return;
        const auto tokens = static_cast<int>(loaded->tokenizer().encode(text.toStdString()).size());
        QMetaObject::invokeMethod(this, [this, tokens, room, text] {
            if (m_parts.composer->text() == text) m_parts.composer->setTokenCount(tokens, room);
        });
    });
}

AttachmentLimits QuestionDesk::limits() const {
    // Without a model nothing is known of tokens: four bytes are about one.
    constexpr int kBytesOfToken = 4, kTokensUnknown = 64 * 1024, kLeftForQuestion = 64;
    AttachmentLimits limits;
    limits.stop = m_stop;
    limits.tokens = kTokensUnknown;
    limits.count = [](std::string_view text) { return static_cast<int>(text.size()) / kBytesOfToken + 1; };
    const LoadedModel& loaded = m_parts.models->model();
    if (!loaded.model) return limits;
    limits.count = [model = loaded.model](std::string_view text) {
        return static_cast<int>(model->tokenizer().encode(text).size());
    };
    const int room = roomForQuestion(*loaded.model, m_parts.chat->current().system_prompt, loaded.context,
                                     m_parts.chat->settings().max_tokens);
    limits.tokens = std::max(0, room - kLeftForQuestion);
    return limits;
}

void QuestionDesk::attach(const QStringList& paths) {
    if (m_parts.chat->current().deleted_ms) return;
    const qint64 conversation = m_parts.chat->conversation();
    QThreadPool::globalInstance()->start(
        [this, conversation, paths, limits = limits(), written = m_parts.composer->text().toStdString()]() mutable {
            const auto take = [&](std::string_view text) {
                limits.tokens -= std::min(limits.tokens, text.empty() ? 0 : limits.count(text));
            };
            take(written);
            for (const QString& path : paths) {
                const auto file = readAttachment(path, limits);
                if (file.status().code() == StatusCode::kStopped) return;
                if (file.ok()) take(file->text);
                QMetaObject::invokeMethod(this, [this, conversation, file] {
                    if (!file.ok()) {
                        m_parts.notices->say(conversation, QString::fromStdString(file.status().message()));
                    } else if (conversation == m_parts.chat->conversation()) {
                        m_parts.composer->attach(*file);
                    }
                });
            }
        });
}

void QuestionDesk::countFiles() {
    const std::shared_ptr<Model>& model = m_parts.models->model().model;
    const std::vector<markdown::Attachment> files = m_parts.composer->attachments();
    const void* by = model.get();
    if (!model || files.empty() || (m_counted_by == by && !m_parts.composer->hasUncounted())) return;
    m_counted_by = by;
    QThreadPool::globalInstance()->start([this, files, model, stop = m_stop] {
        for (std::size_t i = 0; i < files.size() && !stop.stop_requested(); ++i) {
            const auto tokens = static_cast<int>(model->tokenizer().encode(files[i].text).size());
            QMetaObject::invokeMethod(this, [this, tokens, i, file = files[i]] {
                const auto& now = m_parts.composer->attachments();
                if (i < now.size() && now[i] == file)
                    m_parts.composer->setAttachmentTokens(static_cast<int>(i), tokens);
            });
        }
    });
}

void QuestionDesk::onNotStored(qint64 conversation, qint64 edited, const QString& text, const Status& why) {
    const QString sentence = QString::fromStdString(why.message());
    if (why.code() == StatusCode::kOutOfRange && m_parts.models->model().model) {
        offerToShorten(conversation, sentence);
    } else {
        m_parts.notices->say(conversation, sentence);
    }
    if (conversation != m_parts.chat->conversation()) return;  // its draft has the text
    // Nothing that was written goes away, also not what was written since.
    flush();
    if (edited != 0) {
        edit(edited);
        return m_parts.composer->setText(text);
    }
    const QString since = m_parts.composer->text();
    m_parts.composer->setText(since.isEmpty() ? text : text + QLatin1Char('\n') + since);
    m_parts.chat->setDraft(m_parts.composer->text());
}

void QuestionDesk::offerToShorten(qint64 conversation, const QString& sentence) {
    const LoadedModel& model = m_parts.models->model();
    const std::string prompt = m_parts.chat->current().system_prompt;
    const int most = m_parts.chat->settings().max_tokens;
    const int room = roomForQuestion(*model.model, prompt, model.context, most);
    m_parts.notices->say(
        conversation, sentence, tr("Keep the last %1 tokens").arg(QLocale().toString(room)), [this, prompt, most] {
            const LoadedModel& now = m_parts.models->model();
            if (!now.model) return;
            const std::string written = m_parts.composer->text().toStdString();
            const QString kept =
                QString::fromStdString(lastPartThatFits(*now.model, written, prompt, now.context, most));
            m_parts.composer->setText(kept);
            setDraft(kept);
            count();
            m_parts.composer->setFocus();
        });
}

}  // namespace moescope
