// Our JSONL: a line that says what the records look like, then an object a token. What is not known is left out;
// numbers that are not finite are null and read as NaN. "experts": null is a record that is not known.
//
//   {"moescope_trace": 1, "first_moe_layer": 1, "moe_layers": 27, "experts": 64, "experts_used": 6, "shared_experts":
//   2,
//    "unknown": []}
//   {"turn": 0, "phase": "decode", "position": 7, "token": 42, "text": " a", "layers": [{"layer": 1, "experts": [...],
//    "gates": [...], "probabilities": [...], "runners_up": [a, b], "runner_up_probabilities": [...],
//    "shared_norm": x, "routed_norm": y, "on_card": bits}, ...]}; bit i of on_card: the i-th expert ran on a GPU (0:
//    left out)

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/columns.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

/// The parts that a shape may not know, by name in the file.
struct Part {
    std::string_view name;
    bool RoutingShape::*known;
};
constexpr Part kParts[] = {
    {"gates", &RoutingShape::has_gates},           {"probabilities", &RoutingShape::has_probabilities},
    {"runners_up", &RoutingShape::has_runners_up}, {"norms", &RoutingShape::has_norms},
    {"order", &RoutingShape::has_order},           {"token", &RoutingShape::has_tokens},
    {"phase", &RoutingShape::has_phases}};

std::optional<std::int64_t> integer(const json& object, const char* key, std::int64_t lowest, std::int64_t highest) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return {};
    const auto value = found->get<std::int64_t>();
    return value < lowest || value > highest ? std::nullopt : std::optional(value);
}

bool readFloat(const json& value, float& out) {
    if (!value.is_number() && !value.is_null()) return false;
    out = value.is_null() ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(value.get<double>());
    return true;
}

bool readFloats(const json& object, const char* key, std::span<float> out) {
    const auto list = object.find(key);
    if (list == object.end() || !list->is_array() || list->size() != out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (!readFloat((*list)[i], out[i])) return false;
    }
    return true;
}

/// Ids below `experts`; -1 or null: none.
bool readIds(const json& object, const char* key, int experts, std::span<std::int32_t> out) {
    const auto list = object.find(key);
    if (list == object.end() || !list->is_array() || list->size() != out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const json& id = (*list)[i];
        if (id.is_null()) {
            out[i] = -1;
            continue;
        }
        if (!id.is_number_integer() || id < -1 || id >= experts) return false;
        out[i] = id.get<std::int32_t>();
    }
    return true;
}

bool readLayer(const json& object, const RoutingShape& shape, LayerRouting& r) {
    const auto list = object.find("experts");
    if (list == object.end()) return false;
    if (list->is_null()) return true;  // masked: an empty record
    if (!list->is_array() || list->size() > kMaxActiveExperts) return false;
    const std::size_t count = list->size();
    std::array<std::int32_t, kMaxActiveExperts> experts{};
    std::array<float, kMaxActiveExperts> gates{}, probabilities{}, selections{};
    RecordView view;
    view.experts = std::span(experts).first(count);
    if (!readIds(object, "experts", shape.experts, std::span(experts).first(count))) return false;
    if (isMasked(view.experts) && count > 0) return true;
    if (shape.has_gates) {
        if (!readFloats(object, "gates", std::span(gates).first(count))) return false;
        view.gates = std::span(gates).first(count);
    }
    if (shape.has_probabilities) {
        if (!readFloats(object, "probabilities", std::span(probabilities).first(count))) return false;
        view.probabilities = std::span(probabilities).first(count);
    }
    if (shape.has_selections) {
        if (!readFloats(object, "selections", std::span(selections).first(count))) return false;
        view.selections = std::span(selections).first(count);
    }
    if (takeRecord(view, r) == RecordKind::kTwice) return false;
    if (shape.has_runners_up && !(readIds(object, "runners_up", shape.experts, r.runners_up) &&
                                  readFloats(object, "runner_up_probabilities", r.runner_up_probabilities))) {
        return false;
    }
    if (shape.has_runners_up && shape.has_selections &&
        !readFloats(object, "runner_up_selections", r.runner_up_selections)) {
        return false;
    }
    if (object.contains("on_card")) {
        const auto on_card = integer(object, "on_card", 0, 0xffff);
        if (!on_card) return false;
        r.on_card = static_cast<std::uint16_t>(*on_card);
    }
    return !shape.has_norms || (object.contains("shared_norm") && readFloat(object["shared_norm"], r.shared_norm) &&
                                object.contains("routed_norm") && readFloat(object["routed_norm"], r.routed_norm));
}

Status readShape(const json& head, const TraceReadOptions& options, RoutingShape& shape) {
    const auto bad = [](std::string_view what) { return invalid(fmt::format("Line 1: {}.", what)); };
    if (!head.is_object() || integer(head, "moescope_trace", 1, 1) != 1) {
        return bad("it does not say \"moescope_trace\": 1; it is not a trace of this program");
    }
    const auto number = [&](const char* key, int lowest, int highest, int& out) {
        const auto value = integer(head, key, lowest, highest);
        out = static_cast<int>(value.value_or(0));
        return value ? Status() : bad(fmt::format("\"{}\" is not a number from {} to {}", key, lowest, highest));
    };
    Status status = number("first_moe_layer", 0, kMaxTraceLayers, shape.first_moe_layer);
    if (status.ok()) status = number("moe_layers", 0, kMaxTraceLayers, shape.moe_layers);
    if (status.ok()) status = number("experts", 0, kMaxTraceExperts, shape.experts);
    if (status.ok()) status = number("experts_used", 0, kMaxTraceExperts, shape.experts_used);
    if (status.ok()) status = number("shared_experts", 0, kMaxTraceExperts, shape.shared_experts);
    if (!status.ok()) return status;
    if (options.first_layer >= 0) shape.first_moe_layer = options.first_layer;
    if (status = checkLayers(shape); !status.ok()) return status;
    if (head.contains("groups")) {
        int groups = 0, groups_used = 0;
        status = number("groups", 0, kMaxTraceExperts, groups);
        if (status.ok()) status = number("groups_used", 0, kMaxTraceExperts, groups_used);
        if (status.ok()) status = setGroups(shape, groups, groups_used);
        if (!status.ok()) return status;
    }
    const auto unknown = head.find("unknown");
    if (unknown == head.end() || !unknown->is_array()) return bad("\"unknown\" is not a list");
    for (const Part& part : kParts) {
        shape.*part.known = std::ranges::find(*unknown, json(part.name)) == unknown->end();
    }
    const auto selections = head.find("selections");
    shape.has_selections = selections != head.end() && *selections == json(true);
    return {};
}

void appendNumber(std::string& out, float value) {
    // {} writes the shortest digits that give the same float back; readers take -0 for a whole number without a sign.
    if (value == 0 && std::signbit(value)) {
        out += "-0.0";
    } else if (std::isfinite(value)) {
        fmt::format_to(std::back_inserter(out), "{}", value);
    } else {
        out += "null";
    }
}

void appendNumbers(std::string& out, std::string_view key, std::span<const float> values) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":[", key);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ',';
        appendNumber(out, values[i]);
    }
    out += ']';
}

void appendLayer(std::string& out, const RoutingShape& shape, int layer, const LayerRouting& r) {
    const auto count = static_cast<std::size_t>(r.count);
    fmt::format_to(std::back_inserter(out), "{{\"layer\":{},\"experts\":[{}]", shape.first_moe_layer + layer,
                   fmt::join(std::span(r.experts).first(count), ","));
    if (shape.has_gates) appendNumbers(out, "gates", std::span(r.gates).first(count));
    if (shape.has_probabilities) appendNumbers(out, "probabilities", std::span(r.probabilities).first(count));
    if (shape.has_selections) appendNumbers(out, "selections", std::span(r.selections).first(count));
    if (shape.has_runners_up) {
        fmt::format_to(std::back_inserter(out), ",\"runners_up\":[{}]", fmt::join(r.runners_up, ","));
        appendNumbers(out, "runner_up_probabilities", r.runner_up_probabilities);
        if (shape.has_selections) appendNumbers(out, "runner_up_selections", r.runner_up_selections);
    }
    if (shape.has_norms) {
        out += ",\"shared_norm\":";
        appendNumber(out, r.shared_norm);
        out += ",\"routed_norm\":";
        appendNumber(out, r.routed_norm);
    }
    if (r.on_card != 0) fmt::format_to(std::back_inserter(out), ",\"on_card\":{}", r.on_card);
    out += '}';
}

void appendOdds(std::string& out, const TokenOdds& odds) {
    const auto count = static_cast<std::size_t>(odds.count);
    fmt::format_to(std::back_inserter(out), ",\"alternatives\":{{\"rank\":{},\"probability\":", odds.rank);
    appendNumber(out, odds.probability);
    out += ",\"entropy\":";
    appendNumber(out, odds.entropy);
    fmt::format_to(std::back_inserter(out), ",\"tokens\":[{}]", fmt::join(std::span(odds.tokens).first(count), ","));
    appendNumbers(out, "probabilities", std::span(odds.probabilities).first(count));
    out += '}';
}

}  // namespace

Result<Trace> parseJsonlTrace(std::string_view text, const TraceReadOptions& options) {
    LineReader lines(text);
    std::string_view line;
    if (!lines.next(line)) return invalid("The file is empty.");
    RoutingShape shape;
    if (Status status = readShape(json::parse(line, nullptr, false), options, shape); !status.ok()) return status;
    RoutingLog log(shape);
    MaskCount masks;
    std::vector<LayerRouting> row(static_cast<std::size_t>(shape.moe_layers));
    while (lines.next(line)) {
        if (trimmed(line).empty()) continue;
        const auto bad = [&](std::string_view what) {
            return invalid(fmt::format("Line {}: {}.", lines.number(), what));
        };
        const json token = json::parse(line, nullptr, false);
        if (!token.is_object()) return bad("it is not a JSON object");
        const auto position = integer(token, "position", 0, kMaxInt32);
        if (!position) return bad("\"position\" is not a number from 0");
        const auto id = shape.has_tokens ? integer(token, "token", -1, kMaxInt32) : -1;
        if (!id) return bad("\"token\" is not a number");
        Phase phase = Phase::kPrefill;
        if (shape.has_phases) {
            const auto name = token.find("phase");
            if (name == token.end() || (*name != "prefill" && *name != "decode")) {
                return bad("\"phase\" is neither prefill nor decode");
            }
            phase = *name == "decode" ? Phase::kDecode : Phase::kPrefill;
        }
        const auto layers = token.find("layers");
        if (layers == token.end() || !layers->is_array() || layers->size() != row.size()) {
            return bad(fmt::format("\"layers\" is not a list of {} records", row.size()));
        }
        for (std::size_t l = 0; l < row.size(); ++l) {
            row[l] = {};
            if (!(*layers)[l].is_object() || !readLayer((*layers)[l], shape, row[l])) {
                return bad(
                    fmt::format("record {} of \"layers\" is incomplete, or is not of {} experts", l, shape.experts));
            }
        }
        masks.add(static_cast<std::size_t>(std::ranges::count(row, 0, &LayerRouting::count)), row.size());
        log.onToken({static_cast<std::int32_t>(*id), static_cast<std::int32_t>(*position), phase, row});
    }
    std::vector<std::string> notes;
    masks.say(notes);
    return Trace{TraceFormat::kJsonl, std::move(log), std::move(notes)};
}

void writeJsonlTrace(const RoutingLog& log, const TraceOptions& options, const TraceSink& out) {
    const RoutingShape& shape = log.shape();
    std::string unknown;
    for (const Part& part : kParts) {
        if (!(shape.*part.known)) unknown += fmt::format("{}\"{}\"", unknown.empty() ? "" : ",", part.name);
    }
    const std::string groups =
        shape.hasGroups() ? fmt::format(",\"groups\":{},\"groups_used\":{}", shape.groups, shape.groups_used) : "";
    out(fmt::format(
        "{{\"moescope_trace\":1,\"first_moe_layer\":{},\"moe_layers\":{},\"experts\":{},\"experts_used\":{},"
        "\"shared_experts\":{}{}{},\"unknown\":[{}]}}\n",
        shape.first_moe_layer, shape.moe_layers, shape.experts, shape.experts_used, shape.shared_experts, groups,
        shape.has_selections ? ",\"selections\":true" : "", unknown));
    int turn = options.turn - 1;
    for (std::size_t t = 0; t < log.size(); ++t) {
        turn += beginsSequence(log, t);
        const RoutingLog::Token& token = log.token(t);
        std::string line = fmt::format("{{\"turn\":{}", turn);
        if (shape.has_phases)
            line += token.phase == Phase::kDecode ? ",\"phase\":\"decode\"" : ",\"phase\":\"prefill\"";
        line += fmt::format(",\"position\":{}", token.position);
        if (shape.has_tokens) line += fmt::format(",\"token\":{}", token.token);
        const std::string text =
            shape.has_tokens && options.token_text ? options.token_text(token.token) : std::string();
        if (!text.empty()) {
            // A token may be part of a character: what is no UTF-8 becomes U+FFFD.
            line += ",\"text\":" + json(text).dump(-1, ' ', false, json::error_handler_t::replace);
        }
        if (t < options.odds.size() && options.odds[t].known()) appendOdds(line, options.odds[t]);
        line += ",\"layers\":[";
        for (int l = 0; l < shape.moe_layers; ++l) {
            if (l > 0) line += ',';
            appendLayer(line, shape, l, log.at(t, l));
        }
        out(line + "]}\n");
    }
}

}  // namespace moescope
