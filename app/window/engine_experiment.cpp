// Experiments on the engine's thread.

#include <algorithm>
#include <chrono>

#include "app/window/crash_note.h"
#include "app/window/engine_thread.h"

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
        return outOfMemory(
            "There is not enough memory for a second context; close other programs, or load the model with a smaller "
            "context (settings).");
    }
    return Session::create(model, options);
}

void EngineThread::doExperiment(const ExperimentJob& job, const std::stop_token& stop) {
    const auto end = [&](const std::string& sentence) { emit experimentEnded(QString::fromStdString(sentence)); };
    if (!m_answerer) return end("No model is loaded; choose one above.");
    if (!m_local) return end("The model runs on a server; experiments need one on this machine.");
    nowDoing("running an experiment");
    const std::shared_ptr<Model>& model = m_local->model();
    const ScoredText text = ScoredText::answers(*model, job.messages);
    auto session = sessionBeside(text.ids.size());
    if (!session.ok()) return end(session.status().message());
    const RoutingShape shape = m_answerer->info().shape;
    emit experimentBegun(shape);
    ExperimentOptions experiment;
    experiment.stop = stop;
    auto last = std::chrono::steady_clock::time_point();
    experiment.progress = [&](double fraction) {
        const auto now = std::chrono::steady_clock::now();
        if (now - last < std::chrono::milliseconds(33)) return;
        last = now;
        emit experimentProgress(fraction);
    };
    experiment.on_point = [&](const ExperimentPoint& point) { emit experimentPoint(point); };
    const auto points = runExperiment(**session, text, experimentSettings(job.figure, shape), experiment);
    if (points.ok()) return end({});
    end(points.status().code() == StatusCode::kStopped ? "The experiment was stopped." : points.status().message());
}

}  // namespace moescope
