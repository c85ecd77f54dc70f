#include "ui/sidebar/sidebar.h"

#include <QApplication>
#include <QDragMoveEvent>
#include <QDropEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

#include "ui/icons.h"
#include "ui/sidebar/row_delegate.h"
#include "ui/theme.h"
#include "ui/widgets/ask_dialog.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// The program's mark: a grid of experts, of which some are lit.
QPixmap mark(const Theme& t, double ratio) {
    const int cell = t.px(4), gap = std::max(1, t.px(2)), count = 3;
    const int size = count * cell + (count - 1) * gap;
    QPixmap pixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter p(&pixmap);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    for (int i = 0; i < count * count; ++i) {
        const bool amber = i == 0 || i == 4, blue = i == 2 || i == 7;
        p.setBrush(amber ? t.amber : blue ? t.blue : t.faint);
        p.drawRoundedRect(QRectF(i % count * (cell + gap), i / count * (cell + gap), cell, cell), 1, 1);
    }
    return pixmap;
}

}  // namespace

Sidebar::Sidebar(ThemeStore* themes, QWidget* parent)
    : QWidget(parent),
      m_themes(themes),
      m_model(new ConversationListModel(this)),
      m_name(new QLabel),
      m_new(new QPushButton),
      m_search(new QLineEdit),
      m_list(new QListView),
      m_empty(new QPushButton),
      m_trash(new QPushButton),
      m_settings(new QPushButton) {
    auto* column = new QVBoxLayout(this);
    auto* top = m_top = new QVBoxLayout;
    top->addWidget(m_name);
    top->addWidget(m_new);
    top->addWidget(m_search);
    auto* bottom = m_bottom = new QVBoxLayout;
    bottom->addWidget(m_empty);
    bottom->addWidget(m_trash);
    bottom->addWidget(m_settings);
    column->addLayout(top);
    column->addWidget(m_list, 1);
    column->addLayout(bottom);
    m_name->setAccessibleName(QStringLiteral("Moescope"));
    m_new->setText(tr("New chat"));
    m_new->setAccessibleName(tr("New chat"));
    m_new->setToolTip(tr("New chat (Ctrl+N)"));
    m_search->setPlaceholderText(tr("Search titles and texts"));
    m_search->setAccessibleName(tr("Search titles and texts"));
    m_search->setToolTip(tr("Search all chats (Ctrl+Shift+F)"));
    m_search->setClearButtonEnabled(true);
    m_search_icon = m_search->addAction(QIcon(), QLineEdit::LeadingPosition);
    m_search_icon->setText(tr("Search titles and texts"));
    m_search->installEventFilter(this);
    m_empty->setText(tr("Empty trash…"));
    m_empty->setAccessibleName(tr("Empty trash…"));
    m_empty->hide();
    m_trash->setText(tr("Trash"));
    m_trash->setCheckable(true);
    m_trash->setAccessibleName(tr("Trash"));
    m_settings->setText(tr("Settings"));
    m_settings->setAccessibleName(tr("Settings"));
    m_list->setModel(m_model);
    m_list->setAccessibleName(tr("Chats"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->setMouseTracking(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setLayoutMode(QListView::Batched);  // long lists appear at once
    m_list->setBatchSize(200);
    m_list->setDragEnabled(true);
    m_list->setDragDropMode(QAbstractItemView::DragOnly);
    m_list->viewport()->setAcceptDrops(true);
    m_list->installEventFilter(this);
    m_list->viewport()->installEventFilter(this);
    m_delegate = new RowDelegate(
        themes, [this] { return m_current; }, m_list);
    m_list->setItemDelegate(m_delegate);
    connect(m_delegate, &RowDelegate::renamed, this, &Sidebar::renamed);
    // Rows that move take the selection with them: it comes back to the open conversation.
    m_follow_timer.setSingleShot(true);
    connect(&m_follow_timer, &QTimer::timeout, this, &Sidebar::follow);
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
        connect(m_model, signal, this, [this] { m_follow_timer.start(0); });
    }
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_follow_timer.start(0);
        updateEmpty();
    });
    connect(m_empty, &QPushButton::clicked, this, [this] { askToPurge({}); });

    m_search_timer.setSingleShot(true);
    m_search_timer.setInterval(30);  // joins the letters of one stroke; searches themselves hold nobody up
    connect(m_search, &QLineEdit::textChanged, &m_search_timer, qOverload<>(&QTimer::start));
    connect(&m_search_timer, &QTimer::timeout, this, &Sidebar::search);
    connect(m_new, &QPushButton::clicked, this, [this] {
        m_search->clear();
        showTrash(false);
        emit newChatRequested();
    });
    connect(m_settings, &QPushButton::clicked, this, &Sidebar::settingsRequested);
    connect(m_trash, &QPushButton::toggled, this, &Sidebar::showTrash);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex& index) {
        const auto kind = index.data(ConversationListModel::kKindRole).toInt();
        const bool chat = kind == static_cast<int>(ConversationListModel::Kind::kChat);
        if (chat && m_delegate->menuRect(m_list->visualRect(index)).contains(m_pressed)) return showMenu(m_pressed);
        activate(index);
    });
    connect(m_list, &QListView::customContextMenuRequested, this, &Sidebar::showMenu);
    connect(m_list->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (value > m_list->verticalScrollBar()->maximum() - 400) emit moreWanted();
    });
    connect(m_themes, &ThemeStore::changed, this, &Sidebar::applyTheme);
    applyTheme();
}

void Sidebar::applyTheme() {
    const Theme& t = m_themes->theme();
    layout()->setContentsMargins(0, t.px(14), 0, t.px(10));
    layout()->setSpacing(t.px(8));
    m_name->setFont(t.sans(Theme::kTitle, QFont::DemiBold));
    m_name->setPixmap({});
    m_name->setTextFormat(Qt::PlainText);
    m_name->setText(QStringLiteral("       Moescope"));
    m_name->setContentsMargins(t.px(4), 0, 0, t.px(4));
    const int icon = t.px(16);
    for (QPushButton* button : {m_new, m_empty, m_trash, m_settings}) {
        button->setFont(t.sans(Theme::kBody));
        button->setIconSize({icon, icon});
    }
    m_new->setIcon(lineIcon(QStringLiteral("new-chat"), t.text, icon));
    m_search_icon->setIcon(lineIcon(QStringLiteral("search"), t.faint, icon));
    m_trash->setIcon(lineIcon(QStringLiteral("trash"), t.dim, icon));
    m_settings->setIcon(lineIcon(QStringLiteral("settings"), t.dim, icon));
    m_search->setFont(t.sans(Theme::kBody));
    setMinimumWidth(t.px(200));
    for (QVBoxLayout* part : {m_top, m_bottom}) {
        part->setContentsMargins(t.px(12), 0, t.px(12), 0);
        part->setSpacing(part == m_top ? t.px(8) : t.px(2));
    }
    m_new->setStyleSheet(
        QStringLiteral("QPushButton { text-align: left; color: %1; background: transparent; border: 1px solid %2; "
                       "border-radius: 8px; padding: %3px %4px; } QPushButton:hover { background: %5; } "
                       "QPushButton:focus { border-color: %6; }")
            .arg(t.text.name(), t.line.name())
            .arg(t.px(7))
            .arg(t.px(10))
            .arg(t.hover.name(), t.focus.name()));
    m_search->setStyleSheet(
        QStringLiteral("QLineEdit { color: %1; background: %2; border: 1px solid %2; border-radius: 8px; "
                       "padding: %3px %4px; } QLineEdit:focus { border-color: %5; }")
            .arg(t.text.name(), t.hover.name())
            .arg(t.px(6))
            .arg(t.px(8))
            .arg(t.focus.name()));
    const QString row = QStringLiteral(
                            "QPushButton { text-align: left; color: %1; background: transparent; border: none; "
                            "border-radius: 8px; padding: %2px %3px; } QPushButton:hover, QPushButton:checked { "
                            "background: %4; color: %5; } QPushButton:focus { background: %4; }")
                            .arg(t.dim.name())
                            .arg(t.px(6))
                            .arg(t.px(10))
                            .arg(t.hover.name(), t.text.name());
    m_empty->setStyleSheet(row);
    m_empty->setIcon(QIcon());
    m_trash->setStyleSheet(row);
    m_settings->setStyleSheet(row);
    m_list->setStyleSheet(QStringLiteral("QListView { background: transparent; border: none; outline: none; }"));
    m_list->doItemsLayout();
    update();
}

void Sidebar::paintEvent(QPaintEvent*) {
    const Theme& t = m_themes->theme();
    QPainter p(this);
    p.fillRect(rect(), t.side);
    p.drawPixmap(QPointF(t.px(17), m_name->y() + (m_name->height() - t.px(4)) / 2.0 - t.px(8)),
                 mark(t, devicePixelRatioF()));
}

void Sidebar::setItems(const QList<ConversationItem>& items) {
    m_model->setItems(items);
}
void Sidebar::addItems(const QList<ConversationItem>& items) {
    m_model->addItems(items);
}
void Sidebar::updateItem(const ConversationItem& item) {
    m_model->updateItem(item);
}
void Sidebar::removeItem(qint64 id) {
    m_model->removeItem(id);
}
void Sidebar::setFolders(const QList<FolderItem>& folders) {
    m_model->setFolders(folders);
}
void Sidebar::setTrashItems(const QList<ConversationItem>& items) {
    m_model->setTrashItems(items);
    m_trash->setText(items.isEmpty() ? tr("Trash") : tr("Trash · %1").arg(items.size()));
    updateEmpty();
}

void Sidebar::showHits(const QString& query, const QList<HitItem>& hits, bool complete) {
    if (m_search->text() != query) return;
    m_model->setHits(hits, complete);
    m_list->scrollToTop();
    updateEmpty();
}

void Sidebar::setCurrent(qint64 id) {
    m_current = id;
    m_follow_timer.stop();
    const bool hits = m_model->view() == ConversationListModel::View::kHits;  // there the hit stays chosen
    if (!hits && m_list->selectionModel()->selectedRows().size() <= 1) m_list->clearSelection();
    follow();
    m_list->viewport()->update();
}

void Sidebar::follow() {
    if (m_model->view() == ConversationListModel::View::kHits) return;
    QItemSelectionModel* selection = m_list->selectionModel();
    const QModelIndexList chosen = selection->selectedRows();
    if (chosen.size() > 1) return;                        // more are being chosen
    if (!chosen.isEmpty() && m_list->hasFocus()) return;  // the keyboard walks
    const QWidget* focus = QApplication::focusWidget();
    if (focus && m_list->viewport()->isAncestorOf(focus)) return;  // a title is being typed
    const int row = m_current != 0 ? m_model->rowOf(m_current) : -1;
    if (row < 0) {
        selection->clear();
    } else if (chosen.isEmpty() || chosen[0].row() != row) {
        selection->setCurrentIndex(m_model->index(row), QItemSelectionModel::ClearAndSelect);
    }
}

QList<qint64> Sidebar::idsInHand() const {
    if (m_list->hasFocus()) return selectedIds();
    return m_current != 0 ? QList<qint64>{m_current} : QList<qint64>();
}

bool Sidebar::rename() {
    if (m_model->view() != ConversationListModel::View::kConversations || isHidden()) return false;
    const QList<qint64> ids = idsInHand();
    const int row = ids.size() == 1 ? m_model->rowOf(ids[0]) : -1;
    if (row < 0) return false;
    m_list->setFocus();
    m_list->setCurrentIndex(m_model->index(row));
    m_list->scrollTo(m_model->index(row));
    m_list->edit(m_model->index(row));
    return true;
}

void Sidebar::trash() {
    const QList<qint64> ids = idsInHand();
    if (ids.isEmpty()) return;
    if (m_model->view() == ConversationListModel::View::kTrash) return;
    emit trashRequested(ids);
}

void Sidebar::setFolded(const QSet<qint64>& folders) {
    m_model->setFolded(folders);
}

void Sidebar::toggleFolder(qint64 folder) {
    QSet<qint64> folded = m_model->folded();
    if (!folded.remove(folder)) folded.insert(folder);
    m_model->setFolded(folded);
    emit foldedChanged(folded);
}

bool Sidebar::showsTrash() const {
    return m_model->view() == ConversationListModel::View::kTrash;
}

void Sidebar::updateEmpty() {
    m_empty->setVisible(showsTrash() && m_model->rowCount() > 1);
}

void Sidebar::askToPurge(const QList<qint64>& ids) {
    const int count = ids.isEmpty() ? m_model->rowCount() - 1 : static_cast<int>(ids.size());
    const QString sentence = tr("Delete %Ln chat(s) permanently?", nullptr, count) + QLatin1Char(' ') +
                             tr("This cannot be undone. Earlier backups may still contain these chats.");
    if (!askWhether(m_themes, window(), ids.isEmpty() ? tr("Empty trash") : tr("Delete permanently"), sentence,
                    tr("Delete permanently"), true))
        return;
    if (ids.isEmpty()) {
        emit emptyTrashRequested();
    } else {
        emit purgeRequested(ids);
    }
}

QString Sidebar::searchText() const {
    return m_search->text();
}

void Sidebar::focusSearch() {
    m_search->setFocus();
    m_search->selectAll();
}

void Sidebar::openNeighbour(int delta) {
    int row = m_model->rowOf(m_current);
    if (row < 0) row = delta > 0 ? -1 : m_model->rowCount();
    for (row += delta; row >= 0 && row < m_model->rowCount(); row += delta) {
        const QModelIndex index = m_model->index(row);
        if (index.data(ConversationListModel::kIdRole).toLongLong() == 0) continue;
        m_list->setCurrentIndex(index);
        activate(index);
        return;
    }
}

void Sidebar::search() {
    const QString text = m_search->text();
    if (text.trimmed().isEmpty()) {
        m_model->setView(m_trash->isChecked() ? ConversationListModel::View::kTrash
                                              : ConversationListModel::View::kConversations);
    }
    updateEmpty();
    emit searchChanged(text);
}

void Sidebar::showTrash(bool shown) {
    if (shown && !m_search->text().isEmpty()) m_search->clear();
    m_trash->setChecked(shown);
    m_model->setView(shown ? ConversationListModel::View::kTrash : ConversationListModel::View::kConversations);
}

void Sidebar::activate(const QModelIndex& index) {
    if (const qint64 folder = index.data(ConversationListModel::kFolderRole).toLongLong()) return toggleFolder(folder);
    const qint64 id = index.data(ConversationListModel::kIdRole).toLongLong();
    if (id == 0) return;
    if (m_list->selectionModel()->selectedRows().size() > 1) return;  // more are being chosen
    if (m_model->view() == ConversationListModel::View::kHits) {
        emit hitOpened(id, index.data(ConversationListModel::kMessageRole).toLongLong());
    } else if (showsTrash()) {
        emit trashedOpened(id);
    } else {
        emit opened(id);
    }
}

QList<qint64> Sidebar::selectedIds() const {
    QList<qint64> ids;
    for (const QModelIndex& index : m_list->selectionModel()->selectedRows()) {
        const qint64 id = index.data(ConversationListModel::kIdRole).toLongLong();
        if (id != 0 && !ids.contains(id)) ids.append(id);
    }
    return ids;
}

void Sidebar::showMenu(const QPoint& at) {
    const QModelIndex index = m_list->indexAt(at);
    QMenu menu(this);
    menu.setAccessibleName(tr("Chat menu"));
    const QList<qint64> ids = selectedIds();
    const qint64 folder_heading = index.data(ConversationListModel::kFolderRole).toLongLong();
    if (index.isValid() && index.data(ConversationListModel::kIdRole).toLongLong() == 0 && folder_heading != 0) {
        menu.addAction(tr("Rename the folder…"), this, [&] {
            const auto name = askForName(m_themes, window(), tr("Rename the folder"), index.data().toString());
            if (name) emit folderRenamed(folder_heading, *name);
        });
        menu.addAction(tr("Remove the folder (its chats stay)"), this, [&] { emit folderDeleted(folder_heading); });
        menu.exec(m_list->viewport()->mapToGlobal(at));
        return;
    }
    if (ids.isEmpty()) return;
    if (m_model->view() == ConversationListModel::View::kTrash) {
        menu.addAction(tr("Restore"), this, [&] { emit restoreRequested(ids); });
        menu.addAction(tr("Delete permanently…"), this, [&] { askToPurge(ids); });
        menu.exec(m_list->viewport()->mapToGlobal(at));
        return;
    }
    const ConversationItem* first = m_model->item(ids[0]);
    if (ids.size() == 1 && first) {
        const bool pinned = first->pinned;
        menu.addAction(tr("Open"), this, [&] { emit opened(ids[0]); });
        if (m_model->view() == ConversationListModel::View::kConversations) {
            menu.addAction(tr("Rename") + QStringLiteral("\tF2"), this,
                           [this] { m_list->edit(m_list->currentIndex()); });
        }
        menu.addAction(pinned ? tr("Unpin") : tr("Pin"), this,
                       [this, id = ids[0], pinned] { emit pinToggled(id, !pinned); });
    }
    QMenu* folders = menu.addMenu(tr("Folder"));
    folders->setAccessibleName(tr("Folder"));
    const auto choose = [this, ids](qint64 folder) {
        for (const qint64 id : ids) emit folderChosen(id, folder);
    };
    folders->addAction(tr("None"), this, [choose] { choose(0); });
    for (const FolderItem& f : m_model->folders())
        folders->addAction(plainCaption(f.name), this, [choose, id = f.id] { choose(id); });
    folders->addSeparator();
    folders->addAction(tr("New folder…"), this, [this, ids] {
        if (const auto name = askForName(m_themes, window(), tr("New folder"))) emit folderCreated(*name, ids);
    });
    menu.addAction(tr("Export…"), this, [&] { emit exportRequested(ids); });
    menu.addSeparator();
    menu.addAction(tr("Move to the trash") + QStringLiteral("\t") +
                       QKeySequence(Qt::CTRL | Qt::Key_Delete).toString(QKeySequence::NativeText),
                   this, [&] { emit trashRequested(ids); });
    menu.exec(m_list->viewport()->mapToGlobal(at));
}

/// Whether it can be dropped here; the row that would take it shows it.
bool Sidebar::dragOver(QDropEvent* event) {
    const bool ours = m_model->view() == ConversationListModel::View::kConversations &&
                      !ConversationListModel::draggedIds(event->mimeData()).isEmpty();
    int row = -1;
    if (ours) {
        const QModelIndex index = m_list->indexAt(event->position().toPoint());
        // The nearest heading above says where it goes: a folder, or a date, which is no folder.
        for (row = index.isValid() ? index.row() : -1; row >= 0; --row) {
            if (m_model->index(row).data(ConversationListModel::kIdRole).toLongLong() == 0) break;
        }
    }
    m_delegate->setDropRow(event->type() == QEvent::Drop ? -1 : row);
    m_list->viewport()->update();
    if (row < 0) {
        event->ignore();
        return false;
    }
    event->setDropAction(Qt::MoveAction);
    event->accept();
    if (event->type() != QEvent::Drop) return true;
    const qint64 folder = m_model->index(row).data(ConversationListModel::kFolderRole).toLongLong();
    for (const qint64 id : ConversationListModel::draggedIds(event->mimeData())) {
        const ConversationItem* item = m_model->item(id);
        if (item && item->folder != folder) emit folderChosen(id, folder);
    }
    return true;
}

bool Sidebar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list->viewport()) {
        switch (event->type()) {
            case QEvent::DragEnter:
            case QEvent::DragMove:
            case QEvent::Drop:
                dragOver(static_cast<QDropEvent*>(event));
                return true;
            case QEvent::DragLeave:
                m_delegate->setDropRow(-1);
                m_list->viewport()->update();
                return true;
            case QEvent::MouseButtonPress:
                m_pressed = static_cast<QMouseEvent*>(event)->position().toPoint();
                break;
            default:
                break;
        }
        return QWidget::eventFilter(watched, event);
    }
    if (watched == m_list && event->type() == QEvent::FocusOut) m_follow_timer.start(0);
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (watched == m_search) {
            if (key->key() == Qt::Key_Escape && !m_search->text().isEmpty()) {
                m_search->clear();
                return true;
            }
            if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Return) {
                for (int row = 0; row < m_model->rowCount(); ++row) {
                    const QModelIndex index = m_model->index(row);
                    if (index.data(ConversationListModel::kIdRole).toLongLong() == 0) continue;
                    m_list->setCurrentIndex(index);
                    if (key->key() == Qt::Key_Return) {
                        activate(index);
                    } else {
                        m_list->setFocus();
                    }
                    break;
                }
                return true;
            }
        } else if (watched == m_list) {
            if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
                activate(m_list->currentIndex());
                return true;
            }
            if (key->key() == Qt::Key_Delete) {
                if (key->modifiers() == Qt::ControlModifier) trash();
                return true;
            }
            if (key->key() == Qt::Key_Menu || (key->key() == Qt::Key_F10 && key->modifiers() == Qt::ShiftModifier)) {
                showMenu(m_list->visualRect(m_list->currentIndex()).center());
                return true;
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moescope
