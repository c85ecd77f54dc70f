#pragma once
// Small conversations and routing for tests of the history.

#include "storage/answer_writer.h"
#include "storage/history.h"

namespace moescope {

inline RoutingShape sampleShape() {
    return {1, 3, 64, 6, 2};
}

/// A token's records, different for each `seed`.
inline std::vector<LayerRouting> sampleLayers(int seed) {
    std::vector<LayerRouting> layers(3);
    for (int l = 0; l < 3; ++l) {
        LayerRouting& r = layers[static_cast<std::size_t>(l)];
        r.count = 6;
        for (int i = 0; i < 6; ++i) {
            const auto at = static_cast<std::size_t>(i);
            r.experts[at] = (seed * 7 + l * 11 + i * 10) % 64;
            r.gates[at] = 0.5f / static_cast<float>(1 << i);  // exact in half precision
            r.probabilities[at] = 0.25f / static_cast<float>(1 << i);
        }
        r.runners_up = {(seed + 1) % 64, -1};
        r.runner_up_probabilities = {0.0078125f, 0};
        r.shared_norm = 1.5f;
        r.routed_norm = 0.75f + static_cast<float>(seed % 4);
    }
    return layers;
}

/// Appends one token of an answer: its text, place and records.
inline void appendSample(AnswerWriter& writer, std::string_view text, int index) {
    const auto begin = static_cast<std::uint32_t>(writer.text().size());
    writer.appendText(text);
    writer.appendToken({100 + index, begin, static_cast<std::uint32_t>(writer.text().size()), 10 + index});
    const auto layers = sampleLayers(index);
    writer.appendRouting({100 + index, 10 + index, Phase::kDecode, layers});
}

inline Message question(std::int64_t conversation, std::string text, std::optional<std::int64_t> parent = {}) {
    Message m;
    m.conversation = conversation;
    m.parent = parent;
    m.text = std::move(text);
    return m;
}

inline Message answerTo(std::int64_t conversation, std::int64_t parent, std::string text = {}) {
    Message m = question(conversation, std::move(text), parent);
    m.author = Author::kAssistant;
    return m;
}

}  // namespace moescope
