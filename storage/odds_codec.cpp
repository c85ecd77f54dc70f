#include "storage/odds_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "storage/blob.h"

namespace moescope {
namespace {

constexpr int kCountBits = 3, kProbabilityBits = 20, kEntropyBits = 16, kMostBits = 31;
constexpr double kProbabilitySteps = (1 << kProbabilityBits) - 1, kEntropySteps = 2048;
constexpr std::uint8_t kVersion = 1;
/// Of a million tokens there are 32 MB.
constexpr std::size_t kMostBytes = 64u << 20;

/// One column of numbers of so many bits.
class BitWriter {
public:
    explicit BitWriter(ByteWriter& out) : m_out(out) {}
    ~BitWriter() {
        if (m_filled > 0) m_out.number(static_cast<std::uint8_t>(m_bits));
    }
    BitWriter(const BitWriter&) = delete;
    BitWriter& operator=(const BitWriter&) = delete;

    void put(std::uint32_t value, int bits) {
        m_bits |= static_cast<std::uint64_t>(value) << m_filled;
        for (m_filled += bits; m_filled >= 8; m_filled -= 8, m_bits >>= 8)
            m_out.number(static_cast<std::uint8_t>(m_bits));
    }

private:
    ByteWriter& m_out;
    std::uint64_t m_bits = 0;
    int m_filled = 0;
};

class BitReader {
public:
    explicit BitReader(ByteReader& in) : m_in(in) {}
    std::uint32_t take(int bits) {
        for (; m_filled < bits; m_filled += 8)
            m_bits |= static_cast<std::uint64_t>(m_in.number<std::uint8_t>()) << m_filled;
        const auto value = static_cast<std::uint32_t>(m_bits & ((std::uint64_t{1} << bits) - 1));
        m_bits >>= bits;
        m_filled -= bits;
        return value;
    }

private:
    ByteReader& m_in;
    std::uint64_t m_bits = 0;
    int m_filled = 0;
};

std::uint32_t steps(float value, double per_unit, int bits) {
    const double most = static_cast<double>((std::uint64_t{1} << bits) - 1);
    const double scaled = std::round(static_cast<double>(value) * per_unit);
    return scaled > 0 ? static_cast<std::uint32_t>(std::min(scaled, most)) : 0;  // NaN is 0
}

std::uint32_t natural(std::int32_t value) {
    return static_cast<std::uint32_t>(std::max(value, 0));
}

int entriesOf(const TokenOdds& odds) {
    return std::clamp(odds.count, 0, TokenOdds::kMost);
}

Status damaged() {
    return invalid("The alternatives of a message are damaged.");
}

}  // namespace

std::string encodeOdds(std::span<const TokenOdds> odds) {
    std::uint32_t largest_id = 0, largest_rank = 0;
    bool any = false;
    for (const TokenOdds& o : odds) {
        any = any || entriesOf(o) > 0;
        for (int i = 0; i < entriesOf(o); ++i)
            largest_id = std::max(largest_id, natural(o.tokens[static_cast<std::size_t>(i)]));
        if (entriesOf(o) > 0) largest_rank = std::max(largest_rank, natural(o.rank));
    }
    if (!any) return {};
    const int id_bits = std::bit_width(largest_id), rank_bits = std::bit_width(largest_rank);
    ByteWriter out;
    out.number(kVersion);
    out.number(static_cast<std::uint32_t>(odds.size()));
    out.number(static_cast<std::uint8_t>(id_bits));
    out.number(static_cast<std::uint8_t>(rank_bits));
    const auto column = [&](auto has, auto value, int bits) {
        BitWriter writer(out);
        for (const TokenOdds& o : odds) {
            if (has(o)) writer.put(value(o), bits);
        }
    };
    const auto known = [](const TokenOdds& o) { return entriesOf(o) > 0; };
    column([](const TokenOdds&) { return true; },
           [](const TokenOdds& o) { return static_cast<std::uint32_t>(entriesOf(o)); }, kCountBits);
    for (int i = 0; i < TokenOdds::kMost; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto has = [i](const TokenOdds& o) { return entriesOf(o) > i; };
        column(
            has, [at](const TokenOdds& o) { return natural(o.tokens[at]); }, id_bits);
        column(
            has, [at](const TokenOdds& o) { return steps(o.probabilities[at], kProbabilitySteps, kProbabilityBits); },
            kProbabilityBits);
    }
    column(
        known, [](const TokenOdds& o) { return steps(o.entropy, kEntropySteps, kEntropyBits); }, kEntropyBits);
    column(
        known, [](const TokenOdds& o) { return natural(o.rank); }, rank_bits);
    column([](const TokenOdds& o) { return entriesOf(o) > 0 && o.rank >= entriesOf(o); },
           [](const TokenOdds& o) { return steps(o.probability, kProbabilitySteps, kProbabilityBits); },
           kProbabilityBits);
    return compress(out.take());
}

Result<std::vector<TokenOdds>> decodeOdds(std::string_view blob) {
    std::vector<TokenOdds> odds;
    if (blob.empty()) return odds;
    const auto bytes = decompress(blob, kMostBytes);
    if (!bytes.ok()) return bytes.status();
    ByteReader in(*bytes);
    const auto version = in.number<std::uint8_t>();
    const std::uint64_t count = in.number<std::uint32_t>();
    const int id_bits = in.number<std::uint8_t>(), rank_bits = in.number<std::uint8_t>();
    if (version != kVersion || count * kCountBits > in.left() * std::uint64_t{8} || id_bits > kMostBits ||
        rank_bits > kMostBits) {
        return damaged();
    }
    odds.resize(count);
    const auto column = [&](auto has, auto set, int bits) {
        BitReader reader(in);
        for (TokenOdds& o : odds) {
            if (has(o)) set(o, reader.take(bits));
        }
    };
    const auto probability = [](std::uint32_t value) { return static_cast<float>(value / kProbabilitySteps); };
    column([](const TokenOdds&) { return true; },
           [](TokenOdds& o, std::uint32_t value) { o.count = static_cast<int>(value); }, kCountBits);
    for (const TokenOdds& o : odds) {
        if (o.count > TokenOdds::kMost) return damaged();
    }
    for (int i = 0; i < TokenOdds::kMost; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto has = [i](const TokenOdds& o) { return o.count > i; };
        column(
            has, [at](TokenOdds& o, std::uint32_t value) { o.tokens[at] = static_cast<std::int32_t>(value); }, id_bits);
        column(
            has, [&, at](TokenOdds& o, std::uint32_t value) { o.probabilities[at] = probability(value); },
            kProbabilityBits);
    }
    const auto known = [](const TokenOdds& o) { return o.known(); };
    column(
        known, [](TokenOdds& o, std::uint32_t value) { o.entropy = static_cast<float>(value / kEntropySteps); },
        kEntropyBits);
    column(
        known, [](TokenOdds& o, std::uint32_t value) { o.rank = static_cast<std::int32_t>(value); }, rank_bits);
    column([](const TokenOdds& o) { return o.known() && o.rank >= o.count; },
           [&](TokenOdds& o, std::uint32_t value) { o.probability = probability(value); }, kProbabilityBits);
    for (TokenOdds& o : odds) {
        if (o.known() && o.rank < o.count) o.probability = o.probabilities[static_cast<std::size_t>(o.rank)];
    }
    if (!in.ok() || in.left() != 0) return damaged();
    return odds;
}

}  // namespace moescope
