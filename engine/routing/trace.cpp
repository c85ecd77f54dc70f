#include "engine/routing/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/atomic_file.h"
#include "engine/format/safetensors.h"

namespace moescope {
namespace {

std::string_view phaseName(Phase phase) {
    return phase == Phase::kPrefill ? "prefill" : "decode";
}

std::string extension(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos || path.find('/', dot) != std::string::npos ? "" : path.substr(dot);
}

Status writeCsv(const std::string& path, const RoutingLog& log, const TraceOptions& options) {
    AtomicFile file(path);
    file.write("# route_trace v1\nturn,phase,step,layer,slot,expert,weight,residency,expert_bytes,dropped\n");
    for (std::size_t t = 0; t < log.size() && file.status().ok(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            const LayerRouting r = log.at(t, l);
            for (int slot = 0; slot < r.count; ++slot) {
                const auto s = static_cast<std::size_t>(slot);
                // {} writes the shortest digits that give the same float back.
                file.write(fmt::format("{},{},{},{},{},{},{},ram,{},0\n", options.turn, phaseName(log.token(t).phase),
                                       log.token(t).position, log.shape().first_moe_layer + l, slot, r.experts[s],
                                       r.gates[s], options.expert_bytes));
            }
        }
    }
    return file.commit();
}

template <class T>
std::vector<T> firstOf(const std::array<T, kMaxActiveExperts>& values, int count) {
    return {values.begin(), values.begin() + count};
}

Status writeJsonl(const std::string& path, const RoutingLog& log, const TraceOptions& options) {
    AtomicFile file(path);
    for (std::size_t t = 0; t < log.size() && file.status().ok(); ++t) {
        nlohmann::ordered_json token = {{"turn", options.turn},
                                        {"phase", phaseName(log.token(t).phase)},
                                        {"position", log.token(t).position},
                                        {"token", log.token(t).token}};
        if (options.token_text) token["text"] = options.token_text(log.token(t).token);
        token["layers"] = nlohmann::ordered_json::array();
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            const LayerRouting r = log.at(t, l);
            token["layers"].push_back({{"layer", log.shape().first_moe_layer + l},
                                       {"experts", firstOf(r.experts, r.count)},
                                       {"gates", firstOf(r.gates, r.count)},
                                       {"runners_up", r.runners_up},
                                       {"runner_up_probabilities", r.runner_up_probabilities},
                                       {"shared_norm", r.shared_norm},
                                       {"routed_norm", r.routed_norm}});
        }
        // A token may be part of a character: what is no UTF-8 becomes U+FFFD.
        file.write(token.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        file.write("\n");
    }
    return file.commit();
}

Status writeTensors(const std::string& path, const RoutingLog& log, const TraceOptions& options) {
    const std::uint64_t tokens = log.size();
    int k = 1;
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < log.shape().moe_layers; ++l) k = std::max(k, log.at(t, l).count);
    }
    SafetensorsWriter writer;
    writer.setMetadata(
        {{"format", "moescope routing trace"}, {"version", "1"}, {"turn", std::to_string(options.turn)}});
    std::vector<std::int32_t> ids, positions;
    std::vector<std::uint8_t> phases;
    for (std::size_t t = 0; t < log.size(); ++t) {
        ids.push_back(log.token(t).token);
        positions.push_back(log.token(t).position);
        phases.push_back(static_cast<std::uint8_t>(log.token(t).phase));
    }
    writer.add("tokens", {tokens}, std::span<const std::int32_t>(ids));
    writer.add("positions", {tokens}, std::span<const std::int32_t>(positions));
    writer.add("phases", {tokens}, std::span<const std::uint8_t>(phases));
    for (int l = 0; l < log.shape().moe_layers; ++l) {
        std::vector<std::int32_t> experts, runners_up;
        std::vector<float> gates, runner_up_probabilities, shared_norm, routed_norm;
        for (std::size_t t = 0; t < log.size(); ++t) {
            const LayerRouting r = log.at(t, l);
            experts.insert(experts.end(), r.experts.begin(), r.experts.begin() + k);
            gates.insert(gates.end(), r.gates.begin(), r.gates.begin() + k);
            runners_up.insert(runners_up.end(), r.runners_up.begin(), r.runners_up.end());
            runner_up_probabilities.insert(runner_up_probabilities.end(), r.runner_up_probabilities.begin(),
                                           r.runner_up_probabilities.end());
            shared_norm.push_back(r.shared_norm);
            routed_norm.push_back(r.routed_norm);
        }
        const std::string prefix = fmt::format("layers.{}.", log.shape().first_moe_layer + l);
        const auto width = static_cast<std::uint64_t>(k);
        writer.add(prefix + "experts", {tokens, width}, std::span<const std::int32_t>(experts));
        writer.add(prefix + "gates", {tokens, width}, std::span<const float>(gates));
        writer.add(prefix + "runners_up", {tokens, kRunnersUp}, std::span<const std::int32_t>(runners_up));
        writer.add(prefix + "runner_up_probabilities", {tokens, kRunnersUp},
                   std::span<const float>(runner_up_probabilities));
        writer.add(prefix + "shared_norm", {tokens}, std::span<const float>(shared_norm));
        writer.add(prefix + "routed_norm", {tokens}, std::span<const float>(routed_norm));
    }
    return writer.write(path);
}

}  // namespace

Status checkTracePath(const std::string& path) {
    const std::string e = extension(path);
    if (e == ".csv" || e == ".jsonl" || e == ".safetensors") return {};
    return invalid(
        fmt::format("{}: a trace is written as .csv, .jsonl or .safetensors; choose one of these extensions.", path));
}

Status writeTrace(const std::string& path, const RoutingLog& log, const TraceOptions& options) {
    if (Status status = checkTracePath(path); !status.ok()) return status;
    const std::string e = extension(path);
    if (e == ".csv") return writeCsv(path, log, options);
    return e == ".jsonl" ? writeJsonl(path, log, options) : writeTensors(path, log, options);
}

}  // namespace moescope
