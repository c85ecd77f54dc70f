#include "app/window/load_words.h"

#include <QCoreApplication>

#include "app/window/qt_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class EstimateWords {
    Q_DECLARE_TR_FUNCTIONS(moescope::Estimate)
};

}  // namespace

LoadChoices loadChoices(const AppSettings& settings) {
    LoadChoices choices;
    choices.compute = settings.compute;
    choices.gpu_memory = static_cast<std::uint64_t>(settings.gpu_memory_gb * 1e9);
    choices.threads = settings.threads;
    choices.context = settings.context_size;
    choices.kv_type = settings.kv_cache;
    choices.keep_packed = settings.keep_packed;
    return choices;
}

QString memoryText(const LoadPlan& plan) {
    return EstimateWords::tr(
               "The model needs about %1 (%2 for weights, %3 for the context, %4 for computation), "
               "but only %5 is free. Close other programs, choose a smaller context in the "
               "settings, or use a model with stronger quantization.")
        .arg(dataSize(plan.needed()), dataSize(plan.weights), dataSize(plan.cache), dataSize(plan.workspace),
             dataSize(plan.available));
}

}  // namespace moescope
