#pragma once
// Finds and fetches models for the window: on threads of its own, with or without the dialog that shows it. Nothing is
// looked through before the dialog is opened, and no hub is asked before a button is pressed. GUI thread.

#include <QObject>
#include <QPointer>
#include <QStringList>
#include <functional>
#include <optional>
#include <thread>

#include "app/models/fetch.h"
#include "app/models/model_search.h"
#include "app/models/recommend.h"
#include "ui/models/models_dialog.h"

namespace moescope {

class ThemeStore;

class ModelDesk : public QObject {
    Q_OBJECT

public:
    /// `folder`: where what is fetched is kept. `themes` and `window` are not owned and outlive this.
    ModelDesk(std::string folder, ThemeStore* themes, QWidget* window);

    /// Opens the dialog and looks for models as they would be loaded with `choices`, also in `folders`.
    void open(const LoadChoices& choices, const QStringList& folders);
    bool fetching() const { return m_fetching; }

signals:
    /// Folders were added by hand, or forgotten.
    void foldersChanged(const QStringList& folders);
    /// The user wants a model that is there to be loaded.
    void openWanted(const QString& path);
    /// A fetch ended while its dialog was closed; `path` is empty if it failed, which `sentence` says.
    void ended(const QString& sentence, const QString& path);

private:
    void makeDialog();
    void search();
    void searchAlso();
    void setFolders(const QStringList& folders);
    void showFound(const FoundModels& found);
    void showPaused();
    void ask(const QString& repository);
    void showListing(const HubListing& listing, const MachineMemory& machine);
    void fetch(const FetchJob& job);
    void resume(const QString& key);
    void discard(const QString& key);
    void onEnded(const FetchJob& job, const Result<std::string>& path);
    /// The job of a row of fetches that were paused.
    const FetchJob* pausedJob(const QString& key) const;
    /// Runs `then` on this thread, if this still exists.
    void post(std::function<void()> then);

    std::string m_folder;
    ThemeStore* m_themes;
    QWidget* m_window;
    QPointer<ModelsDialog> m_dialog;
    LoadChoices m_choices;
    QStringList m_folders;  // that were added by hand
    Result<HubAccess> m_hub;
    std::optional<HubListing> m_listing;
    std::vector<UnfinishedFetch> m_paused;
    bool m_fetching = false;
    std::jthread m_searching, m_asking, m_fetch;  // last: they are stopped and waited for first
};

}  // namespace moescope
