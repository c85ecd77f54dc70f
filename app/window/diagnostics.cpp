#include "app/window/diagnostics.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QScreen>
#include <QStringList>
#include <QSysInfo>
#include <thread>

#include "app/chat/load_plan.h"
#include "app/window/engine_thread.h"
#include "app/window/qt_text.h"
#include "app/window/settings_json.h"
#include "kernels/cpu/cpu_kernels.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

QString gigabytes(std::uint64_t bytes) {
    return QStringLiteral("%1 GB").arg(static_cast<double>(bytes) / 1e9, 0, 'f', 2);
}

/// "model name" of /proc/cpuinfo.
QString cpuName() {
    QFile file(QStringLiteral("/proc/cpuinfo"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    for (QByteArray line = file.readLine(); !line.isEmpty(); line = file.readLine()) {
        if (line.startsWith("model name")) return QString::fromUtf8(line.mid(line.indexOf(':') + 1).trimmed());
    }
    return {};
}

/// Sizes only: names are others' texts.
QString shapeOf(const ModelConfig& c) {
    QString text = QStringLiteral("%1 layers (%2 dense), hidden %3, %4 heads, %5")
                       .arg(c.layers)
                       .arg(c.dense_layers)
                       .arg(c.hidden)
                       .arg(c.attention.heads)
                       .arg(c.attention.latent > 0 ? QStringLiteral("latent %1 (MLA)").arg(c.attention.latent)
                                                   : QStringLiteral("%1 key-value heads").arg(c.attention.kv_heads));
    text += QStringLiteral(", %1 experts of %2, %3 used, %4 shared, vocabulary %5, own context %6")
                .arg(c.experts)
                .arg(c.expert_ff)
                .arg(c.experts_used)
                .arg(c.shared_experts)
                .arg(c.vocabulary)
                .arg(c.context_length);
    return text;
}

}  // namespace

QString diagnosticsText(const LoadedModel& model, const AppSettings& settings, const QString& renderer,
                        const CudaSurvey& survey, const std::optional<CrashNote>& crash) {
    QStringList lines;
    const auto line = [&](const char* name, const QString& value) {
        lines << QLatin1String(name) + QStringLiteral(": ") + oneLine(value, kShownSentence);
    };
    line("Moescope", QCoreApplication::applicationVersion());
    if (crash) line("Ended the last time by", qt(crashWords(*crash)));
    line("Qt", QStringLiteral("%1 on %2").arg(QLatin1String(qVersion()), QGuiApplication::platformName()));
    line("System",
         QStringLiteral("%1, kernel %2, %3")
             .arg(QSysInfo::prettyProductName(), QSysInfo::kernelVersion(), QSysInfo::currentCpuArchitecture()));
    line("CPU",
         QStringLiteral("%1, %2 threads, %3")
             .arg(cpuName(), QString::number(std::thread::hardware_concurrency()), QLatin1String(isaName(bestIsa()))));
    line("RAM available", gigabytes(availableMemory()));
    for (const CudaCard& gpu : survey.cards) {
        line("GPU", QStringLiteral("%1, compute capability %2.%3, %4 of %5 free%6")
                        .arg(qt(gpu.name), QString::number(gpu.major), QString::number(gpu.minor),
                             gigabytes(gpu.free_bytes), gigabytes(gpu.memory_bytes),
                             gpu.problem.empty() ? QString() : QStringLiteral(": ") + qt(gpu.problem)));
    }
    if (!survey.driver.empty()) line("CUDA of the driver", qt(survey.driver));
    if (survey.cards.empty()) line("GPU", qt(survey.status.message()));
    if (const QScreen* screen = QGuiApplication::primaryScreen()) {
        line("Screen", QStringLiteral("%1 x %2, scale %3")
                           .arg(screen->size().width())
                           .arg(screen->size().height())
                           .arg(screen->devicePixelRatio()));
    }
    line("Heatmaps", renderer);
    if (model.model) {
        const ModelConfig& c = model.model->config();
        line("Model", qt(c.architecture_name) + QStringLiteral(", ") + shapeOf(c));
        line("Loaded", QStringLiteral("%1, context %2, %3")
                           .arg(model.backend, QString::number(model.context), gigabytes(model.memory_bytes)));
        if (!model.placement.isEmpty()) line("Placement", model.placement);
    } else if (model.there()) {
        line("Model", QStringLiteral("a server's"));
    } else {
        line("Model", QStringLiteral("none is loaded"));
    }
    AppSettings shown = settings;
    shown.model_path.clear();
    shown.recent_models.clear();
    shown.model_folders.clear();
    shown.model_names.clear();
    shown.servers.clear();
    line("Settings", qt(jsonOf(shown)));
    // A driver's problem may name a file.
    lines.replaceInStrings(QDir::homePath(), QStringLiteral("~"));
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

}  // namespace moescope
