#include "app/window/model_loader.h"

#include <QFileInfo>
#include <utility>

#include "app/window/load_words.h"
#include "app/window/server_paths.h"
#include "engine/model/demo_model.h"
#include "ui/widgets/ask_dialog.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

ModelLoader::ModelLoader(EngineThread* engine, std::string keys, NoticeBar* notice, ThemeStore* themes, QWidget* window)
    : QObject(window), m_engine(engine), m_keys(std::move(keys)), m_notice(notice), m_themes(themes), m_window(window) {
    connect(engine, &EngineThread::loadPlanned, this, [this](const LoadPlan& plan) {
        m_needed = plan.needed();
        m_available = plan.available;
        emit progressed();
    });
    connect(engine, &EngineThread::loadDoubtful, this, &ModelLoader::onDoubtful);
    connect(engine, &EngineThread::loadProgress, this, [this](double fraction) {
        m_loading = Loading{m_job.path, fraction};
        emit progressed();
    });
    connect(engine, &EngineThread::loaded, this, &ModelLoader::onLoaded);
    connect(engine, &EngineThread::loadFailed, this,
            [this](const QString&, const QString& sentence) { onFailed(sentence); });
    connect(engine, &EngineThread::unloaded, this, &ModelLoader::onUnloaded);
}

bool ModelLoader::isDemo() const {
    return m_model.model && isDemoModel(m_model.model->config());
}

void ModelLoader::load(const QString& path, const AppSettings& settings) {
    if (isServerPath(path)) {
        if (const auto server = serverOf(settings, path)) return startServer(*server, path);
        return fail(tr("%1 is no longer among the servers in the settings.").arg(oneLine(path)));
    }
    if (!QFileInfo::exists(path)) {
        return fail(tr("%1 no longer exists.").arg(oneLine(path)), tr("Find it…"), [this] { emit findWanted(); });
    }
    start({path, loadChoices(settings), false});
}

void ModelLoader::start(const LoadJob& job) {
    m_notice->takeBack(std::exchange(m_failure, 0));
    m_needed = m_available = 0;
    m_job = job;
    m_loading = Loading{job.path, 0};
    emit progressed();
    m_engine->load(job);
}

void ModelLoader::startServer(const ServerEntry& server, const QString& path) {
    m_notice->takeBack(std::exchange(m_failure, 0));
    const ServerAddress address = addressOf(server);
    const auto key = m_keys.key(address.url);
    if (!key.ok()) return fail(QString::fromStdString(key.status().message()));
    m_needed = m_available = 0;
    m_job = {path, {}, false};
    m_loading = Loading{path, 0};
    emit progressed();
    m_engine->connectTo({path, {address.url, *key, address.ca_file}, server.model.toStdString(), server.experts});
}

void ModelLoader::onDoubtful(const QString& path, const LoadPlan& plan) {
    m_loading.reset();
    emit progressed();
    if (path != m_job.path) return;
    if (!askWhether(m_themes, m_window, tr("Not enough memory"), memoryText(plan), tr("Load anyway"), true)) return;
    LoadJob job = m_job;
    job.although_full = true;
    start(job);
}

void ModelLoader::fail(const QString& sentence, const QString& label, std::function<void()> action) {
    m_failure = m_notice->warn(sentence, 0, label, std::move(action));
}

void ModelLoader::onLoaded(const LoadedModel& model) {
    m_model = model;
    if (m_model.name.isEmpty()) m_model.name = QFileInfo(model.path).completeBaseName();
    m_loading.reset();
    emit modelChanged();
    QStringList said;
    if (!model.card_problem.isEmpty()) said << tr("%1 Computing on the CPU.").arg(model.card_problem);
    if (!model.note.isEmpty()) said << model.note;
    const int own = model.model ? model.model->config().context_length : 0;
    if (m_job.choices.context == 0 && model.context < own) {
        said << tr("The context is limited to %L1 tokens; there is not enough memory for the model's full %L2.")
                    .arg(model.context)
                    .arg(own);
    }
    if (!said.isEmpty()) m_notice->say(said.join(QLatin1Char(' ')));
}

void ModelLoader::onFailed(const QString& sentence) {
    m_loading.reset();
    if (sentence.isEmpty()) {
        m_failure = m_notice->say(tr("Loading was stopped."));
    } else {
        fail(sentence);
    }
    emit progressed();
}

void ModelLoader::onUnloaded() {
    m_model = {};
    emit modelChanged();
}

}  // namespace moescope
