#pragma once
// Between the composer and the chat: drafts, the number of their tokens, editing what was asked, files that go with
// questions, and questions that could not be stored, which come back. GUI thread.

#include <QObject>
#include <stop_token>

#include "app/window/attachment_reader.h"
#include "engine/base/status.h"

namespace moescope {

class ChatController;
class ChatNotices;
class Composer;
class ModelLoader;
class TranscriptModel;

class QuestionDesk : public QObject {
    Q_OBJECT

public:
    struct Parts {
        ChatController* chat;
        Composer* composer;
        const TranscriptModel* transcript;
        const ModelLoader* models;
        ChatNotices* notices;
    };
    /// None is owned; all outlive this. `stop`: long texts are not counted anymore. What the pool has of it must be
    /// waited for.
    QuestionDesk(const Parts& parts, std::stop_token stop, QObject* parent = nullptr);

    /// A chat is shown: what was edited is given up, and its draft stands in the composer.
    void showDraft();
    /// What was typed is the shown chat's.
    void flush();
    /// Sends at once if that is possible; else it is put into the composer.
    void ask(const QString& question);
    /// The message's text takes the draft's place until it is sent, or the edit is cancelled.
    void edit(qint64 message);
    /// The context that the shown branch takes; of the rest the draft's tokens are counted.
    void setContextUsed(int tokens) { m_context_used = tokens; }
    /// Reads files on a thread of its own and shows them as cards, with a notice for each that cannot be read.
    void attach(const QStringList& paths);
    /// Counts the draft's tokens again: another model is there.
    void count();

signals:
    /// A question, or another text of one, was sent.
    void sent();

private:
    void send(const QString& text);
    void cancelEdit();
    void countFiles();
    AttachmentLimits limits() const;
    void setDraft(const QString& text);
    void onNotStored(qint64 conversation, qint64 edited, const QString& text, const Status& why);
    /// Of a question that is too long: a notice that offers the part that fits.
    void offerToShorten(qint64 conversation, const QString& sentence);
    QString draft() const;

    Parts m_parts;
    std::stop_token m_stop;
    qint64 m_editing = 0;  ///< message whose new text stands in the composer
    int m_context_used = 0;
    const void* m_counted_by = nullptr;  // the model that the files were counted with
};

}  // namespace moescope
