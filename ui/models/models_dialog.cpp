#include "ui/models/models_dialog.h"

#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/theme.h"
#include "ui/widgets/form_style.h"

namespace moescope {
namespace {

QString idOf(ModelsDialog::Page page) {
    return page == ModelsDialog::Page::kFound ? QStringLiteral("found") : QStringLiteral("fetch");
}

}  // namespace

ModelsDialog::ModelsDialog(ThemeStore* themes, QWidget* parent)
    : QDialog(parent),
      m_themes(themes),
      m_segments(new Segments(this)),
      m_pages(new QStackedWidget(this)),
      m_found(new FoundPage(this)),
      m_fetch(new FetchPage(this)) {
    setWindowTitle(tr("Models"));
    setObjectName(QStringLiteral("models_dialog"));
    m_segments->addSegment(idOf(Page::kFound), tr("On this machine"));
    m_segments->addSegment(idOf(Page::kFetch), tr("Download"));
    m_segments->setCaption(tr("Models"));
    m_pages->addWidget(m_found);
    m_pages->addWidget(m_fetch);
    auto* all = new QVBoxLayout(this);
    auto* top = new QHBoxLayout;
    top->addWidget(m_segments);
    top->addStretch(1);
    all->addLayout(top);
    all->addWidget(m_pages, 1);
    connect(m_segments, &Segments::chosenByUser, this,
            [this](const QString& id) { showPage(id == idOf(Page::kFound) ? Page::kFound : Page::kFetch); });
    connect(m_themes, &ThemeStore::changed, this, &ModelsDialog::applyTheme);
    applyTheme();
    resize(m_themes->theme().px(620), m_themes->theme().px(560));
    showPage(Page::kFound);
}

void ModelsDialog::showPage(Page page) {
    m_segments->choose(idOf(page));
    QWidget* shown = page == Page::kFound ? static_cast<QWidget*>(m_found) : m_fetch;
    m_pages->setCurrentWidget(shown);
    shown->setFocus();
}

void ModelsDialog::applyTheme() {
    const Theme& theme = m_themes->theme();
    applyFormTheme(this, theme);
    layout()->setContentsMargins(theme.space(5), theme.space(4), theme.space(5), theme.space(4));
    layout()->setSpacing(theme.space(3));
    for (QWidget* page : {static_cast<QWidget*>(m_found), static_cast<QWidget*>(m_fetch)}) {
        page->layout()->setSpacing(theme.space(2));
    }
}

}  // namespace moescope
