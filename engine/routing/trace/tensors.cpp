// Our safetensors: tokens, positions (I32 [T]), phases (U8 [T]: 0 prefill, 1 decode) and, for each MoE layer N,
// layers.N.experts (I32 [T, K]), .gates, .probabilities (F32 [T, K]), .runners_up (I32 [T, 2]),
// .runner_up_probabilities (F32 [T, 2]), .shared_norm, .routed_norm (F32 [T]); where a card helped, .on_card (I32 [T],
// bit i: the i-th expert ran on it). K is the largest count; slots that are not used hold expert -1 and 0. What is not
// known is left out. Metadata: format, version, experts, experts_used, shared_experts, ordered. Files of `moescope-cli
// eval` are read too.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/format/safetensors.h"
#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

constexpr std::string_view kFormat = "moescope routing trace";

struct LayerTensors {
    std::vector<std::int32_t> experts, runners_up, on_card;
    std::vector<float> gates, probabilities, runner_up_probabilities, shared_norm, routed_norm;
};

/// Reads tensors whose type and shape are as expected.
class Tensors {
public:
    explicit Tensors(const SafetensorsFile& file) : m_file(file) {}

    bool has(const std::string& name) const { return m_file.tensor(name) != nullptr; }
    template <class T>
    std::vector<T> take(const std::string& name, std::string_view dtype, std::vector<std::uint64_t> shape) {
        const SafetensorsTensor* tensor = m_file.tensor(name);
        if (!tensor) return {};
        if (tensor->dtype != dtype || tensor->shape != shape) {
            if (m_status.ok()) {
                m_status = invalid(fmt::format("The tensor {} is {} [{}]; expected {} [{}].", name, tensor->dtype,
                                               fmt::join(tensor->shape, ", "), dtype, fmt::join(shape, ", ")));
            }
            return {};
        }
        return tensor->values<T>();
    }
    const Status& status() const { return m_status; }

private:
    const SafetensorsFile& m_file;
    Status m_status;
};

int metadataNumber(const SafetensorsFile& file, const std::string& key) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) return 0;
    return static_cast<int>(integerField(found->second, 0, kMaxTraceExperts).value_or(0));
}

}  // namespace

Result<Trace> parseTensorTrace(TraceBytes bytes, const TraceReadOptions& options) {
    const auto file = SafetensorsFile::parse(bytes);
    if (!file.ok()) return file.status();
    // The layers that are there, and the largest K.
    std::vector<int> numbers;
    std::uint64_t tokens = 0, width = 0;
    for (const auto& [name, tensor] : file->tensors()) {
        std::string_view rest = name;
        if (!rest.starts_with("layers.") || !rest.ends_with(".experts")) continue;
        rest.remove_prefix(7);
        rest.remove_suffix(8);
        const auto number = integerField(rest, 0, kMaxTraceLayers - 1);
        if (!number)
            return invalid(fmt::format("The tensor {} names no layer from 0 to {}.", shown(name), kMaxTraceLayers - 1));
        if (tensor.shape.size() != 2 || tensor.shape[1] < 1 || tensor.shape[1] > kMaxActiveExperts) {
            return invalid(fmt::format("The tensor {} is [{}]; expected [tokens, 1 to {}].", name,
                                       fmt::join(tensor.shape, ", "), kMaxActiveExperts));
        }
        if (numbers.empty()) {
            tokens = tensor.shape[0];
            width = tensor.shape[1];
        }
        numbers.push_back(static_cast<int>(*number));
    }
    if (numbers.empty()) return invalid("The file has no tensor layers.N.experts; it is no trace.");
    std::ranges::sort(numbers);
    const int layers = numbers.back() - numbers.front() + 1;
    if (layers > 8 * static_cast<int>(numbers.size())) {
        return invalid(fmt::format("The file has {} of the layers {} to {}; it is damaged.", numbers.size(),
                                   numbers.front(), numbers.back()));
    }

    Tensors in(*file);
    const auto has = [&](const char* part) {
        return std::ranges::all_of(numbers, [&](int n) { return in.has(fmt::format("layers.{}.{}", n, part)); });
    };
    RoutingShape shape;
    shape.has_gates = has("gates");
    shape.has_probabilities = has("probabilities");
    shape.has_runners_up = has("runners_up") && has("runner_up_probabilities");
    shape.has_norms = has("shared_norm") && has("routed_norm");
    shape.has_tokens = in.has("tokens");
    shape.has_phases = in.has("phases");
    const auto ordered = file->metadata().find("ordered");
    shape.has_order = ordered == file->metadata().end() || ordered->second != "no";
    shape.experts = metadataNumber(*file, "experts");
    shape.experts_used = metadataNumber(*file, "experts_used");
    shape.shared_experts = metadataNumber(*file, "shared_experts");
    if (shape.experts_used == 0) shape.experts_used = static_cast<int>(width);
    shape.moe_layers = layers;
    shape.first_moe_layer = options.first_layer >= 0 ? options.first_layer : numbers.front();

    const auto ids = in.take<std::int32_t>("tokens", "I32", {tokens});
    const auto positions = in.take<std::int32_t>("positions", "I32", {tokens});
    const auto phases = in.take<std::uint8_t>("phases", "U8", {tokens});
    std::vector<LayerTensors> columns(static_cast<std::size_t>(layers));
    int largest_id = -1;
    for (const int number : numbers) {
        LayerTensors& c = columns[static_cast<std::size_t>(number - numbers.front())];
        const std::string prefix = fmt::format("layers.{}.", number);
        c.experts = in.take<std::int32_t>(prefix + "experts", "I32", {tokens, width});
        if (shape.has_gates) c.gates = in.take<float>(prefix + "gates", "F32", {tokens, width});
        if (shape.has_probabilities) c.probabilities = in.take<float>(prefix + "probabilities", "F32", {tokens, width});
        if (shape.has_runners_up) {
            c.runners_up = in.take<std::int32_t>(prefix + "runners_up", "I32", {tokens, kRunnersUp});
            c.runner_up_probabilities = in.take<float>(prefix + "runner_up_probabilities", "F32", {tokens, kRunnersUp});
        }
        if (shape.has_norms) {
            c.shared_norm = in.take<float>(prefix + "shared_norm", "F32", {tokens});
            c.routed_norm = in.take<float>(prefix + "routed_norm", "F32", {tokens});
        }
        c.on_card = in.take<std::int32_t>(prefix + "on_card", "I32", {tokens});
        if (!in.status().ok()) return in.status();
        for (const auto* list : {&c.experts, &c.runners_up}) {
            for (const std::int32_t e : *list) {
                if (e < -1) return invalid(fmt::format("The tensors of layer {} name the expert {}.", number, e));
                largest_id = std::max(largest_id, e);
            }
        }
    }
    if (!in.status().ok()) return in.status();
    std::vector<std::string> notes;
    if (Status status = chooseExperts(shape, options, largest_id, notes); !status.ok()) return status;

    RoutingLog log(shape);
    std::vector<LayerRouting> row(columns.size());
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t l = 0; l < columns.size(); ++l) {
            const LayerTensors& c = columns[l];
            LayerRouting& r = row[l] = {};
            if (c.experts.empty()) continue;
            for (std::size_t i = t * width; i < (t + 1) * width && c.experts[i] >= 0; ++i) {
                const auto slot = static_cast<std::size_t>(r.count++);
                if (std::find(r.experts.begin(), r.experts.begin() + slot, c.experts[i]) != r.experts.begin() + slot) {
                    return invalid(fmt::format("The expert {} is there twice for token {} in layer {}.", c.experts[i],
                                               t, numbers.front() + static_cast<int>(l)));
                }
                r.experts[slot] = c.experts[i];
                if (shape.has_gates) r.gates[slot] = c.gates[i];
                if (shape.has_probabilities) r.probabilities[slot] = c.probabilities[i];
            }
            for (std::size_t i = 0; shape.has_runners_up && i < kRunnersUp; ++i) {
                r.runners_up[i] = c.runners_up[t * kRunnersUp + i];
                r.runner_up_probabilities[i] = c.runner_up_probabilities[t * kRunnersUp + i];
            }
            if (shape.has_norms) {
                r.shared_norm = c.shared_norm[t];
                r.routed_norm = c.routed_norm[t];
            }
            if (!c.on_card.empty()) r.on_card = static_cast<std::uint16_t>(c.on_card[t]);
        }
        log.onToken({ids.empty() ? -1 : ids[t], positions.empty() ? static_cast<std::int32_t>(t) : positions[t],
                     !phases.empty() && phases[t] == 1 ? Phase::kDecode : Phase::kPrefill, row});
    }
    return Trace{TraceFormat::kSafetensors, std::move(log), std::move(notes)};
}

Status writeTensorTrace(const std::string& path, const RoutingLog& log) {
    const RoutingShape& shape = log.shape();
    const std::uint64_t tokens = log.size();
    const std::size_t width = largestCount(log);
    SafetensorsWriter writer;
    writer.setMetadata({{"format", std::string(kFormat)},
                        {"version", "1"},
                        {"experts", std::to_string(shape.experts)},
                        {"experts_used", std::to_string(shape.experts_used)},
                        {"shared_experts", std::to_string(shape.shared_experts)},
                        {"ordered", shape.has_order ? "yes" : "no"}});
    std::vector<std::int32_t> ids, positions;
    std::vector<std::uint8_t> phases;
    for (std::size_t t = 0; t < log.size(); ++t) {
        ids.push_back(log.token(t).token);
        positions.push_back(log.token(t).position);
        phases.push_back(static_cast<std::uint8_t>(log.token(t).phase));
    }
    if (shape.has_tokens) writer.add("tokens", {tokens}, std::span<const std::int32_t>(ids));
    writer.add("positions", {tokens}, std::span<const std::int32_t>(positions));
    if (shape.has_phases) writer.add("phases", {tokens}, std::span<const std::uint8_t>(phases));
    for (int l = 0; l < shape.moe_layers; ++l) {
        LayerTensors c;
        for (std::size_t t = 0; t < log.size(); ++t) {
            const LayerRouting r = log.at(t, l);
            c.experts.insert(c.experts.end(), r.experts.begin(), r.experts.begin() + width);
            c.gates.insert(c.gates.end(), r.gates.begin(), r.gates.begin() + width);
            c.probabilities.insert(c.probabilities.end(), r.probabilities.begin(), r.probabilities.begin() + width);
            c.runners_up.insert(c.runners_up.end(), r.runners_up.begin(), r.runners_up.end());
            c.runner_up_probabilities.insert(c.runner_up_probabilities.end(), r.runner_up_probabilities.begin(),
                                             r.runner_up_probabilities.end());
            c.on_card.push_back(r.on_card);
            c.shared_norm.push_back(r.shared_norm);
            c.routed_norm.push_back(r.routed_norm);
        }
        const std::string prefix = fmt::format("layers.{}.", shape.first_moe_layer + l);
        const auto add = [&](bool known, const char* part, std::vector<std::uint64_t> dims, const auto& values) {
            if (known) writer.add(prefix + part, std::move(dims), std::span(values.data(), values.size()));
        };
        add(true, "experts", {tokens, width}, c.experts);
        add(shape.has_gates, "gates", {tokens, width}, c.gates);
        add(shape.has_probabilities, "probabilities", {tokens, width}, c.probabilities);
        add(shape.has_runners_up, "runners_up", {tokens, kRunnersUp}, c.runners_up);
        add(shape.has_runners_up, "runner_up_probabilities", {tokens, kRunnersUp}, c.runner_up_probabilities);
        add(shape.has_norms, "shared_norm", {tokens}, c.shared_norm);
        add(shape.has_norms, "routed_norm", {tokens}, c.routed_norm);
        add(log.hasPlaces(), "on_card", {tokens}, c.on_card);
    }
    return writer.write(path);
}

}  // namespace moescope
