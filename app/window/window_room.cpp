#include "app/window/window_room.h"

#include <QLayout>
#include <QMainWindow>
#include <QSplitter>
#include <utility>

#include "app/window/window_parts.h"
#include "ui/chrome/header_bar.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/sidebar/sidebar.h"
#include "ui/theme.h"

namespace moescope {
namespace {

constexpr double kNarrow = 1150;

/// Hidden on purpose; what only was not shown yet is not.
bool isClosed(const QWidget* part) {
    return part->isHidden() && part->testAttribute(Qt::WA_WState_ExplicitShowHide);
}

}  // namespace

WindowRoom::WindowRoom(QMainWindow* window, const WindowParts* parts, const ThemeStore* themes)
    : m_window(window), m_parts(parts), m_themes(themes) {}

bool WindowRoom::tooNarrow() const {
    return m_window->width() < m_themes->theme().px(kNarrow);
}

void WindowRoom::start(bool inspector) {
    m_narrow = tooNarrow();
    m_hid_inspector = inspector && m_narrow && !m_parts->inspector->isFloating();
    m_parts->inspector->setVisible(inspector && !m_hid_inspector);
    offerHidden();
}

void WindowRoom::adapt() {
    const bool narrow = tooNarrow();
    if (narrow != m_narrow) {
        m_narrow = narrow;
        if (narrow) {
            m_hid_inspector = !isClosed(m_parts->inspector) && !m_parts->inspector->isFloating();
            if (m_hid_inspector) m_parts->inspector->hide();
        } else {
            if (std::exchange(m_hid_inspector, false)) m_parts->inspector->show();
            if (std::exchange(m_hid_sidebar, false)) m_parts->sidebar->show();
        }
    }
    offerHidden();
}

void WindowRoom::showInspector(bool shown) {
    m_hid_inspector = false;
    const bool instead = m_narrow && !m_parts->inspector->isFloating();
    if (instead && shown && !isClosed(m_parts->sidebar)) {
        m_hid_sidebar = true;
        m_parts->sidebar->hide();
        // At once, or the window grows for a moment that it stays in.
        m_parts->splitter->refresh();
        m_window->centralWidget()->layout()->invalidate();
        m_window->centralWidget()->layout()->activate();
        m_window->layout()->invalidate();
    }
    m_parts->inspector->setVisible(shown);
    if (instead) {
        if (!shown && std::exchange(m_hid_sidebar, false)) {
            m_parts->sidebar->show();
        }
        if (shown) m_window->resizeDocks({m_parts->inspector}, {m_window->width() / 2}, Qt::Horizontal);
    }
    offerHidden();
}

void WindowRoom::showSidebar(bool shown) {
    m_hid_sidebar = false;
    m_parts->sidebar->setVisible(shown);
    if (shown && m_narrow && !isClosed(m_parts->inspector) && !m_parts->inspector->isFloating()) {
        m_hid_inspector = true;
        m_parts->inspector->hide();
    }
    offerHidden();
}

void WindowRoom::offerHidden() {
    m_parts->header->offerSidebar(isClosed(m_parts->sidebar));
    m_parts->header->offerInspector(isClosed(m_parts->inspector));
}

}  // namespace moescope
