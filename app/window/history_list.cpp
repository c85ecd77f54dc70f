#include "app/window/history_list.h"

#include <filesystem>

#include "app/window/chat_controller.h"
#include "app/window/search_thread.h"
#include "ui/plain_text.h"
#include "ui/sidebar/sidebar.h"

namespace moescope {
namespace {

constexpr int kPage = 500;
constexpr const char* kFolded = "sidebar.folded";  // ids of folders, with blanks between

ConversationItem itemOf(const Conversation& c) {
    ConversationItem item;
    item.id = c.id;
    item.title = oneLine(QString::fromStdString(c.title));
    if (item.title.isEmpty()) item.title = HistoryList::tr("Untitled");
    item.detail = HistoryList::tr("%Ln message(s)", nullptr, static_cast<int>(c.message_count));
    item.updated_ms = c.updated_ms;
    item.pinned = c.pinned;
    item.folder = c.folder.value_or(0);
    item.messages = static_cast<int>(c.message_count);
    return item;
}

/// Byte ranges of a UTF-8 text as ranges of its UTF-16 form.
QList<QPair<int, int>> utf16Ranges(const std::string& text, const std::vector<HitRange>& ranges) {
    QList<QPair<int, int>> out;
    const auto length = [&](std::uint32_t bytes) {
        return static_cast<int>(QString::fromUtf8(text.data(), static_cast<qsizetype>(bytes)).size());
    };
    for (const HitRange& r : ranges) out.append({length(r.begin), length(r.end)});
    return out;
}

}  // namespace

HistoryList::HistoryList(History* history, Sidebar* sidebar, ChatController* chat, QObject* parent)
    : QObject(parent),
      m_history(history),
      m_sidebar(sidebar),
      m_chat(chat),
      m_search(new SearchThread(std::filesystem::path(history->path()).parent_path().string(), this)) {
    connect(sidebar, &Sidebar::newChatRequested, this, &HistoryList::newChatRequested);
    connect(sidebar, &Sidebar::settingsRequested, this, &HistoryList::settingsRequested);
    connect(sidebar, &Sidebar::exportRequested, this, &HistoryList::exportRequested);
    connect(sidebar, &Sidebar::opened, this, &HistoryList::opened);
    connect(sidebar, &Sidebar::hitOpened, this, &HistoryList::messageWanted);
    connect(sidebar, &Sidebar::searchChanged, this, &HistoryList::search);
    connect(m_search, &SearchThread::found, this, &HistoryList::showFound);
    connect(m_search, &SearchThread::failed, this, &HistoryList::failed);
    connect(sidebar, &Sidebar::moreWanted, this, &HistoryList::loadPage);
    connect(sidebar, &Sidebar::renamed, this, [this](qint64 id, const QString& title) {
        if (check(m_history->setTitle(id, title.toStdString(), false))) update(id);
    });
    connect(sidebar, &Sidebar::pinToggled, this, [this](qint64 id, bool pinned) {
        if (check(m_history->setPinned(id, pinned))) update(id);
    });
    connect(sidebar, &Sidebar::folderChosen, this, [this](qint64 id, qint64 folder) {
        if (check(m_history->setFolder(id, folder ? std::optional<std::int64_t>(folder) : std::nullopt))) update(id);
    });
    connect(sidebar, &Sidebar::folderCreated, this, [this](const QString& name, const QList<qint64>& ids) {
        const auto folder = m_history->createFolder(name.toStdString());
        const bool made = check(folder.status());
        reloadFolders();
        for (const qint64 id : made ? ids : QList<qint64>()) {
            if (check(m_history->setFolder(id, *folder))) update(id);
        }
    });
    connect(sidebar, &Sidebar::foldedChanged, this, [this](const QSet<qint64>& folders) {
        QStringList ids;
        for (const qint64 id : folders) ids << QString::number(id);
        check(m_history->setSetting(kFolded, ids.join(QLatin1Char(' ')).toStdString()));
    });
    connect(sidebar, &Sidebar::trashedOpened, this, &HistoryList::trashedOpened);
    connect(sidebar, &Sidebar::folderRenamed, this, [this](qint64 id, const QString& name) {
        check(m_history->renameFolder(id, name.toStdString()));
        reloadFolders();
    });
    connect(sidebar, &Sidebar::folderDeleted, this, [this](qint64 id) {
        check(m_history->deleteFolder(id));
        reload();
    });
    connect(sidebar, &Sidebar::trashRequested, this, [this](const QList<qint64>& ids) {
        QList<qint64> moved;
        for (const qint64 id : ids) {
            if (!check(m_history->moveToTrash(id))) continue;
            m_sidebar->removeItem(id);
            moved.append(id);
            if (id == m_chat->conversation()) emit newChatRequested();
        }
        reloadTrash();
        if (!moved.isEmpty()) emit trashed(moved);
    });
    connect(sidebar, &Sidebar::restoreRequested, this, &HistoryList::restore);
    connect(sidebar, &Sidebar::purgeRequested, this, &HistoryList::purge);
    connect(sidebar, &Sidebar::emptyTrashRequested, this, &HistoryList::emptyTrash);
}

void HistoryList::purge(const QList<qint64>& conversations) {
    QList<qint64> gone;
    for (const qint64 id : conversations) {
        if (check(m_history->purge(id))) gone.append(id);
    }
    reloadTrash();
    if (!gone.isEmpty()) emit purged(gone);
}

void HistoryList::emptyTrash() {
    ConversationFilter filter;
    filter.trash = true;
    filter.limit = 1'000'000;
    const auto trash = m_history->conversations(filter);
    if (!check(trash.status())) return;
    QList<qint64> ids;
    for (const Conversation& c : *trash) ids.append(c.id);
    purge(ids);
}

bool HistoryList::check(const Status& status) {
    if (!status.ok()) emit failed(QString::fromStdString(status.message()));
    return status.ok();
}

void HistoryList::reload() {
    m_loaded = 0;
    m_all_loaded = false;
    m_sidebar->setItems({});
    restoreFolded();
    reloadFolders();
    loadPage();
    reloadTrash();
}

void HistoryList::loadPage() {
    if (m_all_loaded) return;
    ConversationFilter filter;
    filter.limit = kPage;
    filter.offset = m_loaded;
    const auto page = m_history->conversations(filter);
    if (!check(page.status())) return;
    m_all_loaded = static_cast<int>(page->size()) < kPage;
    QList<ConversationItem> items;
    for (const Conversation& c : *page) items.append(itemOf(c));
    if (m_loaded == 0) {
        m_sidebar->setItems(items);
    } else {
        m_sidebar->addItems(items);
    }
    m_loaded += static_cast<int>(page->size());
}

void HistoryList::reloadFolders() {
    const auto folders = m_history->folders();
    if (!check(folders.status())) return;
    QList<FolderItem> items;
    for (const Folder& f : *folders) items.append({f.id, oneLine(QString::fromStdString(f.name))});
    m_sidebar->setFolders(items);
}

void HistoryList::restoreFolded() {
    const auto kept = m_history->setting(kFolded, "");
    QSet<qint64> folders;
    for (const QString& id : QString::fromStdString(kept.ok() ? *kept : "").split(QLatin1Char(' '), Qt::SkipEmptyParts))
        folders.insert(id.toLongLong());
    m_sidebar->setFolded(folders);
}

void HistoryList::reloadTrash() {
    ConversationFilter filter;
    filter.trash = true;
    const auto trash = m_history->conversations(filter);
    if (!check(trash.status())) return;
    QList<ConversationItem> items;
    for (const Conversation& c : *trash) items.append(itemOf(c));
    m_sidebar->setTrashItems(items);
}

void HistoryList::update(qint64 conversation) {
    const auto c = m_history->conversation(conversation);
    if (!c.ok() || c->deleted_ms) {
        m_sidebar->removeItem(conversation);
        return;
    }
    m_sidebar->updateItem(itemOf(*c));
}

void HistoryList::restore(const QList<qint64>& conversations) {
    QList<qint64> back;
    for (const qint64 id : conversations) {
        if (!check(m_history->restore(id))) continue;
        update(id);
        back.append(id);
    }
    reloadTrash();
    if (!back.isEmpty()) emit restored(back);
}

void HistoryList::search(const QString& text) {
    if (text.trimmed().isEmpty()) return;  // the sidebar shows the list again by itself
    constexpr int kMostHits = 100;
    m_search->search(text, kMostHits);
}

void HistoryList::showFound(const QString& text, const SearchResult& result) {
    QList<HitItem> hits;
    for (const SearchHit& hit : result.hits) {
        HitItem item;
        item.conversation = hit.conversation;
        item.message = hit.message.value_or(0);
        item.title = oneLine(QString::fromStdString(hit.title));
        item.snippet = QString::fromStdString(hit.snippet);
        item.ranges = utf16Ranges(hit.snippet, hit.ranges);
        hits.append(item);
    }
    m_sidebar->showHits(text, hits, result.complete);
}

}  // namespace moescope
