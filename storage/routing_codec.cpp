#include "storage/routing_codec.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "kernels/half.h"
#include "storage/blob.h"
#include "storage/routing_chunk.h"

namespace moescope {
namespace {

using namespace routing_chunk;

/// The lowest that holds what there is to say is written, so that older programs read what they can.
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kVersionWithSelections = 3;
constexpr std::uint8_t kVersionWithGroups = 4;
constexpr std::size_t kHeadBytes = 2 + 5 * 2 + 4 + 1;
constexpr std::size_t kGroupBytes = 2 * 2;

bool isColumns(int version) {
    return version >= kVersion && version <= kVersionWithGroups;
}

/// What records say, as bits, in the order of the file.
constexpr bool RoutingShape::*kKnown[] = {&RoutingShape::has_gates,      &RoutingShape::has_probabilities,
                                          &RoutingShape::has_runners_up, &RoutingShape::has_norms,
                                          &RoutingShape::has_tokens,     &RoutingShape::has_phases};

constexpr unsigned kPlacesBit = 1u << std::size(kKnown);
constexpr unsigned kSelectionsBit = 2 * kPlacesBit;

std::size_t countOf(const LayerRouting& layer) {
    return static_cast<std::size_t>(std::clamp(layer.count, 0, kMaxActiveExperts));
}

/// Appends a column's values byte by byte of their places: those of one place are more alike than neighbors.
class ColumnWriter {
public:
    ColumnWriter(ByteWriter& out, std::size_t tokens) : m_out(out) { m_column.reserve(tokens); }
    void add(std::uint16_t value) { m_column.push_back(value); }
    void add(float value) { m_column.push_back(floatToHalf(value)); }
    void finish(bool wide = true) {
        for (const std::uint16_t v : m_column) m_out.number(static_cast<std::uint8_t>(v));
        for (std::size_t i = 0; wide && i < m_column.size(); ++i) {
            m_out.number(static_cast<std::uint8_t>(m_column[i] >> 8));
        }
        m_column.clear();
    }

private:
    ByteWriter& m_out;
    std::vector<std::uint16_t> m_column;
};

/// Takes such columns apart again; past the end ok() is false and values are 0.
class ColumnReader {
public:
    explicit ColumnReader(std::string_view bytes) : m_bytes(bytes) {}
    /// The next `count` bytes; null and a failure if there are not as many.
    const unsigned char* bytes(std::size_t count) {
        if (count > m_bytes.size()) {
            m_ok = false;
            m_bytes = {};
            return nullptr;
        }
        const auto* at = reinterpret_cast<const unsigned char*>(m_bytes.data());
        m_bytes.remove_prefix(count);
        return at;
    }
    /// A column of `count` values of one or two bytes.
    void column(std::size_t count, bool wide, std::vector<std::uint16_t>& out) {
        out.assign(count, 0);
        const unsigned char* low = bytes(wide ? 2 * count : count);
        for (std::size_t i = 0; low && i < count; ++i) {
            out[i] = static_cast<std::uint16_t>(low[i] | (wide ? low[count + i] << 8 : 0));
        }
    }
    bool ok() const { return m_ok; }
    std::size_t left() const { return m_bytes.size(); }

private:
    std::string_view m_bytes;
    bool m_ok = true;
};

class BytesSource : public ChunkReader::Source {
public:
    explicit BytesSource(std::string_view bytes) : m_bytes(bytes) {}
    std::size_t size() const override { return m_bytes.size(); }
    bool read(std::size_t offset, std::size_t size, char* out) override {
        if (offset > m_bytes.size() || size > m_bytes.size() - offset) return false;
        std::copy_n(m_bytes.data() + offset, size, out);
        return true;
    }

private:
    std::string_view m_bytes;
};

/// The head of a chunk of version 2 to 4.
Result<Head> readHead(ChunkReader::Source& source) {
    std::string bytes(kHeadBytes, '\0');
    if (!source.read(0, kHeadBytes, bytes.data())) return damaged();
    ByteReader in(bytes);
    Head head;
    const auto version = in.number<std::uint8_t>();
    if (!isColumns(version) || !readShape(in, head)) return damaged();
    const auto known = in.number<std::uint8_t>();
    head.shape.has_selections = (known & kSelectionsBit) != 0;
    if (version != kVersionWithGroups && head.shape.has_selections != (version == kVersionWithSelections)) {
        return damaged();
    }
    head.places = (known & kPlacesBit) != 0;
    for (std::size_t i = 0; i < std::size(kKnown); ++i) head.shape.*kKnown[i] = (known >> i & 1) != 0;
    // Ids alone are of servers, which name them in no order.
    head.shape.has_order = head.shape.has_gates || head.shape.has_probabilities;
    if (head.tokens > kMostChunkBytes / kTokenBytes || head.tokens * head.layers() > kMostChunkBytes / kLayerBytes) {
        return damaged();
    }
    std::size_t head_bytes = kHeadBytes;
    if (version == kVersionWithGroups) {
        bytes.resize(kGroupBytes);
        if (!source.read(kHeadBytes, kGroupBytes, bytes.data())) return damaged();
        ByteReader groups(bytes);
        head.shape.groups = groups.number<std::uint16_t>();
        head.shape.groups_used = groups.number<std::uint16_t>();
        if (!head.shape.groupsFit()) return damaged();
        head_bytes += kGroupBytes;
    }
    const std::size_t sections = head.layers() + 2 + head.places;
    head.first = head_bytes + sections * sizeof(std::uint32_t);
    bytes.resize(sections * sizeof(std::uint32_t));
    if (!source.read(head_bytes, bytes.size(), bytes.data())) return damaged();
    ByteReader ends(bytes);
    std::size_t last = head.first;
    for (std::size_t i = 0; i < sections; ++i) {
        const std::size_t end = head.first + ends.number<std::uint32_t>();
        if (end < last || end > source.size()) return damaged();
        head.ends.push_back(last = end);
    }
    return head;
}

Result<std::string> readSection(ChunkReader::Source& source, const Head& head, std::size_t section) {
    const std::size_t begin = head.beginOf(section);
    std::string packed(head.ends[section] - begin, '\0');
    if (!source.read(begin, packed.size(), packed.data())) return damaged();
    auto bytes = decompress(packed, kMostChunkBytes);
    if (!bytes.ok()) return damaged();
    return bytes;
}

Result<std::vector<ChunkToken>> readTokens(ChunkReader::Source& source, const Head& head) {
    const auto bytes = readSection(source, head, 0);
    if (!bytes.ok()) return bytes.status();
    if (bytes->size() != head.tokens * kTokenBytes) return damaged();
    ByteReader in(*bytes);
    std::vector<ChunkToken> tokens(head.tokens);
    for (ChunkToken& t : tokens) t.token = in.number<std::int32_t>();
    for (ChunkToken& t : tokens) t.position = in.number<std::int32_t>();
    for (ChunkToken& t : tokens) {
        const auto phase = in.number<std::uint8_t>();
        if (phase > 1) return damaged();
        t.phase = static_cast<Phase>(phase);
    }
    return tokens;
}

/// Number of chosen experts of each token, and how many tokens have each rank.
struct Counts {
    const unsigned char* of = nullptr;
    std::array<std::size_t, kMaxActiveExperts> with_rank{};
    std::size_t ranks = 0;

    bool read(ColumnReader& in, std::size_t tokens) {
        of = in.bytes(tokens);
        if (!of) return false;
        for (std::size_t t = 0; t < tokens; ++t) {
            if (of[t] > kMaxActiveExperts) return false;
            for (std::size_t r = 0; r < of[t]; ++r) ++with_rank[r];
            ranks = std::max<std::size_t>(ranks, of[t]);
        }
        return true;
    }
};

bool readChoices(std::string_view bytes, std::size_t layer, Records& records) {
    ColumnReader in(bytes);
    Counts counts;
    if (!counts.read(in, records.head.tokens)) return false;
    std::vector<std::uint16_t> column;
    for (const bool gates : {false, true}) {
        for (std::size_t r = 0; r < counts.ranks; ++r) {
            in.column(counts.with_rank[r], gates || records.head.wide, column);
            if (!in.ok()) return false;
            std::size_t next = 0;
            for (std::size_t t = 0; t < records.head.tokens; ++t) {
                if (counts.of[t] <= r) continue;
                LayerRouting& record = records.at(t, layer);
                record.count = counts.of[t];
                const std::uint16_t value = column[next++];
                if (gates) {
                    record.gates[r] = halfToFloat(value);
                } else if (value >= records.head.shape.experts) {
                    return false;
                } else {
                    record.experts[r] = value;
                }
            }
        }
    }
    return in.left() == 0;
}

bool readRest(std::string_view bytes, Records& records) {
    ColumnReader in(bytes);
    const std::size_t tokens = records.head.tokens;
    const std::int32_t none = records.head.wide ? 0xffff : 0xff;
    std::vector<std::uint16_t> column;
    for (std::size_t l = 0; l < records.head.layers(); ++l) {
        const unsigned char* alike = in.bytes(1);
        if (!alike || *alike > 1) return false;
        /// Calls put(record, rank, value) for each chosen expert, with values from the file if `stored`.
        const auto byRank = [&](bool stored, auto&& put) {
            for (std::size_t r = 0; r < kMaxActiveExperts; ++r) {
                std::size_t with_rank = 0;
                for (std::size_t t = 0; t < tokens; ++t) {
                    with_rank += static_cast<std::size_t>(records.at(t, l).count) > r;
                }
                if (with_rank == 0) return;
                if (stored) in.column(with_rank, true, column);
                std::size_t next = 0;
                for (std::size_t t = 0; t < tokens; ++t) {
                    LayerRouting& record = records.at(t, l);
                    if (static_cast<std::size_t>(record.count) <= r) continue;
                    put(record, r, stored ? halfToFloat(column[next++]) : record.gates[r]);
                }
            }
        };
        byRank(!*alike, [](LayerRouting& record, std::size_t r, float value) { record.probabilities[r] = value; });
        if (records.head.shape.has_selections) {
            byRank(true, [](LayerRouting& record, std::size_t r, float value) { record.selections[r] = value; });
        }
        for (std::size_t r = 0; r < kRunnersUp; ++r) {
            in.column(tokens, records.head.wide, column);
            for (std::size_t t = 0; t < tokens; ++t) {
                if (column[t] >= records.head.shape.experts && column[t] != none) return false;
                records.at(t, l).runners_up[r] = column[t] < records.head.shape.experts ? column[t] : -1;
            }
        }
        const auto reals = [&](auto&& put) {
            in.column(tokens, true, column);
            for (std::size_t t = 0; t < tokens; ++t) put(records.at(t, l), halfToFloat(column[t]));
        };
        for (std::size_t r = 0; r < kRunnersUp; ++r) {
            reals([r](LayerRouting& record, float value) { record.runner_up_probabilities[r] = value; });
        }
        for (std::size_t r = 0; r < (records.head.shape.has_selections ? kRunnersUp : 0); ++r) {
            reals([r](LayerRouting& record, float value) { record.runner_up_selections[r] = value; });
        }
        reals([](LayerRouting& record, float value) { record.shared_norm = value; });
        reals([](LayerRouting& record, float value) { record.routed_norm = value; });
        if (!in.ok()) return false;
    }
    return in.left() == 0;
}

bool readPlaces(std::string_view bytes, Records& records) {
    ColumnReader in(bytes);
    std::vector<std::uint16_t> column;
    for (std::size_t l = 0; l < records.head.layers(); ++l) {
        in.column(records.head.tokens, true, column);
        for (std::size_t t = 0; t < records.head.tokens; ++t) {
            LayerRouting& record = records.at(t, l);
            record.on_card = column[t];
            if (record.on_card >> record.count != 0) return false;
        }
    }
    return in.ok() && in.left() == 0;
}

Result<Records> readRecords(std::string_view blob) {
    BytesSource source(blob);
    auto head = readHead(source);
    if (!head.ok()) return head.status();
    auto tokens = readTokens(source, *head);
    if (!tokens.ok()) return tokens.status();
    Records records{std::move(*head), std::move(*tokens), {}};
    records.layers.resize(records.head.tokens * records.head.layers());
    const std::size_t layers = records.head.layers();
    for (std::size_t i = 0; i + 1 < records.head.ends.size(); ++i) {
        const auto bytes = readSection(source, records.head, 1 + i);
        if (!bytes.ok()) return bytes.status();
        const bool sound = i < layers    ? readChoices(*bytes, i, records)
                           : i == layers ? readRest(*bytes, records)
                                         : readPlaces(*bytes, records);
        if (!sound) return damaged();
    }
    return records;
}

bool isFirstVersion(ChunkReader::Source& source) {
    char first = 0;
    if (!source.read(0, 1, &first)) return true;
    return !isColumns(first);
}

/// Of any version.
Result<Records> readAll(std::string_view blob) {
    BytesSource source(blob);
    return isFirstVersion(source) ? readFirstVersion(blob) : readRecords(blob);
}

Result<Records> readFirstVersion(ChunkReader::Source& source) {
    std::string blob(source.size(), '\0');
    if (!source.read(0, blob.size(), blob.data())) return damaged();
    return routing_chunk::readFirstVersion(blob);
}

}  // namespace

RoutingChunk::RoutingChunk(const RoutingShape& shape) : m_log(shape) {}

void RoutingChunk::add(const TokenRouting& token) {
    m_log.onToken(token);
    countLast();
}

void RoutingChunk::add(const RoutingLog& log, std::size_t index) {
    m_log.append(log, index);
    countLast();
}

void RoutingChunk::countLast() {
    const RoutingShape& shape = m_log.shape();
    m_bytes += kTokenBytes;
    const std::size_t reals = shape.has_selections ? 3 : 2;
    const std::size_t expert_bytes = reals * sizeof(std::uint16_t) + (wideIds(shape) ? 2 : 1);
    for (int l = 0; l < shape.moe_layers; ++l) {
        m_bytes += kLayerBytes + m_log.experts(m_log.size() - 1, l).size() * expert_bytes;
    }
}

std::string RoutingChunk::blob() const {
    const RoutingShape& shape = m_log.shape();
    const std::size_t tokens = m_log.size(), layers = static_cast<std::size_t>(shape.moe_layers);
    const bool wide = wideIds(shape);
    std::vector<LayerRouting> records;  // (tokens, MoE layers)
    records.reserve(tokens * layers);
    for (std::size_t t = 0; t < tokens; ++t) {
        for (int l = 0; l < shape.moe_layers; ++l) records.push_back(m_log.at(t, l));
    }
    const auto at = [&](std::size_t t, std::size_t l) -> const LayerRouting& { return records[t * layers + l]; };
    ByteWriter head, ends;
    std::string sections;
    const auto section = [&](ByteWriter& bytes) {
        sections += compress(bytes.take());
        ends.number(static_cast<std::uint32_t>(sections.size()));
    };
    head.number(shape.hasGroups() ? kVersionWithGroups : shape.has_selections ? kVersionWithSelections : kVersion);
    head.number(static_cast<std::uint8_t>(wide ? 2 : 1));
    for (const int n :
         {shape.first_moe_layer, shape.moe_layers, shape.experts, shape.experts_used, shape.shared_experts}) {
        head.number(static_cast<std::uint16_t>(n));
    }
    head.number(static_cast<std::uint32_t>(tokens));
    unsigned known = 0;
    for (std::size_t i = 0; i < std::size(kKnown); ++i) known |= static_cast<unsigned>(shape.*kKnown[i]) << i;
    const bool places = m_log.hasPlaces();
    head.number(
        static_cast<std::uint8_t>(known | (places ? kPlacesBit : 0) | (shape.has_selections ? kSelectionsBit : 0)));
    if (shape.hasGroups()) {
        head.number(static_cast<std::uint16_t>(shape.groups));
        head.number(static_cast<std::uint16_t>(shape.groups_used));
    }

    ByteWriter of_tokens;
    for (std::size_t t = 0; t < tokens; ++t) of_tokens.number(m_log.token(t).token);
    for (std::size_t t = 0; t < tokens; ++t) of_tokens.number(m_log.token(t).position);
    for (std::size_t t = 0; t < tokens; ++t) of_tokens.number(static_cast<std::uint8_t>(m_log.token(t).phase));
    section(of_tokens);

    ByteWriter rest;
    ColumnWriter rest_column(rest, tokens);
    for (std::size_t l = 0; l < layers; ++l) {
        ByteWriter choices;
        ColumnWriter column(choices, tokens);
        bool alike = true;
        std::size_t ranks = 0;
        for (std::size_t t = 0; t < tokens; ++t) {
            const LayerRouting& r = at(t, l);
            choices.number(static_cast<std::uint8_t>(countOf(r)));
            ranks = std::max(ranks, countOf(r));
            for (std::size_t i = 0; i < countOf(r); ++i) {
                alike &= floatToHalf(r.gates[i]) == floatToHalf(r.probabilities[i]);
            }
        }
        const auto byRank = [&](ColumnWriter& out, bool two_bytes, auto&& value) {
            for (std::size_t i = 0; i < ranks; ++i) {
                for (std::size_t t = 0; t < tokens; ++t) {
                    if (countOf(at(t, l)) > i) out.add(value(at(t, l), i));
                }
                out.finish(two_bytes);
            }
        };
        byRank(column, wide,
               [](const LayerRouting& r, std::size_t i) { return static_cast<std::uint16_t>(r.experts[i]); });
        byRank(column, true, [](const LayerRouting& r, std::size_t i) { return r.gates[i]; });
        section(choices);

        rest.number(static_cast<std::uint8_t>(alike));
        if (!alike) byRank(rest_column, true, [](const LayerRouting& r, std::size_t i) { return r.probabilities[i]; });
        if (shape.has_selections) {
            byRank(rest_column, true, [](const LayerRouting& r, std::size_t i) { return r.selections[i]; });
        }
        const auto all = [&](bool two_bytes, auto&& value) {
            for (std::size_t t = 0; t < tokens; ++t) rest_column.add(value(at(t, l)));
            rest_column.finish(two_bytes);
        };
        for (std::size_t i = 0; i < kRunnersUp; ++i) {
            all(wide, [i](const LayerRouting& r) { return static_cast<std::uint16_t>(r.runners_up[i]); });
        }
        for (std::size_t i = 0; i < kRunnersUp; ++i) {
            all(true, [i](const LayerRouting& r) { return r.runner_up_probabilities[i]; });
        }
        for (std::size_t i = 0; i < (shape.has_selections ? kRunnersUp : 0); ++i) {
            all(true, [i](const LayerRouting& r) { return r.runner_up_selections[i]; });
        }
        all(true, [](const LayerRouting& r) { return r.shared_norm; });
        all(true, [](const LayerRouting& r) { return r.routed_norm; });
    }
    section(rest);
    if (places) {
        ByteWriter of_layers;
        ColumnWriter column(of_layers, tokens);
        for (std::size_t l = 0; l < layers; ++l) {
            for (std::size_t t = 0; t < tokens; ++t) column.add(at(t, l).on_card);
            column.finish();
        }
        section(of_layers);
    }
    return head.take() + ends.take() + sections;
}

void RoutingChunk::clear() {
    m_log.clear();
    m_bytes = 0;
}

Status decodeRoutingChunk(std::string_view blob, std::optional<RoutingLog>& log) {
    const auto records = readAll(blob);
    if (!records.ok()) return records.status();
    const RoutingShape& shape = records->head.shape;
    if (log && !log->shape().continues(shape)) return damaged();
    if (!log) log.emplace(shape);
    const std::size_t layers = records->head.layers();
    for (std::size_t t = 0; t < records->tokens.size(); ++t) {
        const ChunkToken& token = records->tokens[t];
        log->onToken(
            {token.token, token.position, token.phase, std::span(records->layers).subspan(t * layers, layers)});
    }
    return {};
}

Result<std::vector<ChunkReader::Match>> ChunkReader::find(Source& source, int layer, int expert, int ranks,
                                                          float gate) {
    std::vector<Match> found;
    const auto indexOf = [&](const RoutingShape& shape) {
        const int index = layer - shape.first_moe_layer;
        return index >= 0 && index < shape.moe_layers && expert >= 0 && expert < shape.experts ? index : -1;
    };
    if (isFirstVersion(source)) {
        const auto records = readFirstVersion(source);
        if (!records.ok()) return records.status();
        const int index = indexOf(records->head.shape);
        for (std::uint32_t t = 0; index >= 0 && t < records->head.tokens; ++t) {
            const LayerRouting& r = records->layers[t * records->head.layers() + static_cast<std::size_t>(index)];
            for (int i = 0; i < std::min(r.count, ranks); ++i) {
                const auto slot = static_cast<std::size_t>(i);
                if (r.experts[slot] == expert && r.gates[slot] > gate) found.push_back({t, i, r.gates[slot]});
            }
        }
        return found;
    }
    const auto head = readHead(source);
    if (!head.ok()) return head.status();
    const int index = indexOf(head->shape);
    if (index < 0) return found;
    const auto bytes = readSection(source, *head, 1 + static_cast<std::size_t>(index));
    if (!bytes.ok()) return bytes.status();
    ColumnReader in(*bytes);
    Counts counts;
    if (!counts.read(in, head->tokens)) return damaged();
    const std::size_t id_bytes = head->wide ? 2 : 1;
    std::array<const unsigned char*, kMaxActiveExperts> ids{}, gates{};
    for (std::size_t r = 0; r < counts.ranks; ++r) ids[r] = in.bytes(counts.with_rank[r] * id_bytes);
    for (std::size_t r = 0; r < counts.ranks; ++r) gates[r] = in.bytes(counts.with_rank[r] * 2);
    if (!in.ok() || in.left() != 0) return damaged();
    for (std::size_t r = 0; r < std::min(counts.ranks, static_cast<std::size_t>(std::max(ranks, 0))); ++r) {
        const std::size_t n = counts.with_rank[r];
        std::size_t token = 0, seen = 0;  // `seen` tokens before `token` have this rank
        for (std::size_t i = 0; i < n; ++i) {
            const int id = ids[r][i] | (head->wide ? ids[r][n + i] << 8 : 0);
            if (id != expert) continue;
            const auto bits = static_cast<std::uint16_t>(gates[r][i] | gates[r][n + i] << 8);
            const float g = head->shape.has_gates ? halfToFloat(bits) : 0;  // as a log says it
            if (!(g > gate)) continue;
            for (; counts.of[token] <= r || seen < i; ++token) seen += counts.of[token] > r;
            found.push_back({static_cast<std::uint32_t>(token), static_cast<int>(r), g});
        }
    }
    std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) { return a.token < b.token; });
    return found;
}

Result<std::vector<ChunkToken>> ChunkReader::tokens(Source& source) {
    if (isFirstVersion(source)) {
        auto records = readFirstVersion(source);
        if (!records.ok()) return records.status();
        return std::move(records->tokens);
    }
    const auto head = readHead(source);
    if (!head.ok()) return head.status();
    return readTokens(source, *head);
}

}  // namespace moescope
