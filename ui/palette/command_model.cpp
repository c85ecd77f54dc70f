#include "ui/palette/command_model.h"

#include <QKeySequence>
#include <algorithm>

#include "ui/palette/action_group.h"
#include "ui/palette/fuzzy.h"

namespace moescope {

namespace {

/// A menu's text without what only a menu needs: "&Find..." is "Find".
QString plainText(const QString& text) {
    QString plain;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == QLatin1Char('&') && i + 1 < text.size()) ++i;
        plain += text[i];
    }
    if (plain.endsWith(QLatin1String("..."))) plain.chop(3);
    if (plain.endsWith(QChar(0x2026))) plain.chop(1);
    return plain;
}

/// Each word of the filter is to be found in the text, or as it stands in the group or the keys ("view", "ctrl+n").
std::optional<FuzzyMatch> matchCommand(const QString& filter, const Command& command) {
    QStringList in_text;
    for (const QString& word : filter.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        if (fuzzyMatch(word, command.text)) {
            in_text.append(word);
        } else if (!command.group.contains(word, Qt::CaseInsensitive) &&
                   !command.keys.startsWith(word, Qt::CaseInsensitive)) {
            return std::nullopt;
        }
    }
    return fuzzyMatch(in_text.join(QLatin1Char(' ')), command.text);
}

}  // namespace

Command Command::ofAction(QAction* action) {
    return {actionGroup(action),
            plainText(action->text()),
            action->shortcut().toString(QKeySequence::NativeText),
            action,
            action->isEnabled(),
            action->isCheckable() && action->isChecked()};
}

CommandModel::CommandModel(Order order, QObject* parent) : QAbstractListModel(parent), m_order(order) {}

void CommandModel::setCommands(const QList<Command>& commands) {
    m_commands = commands;
    rebuild();
}

void CommandModel::setFilter(const QString& filter) {
    if (filter == m_filter) return;
    m_filter = filter;
    rebuild();
}

void CommandModel::rebuild() {
    beginResetModel();
    m_rows.clear();
    for (int i = 0; i < m_commands.size(); ++i) {
        const Command& command = m_commands[i];
        std::optional<FuzzyMatch> match = matchCommand(m_filter, command);
        if (!match) continue;
        m_rows.append({i, QString(), match->score, match->positions});
    }
    if (m_order == Order::kRanked) {
        std::stable_sort(m_rows.begin(), m_rows.end(), [this](const Row& a, const Row& b) {
            const bool on_a = m_commands[a.command].enabled, on_b = m_commands[b.command].enabled;
            return on_a != on_b ? on_a : a.score > b.score;
        });
    } else {
        QStringList groups;
        for (const Command& command : m_commands) {
            if (!groups.contains(command.group)) groups.append(command.group);
        }
        QList<Row> grouped;
        for (const QString& group : groups) {
            const auto begin = grouped.size();
            for (const Row& row : m_rows) {
                if (m_commands[row.command].group == group) grouped.append(row);
            }
            if (grouped.size() > begin) grouped.insert(begin, {-1, group.isEmpty() ? tr("Other") : group, 0, {}});
        }
        m_rows = grouped;
    }
    endResetModel();
}

const Command* CommandModel::command(const QModelIndex& index) const {
    if (!index.isValid() || m_rows[index.row()].command < 0) return nullptr;
    return &m_commands[m_rows[index.row()].command];
}

int CommandModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant CommandModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[index.row()];
    const Command* at = command(index);
    if (at == nullptr) {
        if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) return row.header;
        if (role == kHeaderRole) return true;
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
            return at->text;
        case Qt::AccessibleTextRole: {
            QStringList words{at->text};
            if (!at->keys.isEmpty()) words.append(at->keys);
            if (at->checked) words.append(tr("on"));
            if (!at->enabled) words.append(tr("not available now"));
            return words.join(QStringLiteral(", "));
        }
        case kHeaderRole:
            return false;
        case kGroupRole:
            return at->group;
        case kKeysRole:
            return at->keys;
        case kHitsRole:
            return QVariant::fromValue(row.hits);
        case kCheckedRole:
            return at->checked;
        case kEnabledRole:
            return at->enabled;
        default:
            return {};
    }
}

Qt::ItemFlags CommandModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    if (command(index) == nullptr) return Qt::ItemIsEnabled;  // a header is read, not chosen
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
}

}  // namespace moescope
