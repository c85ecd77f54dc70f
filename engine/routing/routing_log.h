#pragma once
// The routing of a run of tokens, kept in memory, exactly and compactly.

#include <cstring>
#include <iterator>
#include <vector>

#include "engine/routing/record.h"

namespace moescope {

/// Ids of a record's chosen experts, as stored in a log: a byte each, or two. Valid until the log changes.
class ExpertIds {
public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = std::int32_t;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = std::int32_t;

        Iterator() = default;
        Iterator(const unsigned char* at, bool wide) : m_at(at), m_wide(wide) {}
        std::int32_t operator*() const { return read(m_at, m_wide); }
        Iterator& operator++() {
            m_at += m_wide ? 2 : 1;
            return *this;
        }
        Iterator operator++(int) {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return m_at == other.m_at; }

    private:
        const unsigned char* m_at = nullptr;
        bool m_wide = false;
    };

    ExpertIds(const unsigned char* bytes, std::size_t count, bool wide)
        : m_bytes(bytes), m_count(count), m_wide(wide) {}
    std::size_t size() const { return m_count; }
    bool empty() const { return m_count == 0; }
    std::int32_t operator[](std::size_t slot) const { return read(m_bytes + slot * (m_wide ? 2 : 1), m_wide); }
    Iterator begin() const { return {m_bytes, m_wide}; }
    Iterator end() const { return {m_bytes + m_count * (m_wide ? 2 : 1), m_wide}; }
    bool contains(std::int32_t expert) const {
        for (const std::int32_t e : *this) {
            if (e == expert) return true;
        }
        return false;
    }

private:
    static std::int32_t read(const unsigned char* at, bool wide) {
        if (!wide) return *at;
        std::uint16_t id;
        std::memcpy(&id, at, sizeof id);
        return id;
    }

    const unsigned char* m_bytes;
    std::size_t m_count;
    bool m_wide;
};

/// Keeps every record that it receives, bit for bit. What the shape says is not known (has_gates, ...) takes no room
/// and reads as 0, runners-up as -1.
///
/// Memory: 24 bytes per token; and per token and MoE layer, with K chosen of N experts, in multiples of 4 bytes:
///   K + 2 ids of 1 byte (2 if N > 255), 4 K gates, 4 K probabilities unless they are the gates (a router that neither
///   renormalises nor scales), 8 of runners-up, 8 of norms; 4 K + 8 more where choices go by other scores than the
///   probabilities. 48 bytes for DeepSeekMoE 16B (64 experts, top 6): 132 MB
///   for 100,000 tokens of 27 layers; 72 with gates apart from probabilities; 8 for ids alone. Tokens whose layers
///   differ in K take 8 bytes per layer more, and a log in which some expert ran on a GPU 2 more.
/// The blocks that hold them grow to 1 MiB and are then left where they are.
class RoutingLog : public RoutingSink {
public:
    struct Token {
        std::int32_t token = 0;
        std::int32_t position = 0;
        Phase phase = Phase::kPrefill;
    };

    /// At most 65535 experts.
    explicit RoutingLog(const RoutingShape& shape);

    /// Takes a record of as many layers as the shape says, with ids below its number of experts.
    void onToken(const TokenRouting& token) override;
    /// Takes a token of a log of as many layers and experts.
    void append(const RoutingLog& other, std::size_t index);
    /// Takes all tokens of another log of as many layers and experts.
    void append(const RoutingLog& other);

    const RoutingShape& shape() const { return m_shape; }
    std::size_t size() const { return m_tokens.size(); }
    const Token& token(std::size_t index) const { return m_tokens[index]; }
    /// The record of a token in MoE layer `layer`, counted from 0 at the first MoE layer.
    LayerRouting at(std::size_t index, int layer) const;
    /// All records of a token.
    std::vector<LayerRouting> layers(std::size_t index) const;

    // Parts of a record without making it, for sums over many. Valid until the log changes.
    ExpertIds experts(std::size_t index, int layer) const {
        const Record r = record(index, layer);
        return {ids(r), r.count, m_wide};
    }
    /// One a chosen expert, or none if gates are not known.
    std::span<const float> gates(std::size_t index, int layer) const {
        const Record r = record(index, layer);
        return {r.values, m_shape.has_gates ? r.count : 0u};
    }
    std::span<const float> probabilities(std::size_t index, int layer) const {
        const Record r = record(index, layer);
        if (!m_shape.has_probabilities) return {};
        return {r.values + (m_shape.has_gates && !r.once ? r.count : 0), r.count};
    }

    /// Whether any expert ran on a card: then LayerRouting::on_card tells those apart that did not.
    bool hasPlaces() const { return !m_on_card.empty(); }

    void clear();
    /// Bytes that the records take.
    std::size_t bytes() const;

private:
    /// Where a token's records begin. They follow each other, `stride` floats apart; stride 0: they differ in form, and
    /// a Slot for each comes first.
    struct Place {
        std::uint32_t block = 0, offset = 0;  // in floats
        std::uint16_t stride = 0;
        std::uint8_t count = 0;
        bool once = false;
    };
    struct Slot {
        std::uint32_t offset;  // from the token's begin, in floats
        std::uint16_t count, once;
    };
    /// A record: gates, probabilities (unless `once`: they are the gates), selection scores, runners-up's probabilities
    /// and selection scores, norms, as floats; then ids of the chosen and of the runners-up.
    struct Record {
        const float* values = nullptr;
        std::size_t count = 0;
        bool once = false;
    };

    Record record(std::size_t index, int layer) const {
        const Place& p = m_places[index];
        const float* begin = m_blocks[p.block].data() + p.offset;
        const auto l = static_cast<std::size_t>(layer);
        if (p.stride > 0) return {begin + l * p.stride, p.count, p.once};
        Slot slot;
        std::memcpy(&slot, begin + l * (sizeof slot / sizeof(float)), sizeof slot);
        return {begin + slot.offset, slot.count, slot.once != 0};
    }
    /// The number of floats before a record's ids.
    std::size_t valueCount(std::size_t count, bool once) const;
    /// The number of floats that a record takes.
    std::size_t recordSize(std::size_t count, bool once) const;
    const unsigned char* ids(const Record& r) const {
        return reinterpret_cast<const unsigned char*>(r.values + valueCount(r.count, r.once));
    }
    /// Whether gates and probabilities are the same bits, so that one of them is kept.
    bool keptOnce(const LayerRouting& layer) const;
    void write(const LayerRouting& layer, bool once, float* out) const;
    /// The number of floats that a token's records take.
    std::size_t storedSize(std::size_t index) const;
    /// Adds a token whose records are at `place`; on_card(layer) says where its experts ran.
    template <class OnCard>
    void keep(const Token& token, const Place& place, OnCard on_card);
    /// Room for this many floats; sets the place's block and offset.
    float* grow(std::size_t floats, Place& place);

    RoutingShape m_shape;
    bool m_wide;
    std::size_t m_fixed_values;  // floats that do not depend on K
    std::vector<Token> m_tokens;
    std::vector<Place> m_places;
    std::vector<std::vector<float>> m_blocks;
    std::vector<std::uint16_t> m_on_card;  // (tokens, layers); empty as long as all are 0
};

inline std::size_t RoutingLog::valueCount(std::size_t count, bool once) const {
    const std::size_t rows =
        (m_shape.has_gates ? 1 : 0) + (m_shape.has_probabilities && !once ? 1 : 0) + (m_shape.has_selections ? 1 : 0);
    return rows * count + m_fixed_values;
}

}  // namespace moescope
