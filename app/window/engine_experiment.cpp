// Experiments on the engine's thread.

#include <algorithm>

#include "app/window/crash_note.h"
#include "app/window/engine_thread.h"
#include "app/window/report_clock.h"

namespace moescope {

void EngineThread::experiment(ExperimentJob job) {
    enqueue([this, job = std::move(job)](const std::stop_token& stop) { doExperiment(job, stop); });
}

Result<std::unique_ptr<Session>> EngineThread::sessionBeside(std::size_t tokens) {
    const std::shared_ptr<Model>& model = m_local->model();
    SessionOptions options;
    options.context =
        static_cast<int>(std::clamp<std::size_t>(tokens + 1, 2, static_cast<std::size_t>(m_answerer->info().context)));
    options.chunk_tokens = 256;
    constexpr std::uint64_t kReserve = 256u << 20;  // for logits, and for others
    if (sessionBytes(model->config(), options).all() + kReserve > availableMemory()) {
        return outOfMemory(tr("There is not enough memory for a second context; close other programs, or load the "
                              "model with a smaller context (settings).")
                               .toStdString());
    }
    return Session::create(model, options);
}

void EngineThread::doExperiment(const ExperimentJob& job, const std::stop_token& stop) {
    const auto end = [&](const QString& sentence) { emit experimentEnded(sentence); };
    if (!m_answerer) return end(tr("No model is loaded; choose one above."));
    if (!m_local) return end(tr("The model runs on a server; experiments need one on this machine."));
    nowDoing("running an experiment");
    const std::shared_ptr<Model>& model = m_local->model();
    const ScoredText text = ScoredText::answers(*model, job.messages);
    auto session = sessionBeside(text.ids.size());
    if (!session.ok()) return end(QString::fromStdString(session.status().message()));
    const RoutingShape shape = m_answerer->info().shape;
    emit experimentBegun(shape);
    ExperimentOptions experiment;
    experiment.stop = stop;
    ReportClock report;
    experiment.progress = [&](double fraction) {
        if (report.due()) emit experimentProgress(fraction);
    };
    experiment.on_point = [&](const ExperimentPoint& point) { emit experimentPoint(point); };
    const auto points = runExperiment(**session, text, experimentSettings(job.figure, shape), experiment);
    if (points.ok()) return end({});
    end(points.status().code() == StatusCode::kStopped ? tr("The experiment was stopped.")
                                                       : QString::fromStdString(points.status().message()));
}

}  // namespace moescope
