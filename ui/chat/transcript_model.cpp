#include "ui/chat/transcript_model.h"

#include <QLocale>
#include <QStringList>
#include <algorithm>

#include "engine/markdown/thinking.h"
#include "ui/markdown/utf8.h"

namespace moescope {

TranscriptModel::TranscriptModel(QObject* parent) : QAbstractListModel(parent) {}

int TranscriptModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant TranscriptModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const TranscriptMessage& message = at(index.row());
    switch (role) {
        case Qt::DisplayRole:
        case kTextRole:
            return fromUtf8(message.text);
        case Qt::AccessibleTextRole: {
            // What was thought aloud is not read: it can be opened.
            const bool user = message.role == TranscriptRole::kUser;
            QString text = fromUtf8(user ? std::string_view(message.text) : markdown::answerOf(message.text));
            if (!message.error.isEmpty()) text += QLatin1Char('\n') + message.error;
            return message.role == TranscriptRole::kUser ? tr("You: %1").arg(text) : tr("Answer: %1").arg(text);
        }
        case kIdRole:
            return message.id;
        case kRoleRole:
            return static_cast<int>(message.role);
        case kStateRole:
            return static_cast<int>(message.state);
        case kFiguresRole:
            return figuresText(message.figures);
        case kErrorRole:
            return message.error;
        case kSiblingRole:
            return message.sibling;
        case kSiblingsRole:
            return message.siblings;
        case kCutRole:
            return message.cut_before;
        default:
            return {};
    }
}

QHash<int, QByteArray> TranscriptModel::roleNames() const {
    QHash<int, QByteArray> names = QAbstractListModel::roleNames();
    names.insert({{kIdRole, "messageId"},
                  {kRoleRole, "messageRole"},
                  {kStateRole, "state"},
                  {kTextRole, "text"},
                  {kFiguresRole, "figures"},
                  {kErrorRole, "error"},
                  {kSiblingRole, "sibling"},
                  {kSiblingsRole, "siblings"},
                  {kCutRole, "cutBefore"}});
    return names;
}

int TranscriptModel::rowOf(qint64 id) const {
    return m_rows.value(id, -1);
}

const TranscriptMessage* TranscriptModel::find(qint64 id) const {
    const int row = rowOf(id);
    return row < 0 ? nullptr : &at(row);
}

void TranscriptModel::setMessages(std::vector<TranscriptMessage> messages) {
    beginResetModel();
    m_kept.clear();
    for (const TranscriptMessage& message : messages) {
        const TranscriptMessage* before = find(message.id);
        if (before && before->role == message.role && message.text.starts_with(before->text)) m_kept.insert(message.id);
    }
    m_messages = std::move(messages);
    m_rows.clear();
    for (int row = 0; row < count(); ++row) m_rows.insert(at(row).id, row);
    endResetModel();
}

void TranscriptModel::append(TranscriptMessage message) {
    beginInsertRows({}, count(), count());
    m_rows.insert(message.id, count());
    m_messages.push_back(std::move(message));
    endInsertRows();
}

TranscriptMessage* TranscriptModel::edit(qint64 id, int* row) {
    *row = rowOf(id);
    return *row < 0 ? nullptr : &m_messages[static_cast<std::size_t>(*row)];
}

void TranscriptModel::notify(int row, const QList<int>& roles) {
    emit dataChanged(index(row), index(row), roles);
}

bool TranscriptModel::appendText(qint64 id, std::string_view text, std::span<const TranscriptToken> tokens) {
    int row = 0;
    TranscriptMessage* message = edit(id, &row);
    if (!message) return false;
    message->text += text;
    message->tokens.insert(message->tokens.end(), tokens.begin(), tokens.end());
    notify(row, {Qt::DisplayRole, kTextRole, Qt::AccessibleTextRole});
    return true;
}

bool TranscriptModel::setFigures(qint64 id, const AnswerFigures& figures) {
    int row = 0;
    TranscriptMessage* message = edit(id, &row);
    if (!message) return false;
    message->figures = figures;
    notify(row, {kFiguresRole});
    return true;
}

bool TranscriptModel::resume(qint64 id) {
    int row = 0;
    TranscriptMessage* message = edit(id, &row);
    if (!message) return false;
    message->state = TranscriptState::kStreaming;
    message->error.clear();
    message->figures.finish.clear();
    notify(row, {kStateRole, kErrorRole, kFiguresRole, Qt::AccessibleTextRole});
    return true;
}

bool TranscriptModel::finish(qint64 id, TranscriptState state, const AnswerFigures& figures, const QString& error,
                             bool may_continue) {
    int row = 0;
    TranscriptMessage* message = edit(id, &row);
    if (!message) return false;
    message->state = state;
    message->figures = figures;
    message->error = error;
    message->may_continue = may_continue;
    notify(row, {kStateRole, kErrorRole, kFiguresRole, Qt::AccessibleTextRole});
    return true;
}

bool TranscriptModel::removeFrom(qint64 id) {
    const int row = rowOf(id);
    if (row < 0) return false;
    beginRemoveRows({}, row, count() - 1);
    for (int i = row; i < count(); ++i) m_rows.remove(at(i).id);
    m_messages.erase(m_messages.begin() + row, m_messages.end());
    endRemoveRows();
    return true;
}

namespace {

/// Three digits are what a figure is good for.
QString speedText(double per_second) {
    const int decimals = per_second < 9.995 ? 2 : per_second < 99.95 ? 1 : 0;
    return TranscriptModel::tr("%1 tok/s").arg(QLocale().toString(per_second, 'f', decimals));
}

QString countAndSpeed(const QString& what, int tokens, double per_second) {
    const QString count = TranscriptModel::tr("%Ln token(s)", nullptr, tokens);
    if (per_second <= 0) return what.arg(count);
    return what.arg(TranscriptModel::tr("%1, %2").arg(count, speedText(per_second)));
}

/// Of what followed the thought, from the speeds of both.
double answerSpeed(const AnswerFigures& figures) {
    if (figures.tokens_per_second <= 0 || figures.thinking_tokens_per_second <= 0) return 0;
    const double all = (figures.answer_tokens - 1) / figures.tokens_per_second;
    const double thinking = (figures.thinking_tokens - 1) / figures.thinking_tokens_per_second;
    return all > thinking ? (figures.answer_tokens - figures.thinking_tokens) / (all - thinking) : 0;
}

}  // namespace

QString figuresText(const AnswerFigures& figures) {
    QStringList parts;
    const QLocale locale;
    if (figures.thinking_tokens > 0) {
        parts << countAndSpeed(TranscriptModel::tr("thinking %1"), figures.thinking_tokens,
                               figures.thinking_tokens_per_second);
        const int tokens = figures.answer_tokens - figures.thinking_tokens;
        if (tokens > 0) parts << countAndSpeed(TranscriptModel::tr("answer %1"), tokens, answerSpeed(figures));
    } else {
        if (figures.answer_tokens > 0) parts << TranscriptModel::tr("%Ln token(s)", nullptr, figures.answer_tokens);
        if (figures.tokens_per_second > 0) parts << speedText(figures.tokens_per_second);
    }
    if (const double seconds = figures.first_token_seconds; seconds >= 0.9995) {
        parts << TranscriptModel::tr("first token after %1 s")
                     .arg(locale.toString(seconds, 'f',
                                          seconds < 9.995   ? 2
                                          : seconds < 99.95 ? 1
                                                            : 0));
    } else if (seconds >= 0) {
        parts << TranscriptModel::tr("first token after %1 ms")
                     .arg(locale.toString(std::max(1.0, seconds * 1000), 'f', 0));
    }
    if (!figures.finish.isEmpty()) parts << figures.finish;
    return parts.join(QStringLiteral(" · "));
}

}  // namespace moescope
