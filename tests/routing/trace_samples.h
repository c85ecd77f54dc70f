#pragma once
// Logs for tests of traces, and what is equal of them.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <random>
#include <string>

#include "engine/routing/trace.h"

namespace moescope {

/// A folder that goes when the test ends.
struct TestFolder {
    std::filesystem::path path;
    TestFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "moescope-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~TestFolder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name) const { return (path / name).string(); }
};

inline std::string readAll(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void writeAll(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

inline std::span<const std::byte> bytesOf(const std::string& text) {
    return std::as_bytes(std::span(text));
}

inline Result<Trace> parseText(const std::string& text, const TraceReadOptions& options = {}) {
    return parseTrace(bytesOf(text), options);
}

/// Random records whose experts differ and lie by falling gate. `least` to the shape's K experts a layer.
inline RoutingLog randomLog(const RoutingShape& shape, int tokens, int least, unsigned seed, bool odd_numbers = true) {
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const auto real = [&] { return static_cast<float>(random() % 1'000'000) / 1'000'003; };
    RoutingLog log(shape);
    std::vector<std::int32_t> ids(static_cast<std::size_t>(shape.experts));
    for (int t = 0; t < tokens; ++t) {
        std::vector<LayerRouting> layers(static_cast<std::size_t>(shape.moe_layers));
        for (LayerRouting& r : layers) {
            r.count = least + below(shape.experts_used - least + 1);
            std::iota(ids.begin(), ids.end(), 0);
            std::shuffle(ids.begin(), ids.end(), random);
            float gate = 0.9f + 0.1f * real();
            for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
                r.experts[i] = ids[i];
                if (shape.has_gates) r.gates[i] = gate;
                if (shape.has_probabilities) r.probabilities[i] = real();
                if (shape.has_selections) r.selections[i] = real() - 1;
                gate *= 0.3f + 0.6f * real();
            }
            if (shape.has_runners_up && r.count > 0) {
                r.runners_up = {ids.back(), below(3) == 0 ? -1 : ids.front()};
                r.runner_up_probabilities = {real(), real()};
                if (shape.has_selections) r.runner_up_selections = {real() - 1, real() - 1};
            }
            if (shape.has_norms && r.count > 0) {
                r.shared_norm = odd_numbers && below(9) == 0 ? std::numeric_limits<float>::denorm_min() : real();
                r.routed_norm = odd_numbers && below(9) == 0 ? std::numeric_limits<float>::max() : 2 * real();
            }
        }
        const bool decode = shape.has_phases && t % 8 >= 5;
        log.onToken({shape.has_tokens ? below(20) : -1, t % 8, decode ? Phase::kDecode : Phase::kPrefill, layers});
    }
    return log;
}

// Beside kAllParts: what only some models have.
inline constexpr unsigned kSelections = 128, kGroups = 256;

inline RoutingShape shapeKnowing(unsigned parts) {
    RoutingShape shape{1, 3, 64, 6, 2};
    shape.has_gates = parts & 1;
    shape.has_probabilities = parts & 2;
    shape.has_runners_up = parts & 4;
    shape.has_norms = parts & 8;
    shape.has_order = parts & 16;
    shape.has_tokens = parts & 32;
    shape.has_phases = parts & 64;
    shape.has_selections = parts & kSelections;
    if (parts & kGroups) {
        shape.groups = 8;
        shape.groups_used = 3;
    }
    return shape;
}
inline constexpr unsigned kAllParts = 127;

inline bool sameFloat(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) || (std::isnan(a) && std::isnan(b));
}

/// Compares what `b` knows of what `a` knows: the first difference in words, or "".
inline std::string difference(const RoutingLog& a, const RoutingLog& b) {
    const RoutingShape &sa = a.shape(), &sb = b.shape();
    if (a.size() != b.size()) return "tokens: " + std::to_string(a.size()) + ", " + std::to_string(b.size());
    if (sa.moe_layers != sb.moe_layers || sa.first_moe_layer != sb.first_moe_layer) return "layers";
    if (sa.experts != sb.experts) return "experts: " + std::to_string(sa.experts) + ", " + std::to_string(sb.experts);
    if (sa.experts_used != sb.experts_used) return "experts used";
    for (std::size_t t = 0; t < a.size(); ++t) {
        const auto where = [&](int l) { return " of token " + std::to_string(t) + ", layer " + std::to_string(l); };
        if (a.token(t).position != b.token(t).position) return "position" + where(-1);
        if (sb.has_tokens && a.token(t).token != b.token(t).token) return "token" + where(-1);
        if (sb.has_phases && a.token(t).phase != b.token(t).phase) return "phase" + where(-1);
        for (int l = 0; l < sa.moe_layers; ++l) {
            const LayerRouting ra = a.at(t, l), rb = b.at(t, l);
            if (ra.count != rb.count || ra.experts != rb.experts) return "experts" + where(l);
            for (std::size_t i = 0; i < kMaxActiveExperts; ++i) {
                if (sb.has_gates && !sameFloat(ra.gates[i], rb.gates[i])) return "gates" + where(l);
                if (sb.has_probabilities && !sameFloat(ra.probabilities[i], rb.probabilities[i])) {
                    return "probabilities" + where(l);
                }
                if (sb.has_selections && !sameFloat(ra.selections[i], rb.selections[i])) {
                    return "selection scores" + where(l);
                }
            }
            for (std::size_t i = 0; sb.has_runners_up && i < kRunnersUp; ++i) {
                if (ra.runners_up[i] != rb.runners_up[i] ||
                    !sameFloat(ra.runner_up_probabilities[i], rb.runner_up_probabilities[i]) ||
                    (sb.has_selections && !sameFloat(ra.runner_up_selections[i], rb.runner_up_selections[i]))) {
                    return "runners-up" + where(l);
                }
            }
            if (sb.has_norms &&
                (!sameFloat(ra.shared_norm, rb.shared_norm) || !sameFloat(ra.routed_norm, rb.routed_norm))) {
                return "norms" + where(l);
            }
        }
    }
    return "";
}

}  // namespace moescope
