#include "app/window/history_list.h"

#include <filesystem>
#include <memory>

#include "app/window/chat_controller.h"
#include "app/window/history_writer.h"
#include "app/window/search_thread.h"
#include "app/window/titles.h"
#include "ui/sidebar/sidebar.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr int kPage = 500;
constexpr const char* kFolded = "sidebar.folded";  // ids of folders, with blanks between

ConversationItem itemOf(const Conversation& c) {
    ConversationItem item;
    item.id = c.id;
    item.title = oneLine(shownTitle(QString::fromStdString(c.title)));
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

HistoryList::HistoryList(History* history, HistoryWriter* writer, Sidebar* sidebar, ChatController* chat,
                         QObject* parent)
    : QObject(parent),
      m_history(history),
      m_writer(writer),
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
        write([id, title = title.toStdString()](History& h) { return h.setTitle(id, title, false); },
              [this, id] { update(id); });
    });
    connect(sidebar, &Sidebar::pinToggled, this, [this](qint64 id, bool pinned) {
        write([id, pinned](History& h) { return h.setPinned(id, pinned); }, [this, id] { update(id); });
    });
    connect(sidebar, &Sidebar::folderChosen, this, [this](qint64 id, qint64 folder) {
        const auto chosen = folder ? std::optional<std::int64_t>(folder) : std::nullopt;
        write([id, chosen](History& h) { return h.setFolder(id, chosen); }, [this, id] { update(id); });
    });
    connect(sidebar, &Sidebar::folderCreated, this, [this](const QString& name, const QList<qint64>& ids) {
        const auto create = [name = name.toStdString(), ids](History& h) {
            const auto folder = h.createFolder(name);
            Status status = folder.status();
            for (const qint64 id : ids) {
                if (status.ok()) status = h.setFolder(id, *folder);
            }
            return status;
        };
        m_writer->write(create, [this, ids](const Status& status) {
            check(status);
            reloadFolders();
            for (const qint64 id : ids) update(id);
        });
    });
    connect(sidebar, &Sidebar::foldedChanged, this, [this](const QSet<qint64>& folders) {
        QStringList ids;
        for (const qint64 id : folders) ids << QString::number(id);
        m_writer->write(
            [kept = ids.join(QLatin1Char(' ')).toStdString()](History& h) { return h.settings().set(kFolded, kept); },
            [this](const Status& status) { check(status); }, HistoryWriter::Wait::kNo, QStringLiteral("folded"));
    });
    connect(sidebar, &Sidebar::trashedOpened, this, &HistoryList::trashedOpened);
    connect(sidebar, &Sidebar::folderRenamed, this, [this](qint64 id, const QString& name) {
        write([id, name = name.toStdString()](History& h) { return h.renameFolder(id, name); },
              [this] { reloadFolders(); });
    });
    connect(sidebar, &Sidebar::folderDeleted, this,
            [this](qint64 id) { write([id](History& h) { return h.deleteFolder(id); }, [this] { reload(); }); });
    connect(sidebar, &Sidebar::trashRequested, this, &HistoryList::trash);
    connect(sidebar, &Sidebar::restoreRequested, this, &HistoryList::restore);
    connect(sidebar, &Sidebar::purgeRequested, this, &HistoryList::purge);
    connect(sidebar, &Sidebar::emptyTrashRequested, this, &HistoryList::emptyTrash);
}

void HistoryList::write(std::function<Status(History&)> work, std::function<void()> then) {
    m_writer->write(std::move(work), [this, then = std::move(then)](const Status& status) {
        if (check(status)) then();
    });
}

void HistoryList::writeEach(const QList<qint64>& conversations, Status (History::*change)(std::int64_t),
                            const std::function<void(qint64)>& each,
                            const std::function<void(const QList<qint64>&)>& then) {
    // What cannot be done for one does not keep the others.
    const auto changed = std::make_shared<QList<qint64>>();
    for (const qint64 id : conversations) {
        const bool last = id == conversations.constLast();
        const auto done = [this, id, last, changed, each, then](const Status& status) {
            if (check(status)) {
                changed->append(id);
                each(id);
            }
            if (!last) return;
            reloadTrash();
            if (!changed->isEmpty()) then(*changed);
        };
        // A few are shown at once; nobody waits for many.
        m_writer->write([id, change](History& h) { return (h.*change)(id); }, done,
                        last ? HistoryWriter::Wait::kBriefly : HistoryWriter::Wait::kNo);
    }
}

void HistoryList::trash(const QList<qint64>& conversations) {
    const auto each = [this](qint64 id) {
        m_sidebar->removeItem(id);
        if (id == m_chat->conversation()) emit newChatRequested();
    };
    writeEach(conversations, &History::moveToTrash, each, [this](const QList<qint64>& moved) { emit trashed(moved); });
}

void HistoryList::purge(const QList<qint64>& conversations) {
    writeEach(
        conversations, &History::purge, [](qint64) {}, [this](const QList<qint64>& gone) { emit purged(gone); });
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
    const auto kept = m_history->settings().get(kFolded, "");
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
    writeEach(
        conversations, &History::restore, [this](qint64 id) { update(id); },
        [this](const QList<qint64>& back) { emit restored(back); });
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
        item.title = oneLine(shownTitle(QString::fromStdString(hit.title)));
        item.snippet = QString::fromStdString(hit.snippet);
        item.ranges = utf16Ranges(hit.snippet, hit.ranges);
        hits.append(item);
    }
    m_sidebar->showHits(text, hits, result.complete);
}

}  // namespace moescope
