#pragma once
// The pages of SettingsDialog. Each shows its part of AppSettings and writes it back.

#include "ui/settings/app_settings.h"
#include "ui/widgets/form_page.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace moescope {

class Choice;
class FormButton;
class GenerationPanel;
class NumberField;
class PathDelegate;
class RealField;
class Segments;
class Switch;

class GeneralPage : public FormPage {
    Q_OBJECT

public:
    explicit GeneralPage(QWidget* parent = nullptr);
    void read(const AppSettings& settings);
    void write(AppSettings& settings) const;
    void setFormTheme(const Theme& theme);
    /// How heatmaps are drawn, if there is something to say of it.
    void setRenderer(const QString& sentence);

private:
    QLabel* m_renderer;
    Segments *m_theme, *m_motion;
    NumberField* m_text_size;
    Choice* m_language;
};

class GenerationPage : public FormPage {
    Q_OBJECT

public:
    explicit GenerationPage(QWidget* parent = nullptr);
    /// GPUs to choose from, by device number; `note` says why there are none, or is empty.
    void setGpus(const QList<std::pair<int, QString>>& gpus, const QString& note);
    void read(const AppSettings& settings);
    void write(AppSettings& settings) const;
    void setFormTheme(const Theme& theme);

private:
    void chooseCompute(const DeviceChoice& choice);

    GenerationPanel* m_panel;
    NumberField *m_context, *m_threads;
    Segments *m_kv_cache, *m_alternatives;
    Choice* m_compute;
    RealField* m_gpu_memory;
    QLabel* m_gpus_note;
};

class ModelsPage : public FormPage {
    Q_OBJECT

public:
    explicit ModelsPage(QWidget* parent = nullptr);
    /// What packed copies of models take on the disk.
    void setPackedBytes(qint64 bytes);
    void read(const AppSettings& settings);
    void write(AppSettings& settings) const;
    void setFormTheme(const Theme& theme);

signals:
    void clearPackedRequested();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void choose();
    void forgetCurrent();
    void updateButtons();

    QLineEdit* m_path;
    QListWidget* m_recent;
    PathDelegate* m_delegate;
    FormButton *m_use, *m_forget, *m_forget_all, *m_clear_packed;
    Switch* m_keep_packed;
    QLabel* m_packed_note;
};

class DataPage : public FormPage {
    Q_OBJECT

public:
    explicit DataPage(QWidget* parent = nullptr);
    void setFolder(const QString& folder);
    void setTrashCount(int conversations);
    void setStatus(const QString& text, bool error);
    /// A purge that was asked for and not confirmed is forgotten.
    void disarm();

signals:
    void backupRequested();
    void purgeTrashRequested();
    void openFolderRequested();

private:
    void purge();
    void updateTrash();

    QLineEdit* m_folder;
    FormButton* m_purge;
    QLabel *m_trash_note, *m_status;
    int m_trash = -1;
    bool m_armed = false;
};

/// What the program is and what it is made of.
class AboutPage : public FormPage {
    Q_OBJECT

public:
    explicit AboutPage(QWidget* parent = nullptr);
};

}  // namespace moescope
