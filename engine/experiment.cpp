#include "engine/experiment.h"

#include <fmt/format.h>

#include <algorithm>

namespace moescope {

std::vector<ExperimentSetting> experimentSettings(ExperimentFigure figure, const RoutingShape& shape) {
    std::vector<ExperimentSetting> settings;
    const int most = std::min(shape.experts, kMaxActiveExperts);
    if (figure == ExperimentFigure::kMaskedTop) {
        constexpr int kParts = 16, kMostParts = 8;
        int last = -1;
        for (int part = 0; part <= kMostParts; ++part) {
            const int masked = shape.experts * part / kParts;
            // Of few experts two sixteenths may be the same number.
            if (masked == last || shape.experts - masked < shape.experts_used) continue;
            last = masked;
            ExperimentSetting& s = settings.emplace_back();
            s.label = part == 0 ? "none masked" : fmt::format("best {} of {} masked", masked, shape.experts);
            s.x = static_cast<double>(masked) / shape.experts;
            s.own = masked == 0;
            s.rules.all.masked_top = masked;
        }
    } else {
        for (int k = 1; k <= std::min(shape.experts_used + 2, most); ++k) {
            ExperimentSetting& s = settings.emplace_back();
            s.label = fmt::format("k = {}", k);
            s.x = k;
            s.own = k == shape.experts_used;
            if (!s.own) s.rules.all.experts_used = k;
        }
    }
    if (shape.shared_experts > 0 && shape.experts_used + 1 <= most) {
        ExperimentSetting& s = settings.emplace_back();
        s.label = fmt::format("shared experts off, k = {}", shape.experts_used + 1);
        s.x = figure == ExperimentFigure::kMaskedTop ? 0 : shape.experts_used + 1;
        s.reference = true;
        s.rules.shared_experts = false;
        s.rules.all.experts_used = shape.experts_used + 1;
    }
    return settings;
}

Result<std::vector<ExperimentPoint>> runExperiment(Session& session, const ScoredText& text,
                                                   std::span<const ExperimentSetting> settings,
                                                   const ExperimentOptions& options) {
    std::vector<ExperimentPoint> points;
    Status status;
    for (const ExperimentSetting& setting : settings) {
        status = session.setRouterRules(setting.rules);
        if (!status.ok()) break;
        TextLossOptions loss_options;
        loss_options.stop = options.stop;
        loss_options.progress = [&](double fraction) {
            if (!options.progress) return;
            options.progress((static_cast<double>(points.size()) + fraction) / static_cast<double>(settings.size()));
        };
        const auto loss = textLoss(session, text, loss_options);
        status = loss.status();
        if (!status.ok()) break;
        points.push_back({setting, *loss});
        if (options.on_point) options.on_point(points.back());
    }
    session.truncate(0);
    const Status restored = session.setRouterRules({});
    if (!status.ok()) return status;
    if (!restored.ok()) return restored;
    return points;
}

std::string experimentCsv(std::span<const ExperimentPoint> points) {
    std::string out = "setting,x,reference,nats_per_token,bits_per_token,tokens\n";
    for (const ExperimentPoint& p : points) {
        out += fmt::format("\"{}\",{:.6g},{},{:.6f},{:.6f},{}\n", p.setting.label, p.setting.x,
                           p.setting.reference ? 1 : 0, p.loss.mean(), p.loss.bits(), p.loss.tokens);
    }
    return out;
}

}  // namespace moescope
