#pragma once
// Two figures of the DeepSeekMoE paper (arXiv 2401.06066, section 4.5), repeated over a text of one's own: what a model
// loses when a token's best experts are masked, and when it uses other numbers of them.

#include <string>
#include <vector>

#include "engine/text_loss.h"

namespace moescope {

enum class ExperimentFigure {
    kMaskedTop,      ///< figure 4: of each token's routed experts, the likeliest 0, 1/16, 2/16, ... are masked
    kActiveExperts,  ///< figure 5: 1 to k + 2 routed experts per token
};

/// One setting of an experiment: a point of its curve, or a line to compare with.
struct ExperimentSetting {
    std::string label;       ///< "masked 2/16", "k = 4", "shared experts off, k = 7"
    double x = 0;            ///< ratio of masked experts, or number of active ones
    bool reference = false;  ///< does not belong to the curve
    bool own = false;        ///< the model as it is
    RouterRules rules;
};

struct ExperimentPoint {
    ExperimentSetting setting;
    TextLoss loss;
};

/// The settings of a figure for a model, in the order of the curve; both end with the shared experts switched off and
/// one more routed expert, if the model has both. Ratios that leave a token fewer experts than it uses are left out.
std::vector<ExperimentSetting> experimentSettings(ExperimentFigure figure, const RoutingShape& shape);

struct ExperimentOptions {
    std::function<void(double fraction)> progress;               ///< of the whole
    std::function<void(const ExperimentPoint& point)> on_point;  ///< called as points come; may be empty
    std::stop_token stop;
};

/// Computes the loss of a text under each setting. The session should be the experiment's own:
/// what it held is forgotten, and the model's own rules are set at the end. Errors: those of textLoss().
Result<std::vector<ExperimentPoint>> runExperiment(Session& session, const ScoredText& text,
                                                   std::span<const ExperimentSetting> settings,
                                                   const ExperimentOptions& options);

/// "setting,x,reference,nats_per_token,bits_per_token,tokens" and a line per point.
std::string experimentCsv(std::span<const ExperimentPoint> points);

}  // namespace moescope
