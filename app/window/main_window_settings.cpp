// The window's settings: what they change, the dialogs in which they are changed, and the care of the history.

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QPointer>
#include <QStyle>
#include <QThreadPool>
#include <QUrl>

#include "app/chat/model_defaults.h"
#include "app/window/diagnostics.h"
#include "app/window/history_list.h"
#include "app/window/history_writer.h"
#include "app/window/main_window.h"
#include "app/window/model_loader.h"
#include "app/window/model_menu.h"
#include "app/window/server_desk.h"
#include "app/window/settings_keeper.h"
#include "app/window/token_tint.h"
#include "engine/backend/cpu/packed_store.h"
#include "engine/backend/plugin_loader.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/status_line.h"
#include "ui/composer/composer.h"
#include "ui/settings/built_in_prompts.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/settings_dialog.h"

namespace moescope {
namespace {

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

/// Whether a model that is loaded must be loaded again for them.
bool loadsDifferently(const AppSettings& a, const AppSettings& b) {
    return a.context_size != b.context_size || a.kv_cache != b.kv_cache || a.threads != b.threads ||
           a.compute != b.compute || a.gpu_memory_gb != b.gpu_memory_gb;
}

}  // namespace

void MainWindow::applySettings(const AppSettings& settings) {
    m_settings->values = settings;
    m_themes.setMode(settings.theme);
    m_themes.setZoom(settings.text_size);
    applyDefaults();
    m_chat->setOddsWanted(settings.alternatives);
    m_ui.composer->setPrompts(promptsOf(settings));
    m_ui.transcript->setCodeLook(settings.wrap_code, settings.number_code);
    m_tint->setMetric(tintFromName(settings.tint));
    setAnimated(settings.motion == AppSettings::Motion::kFull ||
                (settings.motion == AppSettings::Motion::kSystem &&
                 style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) > 0));
    m_model_menu->fill(settings, m_models->model());
    updateChips();
}

GenerationSettings MainWindow::defaults() const {
    GenerationSettings defaults = m_settings->values.generation;
    if (const auto& model = m_models->model().model; model && defaults == GenerationSettings()) {
        defaults = modelDefaults(*model);
        // The demo model is small: what it finds most likely is what it knows.
        if (m_models->isDemo()) defaults.temperature = 0;
    }
    return defaults;
}

void MainWindow::applyDefaults() {
    m_chat->setDefaults(defaults());
}

void MainWindow::openSettings(SettingsDialog::Page page) {
    SettingsDialog dialog(&m_themes, this);
    dialog.showPage(page);
    const ServerDesk servers(keysOfServers(m_options.data_dir), &m_themes, &dialog);
    AppSettings shown = m_settings->values;
    shown.text_size = m_themes.zoom();
    dialog.setGpus({}, tr("Looking for GPUs…"));
    findGpus(&dialog);
    dialog.setSettings(shown);
    dialog.setDataFolder(qt(m_options.data_dir));
    ConversationFilter trash;
    trash.trash = true;
    const auto in_trash = m_history->conversations(trash);
    dialog.setRenderer(m_ui.status->renderer());
    dialog.setTrashCount(in_trash.ok() ? static_cast<int>(in_trash->size()) : -1);
    connect(&dialog, &SettingsDialog::changed, this, [this, &servers](const AppSettings& settings) {
        if (const Status kept = servers.keepKeys(); !kept.ok()) m_ui.notice->warn(qt(kept.message()));
        const LoadedModel& model = m_models->model();
        const bool needs_load = model.model && loadsDifferently(settings, m_settings->values);
        const bool language = settings.language != m_settings->values.language;
        applySettings(settings);
        m_settings->save();
        if (language) {
            m_ui.notice->say(tr("The language changes the next time you start Moescope."), 0, tr("Restart"), [this] {
                m_starts_again = true;
                close();
            });
        }
        if (needs_load) loadModel(m_models->model().path);
    });
    // Both take as long as the history is large; the dialog may be gone by then.
    const QPointer<SettingsDialog> shown_dialog(&dialog);
    connect(&dialog, &SettingsDialog::backupRequested, this, [this, shown_dialog] {
        shown_dialog->setDataStatus(tr("Writing a backup…"), false);
        backUp([this, shown_dialog](const Result<std::string>& made) {
            const QString said = !made.ok()      ? qt(made.status().message())
                                 : made->empty() ? tr("There is already a backup from today.")
                                                 : tr("Backup written: %1").arg(qt(*made));
            if (shown_dialog) {
                shown_dialog->setDataStatus(said, !made.ok());
            } else {
                m_ui.notice->say(said, made.ok() ? 12 : 0);
            }
        });
    });
    connect(&dialog, &SettingsDialog::purgeTrashRequested, this, [this, shown_dialog] {
        shown_dialog->setDataStatus(tr("Emptying the trash…"), false);
        m_writer->write([](History& history) { return history.purgeTrash(nowMs() + 1); },
                        [this, shown_dialog](const Status& purged) {
                            const QString problem = qt(purged.message());
                            if (shown_dialog) {
                                shown_dialog->setDataStatus(purged.ok() ? tr("The trash is empty.") : problem,
                                                            !purged.ok());
                                if (purged.ok()) shown_dialog->setTrashCount(0);
                            } else if (!purged.ok()) {
                                m_ui.notice->say(problem);
                            }
                            m_list->reload();
                        });
    });
    const PackedStore packed(packedFolder());
    const auto showPacked = [&dialog, packed] {
        qint64 bytes = 0;
        for (const KeptModel& kept : packed.models()) bytes += static_cast<qint64>(kept.bytes);
        dialog.setPackedBytes(bytes);
    };
    showPacked();
    connect(&dialog, &SettingsDialog::clearPackedRequested, this, [this, packed, showPacked] {
        for (const KeptModel& kept : packed.models()) {
            if (const Status gone = packed.forget(kept); !gone.ok()) m_ui.notice->say(qt(gone.message()));
        }
        showPacked();
    });
    connect(&dialog, &SettingsDialog::openFolderRequested, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(qt(m_options.data_dir))); });
    dialog.exec();
}

void MainWindow::openChatSettings() {
    ChatSettingsDialog dialog(&m_themes, this);
    dialog.setSystemPrompt(qt(m_chat->current().system_prompt));
    dialog.setDefaults(defaults());
    const LoadedModel& model = m_models->model();
    dialog.setFollowed(!model.there() || model.abilities.all_sampling);
    dialog.setSettings(m_chat->settings());
    connect(&dialog, &ChatSettingsDialog::changed, this,
            [this](const QString& prompt, const GenerationSettings& settings) {
                m_chat->setSystemPrompt(prompt);
                m_chat->setSettings(settings);
                updateChips();
            });
    dialog.exec();
}

void MainWindow::findGpus(SettingsDialog* dialog) {
    // The driver may take a second to wake up.
    QThreadPool::globalInstance()->start([this, shown = QPointer<SettingsDialog>(dialog)] {
        const CudaSurvey survey = surveyCuda();
        QList<std::pair<int, QString>> gpus;
        for (const CudaCard& gpu : survey.cards) {
            if (gpu.problem.empty()) gpus.emplace_back(gpu.device, qt(gpu.name));
        }
        QMetaObject::invokeMethod(this, [shown, gpus, why = qt(survey.status.message())] {
            if (shown) shown->setGpus(gpus, why);
        });
    });
}

void MainWindow::copyDiagnostics() {
    QThreadPool::globalInstance()->start([this] {
        const CudaSurvey survey = surveyCuda();
        QMetaObject::invokeMethod(this, [this, survey] {
            QGuiApplication::clipboard()->setText(diagnosticsText(m_models->model(), m_settings->values,
                                                                  m_ui.status->renderer(), survey, m_options.crash));
            m_ui.notice->say(tr("Copied versions, CPU, GPUs, model sizes and settings, without chat texts or file "
                                "names. Paste this into your report."),
                             12);
        });
    });
}

void MainWindow::backUp(const std::function<void(const Result<std::string>&)>& then) {
    QThreadPool::globalInstance()->start([this, then, dir = m_options.data_dir, stop = m_background_stop.get_token()] {
        const auto history = History::open(dir);
        const Result<std::string> made = history.ok() ? (*history)->backUp(stop) : history.status();
        QMetaObject::invokeMethod(this, [then, made] { then(made); });
    });
}

void MainWindow::checkHistoryLater() {
    constexpr int kAfterTheStartMs = 2000;
    // Backups and the thorough check need a connection of their own, and nothing waits for them.
    QTimer::singleShot(kAfterTheStartMs, this, [this] {
        QThreadPool::globalInstance()->start([this, dir = m_options.data_dir, stop = m_background_stop.get_token()] {
            auto own = History::open(dir);
            if (!own.ok()) return;
            const auto say = [&](const Status& status) {
                if (status.ok() || status.code() == StatusCode::kStopped) return;
                QMetaObject::invokeMethod(this, [this, text = qt(status.message())] { m_ui.notice->warn(text); });
            };
            // A window that closes stops both: the day's backup is made by the next one that stays open for it.
            const auto backup = (*own)->backUp(stop);
            const Status whole = (*own)->checkIntegrity(stop);
            if (!backup.ok()) say(backup.status());
            say(whole);
        });
    });
}

}  // namespace moescope
