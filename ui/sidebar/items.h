#pragma once
// What the sidebar lists, as plain values. The window fills them from the history.

#include <QList>
#include <QPair>
#include <QString>

namespace moescope {

struct ConversationItem {
    qint64 id = 0;
    QString title;
    QString detail;  ///< "14 messages"
    qint64 updated_ms = 0;
    bool pinned = false;
    qint64 folder = 0;  ///< 0: none
    int messages = 0;
};

struct FolderItem {
    qint64 id = 0;
    QString name;
};

/// A place that a search has found.
struct HitItem {
    qint64 conversation = 0;
    qint64 message = 0;  ///< 0: the title
    QString title, snippet;
    QList<QPair<int, int>> ranges;  ///< of hits in `snippet` (of a title: all of it, or part): begin and end
};

}  // namespace moescope
