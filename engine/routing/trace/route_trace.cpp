// `route_trace v1` of BigMoeOnEdge: a preamble of `#` lines, a header, then a row a chosen expert. Columns go by name.
//
//   # route_trace v1
//   # model=NAME arch=NAME n_layer=INT n_expert=INT n_expert_used=INT
//   turn,phase,step,layer,slot,expert,weight,residency,expert_bytes,dropped
//
// phase: 0 prefill, 1 decode. step: position in the context. slot: rank, 0 the best. weight: the gate that was applied;
// nan if not known. residency: 1 where the expert was in the memory that it should be in: the GPU's, if any of the
// file's experts ran on one; else 0, which others write for a miss. Rows of a prompt may come layer by layer.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

constexpr std::int64_t kMaxStep = std::numeric_limits<std::int32_t>::max();

enum Column { kTurn, kPhase, kStep, kLayer, kSlot, kExpert, kWeight, kDropped, kColumns };
constexpr std::array<std::string_view, kColumns> kNames = {"turn", "phase",  "step",   "layer",
                                                           "slot", "expert", "weight", "dropped"};

/// The number after " key=" in a preamble line; 0 if there is none.
int preambleNumber(std::string_view line, std::string_view key) {
    const std::size_t at = line.rfind(key);
    if (at == std::string_view::npos) return 0;
    std::string_view rest = line.substr(at + key.size());
    const auto value = integerField(takeField(rest, ' '), 0, kMaxTraceExperts);
    return static_cast<int>(value.value_or(0));
}

std::optional<Phase> phaseOf(std::string_view field) {
    if (field == "0" || field == "prefill") return Phase::kPrefill;
    if (field == "1" || field == "decode") return Phase::kDecode;
    return std::nullopt;
}

/// Where in a row each column is.
class Header {
public:
    static Result<Header> parse(std::string_view line) {
        Header header;
        header.m_at.fill(-1);
        for (int field = 0; !line.empty(); ++field) {
            const std::string_view name = trimmed(takeField(line, ','));
            for (std::size_t c = 0; c < kNames.size(); ++c) {
                if (name == kNames[c]) header.m_at[c] = field;
            }
        }
        for (const Column c : {kStep, kLayer, kExpert}) {
            if (header.m_at[c] < 0) {
                return invalid(fmt::format("The header has no column \"{}\"; it is not route_trace v1.", kNames[c]));
            }
        }
        return header;
    }
    bool has(Column c) const { return m_at[c] >= 0; }
    /// Fields of a row by column; "" for columns that are not there.
    std::array<std::string_view, kColumns> fields(std::string_view row) const {
        std::array<std::string_view, kColumns> result;
        for (int field = 0; !row.empty(); ++field) {
            const std::string_view text = trimmed(takeField(row, ','));
            for (std::size_t c = 0; c < kColumns; ++c) {
                if (m_at[c] == field) result[c] = text;
            }
        }
        return result;
    }

private:
    std::array<int, kColumns> m_at{};
};

struct TokenKey {
    std::int64_t turn = 0, step = 0;
    Phase phase = Phase::kPrefill;
    auto operator<=>(const TokenKey&) const = default;
};

}  // namespace

Result<Trace> parseRouteTrace(std::string_view text, const TraceReadOptions& options) {
    Choices choices;
    choices.shape = idsOnly();
    choices.shape.has_order = true;
    LineReader lines(text);
    std::string_view line;
    std::optional<Header> header;
    std::map<TokenKey, std::uint32_t> tokens;  // in the order of tokens; the value numbers them as they came
    std::optional<TokenKey> current;
    std::uint32_t current_token = 0;
    std::unordered_map<std::uint64_t, std::uint16_t> next_slots;  // where the file has no slots
    std::size_t dropped = 0;
    while (lines.next(line)) {
        if (line.empty()) continue;
        if (line.front() == '#') {
            if (const int n = preambleNumber(line, " n_expert="); n > 0) choices.shape.experts = n;
            if (const int n = preambleNumber(line, " n_expert_used="); n > 0) choices.shape.experts_used = n;
            continue;
        }
        if (!header) {
            auto parsed = Header::parse(line);
            if (!parsed.ok()) return parsed.status();
            header = std::move(*parsed);
            choices.shape.has_phases = header->has(kPhase);
            continue;
        }
        const auto fields = header->fields(line);
        const auto bad = [&](Column c, std::string_view expected) {
            return invalid(fmt::format("Line {}: the column {} is \"{}\"; expected {}.", lines.number(), kNames[c],
                                       shown(fields[c]), expected));
        };
        TokenKey key;
        if (header->has(kTurn)) {
            const auto turn = integerField(fields[kTurn], 0, kMaxStep);
            if (!turn) return bad(kTurn, "a number");
            key.turn = *turn;
        }
        if (header->has(kPhase)) {
            const auto phase = phaseOf(fields[kPhase]);
            if (!phase) return bad(kPhase, "0 or 1");
            key.phase = *phase;
        }
        const auto step = integerField(fields[kStep], 0, kMaxStep);
        if (!step) return bad(kStep, "a position from 0");
        key.step = *step;
        const auto layer = integerField(fields[kLayer], 0, kMaxTraceLayers - 1);
        if (!layer) return bad(kLayer, fmt::format("a layer from 0 to {}", kMaxTraceLayers - 1));
        const auto expert = integerField(fields[kExpert], -1, kMaxTraceExperts - 1);  // -1: kNoExpert
        if (!expert) return bad(kExpert, fmt::format("an expert from 0 to {}", kMaxTraceExperts - 1));
        Choice choice;
        if (!current || *current != key) {
            current_token = tokens.try_emplace(key, static_cast<std::uint32_t>(tokens.size())).first->second;
            current = key;
        }
        choice.token = current_token;
        choice.layer = static_cast<std::uint16_t>(*layer);
        choice.expert = static_cast<std::uint16_t>(*expert);
        if (header->has(kSlot)) {
            const auto slot = integerField(fields[kSlot], 0, kMaxTraceExperts);
            if (!slot) return bad(kSlot, "a rank from 0");
            choice.slot = static_cast<std::uint16_t>(*slot);
        } else {
            choice.slot = next_slots[static_cast<std::uint64_t>(choice.token) << 16 | choice.layer]++;
        }
        choice.weight = std::numeric_limits<float>::quiet_NaN();
        if (header->has(kWeight)) {
            const auto weight = floatField(fields[kWeight]);
            if (!weight) return bad(kWeight, "a number or nan");
            choice.weight = *weight;
        }
        choices.shape.has_gates = choices.shape.has_gates || !std::isnan(choice.weight);
        dropped += header->has(kDropped) && fields[kDropped] == "1";
        choices.choices.push_back(choice);
    }
    if (!header) return invalid("The file ends before its header; it is not route_trace v1.");

    // Tokens were numbered as they came; a log has them by turn and position.
    std::vector<std::uint32_t> order(tokens.size());
    for (const auto& [key, number] : tokens) {
        order[number] = static_cast<std::uint32_t>(choices.tokens.size());
        choices.tokens.push_back({-1, static_cast<std::int32_t>(key.step), key.phase});
    }
    for (Choice& c : choices.choices) c.token = order[c.token];
    std::vector<std::string> notes;
    auto log = choices.build(options, notes);
    if (!log.ok()) return log.status();
    if (dropped > 0) {
        notes.push_back(
            fmt::format("{} choices were dropped by the program that ran them; their gates are those that "
                        "the router gave.",
                        dropped));
    }
    return Trace{TraceFormat::kRouteTrace, std::move(*log), std::move(notes)};
}

void writeRouteTrace(const RoutingLog& log, const TraceOptions& options, const TraceSink& out) {
    const RoutingShape& shape = log.shape();
    const auto name = [](std::string text) {
        for (char& c : text) {
            if (static_cast<unsigned char>(c) <= ' ' || c == '=') c = '_';
        }
        return text.empty() ? std::string("unknown") : text;
    };
    out(
        fmt::format("# route_trace v1\n# model={} arch={} n_layer={} n_expert={} n_expert_used={}\n"
                    "turn,phase,step,layer,slot,expert,weight,residency,expert_bytes,dropped\n",
                    name(options.model), name(options.architecture), shape.first_moe_layer + shape.moe_layers,
                    shape.experts, shape.experts_used));
    int turn = options.turn - 1;
    for (std::size_t t = 0; t < log.size(); ++t) {
        turn += beginsSequence(log, t);
        std::string rows;
        for (int l = 0; l < shape.moe_layers; ++l) {
            const ExpertIds experts = log.experts(t, l);
            const auto gates = log.gates(t, l);
            const unsigned on_card = log.hasPlaces() ? log.at(t, l).on_card : 0u;
            for (std::size_t slot = 0; slot < experts.size(); ++slot) {
                // {} writes the shortest digits that give the same float back.
                const bool there = !log.hasPlaces() || on_card >> slot & 1;
                fmt::format_to(std::back_inserter(rows), "{},{},{},{},{},{},{},{},0,0\n", turn,
                               static_cast<int>(log.token(t).phase), log.token(t).position, shape.first_moe_layer + l,
                               slot, experts[slot],
                               slot < gates.size() ? gates[slot] : std::numeric_limits<float>::quiet_NaN(),
                               there ? 1 : 0);
            }
        }
        out(rows);
    }
}

}  // namespace moescope
