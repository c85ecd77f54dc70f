#pragma once
// The messages of the branch that is shown, first to last. The window changes it, the view and assistive technology
// read it. GUI thread. Calls that name an id which the model does not hold do nothing and return false, so that a late
// event of a conversation that is no longer shown is harmless.

#include <QAbstractListModel>
#include <QHash>
#include <QSet>
#include <span>
#include <string_view>
#include <vector>

#include "ui/chat/transcript_message.h"

namespace moescope {

class TranscriptModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum DataRole {
        kIdRole = Qt::UserRole + 1,  ///< qint64
        kRoleRole,                   ///< int of TranscriptRole
        kStateRole,                  ///< int of TranscriptState
        kTextRole,                   ///< QString; a change of it means that text or tokens were added at the end
        kFiguresRole,                ///< QString, the line of figures
        kErrorRole,
        kSiblingRole,   ///< int, from 0
        kSiblingsRole,  ///< int
        kCutRole,       ///< bool
    };

    explicit TranscriptModel(QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    /// Qt::DisplayRole is the text, Qt::AccessibleTextRole "You: ..." or "Answer: ...".
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    int count() const { return static_cast<int>(m_messages.size()); }
    const TranscriptMessage& at(int row) const { return m_messages[static_cast<std::size_t>(row)]; }
    /// -1 where there is none.
    int rowOf(qint64 id) const;
    /// Null where there is none; valid until the next change.
    const TranscriptMessage* find(qint64 id) const;

    /// Shows another branch or conversation. Messages that were there before (same id, same text) cost nothing, and a
    /// view keeps its place when what it shows is among them.
    void setMessages(std::vector<TranscriptMessage> messages);
    /// Whether a message was there before the last setMessages with the same text, or a beginning of it; for views.
    bool wasKept(qint64 id) const { return m_kept.contains(id); }
    /// Adds one at the end.
    void append(TranscriptMessage message);
    /// Text and tokens at the end of a message: constant time but for what is added. `tokens` have ranges in the whole
    /// text of the message.
    bool appendText(qint64 id, std::string_view text, std::span<const TranscriptToken> tokens = {});
    /// Live figures of an answer that streams.
    bool setFigures(qint64 id, const AnswerFigures& figures);
    /// A complete answer goes on ("Continue").
    bool resume(qint64 id);
    /// An answer has ended. `error` is for TranscriptState::kError.
    bool finish(qint64 id, TranscriptState state, const AnswerFigures& figures, const QString& error = {},
                bool may_continue = false);
    /// Takes away a message and all after it.
    bool removeFrom(qint64 id);

private:
    TranscriptMessage* edit(qint64 id, int* row);
    void notify(int row, const QList<int>& roles);

    std::vector<TranscriptMessage> m_messages;
    QHash<qint64, int> m_rows;
    QSet<qint64> m_kept;
};

/// The line of figures of an answer: "118 tokens · 84.2 tok/s · first token after 210 ms · stopped", of which unknown
/// parts are left out. Of one that thought first: "thinking 214 tokens, 84.2 tok/s · answer 118 tokens, 80.1 tok/s".
QString figuresText(const AnswerFigures& figures);

}  // namespace moescope
