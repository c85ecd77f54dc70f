#include "app/window/memory_estimate.h"

#include <QCoreApplication>
#include <QFile>
#include <QLocale>
#include <algorithm>

#include "engine/backend/plugin_loader.h"

namespace moescope {
namespace {

QString size(std::uint64_t bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

QString translated(const char* text) {
    return QCoreApplication::translate("moescope::Estimate", text);
}

}  // namespace

std::uint64_t availableMemory() {
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (!line.startsWith("MemAvailable:")) continue;
        return line.mid(13).simplified().split(' ').value(0).toULongLong() * 1024;
    }
    return 0;
}

QString Estimate::sentence() const {
    return translated(
               QT_TRANSLATE_NOOP("moescope::Estimate",
                                 "The model needs about %1 (%2 of weights, %3 for the context, %4 to compute), and "
                                 "%5 are free. Close other programs, choose a smaller context in the settings, or "
                                 "take a model with a stronger quantisation."))
        .arg(size(needed()), size(weights), size(cache), size(workspace), size(available));
}

Estimate estimateMemory(const QString& path, const AppSettings& settings) {
    Estimate e;
    const auto file = ModelFile::open(path.toStdString());
    if (!file.ok()) {
        e.error = QString::fromStdString(file.status().message());
        return e;
    }
    e.model.threads = settings.threads;
    // The CPU takes over what a GPU cannot do, so that none is insisted on.
    if (settings.compute.backend == BackendChoice::kCpu) e.model.backend = BackendChoice::kCpu;
    e.model.device = settings.compute.device;
    e.model.gpu_memory = static_cast<std::uint64_t>(settings.gpu_memory_gb * 1e9);
    e.session.context = settings.context_size > 0 ? settings.context_size : file->config.context_length;
    e.session.kv_type = settings.kv_cache;
    e.model.session = e.session;
    const ModelConfig& c = file->config;
    e.weights = statistics(c, file->matrices).memory_bytes;
    const SessionBytes session = sessionBytes(c, e.session, e.model.threads);
    e.cache = session.cache;
    e.workspace = session.workspace + (64u << 20);  // and what the program itself needs
    e.available = availableMemory();
    if (e.model.backend != BackendChoice::kCpu) {
        const CudaSurvey survey = surveyCuda();
        std::uint64_t on_card = 0;
        for (const CudaCard& card : survey.cards) {
            const bool chosen = e.model.device < 0 || card.device == e.model.device;
            if (chosen && card.problem.empty()) on_card = std::max(on_card, card.free_bytes);
        }
        if (e.model.gpu_memory > 0) on_card = std::min(on_card, e.model.gpu_memory);
        if (survey.status.ok()) e.available += on_card;
    }
    return e;
}

}  // namespace moescope
