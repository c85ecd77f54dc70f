#include "ui/inspector/inspector_dock.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QScreen>
#include <QScrollArea>
#include <QShortcut>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <algorithm>

#include "ui/inspector/details_panel.h"
#include "ui/inspector/save_view.h"
#include "ui/inspector/scope_bar.h"
#include "ui/inspector/views/tokens_view.h"
#include "ui/theme.h"

namespace moescope {
namespace {

/// As small as the view that is shown, not as the widest of all.
class ViewStack : public QStackedWidget {
public:
    QSize minimumSizeHint() const override { return currentWidget() ? currentWidget()->minimumSizeHint() : QSize(); }
    QSize sizeHint() const override { return currentWidget() ? currentWidget()->sizeHint() : QSize(); }
};

/// As narrow as the window needs it: what finds no room is scrolled to.
class NarrowScrollArea : public QScrollArea {
public:
    QSize minimumSizeHint() const override { return {120, 90}; }
};

}  // namespace

InspectorDock::InspectorDock(ThemeStore* themes, QWidget* parent)
    : QDockWidget(tr("Routing"), parent), m_themes(themes), m_model(new InspectorModel(this)) {
    setObjectName(QStringLiteral("inspector"));
    setAccessibleName(tr("Routing inspector"));
    setAllowedAreas(Qt::LeftDockWidgetArea | Qt::RightDockWidgetArea | Qt::BottomDockWidgetArea);
    m_body = new QWidget;
    m_body->setAccessibleName(tr("Routing inspector"));
    auto* column = new QVBoxLayout(m_body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_row = new QWidget;
    m_row->setObjectName(QStringLiteral("inspector_row"));
    m_row->setAccessibleName(tr("Views"));
    auto* row = new QHBoxLayout(m_row);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    const auto make_tabs = [](const QString& name, const QString& object) {
        auto* tabs = new QTabBar;
        tabs->setObjectName(object);
        tabs->setAccessibleName(name);
        tabs->setDrawBase(false);
        tabs->setExpanding(false);
        tabs->setElideMode(Qt::ElideNone);
        tabs->setUsesScrollButtons(true);
        tabs->setMinimumWidth(1);  // where they do not fit they are not shown: the window may be narrower
        return tabs;
    };
    m_groups = make_tabs(tr("Groups of views"), QStringLiteral("groups"));
    m_tabs = make_tabs(tr("Routing views"), QStringLiteral("views"));
    m_more = new QToolButton;
    m_more->setObjectName(QStringLiteral("inspector_menu"));
    m_more->setText(QStringLiteral("···"));
    m_more->setAccessibleName(tr("More: save, copy view, float, maximize"));
    m_more->setToolTip(tr("Save, copy view, float, maximize"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setFocusPolicy(Qt::TabFocus);
    m_menu = new QMenu(this);
    m_menu->setAccessibleName(tr("Inspector"));
    m_more->setMenu(m_menu);
    connect(m_menu, &QMenu::aboutToShow, this, &InspectorDock::fillMenu);
    row->addWidget(m_groups);
    row->addWidget(m_tabs, 1);
    row->addWidget(m_more);
    m_view_button = new QToolButton;
    m_view_button->setObjectName(QStringLiteral("view_button"));
    m_view_button->setAccessibleName(tr("View"));
    m_view_button->setPopupMode(QToolButton::InstantPopup);
    m_view_button->setFocusPolicy(Qt::TabFocus);
    auto* view_menu = new QMenu(this);
    view_menu->setAccessibleName(tr("View"));
    m_view_button->setMenu(view_menu);
    connect(view_menu, &QMenu::aboutToShow, this, [this, view_menu] {
        view_menu->clear();
        addViews(*view_menu);
    });
    row->insertWidget(0, m_view_button);
    row->insertStretch(1, 0);
    m_view_button->hide();
    m_row->installEventFilter(this);
    installEventFilter(this);
    m_stack = new ViewStack;
    m_stack->setAccessibleName(tr("View"));
    m_scroll = new NarrowScrollArea;
    m_scroll->setObjectName(QStringLiteral("panels"));
    m_scroll->setAccessibleName(tr("View"));
    m_scroll->viewport()->setAccessibleName(tr("View"));
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setWidgetResizable(true);
    m_scroll->setWidget(m_stack);
    m_empty = new EmptyState(m_themes);
    m_empty->hide();
    connect(m_empty, &EmptyState::actionWanted, this, &InspectorDock::readAgainWanted);
    m_scope_bar = new ScopeBar(m_model, m_themes);
    column->addWidget(m_row);
    column->addWidget(m_scope_bar);
    m_details = new DetailsPanel(m_model, m_themes);
    m_split = new QSplitter(Qt::Vertical);
    m_split->setObjectName(QStringLiteral("view_and_details"));
    m_split->setAccessibleName(tr("View and details"));
    m_split->setChildrenCollapsible(false);
    m_split->addWidget(m_scroll);
    m_split->addWidget(m_details);
    m_split->setStretchFactor(0, 1);
    m_split->setStretchFactor(1, 0);
    m_split->installEventFilter(this);
    connect(m_split, &QSplitter::splitterMoved, this, [this] { m_details_height = m_details->height(); });
    connect(m_details, &DetailsPanel::compactChanged, this, &InspectorDock::placeDetails);
    connect(m_details, &InspectorView::said, this, &InspectorDock::said);
    connect(m_details, &InspectorView::failed, this, &InspectorDock::failed);
    column->addWidget(m_split, 1);
    column->addWidget(m_empty, 1);
    connect(m_model, &InspectorModel::sourceChanged, this, &InspectorDock::updateEmpty);
    connect(m_model, &InspectorModel::grew, this, &InspectorDock::updateEmpty);
    setWidget(m_body);
    // Docked, the row of tabs is all the title it needs; floating, the system's frame moves and sizes it.
    auto* no_title = new QWidget;
    no_title->setAccessibleName(tr("Routing inspector"));
    no_title->setFixedHeight(0);
    setTitleBarWidget(no_title);
    connect(this, &QDockWidget::topLevelChanged, this, &InspectorDock::onTopLevel);

    for (const ViewInfo& info : inspectorViews()) add(info.make(m_model, m_themes));
    for (const ViewGroup group : kViewGroups) {
        QStringList views;
        for (const InspectorView* view : m_views) {
            if (infoOf(view->kind()).group == group) views << view->title();
        }
        const int tab = m_groups->addTab(groupTitle(group));
        m_groups->setTabToolTip(tab, views.join(QStringLiteral(", ")));
    }
    connect(view<TokensView>(), &TokensView::rendererChanged, this, &InspectorDock::rendererChanged);
    connect(m_groups, &QTabBar::currentChanged, this, [this](int index) {
        // The view of the group that was seen last.
        const ViewGroup group = kViewGroups[index];
        showView(m_last.contains(group) ? m_last[group] : firstOf(group));
    });
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        if (index >= 0) showView(static_cast<ViewKind>(m_tabs->tabData(index).toInt()));
    });
    connect(m_model, &InspectorModel::viewWanted, this, [this](const QString& name) {
        for (const InspectorView* view : m_views) {
            if (view->name() == name) return showView(view->kind());
        }
    });
    showView(ViewKind::kLive);
    const auto shortcut = [this](const QKeySequence& keys, auto run) {
        auto* s = new QShortcut(keys, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
        connect(s, &QShortcut::activated, this, run);
    };
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_PageDown), [this] { stepTab(1); });
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_PageUp), [this] { stepTab(-1); });
    shortcut(QKeySequence(Qt::Key_BracketLeft), [this] { m_scope_bar->stepLayer(-1); });
    shortcut(QKeySequence(Qt::Key_BracketRight), [this] { m_scope_bar->stepLayer(1); });
    m_maximise = new QShortcut(QKeySequence(Qt::Key_F11), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(m_maximise, &QShortcut::activated, this, [this] { setMaximised(!isMaximised()); });
    connect(m_themes, &ThemeStore::changed, this, &InspectorDock::applyTheme);
    applyTheme();
}

void InspectorDock::add(InspectorView* view) {
    m_views.push_back(view);
    m_stack->addWidget(view);
    connect(view, &InspectorView::said, this, &InspectorDock::said);
    connect(view, &InspectorView::failed, this, &InspectorDock::failed);
}

void InspectorDock::stepTab(int by) {
    const int count = static_cast<int>(m_views.size());
    showView(m_views[static_cast<std::size_t>((m_stack->currentIndex() + by + count) % count)]->kind());
}

ViewKind InspectorDock::firstOf(ViewGroup group) const {
    const auto found = std::ranges::find_if(
        m_views, [group](const InspectorView* view) { return infoOf(view->kind()).group == group; });
    return (*found)->kind();
}

void InspectorDock::showView(ViewKind kind) {
    if (kind == ViewKind::kDetails) return m_details->setCompact(false);
    const ViewGroup group = infoOf(kind).group;
    m_last[group] = kind;
    {
        const QSignalBlocker quiet_groups(m_groups), quiet_tabs(m_tabs);
        m_groups->setCurrentIndex(static_cast<int>(group));
        if (m_tabs->count() == 0 || infoOf(static_cast<ViewKind>(m_tabs->tabData(0).toInt())).group != group) {
            while (m_tabs->count() > 0) m_tabs->removeTab(0);
            for (const InspectorView* view : m_views) {
                if (infoOf(view->kind()).group != group) continue;
                m_tabs->setTabData(m_tabs->addTab(view->title()), static_cast<int>(view->kind()));
            }
        }
        for (int tab = 0; tab < m_tabs->count(); ++tab) {
            if (m_tabs->tabData(tab).toInt() == static_cast<int>(kind)) m_tabs->setCurrentIndex(tab);
        }
    }
    const bool same = m_stack->currentIndex() == static_cast<int>(kind);
    m_stack->setCurrentIndex(static_cast<int>(kind));
    m_stack->updateGeometry();
    updateEmpty();
    fitTabs();
    if (!same) emit viewChanged(kind);
}

InspectorView* InspectorDock::currentView() const {
    return m_views[static_cast<std::size_t>(std::max(0, m_stack->currentIndex()))];
}

void InspectorDock::addViews(QMenu& menu) {
    for (const ViewGroup group : kViewGroups) {
        menu.addSection(groupTitle(group));
        for (InspectorView* view : m_views) {
            if (infoOf(view->kind()).group != group) continue;
            QAction* action = menu.addAction(view->title(), this, [this, view] { showView(view->kind()); });
            action->setCheckable(true);
            action->setChecked(view == currentView());
        }
    }
}

void InspectorDock::placeDetails() {
    const Theme& t = m_themes->theme();
    // In a wide window beside the view, else below it.
    const bool beside = m_split->width() >= t.px(1240);
    m_split->setOrientation(beside ? Qt::Horizontal : Qt::Vertical);
    const int length = beside ? m_split->width() : m_split->height();
    const bool compact = m_details->isCompact() && !beside;
    m_details->setMaximumHeight(compact ? m_details->compactHeight() : QWIDGETSIZE_MAX);
    // A small window may leave less than that.
    m_details->setMinimumHeight(t.px(40));
    m_details->setMinimumWidth(beside ? t.px(420) : t.px(120));
    const int share = beside                 ? std::clamp(length * 2 / 5, t.px(420), t.px(760))
                      : compact              ? m_details->compactHeight()
                      : m_details_height > 0 ? m_details_height
                                             : length * 3 / 8;
    m_split->setSizes({std::max(1, length - share), share});
}

void InspectorDock::fillMenu() {
    m_menu->clear();
    QMenu* views = m_menu->addMenu(tr("View"));
    views->setAccessibleName(tr("View"));
    addViews(*views);
    m_menu->addSeparator();
    addSaveActions(*m_menu, *currentView());
    m_menu->addSeparator();
    m_menu->addAction(tr("Copy view"), this, &InspectorDock::copyViewWanted);
    m_menu->addAction(tr("Open view…"), this, &InspectorDock::openViewWanted);
    if (!m_read_again.isEmpty()) m_menu->addAction(m_read_again, this, &InspectorDock::readAgainWanted);
    m_menu->addSeparator();
    m_menu->addAction(isFloating() ? tr("Dock") : tr("Float beside the window"), this, [this] {
        if (isFloating()) {
            dock();
        } else {
            floatBeside();
        }
    });
    // The key is only named: as the action's own it would be there twice, and then does nothing.
    const QString key = QKeySequence(Qt::Key_F11).toString(QKeySequence::NativeText);
    m_menu->addAction((isMaximised() ? tr("Restore") : tr("Maximize")) + QLatin1Char('\t') + key, this,
                      [this] { setMaximised(!isMaximised()); });
    m_menu->addAction(tr("Close"), this, &QWidget::close);
}

bool InspectorDock::isMaximised() const {
    return isFloating() && m_maximised;
}

void InspectorDock::dock() {
    markMaximised(false);
    setWindowState(windowState() & ~Qt::WindowMaximized);
    setFloating(false);
}

void InspectorDock::changeEvent(QEvent* event) {
    // By the frame's button or a double click on it. A window manager may also take a moment: then it says that the
    // window is not maximised, and a little later that it is.
    if (event->type() == QEvent::WindowStateChange && isVisible() && isFloating()) markMaximised(isMaximized());
    QDockWidget::changeEvent(event);
}

void InspectorDock::markMaximised(bool maximised) {
    m_maximised = maximised;
    // Whichever window has the keyboard then, the key brings it back.
    m_maximise->setContext(maximised ? Qt::ApplicationShortcut : Qt::WidgetWithChildrenShortcut);
}

void InspectorDock::setMaximised(bool maximised) {
    if (maximised == isMaximised()) return;
    if (maximised) {
        const bool docked = !isFloating();
        m_floated_at = geometry();
        setFloating(true);
        m_docked_before = docked;
        if (screen()) setGeometry(screen()->availableGeometry());  // where no window manager does it
        showMaximized();
        markMaximised(true);
        takeFocus();
    } else if (m_docked_before) {
        dock();
    } else {
        markMaximised(false);
        showNormal();
        setGeometry(m_floated_at);
    }
}

void InspectorDock::takeFocus() {
    activateWindow();
    (m_tabs->isHidden() ? static_cast<QWidget*>(m_view_button) : m_tabs)->setFocus();
}

void InspectorDock::floatBeside() {
    const QWidget* main = parentWidget() ? parentWidget()->window() : nullptr;
    const QSize size = this->size();
    setFloating(true);
    takeFocus();
    if (!main || !main->screen()) return;
    const QRect screen = main->screen()->availableGeometry(), beside = main->frameGeometry();
    const int least = m_themes->theme().px(360);
    const int right = screen.right() - beside.right(), left = beside.left() - screen.left();
    // At its own width where it fits, narrower where little is free; else over the edge that hides least.
    int width = size.width(), x = screen.right() + 1 - width;
    if (right >= least) {
        width = std::min(width, right);
        x = beside.right() + 1;
    } else if (left >= least) {
        width = std::min(width, left);
        x = beside.left() - width;
    }
    setGeometry(x, std::max(main->geometry().top(), screen.top()), width, std::min(main->height(), screen.height()));
}

void InspectorDock::setEmptyReason(EmptyState::Reason reason) {
    if (reason == m_empty->reason()) return;
    m_empty->setReason(reason);
    updateEmpty();
}

void InspectorDock::setReadAgain(const QString& action) {
    m_read_again = action;
    m_empty->setAction(action);
}

void InspectorDock::updateEmpty() {
    const bool nothing = !m_model->whole() || m_model->whole()->empty();
    const bool empty =
        nothing && m_empty->reason() != EmptyState::Reason::kNone && infoOf(currentView()->kind()).of_source;
    m_split->setVisible(!empty);
    m_details->setVisible(!nothing);
    m_scope_bar->setVisible(!nothing);
    m_empty->setVisible(empty);
}

void InspectorDock::fitTabs() {
    const int room = m_row->width() - m_more->sizeHint().width();
    const bool fits = m_groups->sizeHint().width() + m_tabs->sizeHint().width() <= room;
    const bool focused = m_tabs->hasFocus() || m_groups->hasFocus() || m_view_button->hasFocus();
    const bool in_groups = m_groups->hasFocus();
    m_tabs->setVisible(fits);
    m_groups->setVisible(fits);
    m_view_button->setVisible(!fits);
    // The one that goes away hands the keyboard to the other: keys of the inspector still come here.
    if (focused && !in_groups) (fits ? static_cast<QWidget*>(m_tabs) : m_view_button)->setFocus();
    if (in_groups && !fits) m_view_button->setFocus();
    m_view_button->setText(currentView()->title() + QStringLiteral(" ▾"));
}

bool InspectorDock::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_row && event->type() == QEvent::Resize) fitTabs();
    if (watched == m_split && event->type() == QEvent::Resize) placeDetails();
    // Where nothing in a window of its own has the keyboard, no shortcut sees the key.
    if (watched == this && event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_F11) {
        setMaximised(!isMaximised());
        return true;
    }
    return QDockWidget::eventFilter(watched, event);
}

void InspectorDock::onTopLevel(bool floating) {
    if (!floating) return;
    m_docked_before = false;  // unless setMaximised() has done it
    // A tool window has no button to maximise; this is a window like others.
    const bool visible = isVisible();
    setWindowFlags(Qt::Window | Qt::WindowTitleHint | Qt::WindowSystemMenuHint | Qt::WindowMinMaxButtonsHint |
                   Qt::WindowCloseButtonHint);
    setWindowTitle(tr("Routing – Moescope"));
    if (visible) show();
}

void InspectorDock::applyTheme() {
    const Theme& t = m_themes->theme();
    m_row->setFixedHeight(t.px(52));  // as high as the header beside it
    m_tabs->setFont(t.sans(Theme::kSmall));
    m_groups->setFont(t.sans(Theme::kSmall, QFont::Medium));
    m_split->setHandleWidth(t.px(5));
    m_view_button->setFont(t.sans(Theme::kSmall, QFont::Medium));
    m_body->setStyleSheet(
        QStringLiteral("#inspector_row { background: %1; border-bottom: 1px solid %2; }"
                       "QTabBar { background: transparent; }"
                       "QTabBar::tab { background: transparent; color: %3; border: none; border-bottom: 2px solid "
                       "transparent; padding: 0 %6px; height: %7px; }"
                       "QTabBar::tab:selected { color: %4; border-bottom: 2px solid %5; }"
                       "QTabBar::tab:hover { color: %4; }"
                       "QTabBar::tab:focus { color: %4; background: %8; }"
                       "#groups { border-right: 1px solid %2; }"
                       "#groups::tab { padding: 0 %6px; }"
                       "#groups::tab:selected { border-bottom: 2px solid transparent; color: %4; background: %8; }"
                       "#view_and_details { background: %1; }"
                       "#view_and_details::handle { background: %1; }"
                       "#view_and_details::handle:vertical { border-top: 1px solid %2; }"
                       "#view_and_details::handle:horizontal { border-left: 1px solid %2; }"
                       "#view_and_details::handle:hover { background: %8; }"
                       "#inspector_row > QToolButton { background: transparent; border: none; color: %3; padding: 0 "
                       "%6px; min-height: %7px; }"
                       "#inspector_row > QToolButton:hover, #inspector_row > QToolButton:focus { color: %4; "
                       "background: %8; } #inspector_row > #view_button { color: %4; padding: 0 %9px; }"
                       "QToolButton::menu-indicator { image: none; width: 0; }"
                       "QStackedWidget { background: %1; }")
            .arg(t.panel.name(), t.line.name(), t.dim.name(), t.text.name(), t.amber.name())
            .arg(t.px(5))
            .arg(t.px(49))
            .arg(t.hover.name())
            .arg(t.px(14)));
    fitTabs();
    placeDetails();
}

}  // namespace moescope
