// Which parts of the window there is room for. Below 1,150 pixels (at normal text size) the inspector gives way, and a
// button in the header brings it, in the sidebar's place; wider again, all is as it was.

#include <QLayout>
#include <QSplitter>

#include "app/window/main_window.h"
#include "ui/chrome/header_bar.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/sidebar/sidebar.h"

namespace moescope {
namespace {

constexpr double kNarrow = 1150;

/// Hidden on purpose; what only was not shown yet is not.
bool isClosed(const QWidget* part) {
    return part->isHidden() && part->testAttribute(Qt::WA_WState_ExplicitShowHide);
}

}  // namespace

void MainWindow::startLayout(bool inspector) {
    m_narrow = width() < m_themes.theme().px(kNarrow);
    m_hid_inspector = inspector && m_narrow && !m_inspector->isFloating();
    m_inspector->setVisible(inspector && !m_hid_inspector);
    offerHidden();
}

void MainWindow::adaptLayout() {
    const bool narrow = width() < m_themes.theme().px(kNarrow);
    if (narrow != m_narrow) {
        m_narrow = narrow;
        if (narrow) {
            m_hid_inspector = !isClosed(m_inspector) && !m_inspector->isFloating();
            if (m_hid_inspector) m_inspector->hide();
        } else {
            if (std::exchange(m_hid_inspector, false)) m_inspector->show();
            if (std::exchange(m_hid_sidebar, false)) m_sidebar->show();
        }
    }
    offerHidden();
}

void MainWindow::showInspector(bool shown) {
    m_hid_inspector = false;
    const bool instead = m_narrow && !m_inspector->isFloating();
    if (instead && shown && !isClosed(m_sidebar)) {
        m_hid_sidebar = true;
        m_sidebar->hide();
        // At once, or the window grows for a moment that it stays in.
        m_splitter->refresh();
        centralWidget()->layout()->invalidate();
        centralWidget()->layout()->activate();
        layout()->invalidate();
    }
    m_inspector->setVisible(shown);
    if (instead) {
        if (!shown && std::exchange(m_hid_sidebar, false)) {
            m_sidebar->show();
        }
        if (shown) resizeDocks({m_inspector}, {width() / 2}, Qt::Horizontal);
    }
    offerHidden();
}

void MainWindow::showSidebar(bool shown) {
    m_hid_sidebar = false;
    m_sidebar->setVisible(shown);
    if (shown && m_narrow && !isClosed(m_inspector) && !m_inspector->isFloating()) {
        m_hid_inspector = true;
        m_inspector->hide();
    }
    offerHidden();
}

void MainWindow::offerHidden() {
    m_header->offerSidebar(isClosed(m_sidebar));
    m_header->offerInspector(isClosed(m_inspector));
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    adaptLayout();
}

}  // namespace moescope
