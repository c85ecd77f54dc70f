#pragma once
// The rows of the command palette and of the list of shortcuts: commands that pass a filter, ranked, or under the
// headers of their groups.

#include <QAbstractListModel>
#include <QAction>
#include <QPointer>

namespace moescope {

struct Command {
    QString group, text, keys;
    QPointer<QAction> action;  ///< null for a key that is not an action's
    bool enabled = true;
    bool checked = false;

    static Command ofAction(QAction* action);
};

class CommandModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum class Order { kRanked, kGrouped };
    enum Role {
        kHeaderRole = Qt::UserRole,  ///< bool: the row is a header
        kGroupRole,                  ///< QString
        kKeysRole,                   ///< QString
        kHitsRole,                   ///< QList<int>: which letters of the text the filter found
        kCheckedRole,                ///< bool
        kEnabledRole                 ///< bool; disabled ones can be chosen, not run
    };

    explicit CommandModel(Order order, QObject* parent = nullptr);

    void setCommands(const QList<Command>& commands);
    const QList<Command>& commands() const { return m_commands; }
    void setFilter(const QString& filter);
    /// Null for a header.
    const Command* command(const QModelIndex& index) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    struct Row {
        int command = -1;  // -1: a header
        QString header;
        int score = 0;
        QList<int> hits;
    };
    void rebuild();

    Order m_order;
    QList<Command> m_commands;
    QList<Row> m_rows;
    QString m_filter;
};

}  // namespace moescope
