#pragma once
// The program's settings: pages General, Generation, Prompts, Models, Servers, Data, About. OK applies, Cancel and Esc
// leave everything as it was. Backup, trash and folder act at once, through signals. Ctrl+PgUp and Ctrl+PgDn turn the
// pages. GUI thread.

#include <QDialog>

#include "ui/settings/app_settings.h"

class QHBoxLayout;
class QListWidget;
class QStackedWidget;

namespace moescope {

class AboutPage;
class DataPage;
class GeneralPage;
class GenerationPage;
class ModelsPage;
class PromptsPage;
class ServersPage;

class SettingsDialog : public QDialog {
    Q_OBJECT

public:
    enum class Page { kGeneral, kGeneration, kPrompts, kModels, kServers, kData, kAbout };

    /// `themes` is not owned and must outlive it.
    explicit SettingsDialog(ThemeStore* themes, QWidget* parent = nullptr);

    /// Shows `settings`, which Cancel goes back to.
    void setSettings(const AppSettings& settings);
    /// As in the controls now.
    AppSettings settings() const;

    void showPage(Page page);
    Page page() const;

    /// GPUs of this machine by device number, and why there are none that can be used. May be called before or after
    /// setSettings(); the choice stays.
    void setGpus(const QList<std::pair<int, QString>>& gpus, const QString& note);
    /// The folder of the data, shown on its page.
    void setDataFolder(const QString& folder);
    /// How many conversations are in the trash; -1: unknown. With none, there is nothing to purge.
    void setTrashCount(int conversations);
    /// What packed copies of models take on the disk; on the models' page.
    void setPackedBytes(qint64 bytes);
    /// How heatmaps are drawn, if there is something to say of it; on the general page.
    void setRenderer(const QString& sentence);
    /// The outcome of a backup or purge: "Backup written, 14 MB". Shown and announced on the data page.
    void setDataStatus(const QString& text, bool error = false);

    ServersPage* servers() const { return m_servers; }

    void accept() override;
    void reject() override;

signals:
    /// OK was pressed and something is different.
    void changed(const moescope::AppSettings& settings);
    void backupRequested();
    /// After it was confirmed in the dialog.
    void purgeTrashRequested();
    void openFolderRequested();
    void clearPackedRequested();

private:
    void applyTheme();
    QWidget* makeLine(bool upright);

    ThemeStore* m_themes;
    QWidget* m_side;
    QListWidget* m_pages;
    QStackedWidget* m_stack;
    GeneralPage* m_general;
    GenerationPage* m_generation;
    PromptsPage* m_prompts;
    ModelsPage* m_models;
    ServersPage* m_servers;
    DataPage* m_data;
    AboutPage* m_about;
    QHBoxLayout* m_buttons;
    AppSettings m_before;
};

}  // namespace moescope
