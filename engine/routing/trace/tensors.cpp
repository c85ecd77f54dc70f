// Our safetensors: tokens, positions (I32 [T]), phases (U8 [T]: 0 prefill, 1 decode) and, for each MoE layer N,
// layers.N.experts (I32 [T, K]), .gates, .probabilities (F32 [T, K]), .runners_up (I32 [T, 2]),
// .runner_up_probabilities (F32 [T, 2]), .shared_norm, .routed_norm (F32 [T]); where a card helped, .on_card (I32 [T],
// bit i: the i-th expert ran on it). K is the largest count; slots that are not used hold expert -1 and 0. What is not
// known is left out. Metadata: format, version, experts, experts_used, shared_experts, ordered. Files of `moescope-cli
// eval` are read too, and whole numbers and fractions of any other width.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "engine/base/foreign_text.h"
#include "engine/format/safetensors.h"
#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/columns.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/half.h"
#include "engine/routing/trace/masked.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

constexpr std::string_view kFormat = "moescope routing trace";

struct LayerTensors {
    std::vector<std::int32_t> experts, runners_up, on_card;
    std::vector<float> gates, probabilities, runner_up_probabilities, shared_norm, routed_norm;
    std::vector<float> selections, runner_up_selections;
};

/// Calls f(value) for each number of a type.
template <class T, class F>
void forEachValue(const SafetensorsTensor& tensor, F f) {
    for (std::size_t at = 0; at + sizeof(T) <= tensor.data.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, tensor.data.data() + at, sizeof value);
        f(value);
    }
}

/// Reads tensors whose shape is as expected; the first error stays.
class Tensors {
public:
    explicit Tensors(const SafetensorsFile& file) : m_file(file) {}

    bool has(const std::string& name) const { return m_file.tensor(name) != nullptr; }
    std::vector<std::int32_t> integers(const std::string& name, const std::vector<std::uint64_t>& shape) {
        std::vector<std::int32_t> values;
        const SafetensorsTensor* tensor = find(name, shape);
        if (!tensor) return values;
        values.reserve(tensor->data.size());
        bool in_range = true;
        const auto keep = [&](auto value) {
            in_range = in_range && std::in_range<std::int32_t>(value);
            values.push_back(static_cast<std::int32_t>(value));
        };
        const std::string_view type = tensor->dtype;
        if (type == "I8") {
            forEachValue<std::int8_t>(*tensor, keep);
        } else if (type == "U8") {
            forEachValue<std::uint8_t>(*tensor, keep);
        } else if (type == "I16") {
            forEachValue<std::int16_t>(*tensor, keep);
        } else if (type == "U16") {
            forEachValue<std::uint16_t>(*tensor, keep);
        } else if (type == "I32") {
            forEachValue<std::int32_t>(*tensor, keep);
        } else if (type == "U32") {
            forEachValue<std::uint32_t>(*tensor, keep);
        } else if (type == "I64") {
            forEachValue<std::int64_t>(*tensor, keep);
        } else if (type == "U64") {
            forEachValue<std::uint64_t>(*tensor, keep);
        } else {
            fail(name, *tensor, "whole numbers");
        }
        if (!in_range && m_status.ok()) {
            m_status =
                outOfRange(fmt::format("The tensor {} holds numbers of more than 32 bits.", moescope::quoted(name)));
        }
        return values;
    }
    std::vector<float> floats(const std::string& name, const std::vector<std::uint64_t>& shape) {
        std::vector<float> values;
        const SafetensorsTensor* tensor = find(name, shape);
        if (!tensor) return values;
        const std::string_view type = tensor->dtype;
        if (type == "F32") return tensor->values<float>();
        if (type == "F16") {
            forEachValue<std::uint16_t>(*tensor, [&](std::uint16_t v) { values.push_back(halfToFloat(v)); });
        } else if (type == "BF16") {
            forEachValue<std::uint16_t>(*tensor, [&](std::uint16_t v) { values.push_back(bfloatToFloat(v)); });
        } else if (type == "F64") {
            forEachValue<double>(*tensor, [&](double v) { values.push_back(static_cast<float>(v)); });
        } else {
            fail(name, *tensor, "F16, BF16, F32 or F64");
        }
        return values;
    }
    const Status& status() const { return m_status; }

private:
    const SafetensorsTensor* find(const std::string& name, const std::vector<std::uint64_t>& shape) {
        const SafetensorsTensor* tensor = m_file.tensor(name);
        if (!tensor || tensor->shape == shape) return tensor;
        if (m_status.ok()) {
            m_status = invalid(fmt::format("The tensor {} is [{}]; expected [{}].", moescope::quoted(name),
                                           fmt::join(tensor->shape, ", "), fmt::join(shape, ", ")));
        }
        return nullptr;
    }
    void fail(const std::string& name, const SafetensorsTensor& tensor, std::string_view expected) {
        if (!m_status.ok()) return;
        m_status = unsupported(fmt::format("The tensor {} has the type {}; expected {}.", moescope::quoted(name),
                                           moescope::quoted(tensor.dtype), expected));
    }

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
            return invalid(
                fmt::format("The tensor {} names no layer from 0 to {}.", moescope::quoted(name), kMaxTraceLayers - 1));
        if (tensor.shape.size() != 2 || tensor.shape[1] < 1 || tensor.shape[1] > kMaxActiveExperts) {
            return invalid(fmt::format("The tensor {} is [{}]; expected [tokens, 1 to {}].", moescope::quoted(name),
                                       fmt::join(tensor.shape, ", "), kMaxActiveExperts));
        }
        if (numbers.empty()) {
            tokens = tensor.shape[0];
            width = tensor.shape[1];
        }
        numbers.push_back(static_cast<int>(*number));
    }
    if (numbers.empty()) return invalid("The file has no tensor layers.N.experts; it is not a trace.");
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
    shape.has_selections = has("selections") && (!shape.has_runners_up || has("runner_up_selections"));
    shape.has_tokens = in.has("tokens");
    shape.has_phases = in.has("phases");
    const auto ordered = file->metadata().find("ordered");
    shape.has_order = ordered == file->metadata().end() || ordered->second != "no";
    shape.experts = metadataNumber(*file, "experts");
    shape.experts_used = metadataNumber(*file, "experts_used");
    shape.shared_experts = metadataNumber(*file, "shared_experts");
    if (shape.experts_used == 0) shape.experts_used = static_cast<int>(width);

    const TokenColumns tokens_in{in.integers("tokens", {tokens}), in.integers("positions", {tokens}),
                                 in.integers("phases", {tokens})};
    std::vector<LayerTensors> columns(static_cast<std::size_t>(layers));
    int largest_id = -1;
    for (const int number : numbers) {
        LayerTensors& c = columns[static_cast<std::size_t>(number - numbers.front())];
        const std::string prefix = fmt::format("layers.{}.", number);
        c.experts = in.integers(prefix + "experts", {tokens, width});
        if (shape.has_gates) c.gates = in.floats(prefix + "gates", {tokens, width});
        if (shape.has_probabilities) c.probabilities = in.floats(prefix + "probabilities", {tokens, width});
        if (shape.has_runners_up) {
            c.runners_up = in.integers(prefix + "runners_up", {tokens, kRunnersUp});
            c.runner_up_probabilities = in.floats(prefix + "runner_up_probabilities", {tokens, kRunnersUp});
        }
        if (shape.has_selections) {
            c.selections = in.floats(prefix + "selections", {tokens, width});
            if (shape.has_runners_up) {
                c.runner_up_selections = in.floats(prefix + "runner_up_selections", {tokens, kRunnersUp});
            }
        }
        if (shape.has_norms) {
            c.shared_norm = in.floats(prefix + "shared_norm", {tokens});
            c.routed_norm = in.floats(prefix + "routed_norm", {tokens});
        }
        c.on_card = in.integers(prefix + "on_card", {tokens});
        if (!in.status().ok()) return in.status();
        for (const auto& largest : {largestId(c.experts, width), largestId(c.runners_up, 1)}) {
            if (!largest.ok()) return largest.status();
            largest_id = std::max(largest_id, *largest);
        }
        for (const std::int32_t bits : c.on_card) {
            if (bits < 0 || bits > 0xffff) {
                return invalid(fmt::format("on_card of layer {} is {}; expected 0 to 65535.", number, bits));
            }
        }
    }
    if (!in.status().ok()) return in.status();
    if (Status status = tokens_in.check(); !status.ok()) return status;
    const auto slots = [&](std::size_t t, std::size_t l) {
        const auto& experts = columns[l].experts;
        return experts.empty() ? std::span(experts) : std::span(experts).subspan(t * width, width);
    };
    const std::size_t dense = denseLayers(tokens, columns.size(), slots);
    shape.moe_layers = layers - static_cast<int>(dense);
    shape.first_moe_layer = options.first_layer >= 0 ? options.first_layer : numbers.front() + static_cast<int>(dense);
    if (Status status = checkLayers(shape); !status.ok()) return status;
    std::vector<std::string> notes;
    sayDense(dense, columns.size(), notes);
    if (Status status = chooseExperts(shape, options, largest_id, notes); !status.ok()) return status;
    const int groups = metadataNumber(*file, "groups"), groups_used = metadataNumber(*file, "groups_used");
    if (Status status = setGroups(shape, groups, groups_used); !status.ok()) return status;

    RoutingLog log(shape);
    MaskCount masks;
    std::vector<LayerRouting> row(columns.size() - dense);
    for (std::size_t t = 0; t < tokens; ++t) {
        std::size_t masked = 0;
        for (std::size_t l = dense; l < columns.size(); ++l) {
            const LayerTensors& c = columns[l];
            LayerRouting& r = row[l - dense];
            r = {};
            if (c.experts.empty()) continue;  // the file has no such layer
            const auto part = [t](const auto& values, std::size_t count) {
                return values.empty() ? std::span(values) : std::span(values).subspan(t * count, count);
            };
            RecordView view{slots(t, l), part(c.runners_up, kRunnersUp), part(c.gates, width),
                            part(c.probabilities, width), part(c.runner_up_probabilities, kRunnersUp)};
            if (shape.has_norms) {
                view.shared_norm = c.shared_norm[t];
                view.routed_norm = c.routed_norm[t];
            }
            view.selections = part(c.selections, width);
            view.runner_up_selections = part(c.runner_up_selections, kRunnersUp);
            if (!c.on_card.empty()) view.on_card = static_cast<std::uint16_t>(c.on_card[t]);
            const RecordKind kind = takeRecord(view, r);
            if (kind == RecordKind::kTwice) return namedTwice(t, numbers.front() + static_cast<int>(l));
            masked += kind == RecordKind::kMasked;
        }
        masks.add(masked, row.size());
        log.onToken(tokens_in.at(t, row));
    }
    masks.say(notes);
    return Trace{TraceFormat::kSafetensors, std::move(log), std::move(notes)};
}

Status writeTensorTrace(const std::string& path, const RoutingLog& log) {
    const RoutingShape& shape = log.shape();
    const std::uint64_t tokens = log.size();
    const std::size_t width = largestCount(log);
    SafetensorsWriter writer;
    std::map<std::string, std::string> metadata{{"format", std::string(kFormat)},
                                                {"version", "1"},
                                                {"experts", std::to_string(shape.experts)},
                                                {"experts_used", std::to_string(shape.experts_used)},
                                                {"shared_experts", std::to_string(shape.shared_experts)},
                                                {"ordered", shape.has_order ? "yes" : "no"}};
    if (shape.hasGroups()) {
        metadata["groups"] = std::to_string(shape.groups);
        metadata["groups_used"] = std::to_string(shape.groups_used);
    }
    writer.setMetadata(std::move(metadata));
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
            c.selections.insert(c.selections.end(), r.selections.begin(), r.selections.begin() + width);
            c.runner_up_selections.insert(c.runner_up_selections.end(), r.runner_up_selections.begin(),
                                          r.runner_up_selections.end());
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
        add(shape.has_selections, "selections", {tokens, width}, c.selections);
        add(shape.has_selections && shape.has_runners_up, "runner_up_selections", {tokens, kRunnersUp},
            c.runner_up_selections);
        add(shape.has_norms, "shared_norm", {tokens}, c.shared_norm);
        add(shape.has_norms, "routed_norm", {tokens}, c.routed_norm);
        add(log.hasPlaces(), "on_card", {tokens}, c.on_card);
    }
    return writer.write(path);
}

}  // namespace moescope
