#include "ui/sidebar/sidebar.h"

#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

#include "ui/icons.h"
#include "ui/sidebar/row_delegate.h"
#include "ui/theme.h"

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
      m_trash(new QPushButton),
      m_settings(new QPushButton) {
    auto* column = new QVBoxLayout(this);
    auto* top = m_top = new QVBoxLayout;
    top->addWidget(m_name);
    top->addWidget(m_new);
    top->addWidget(m_search);
    auto* bottom = m_bottom = new QVBoxLayout;
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
    m_search->setToolTip(tr("Search (Ctrl+F)"));
    m_search->setClearButtonEnabled(true);
    m_search_icon = m_search->addAction(QIcon(), QLineEdit::LeadingPosition);
    m_search_icon->setText(tr("Search titles and texts"));
    m_search->installEventFilter(this);
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
    m_list->installEventFilter(this);
    auto* delegate = new RowDelegate(
        themes, [this] { return m_current; }, m_list);
    m_list->setItemDelegate(delegate);
    connect(delegate, &RowDelegate::renamed, this, &Sidebar::renamed);

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
    connect(m_list, &QListView::clicked, this, &Sidebar::activate);
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
    for (QPushButton* button : {m_new, m_trash, m_settings}) {
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
}

void Sidebar::showHits(const QString& query, const QList<HitItem>& hits, bool complete) {
    if (m_search->text() != query) return;
    m_model->setHits(hits, complete);
    m_list->scrollToTop();
}

void Sidebar::setCurrent(qint64 id) {
    m_current = id;
    m_list->viewport()->update();
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
    emit searchChanged(text);
}

void Sidebar::showTrash(bool shown) {
    m_trash->setChecked(shown);
    m_model->setView(shown ? ConversationListModel::View::kTrash : ConversationListModel::View::kConversations);
}

void Sidebar::activate(const QModelIndex& index) {
    const qint64 id = index.data(ConversationListModel::kIdRole).toLongLong();
    if (id == 0 || m_model->view() == ConversationListModel::View::kTrash) return;
    if (m_list->selectionModel()->selectedRows().size() > 1) return;  // more are being chosen
    if (m_model->view() == ConversationListModel::View::kHits) {
        emit hitOpened(id, index.data(ConversationListModel::kMessageRole).toLongLong());
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
    menu.setAccessibleName(tr("What can be done with the chat"));
    const QList<qint64> ids = selectedIds();
    const qint64 folder_heading = index.data(ConversationListModel::kFolderRole).toLongLong();
    if (index.isValid() && index.data(ConversationListModel::kIdRole).toLongLong() == 0 && folder_heading != 0) {
        menu.addAction(tr("Rename the folder…"), this, [&] {
            const QString name = QInputDialog::getText(this, tr("Rename the folder"), tr("Name"), QLineEdit::Normal,
                                                       index.data().toString());
            if (!name.simplified().isEmpty()) emit folderRenamed(folder_heading, name.simplified());
        });
        menu.addAction(tr("Remove the folder (its chats stay)"), this, [&] { emit folderDeleted(folder_heading); });
        menu.exec(m_list->viewport()->mapToGlobal(at));
        return;
    }
    if (ids.isEmpty()) return;
    if (m_model->view() == ConversationListModel::View::kTrash) {
        menu.addAction(tr("Restore"), this, [&] { emit restoreRequested(ids); });
        menu.addAction(tr("Delete for ever…"), this, [&] {
            if (QMessageBox::question(this, tr("Delete for ever"),
                                      tr("Delete %Ln chat(s) for ever? This cannot be undone.", nullptr,
                                         static_cast<int>(ids.size()))) == QMessageBox::Yes) {
                emit purgeRequested(ids);
            }
        });
        menu.exec(m_list->viewport()->mapToGlobal(at));
        return;
    }
    const ConversationItem* first = m_model->item(ids[0]);
    if (ids.size() == 1 && first) {
        const bool pinned = first->pinned;
        menu.addAction(tr("Open"), this, [&] { emit opened(ids[0]); });
        if (m_model->view() == ConversationListModel::View::kConversations) {
            menu.addAction(tr("Rename (F2)"), this, [this] { m_list->edit(m_list->currentIndex()); });
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
        folders->addAction(f.name, this, [choose, id = f.id] { choose(id); });
    folders->addSeparator();
    folders->addAction(tr("New folder…"), this, [this] {
        const QString name = QInputDialog::getText(this, tr("New folder"), tr("Name"));
        if (!name.simplified().isEmpty()) emit folderCreated(name.simplified());
    });
    menu.addAction(tr("Export…"), this, [&] { emit exportRequested(ids); });
    menu.addSeparator();
    menu.addAction(tr("Move to the trash (Ctrl+Delete)"), this, [&] { emit trashRequested(ids); });
    menu.exec(m_list->viewport()->mapToGlobal(at));
}

bool Sidebar::eventFilter(QObject* watched, QEvent* event) {
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
                const QList<qint64> ids = selectedIds();
                if (key->modifiers() == Qt::ControlModifier && !ids.isEmpty() &&
                    m_model->view() != ConversationListModel::View::kTrash) {
                    emit trashRequested(ids);
                }
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
