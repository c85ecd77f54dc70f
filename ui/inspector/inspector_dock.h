#pragma once
// The inspector: what is shown (the scope bar) and a row of tabs over the views; where the tabs find no room, one
// button with a menu of them. Docked at a side of the window, floating, or maximised; hidden tabs cost nothing.
// Ctrl+PgUp and Ctrl+PgDn go from tab to tab, [ and ] from layer to layer; F11 maximises, and puts a maximised one back
// where it was, docked or floating.

#include <QDockWidget>
#include <map>
#include <vector>

#include "ui/inspector/empty_state.h"
#include "ui/inspector/inspector_model.h"
#include "ui/inspector/inspector_view.h"
#include "ui/inspector/view_table.h"

class QMenu;
class QScrollArea;
class QShortcut;
class QSplitter;
class QStackedWidget;
class QTabBar;
class QToolButton;

namespace moescope {

class DetailsPanel;
class ScopeBar;
class ThemeStore;

class InspectorDock : public QDockWidget {
    Q_OBJECT

public:
    /// Makes the model and all views. `themes` is not owned.
    explicit InspectorDock(ThemeStore* themes, QWidget* parent = nullptr);

    InspectorModel& model() { return *m_model; }

    void showView(ViewKind kind);
    InspectorView* currentView() const;
    /// In the order of inspectorViews().
    const std::vector<InspectorView*>& views() const { return m_views; }
    InspectorView* view(ViewKind kind) const { return m_views[static_cast<std::size_t>(kind)]; }
    DetailsPanel* details() const { return m_details; }
    /// The view of a class.
    template <class View>
    View* view() const {
        for (InspectorView* v : m_views) {
            if (auto* found = qobject_cast<View*>(v)) return found;
        }
        return nullptr;
    }

    /// In a window of its own that fills the screen, and back to where it was.
    void setMaximised(bool maximised);
    bool isMaximised() const;
    /// Back into the window.
    void dock();
    /// In a window of its own beside the one that it is in, where the screen has room for both.
    void floatBeside();

    /// Why there is no routing, shown in place of the views that need some while there is none.
    void setEmptyReason(EmptyState::Reason reason);
    /// What is offered to fill it where there is no routing, and in the menu: to read the chat again; "" for nothing.
    void setReadAgain(const QString& action);

signals:
    void viewChanged(moescope::ViewKind kind);
    /// What draws the heatmap, and a sentence for the status bar if the CPU had to take over.
    void rendererChanged(const QString& name, const QString& sentence);
    /// A sentence for the window's notice: where something was saved.
    void said(const QString& sentence);
    void failed(const QString& sentence);  ///< what went wrong in a view
    void readAgainWanted();
    void copyViewWanted();
    void openViewWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void add(InspectorView* view);
    void applyTheme();
    void fillMenu();
    void onTopLevel(bool floating);
    void stepTab(int by);
    void fitTabs();
    void takeFocus();
    void markMaximised(bool maximised);
    void updateEmpty();
    ViewKind firstOf(ViewGroup group) const;
    void addViews(QMenu& menu);
    void placeDetails();

    ThemeStore* m_themes;
    InspectorModel* m_model;
    std::vector<InspectorView*> m_views;
    std::map<ViewGroup, ViewKind> m_last;  // that was seen of a group
    QWidget* m_body;
    QWidget* m_row;
    ScopeBar* m_scope_bar;
    QTabBar* m_groups;
    QTabBar* m_tabs;  ///< of the group's views
    QToolButton* m_more;
    QMenu* m_menu;
    QToolButton* m_view_button;
    QScrollArea* m_scroll;
    QSplitter* m_split = nullptr;
    DetailsPanel* m_details = nullptr;
    int m_details_height = 0;  // that the user gave it; 0: a share
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    QString m_read_again;
    QShortcut* m_maximise;
    // Kept here too: where there is no window manager, nobody else knows.
    bool m_maximised = false;
    bool m_docked_before = true;  // where setMaximised(false) goes back to: docked, or floating
    QRect m_floated_at;           // there
};

}  // namespace moescope
