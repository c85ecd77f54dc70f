#pragma once
// Where a model comes from: this machine, or a hub. Not modal: one may chat while a model is fetched, which goes on
// when the dialog is closed. Esc closes.

#include <QDialog>

#include "ui/models/fetch_page.h"
#include "ui/models/found_page.h"

class QStackedWidget;

namespace moescope {

class ThemeStore;

class ModelsDialog : public QDialog {
    Q_OBJECT

public:
    enum class Page { kFound, kFetch };

    /// `themes` is not owned.
    explicit ModelsDialog(ThemeStore* themes, QWidget* parent = nullptr);
    FoundPage* found() const { return m_found; }
    FetchPage* fetch() const { return m_fetch; }
    void showPage(Page page);

private:
    void applyTheme();

    ThemeStore* m_themes;
    Segments* m_segments;
    QStackedWidget* m_pages;
    FoundPage* m_found;
    FetchPage* m_fetch;
};

}  // namespace moescope
