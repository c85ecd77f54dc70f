#pragma once
// Sources with known routing, for tests of the inspector.

#include <QString>
#include <memory>
#include <vector>

#include "ui/inspector/routing_source.h"

namespace moescope::samples {

/// 3 MoE layers after 1 dense one, 8 experts, top 2.
inline RoutingShape smallShape() {
    RoutingShape shape;
    shape.first_moe_layer = 1;
    shape.moe_layers = 3;
    shape.experts = 8;
    shape.experts_used = 2;
    shape.shared_experts = 1;
    return shape;
}

enum class Detail { kAll, kIdsOnly };

inline RoutingShape withDetail(RoutingShape shape, Detail detail) {
    const bool all = detail == Detail::kAll;
    shape.has_gates = shape.has_probabilities = shape.has_runners_up = shape.has_norms = shape.has_tokens = all;
    return shape;
}

/// Token t chooses in layer l the experts (t + l) mod N, (t + l + 1) mod N, ... with gates 0.5, 0.25, ...
inline LayerRouting record(const RoutingShape& shape, int token, int layer, Detail detail = Detail::kAll) {
    LayerRouting r;
    r.count = shape.experts_used;
    float gate = 0.5f;
    for (int i = 0; i < r.count; ++i, gate /= 2) {
        const auto slot = static_cast<std::size_t>(i);
        r.experts[slot] = (token + layer + i) % shape.experts;
        if (detail == Detail::kAll) r.gates[slot] = r.probabilities[slot] = gate;
    }
    if (detail == Detail::kAll) {
        for (int i = 0; i < kRunnersUp; ++i, gate /= 2) {
            const auto slot = static_cast<std::size_t>(i);
            r.runners_up[slot] = (token + layer + r.count + i) % shape.experts;
            r.runner_up_probabilities[slot] = gate;
        }
        r.shared_norm = 2.0f + 0.1f * static_cast<float>(layer);
        r.routed_norm = 1.0f;
    }
    return r;
}

inline void append(RoutingLog& log, int tokens, int prompt_tokens = 0, Detail detail = Detail::kAll) {
    for (int i = 0; i < tokens; ++i) {
        const int t = static_cast<int>(log.size());
        std::vector<LayerRouting> layers;
        for (int l = 0; l < log.shape().moe_layers; ++l) layers.push_back(record(log.shape(), t, l, detail));
        log.onToken({100 + t % 5, t, t < prompt_tokens ? Phase::kPrefill : Phase::kDecode, layers});
    }
}

/// A source whose tokens from `prompt_tokens` on are tokens 0, 1, ... of message `id`, "w0 ", "w1 ", ...
struct Sample {
    std::shared_ptr<RoutingLog> log;
    std::shared_ptr<RoutingRuns> runs;
    SharedSource source;
    std::string text;
    std::vector<TranscriptToken> tokens;

    Sample(qint64 id, int count, int prompt_tokens = 0, Detail detail = Detail::kAll,
           const RoutingShape& shape = smallShape())
        : log(std::make_shared<RoutingLog>(withDetail(shape, detail))),
          runs(std::make_shared<RoutingRuns>(log)),
          source(std::make_shared<RoutingSource>(id, QStringLiteral("Answer %1").arg(id), runs)) {
        grow(count, prompt_tokens, detail);
    }

    void grow(int count, int prompt_tokens = 0, Detail detail = Detail::kAll) {
        append(*log, count, prompt_tokens, detail);
        runs->append(log, {runs->size(), log->size()});
        for (int t = prompt_tokens + static_cast<int>(tokens.size()); t < static_cast<int>(log->size()); ++t) {
            const std::string word = QStringLiteral("w%1 ").arg(tokens.size()).toStdString();
            tokens.push_back(
                {static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(text.size() + word.size()), t});
            text += word;
        }
        source->place(source->id(), text, tokens, allTokens(*log));
    }
};

}  // namespace moescope::samples
