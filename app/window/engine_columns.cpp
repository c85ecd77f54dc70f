// Answers beside each other: the columns' models and sessions, and how all of them answer at once.

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>

#include "app/window/crash_note.h"
#include "app/window/engine_thread.h"
#include "app/window/load_words.h"
#include "app/window/qt_text.h"
#include "engine/shared_compute.h"
#include "storage/history.h"

namespace moescope {
namespace {

QString text(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

}  // namespace

void EngineThread::openColumn(int column, ColumnJob job) {
    enqueue([this, column, job = std::move(job)](const std::stop_token& stop) { doOpenColumn(column, job, stop); });
}

void EngineThread::closeColumns(int from) {
    enqueue([this, from](const std::stop_token&) {
        m_columns.resize(std::min(m_columns.size(), static_cast<std::size_t>(from - 1)));
    });
}

void EngineThread::answerBeside(AnswerRequest request, std::vector<AnswerRequest> others) {
    auto stops = std::make_shared<std::vector<std::stop_source>>(others.size() + 1);
    {
        const std::lock_guard lock(m_mutex);
        m_column_stops = stops;
    }
    enqueue(
        [this, request = std::move(request), others = std::move(others), stops](const std::stop_token& stop) mutable {
            doAnswerBeside(std::move(request), std::move(others), stop, *stops);
        });
}

void EngineThread::stopColumn(int column) {
    const std::lock_guard lock(m_mutex);
    const auto at = static_cast<std::size_t>(column);
    if (m_column_stops && at < m_column_stops->size()) (*m_column_stops)[at].request_stop();
}

Result<EngineThread::Column> EngineThread::sessionOf(const std::shared_ptr<Model>& model, const SessionOptions& like) {
    LoadChoices choices = m_job.choices;
    if (!model->cardStatus().ok()) choices.compute.backend = BackendChoice::kCpu;  // a GPU's memory is of no use to it
    const SessionPlan plan = planSession(*model, like, measureFree(choices));
    if (!plan.fits()) {
        return outOfMemory(tr("One more answer at a time needs a context of its own, which takes %1, and only %2 is "
                              "free. Close other programs, or choose a smaller context in the settings.")
                               .arg(dataSize(plan.bytes.all()), dataSize(plan.available))
                               .toStdString());
    }
    auto answerer = LocalAnswerer::create(model, plan.session);
    if (!answerer.ok()) return answerer.status();
    Column column;
    column.local = answerer->get();
    column.bytes = column.local->memoryBytes();
    column.answerer = std::move(*answerer);
    return column;
}

Result<EngineThread::Column> EngineThread::ownColumn(const std::stop_token& stop) {
    if (m_server) return serverColumn(*m_server, stop);
    if (!m_local) return notFound(tr("No model is loaded; choose one above.").toStdString());
    return sessionOf(m_local->model(), m_session);
}

Result<EngineThread::Column> EngineThread::fileColumn(const LoadJob& job, const std::stop_token& stop) {
    // No model is loaded twice.
    for (const Column& other : m_columns) {
        if (other.local && other.path == job.path) return sessionOf(other.local->model(), m_session);
    }
    auto file = ModelFile::open(job.path.toStdString());
    if (!file.ok()) return file.status();
    const LoadPlan plan = planLoad(*file, job.choices, measureFree(job.choices));
    if (!plan.fits()) return outOfMemory(memoryText(plan).toStdString());
    LoadControl control;
    control.stop = stop;
    auto model = Model::load(std::move(*file), plan.model, control);
    if (!model.ok()) return model.status();
    auto answerer = LocalAnswerer::create(*model, plan.session);
    if (!answerer.ok()) return answerer.status();
    Column column;
    column.local = answerer->get();
    column.bytes = (*model)->backend().memoryBytes() + column.local->memoryBytes();
    column.answerer = std::move(*answerer);
    return column;
}

Result<EngineThread::Column> EngineThread::serverColumn(const ServerJob& job, const std::stop_token& stop) {
    auto model = probe(job.address, job.model, job.experts, stop);
    if (!model.ok()) return model.status();
    Column column;
    column.answerer = std::make_unique<RemoteAnswerer>(std::move(*model));
    return column;
}

void EngineThread::doOpenColumn(int column, const ColumnJob& job, const std::stop_token& stop) {
    nowDoing("loading a model");
    const auto at = static_cast<std::size_t>(column - 1);
    if (m_columns.size() <= at) m_columns.resize(at + 1);
    // The chat's model is loaded already.
    const bool own = !job.server && (!job.file || (m_local && job.file->path == m_job.path));
    const QString path = own ? QString() : job.server ? job.server->path : job.file->path;
    Column& place = m_columns[at];
    if (!place.answerer || place.path != path) {
        place = {};  // gives back what it has
        auto made = own ? ownColumn(stop) : job.server ? serverColumn(*job.server, stop) : fileColumn(*job.file, stop);
        if (!made.ok()) {
            const bool by_user = made.status().code() == StatusCode::kStopped;
            emit columnFailed(column, by_user ? tr("Loading was stopped.") : text(made.status().message()));
            return;
        }
        place = std::move(*made);
        place.path = path;
    }
    ColumnModel model;
    const AnswererInfo& info = place.answerer->info();
    if (place.local) model.model = place.local->model();
    const std::optional<ServerJob> server = own ? m_server : job.server;
    if (!place.local && server) model.server = text(server->address.host());
    model.name = text(info.model_name);
    model.abilities = info.abilities;
    model.shape = info.shape;
    model.context = info.context;
    model.memory_bytes = place.bytes;
    emit columnOpened(column, model);
}

void EngineThread::doAnswerBeside(AnswerRequest request, std::vector<AnswerRequest> others, const std::stop_token& stop,
                                  std::vector<std::stop_source>& stops) {
    const qint64 conversation = request.conversation;
    const std::stop_callback all(stop, [&stops] {
        for (std::stop_source& one : stops) one.request_stop();
    });
    // Sessions of one model read its weights together.
    std::map<const Model*, std::unique_ptr<SharedCompute>> shared;
    std::vector<LocalAnswerer*> local;
    if (m_local) local.push_back(m_local);
    for (const Column& column : m_columns) {
        if (column.local) local.push_back(column.local);
    }
    for (LocalAnswerer* answerer : local) {
        auto& with = shared[answerer->model().get()];
        if (!with) with = std::make_unique<SharedCompute>(answerer->model()->backend());
        answerer->share(with.get());
    }
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < others.size(); ++i) {
            const int column = static_cast<int>(i) + 1;
            Answerer* by = i < m_columns.size() ? m_columns[i].answerer.get() : nullptr;
            if (!by) {
                emit columnRefused(column, tr("This column has no model."));
                continue;
            }
            try {
                threads.emplace_back([this, column, by, &other = others[i], one = stops[i + 1].get_token()] {
                    // Each writes by a connection of its own.
                    auto history = openedHistory(one);
                    if (!history.ok()) return void(emit columnRefused(column, text(history.status().message())));
                    answerIn(column, *by, **history, std::move(other), one);
                });
            } catch (const std::system_error&) {
                emit columnRefused(column, tr("There is no thread left for one more answer; close other programs."));
            }
        }
        doAnswer(std::move(request), stops[0].get_token());
    }
    for (LocalAnswerer* answerer : local) answerer->share(nullptr);
    emit besideEnded(conversation);
}

}  // namespace moescope
