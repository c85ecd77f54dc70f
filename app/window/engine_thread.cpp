#include "app/window/engine_thread.h"

#include "app/window/crash_note.h"
#include "app/window/report_clock.h"
#include "storage/history.h"

namespace moescope {
namespace {

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

}  // namespace

EngineThread::EngineThread(std::string data_dir, QObject* parent) : QObject(parent), m_data_dir(std::move(data_dir)) {
    qRegisterMetaType<LoadPlan>();
    qRegisterMetaType<LoadedModel>();
    qRegisterMetaType<AnswerBatch>();
    qRegisterMetaType<AnswerEnded>();
    qRegisterMetaType<ColumnModel>();
    qRegisterMetaType<RoutingShape>();
    qRegisterMetaType<ExperimentPoint>();
    m_thread = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

EngineThread::~EngineThread() {
    m_ending = true;
    m_thread.request_stop();
    stop();
    m_wake.notify_all();
}

void EngineThread::enqueue(std::function<void(const std::stop_token&)> run) {
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back({std::move(run), {}});
    }
    m_wake.notify_all();
}

void EngineThread::work(const std::stop_token& stop) {
    while (true) {
        Task task;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return stop.stop_requested() || !m_tasks.empty(); });
            if (stop.stop_requested()) break;
            task = std::move(m_tasks.front());
            m_tasks.pop_front();
            m_running_stop = task.stop;
        }
        task.run(task.stop.get_token());
        nowDoing("waiting");
    }
    drop();
    m_history.reset();
}

void EngineThread::stop() {
    const std::lock_guard lock(m_mutex);
    m_running_stop.request_stop();
    for (Task& task : m_tasks) task.stop.request_stop();
}

void EngineThread::load(LoadJob job) {
    enqueue([this, job = std::move(job)](const std::stop_token& stop) { doLoad(job, stop); });
}

void EngineThread::unload() {
    enqueue([this](const std::stop_token&) {
        drop();
        emit unloaded();
    });
}

void EngineThread::answer(AnswerRequest request) {
    enqueue([this, request = std::move(request)](const std::stop_token& stop) mutable {
        doAnswer(std::move(request), stop);
    });
}

void EngineThread::drop() {
    m_columns.clear();
    m_server.reset();
    m_local = nullptr;
    m_answerer.reset();
}

void EngineThread::connectTo(ServerJob job) {
    enqueue([this, job = std::move(job)](const std::stop_token& stop) { doConnect(job, stop); });
}

void EngineThread::doConnect(const ServerJob& job, const std::stop_token& stop) {
    auto model = probe(job.address, job.model, job.experts, stop);
    if (!model.ok() || stop.stop_requested()) {
        const bool by_user = stop.stop_requested() || model.status().code() == StatusCode::kStopped;
        emit loadFailed(job.path, by_user ? QString() : text(model.status().message()));
        return;
    }
    if (m_answerer) {
        drop();
        emit unloaded();
    }
    auto answerer = std::make_unique<RemoteAnswerer>(std::move(*model));
    LoadedModel found;
    found.server = text(job.address.host());
    found.path = job.path;
    found.name = text(answerer->info().model_name);
    found.note = text(answerer->sentence());
    found.abilities = answerer->info().abilities;
    found.shape = answerer->info().shape;
    found.context = answerer->info().context;
    m_answerer = std::move(answerer);
    m_server = job;
    emit loaded(found);
}

Result<ModelFile> EngineThread::fileOf(const LoadJob& job) {
    const std::string path = job.path.toStdString();
    std::optional<ModelFile> known = std::exchange(m_doubtful, std::nullopt);
    if (job.although_full && known && known->path == path) return std::move(*known);
    return ModelFile::open(path);
}

void EngineThread::doLoad(const LoadJob& job, const std::stop_token& stop) {
    const auto fail = [&](const Status& status) {
        const bool by_user = status.code() == StatusCode::kStopped;
        emit loadFailed(job.path, by_user ? QString() : text(status.message()));
    };
    nowDoing("loading a model");
    auto file = fileOf(job);
    if (!file.ok()) return fail(file.status());
    FreeMemory free = measureFree(job.choices);
    // The model of before goes first and gives back what it has.
    if (m_local) free.ram += m_local->model()->backend().memoryBytes() + m_local->memoryBytes();
    for (const Column& column : m_columns) free.ram += column.bytes;
    const LoadPlan plan = planLoad(*file, job.choices, free);
    if (stop.stop_requested()) return fail(stopped({}));
    if (!plan.fits() && !job.although_full) {
        m_doubtful = std::move(*file);
        emit loadDoubtful(job.path, plan);
        return;
    }
    LoadControl control;
    control.stop = stop;
    ReportClock report;
    control.progress = [&](double fraction) {
        if (report.due()) emit loadProgress(fraction);
    };
    // The old model goes first: two may not fit.
    if (m_answerer) {
        drop();
        emit unloaded();
    }
    emit loadPlanned(plan);
    auto facts = std::make_shared<const ModelFacts>(modelFacts(*file, job.choices, free));
    auto model = Model::load(std::move(*file), plan.model, control);
    if (!model.ok()) return fail(model.status());
    auto answerer = LocalAnswerer::create(*model, plan.session);
    if (!answerer.ok()) return fail(answerer.status());
    m_local = answerer->get();
    m_answerer = std::move(*answerer);
    m_job = job;
    m_session = plan.session;
    const Model& loaded_now = **model;
    LoadedModel loaded_model;
    loaded_model.model = *model;
    loaded_model.facts = std::move(facts);
    loaded_model.path = job.path;
    loaded_model.name = text(loaded_now.config().name);
    loaded_model.backend = text(loaded_now.backend().name());
    const Status& card = loaded_now.cardStatus();
    loaded_model.placement = text(card.ok() ? loaded_now.backend().placement() : card.message());
    if (!card.ok() && card.code() != StatusCode::kNotFound) loaded_model.card_problem = text(card.message());
    const std::string_view note = loaded_now.chatTemplate().note();
    loaded_model.note = QString::fromUtf8(note.data(), static_cast<qsizetype>(note.size()));
    loaded_model.shape = m_answerer->info().shape;
    loaded_model.context = m_answerer->info().context;
    loaded_model.abilities = m_answerer->info().abilities;
    loaded_model.memory_bytes = loaded_now.backend().memoryBytes() + m_local->memoryBytes();
    emit loaded(loaded_model);
}

}  // namespace moescope
