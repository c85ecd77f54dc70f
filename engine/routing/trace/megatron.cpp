// Megatron's --moe-routing-trace-path: JSONL, a record a step and layer:
//   {"step": 0, "stage": "pre_dispatch", "block": "decoder", "layer": 3, "rank": 0, "num_tokens": 2, "topk": 2,
//    "top_indices": [[12, 45], [7, 12]]}
// -1 or null: none.
// A step may have several batches, in which each layer comes again. Ids of a token are by rank or by id.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/text.h"

namespace moescope {

using nlohmann::json;

Result<Trace> parseMegatronTrace(std::string_view text, const TraceReadOptions& options) {
    Choices choices;
    choices.shape = idsOnly();
    std::vector<std::string> notes;
    LineReader lines(text);
    std::string_view line;
    std::set<std::int64_t> seen;  // layers of the batch
    std::int64_t step = -1;
    std::size_t begin = 0, skipped = 0;  // the batch's first token; records of other blocks
    while (lines.next(line)) {
        if (trimmed(line).empty()) continue;
        const auto bad = [&](std::string_view what) {
            return invalid(fmt::format("Line {}: {}.", lines.number(), what));
        };
        const json record = json::parse(line, nullptr, false);
        if (!record.is_object()) return bad("it is not a JSON object");
        const auto number = [&](const char* key, std::int64_t highest) -> std::optional<std::int64_t> {
            const auto found = record.find(key);
            if (found == record.end() || !found->is_number_integer()) return {};
            const auto value = found->get<std::int64_t>();
            return value < 0 || value > highest ? std::nullopt : std::optional(value);
        };
        const auto block = record.find("block");
        if (block != record.end() && *block != "decoder") {
            ++skipped;
            continue;
        }
        const auto record_step = number("step", std::numeric_limits<std::int64_t>::max());
        if (!record_step) return bad("\"step\" is not a number from 0");
        const auto layer = number("layer", kMaxTraceLayers - 1);
        if (!layer) return bad(fmt::format("\"layer\" is not a number from 0 to {}", kMaxTraceLayers - 1));
        const auto rows = record.find("top_indices");
        if (rows == record.end() || !rows->is_array()) return bad("\"top_indices\" is not a list");
        if (*record_step != step || seen.contains(*layer)) {
            begin = choices.tokens.size();
            seen.clear();
            step = *record_step;
        }
        const bool first_of_batch = seen.empty();
        seen.insert(*layer);
        if (first_of_batch) {
            for (std::size_t i = 0; i < rows->size(); ++i) {
                choices.tokens.push_back({-1, static_cast<std::int32_t>(begin + i), Phase::kPrefill});
            }
        } else if (rows->size() != choices.tokens.size() - begin) {
            return bad(fmt::format("{} tokens; expected {}, as in the step's first layer", rows->size(),
                                   choices.tokens.size() - begin));
        }
        for (std::size_t t = 0; t < rows->size(); ++t) {
            const json& ids = (*rows)[t];
            const auto add = [&](std::size_t slot, std::uint16_t expert) {
                choices.choices.push_back({static_cast<std::uint32_t>(begin + t), static_cast<std::uint16_t>(*layer),
                                           static_cast<std::uint16_t>(slot), expert, 0});
            };
            if (ids.is_null()) {
                add(0, kNoExpert);
                continue;
            }
            if (!ids.is_array() || ids.empty() || ids.size() > kMaxActiveExperts) {
                return bad(fmt::format("token {} has no list of 1 to {} experts", t, kMaxActiveExperts));
            }
            for (std::size_t slot = 0; slot < ids.size(); ++slot) {
                const bool none = ids[slot].is_null() || ids[slot] == -1;
                if (!none && (!ids[slot].is_number_integer() || ids[slot] < 0 || ids[slot] >= kMaxTraceExperts)) {
                    return bad(
                        fmt::format("token {} names an invalid expert; expected 0 to {}", t, kMaxTraceExperts - 1));
                }
                add(slot, none ? kNoExpert : ids[slot].get<std::uint16_t>());
            }
        }
    }
    if (skipped > 0)
        notes.push_back(fmt::format("{} records of blocks other than the decoder were left out.", skipped));
    auto log = choices.build(options, notes);
    if (!log.ok()) return log.status();
    return Trace{TraceFormat::kMegatron, std::move(*log), std::move(notes)};
}

}  // namespace moescope
