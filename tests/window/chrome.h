#pragma once
// What the tests of the window's frame and sidebar share: chats that are there at the start, and what is dropped.

#include <QApplication>
#include <QDropEvent>
#include <QListView>
#include <QMimeData>
#include <QPushButton>

#include "tests/window/desk.h"

namespace moescope {

inline const QString kImage = QStringLiteral("<img src=\"file:///dev/zero\">");

/// A chat of questions and answers without routing, as an import leaves it.
inline qint64 addChat(const QString& dir, const QString& title, const QStringList& texts, const QString& folder = {}) {
    auto history = History::open(dir.toStdString());
    Conversation c;
    c.title = title.toStdString();
    c.automatic_title = false;
    c.created_ms = c.updated_ms = 1'764'000'000'000;
    const auto id = (*history)->createConversation(c);
    std::optional<std::int64_t> parent;
    for (int i = 0; i < texts.size(); ++i) {
        Message m;
        m.conversation = *id;
        m.parent = parent;
        m.author = i % 2 == 0 ? Author::kUser : Author::kAssistant;
        m.text = texts[i].toStdString();
        m.created_ms = 1'764'000'000'000 + i;
        if (i % 2 == 1) m.finish = FinishReason::kEndOfText;
        parent = *(*history)->addMessage(m);
    }
    (void)(*history)->setLeaf(*id, parent);
    if (!folder.isEmpty()) (void)(*history)->setFolder(*id, *(*history)->createFolder(folder.toStdString()));
    return *id;
}

template <class T = QPushButton>
T* named(QWidget* root, const char* name) {
    return root->findChild<T*>(QLatin1String(name));
}

inline QString chipText(Composer* composer, const char* id) {
    for (auto* button : composer->findChildren<QPushButton*>()) {
        if (button == composer->chip(QLatin1String(id))) return button->text();
    }
    return {};
}

inline QPoint middleOf(QListView* list, int row) {
    return list->visualRect(list->model()->index(row, 0)).center();
}

inline void sendDrop(QWidget* to, const QPoint& at, QMimeData* data) {
    QDragEnterEvent enter(at, Qt::CopyAction | Qt::MoveAction, data, Qt::LeftButton, {});
    QApplication::sendEvent(to, &enter);
    QVERIFY(enter.isAccepted());
    QDragMoveEvent move(at, Qt::CopyAction | Qt::MoveAction, data, Qt::LeftButton, {});
    QApplication::sendEvent(to, &move);
    QDropEvent drop(QPointF(at), Qt::CopyAction | Qt::MoveAction, data, Qt::LeftButton, {});
    QApplication::sendEvent(to, &drop);
}

}  // namespace moescope
