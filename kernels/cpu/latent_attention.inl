// Softmax attention over latents (MLA, DeepSeek-V2, arXiv 2405.04434, with the up-projections absorbed into queries and
// results), written once for all instruction sets.
//
// All heads share one row a position, so that 16 queries go side by side through the lanes: scores need no horizontal
// sums, and a row is widened to F32 once for all of them. Rows come in blocks; a block's largest scores rescale what
// was summed before (online softmax). Lanes do not touch one another, and blocks begin at fixed positions, so that a
// query's result does not depend on its companions.

inline void storeLatent(KvType type, std::size_t width, const float* x, unsigned char* row) {
    switch (type) {
        case KvType::kF32:
            std::memcpy(row, x, width * sizeof(float));
            break;
        case KvType::kF16: {
            auto* halves = reinterpret_cast<std::uint16_t*>(row);
            for (std::size_t i = 0; i < width; i += 16) storeHalf(halves + i, load(x + i));
            break;
        }
        case KvType::kQ8_0:
            for (std::size_t b = 0; b < width / 32; ++b) {
                float scale;
                storeQuantized(x + 32 * b, reinterpret_cast<std::int8_t*>(row + 36 * b), 1, &scale);
                std::memcpy(row + 36 * b + 32, &scale, sizeof scale);
            }
            break;
    }
}

/// One position's row as F32.
inline void widenLatent(KvType type, std::size_t width, const unsigned char* row, float* out) {
    switch (type) {
        case KvType::kF32:
            std::memcpy(out, row, width * sizeof(float));
            break;
        case KvType::kF16:
            for (std::size_t i = 0; i < width; i += 16) {
                store(out + i, loadHalf(reinterpret_cast<const std::uint16_t*>(row) + i));
            }
            break;
        case KvType::kQ8_0:
            for (std::size_t b = 0; b < width / 32; ++b) {
                const auto* q = reinterpret_cast<const std::int8_t*>(row + 36 * b);
                float scale;
                std::memcpy(&scale, q + 32, sizeof scale);
                store(out + 32 * b, mul(loadSigned(q), broadcast(scale)));
                store(out + 32 * b + 16, mul(loadSigned(q + 16), broadcast(scale)));
            }
            break;
    }
}

/// Scores of kRows neighboring positions: one vector of queries each. Meanwhile `coming` is brought nearer, as much as
/// these rows have.
template <int kRows>
inline void latentScores(const LatentTask& task, const float* rows, const unsigned char* coming, float* scores) {
    F32x16 acc[kRows];
    unroll<kRows>([&](auto r) { acc[r] = zero(); });
    const std::size_t coming_step = kvBytes(task.type, task.width) * kRows / (task.width / 16);
    for (std::size_t d = 0; d < task.width;) {
        for (std::size_t i = 0; i < coming_step; i += 64) prefetchFar(coming + i);
        coming += coming_step;
        for (const std::size_t end = d + 16; d < end; ++d) {
            const F32x16 q = load(task.queries + kLatentQueries * d);
            unroll<kRows>([&](auto r) { acc[r] = fma(q, broadcast(rows[r * task.width + d]), acc[r]); });
        }
    }
    const F32x16 scale = broadcast(task.scale);
    unroll<kRows>([&](auto r) { store(scores + kLatentQueries * r, mul(acc[r], scale)); });
}

/// What a block's n positions add: values `stride` apart, and their probabilities (n, kLatentQueries).
struct LatentValues {
    const float* values;
    std::size_t stride, n;
    const float* probabilities;
};

/// sums[..][first .. first + 16 kVectors) of kQueries neighboring queries: rescaled, and a block's values added.
template <int kQueries, int kVectors>
inline void latentSums(const LatentTask& task, const LatentValues& block, const float* factors, std::size_t query,
                       std::size_t first) {
    F32x16 acc[kQueries][kVectors];
    float* sums = task.sums + query * task.value_width + first;
    unroll<kQueries>([&](auto t) {
        const F32x16 factor = broadcast(factors[query + t]);
        unroll<kVectors>([&](auto j) { acc[t][j] = mul(load(sums + t * task.value_width + 16 * j), factor); });
    });
    const float* probabilities = block.probabilities + query;
    for (std::size_t p = 0; p < block.n; ++p) {
        const float* row = block.values + p * block.stride + first;
        unroll<kVectors>([&](auto j) {
            const F32x16 value = load(row + 16 * j);
            unroll<kQueries>(
                [&](auto t) { acc[t][j] = fma(value, broadcast(probabilities[p * kLatentQueries + t]), acc[t][j]); });
        });
    }
    unroll<kQueries>(
        [&](auto t) { unroll<kVectors>([&](auto j) { store(sums + t * task.value_width + 16 * j, acc[t][j]); }); });
}

inline void latentAttention(const LatentTask& task) {
    constexpr int kRows = kLargestTile >= 8 ? 16 : 4;
    constexpr int kSumQueries = kLargestTile >= 8 ? 4 : 2, kSumVectors = kLargestTile >= 8 ? 4 : 2;
    const std::size_t row_bytes = kvBytes(task.type, task.width);
    float* scores = task.workspace + kLatentBlock * task.width;
    float factors[kLatentQueries], visible_lanes[kLatentQueries];
    for (std::size_t i = 0; i < kLatentQueries; ++i) visible_lanes[i] = static_cast<float>(task.visible[i]);
    const F32x16 visible = load(visible_lanes);
    F32x16 largest = broadcast(-3.0e38f), total = zero();
    for (std::size_t i = 0; i < kLatentQueries * task.value_width; i += 16) store(task.sums + i, zero());

    for (int first = task.first; first < task.last; first += static_cast<int>(kLatentBlock)) {
        const int left = task.last - first;
        const std::size_t n = left < static_cast<int>(kLatentBlock) ? static_cast<std::size_t>(left) : kLatentBlock;
        const auto at = static_cast<std::size_t>(first - task.base);
        const float* rows = reinterpret_cast<const float*>(task.rows + at * row_bytes);
        if (task.type != KvType::kF32) {
            for (std::size_t p = 0; p < n; ++p) {
                widenLatent(task.type, task.width, task.rows + (at + p) * row_bytes, task.workspace + p * task.width);
            }
            rows = task.workspace;
        }
        // The next block; what may come after the last one is a hint that nothing takes.
        const unsigned char* coming = task.rows + (at + kLatentBlock) * row_bytes;
        std::size_t p = 0;
        for (; p + kRows <= n; p += kRows) {
            latentScores<kRows>(task, rows + p * task.width, coming + p * row_bytes, scores + kLatentQueries * p);
        }
        for (; p < n; ++p) {
            latentScores<1>(task, rows + p * task.width, coming + p * row_bytes, scores + kLatentQueries * p);
        }

        // Positions are whole numbers below 2^24: one that a query sees is at least 1 below its `visible`.
        F32x16 new_largest = largest;
        for (p = 0; p < n; ++p) {
            const F32x16 position = broadcast(static_cast<float>(first) + static_cast<float>(p));
            const F32x16 hidden = max(zero(), add(sub(position, visible), broadcast(1.0f)));
            const F32x16 s = sub(load(scores + kLatentQueries * p), mul(hidden, broadcast(1.0e30f)));
            store(scores + kLatentQueries * p, s);
            new_largest = max(new_largest, s);
        }
        const F32x16 factor = exponential(sub(largest, new_largest));
        largest = new_largest;
        total = mul(total, factor);
        for (p = 0; p < n; ++p) {
            const F32x16 position = broadcast(static_cast<float>(first) + static_cast<float>(p));
            const F32x16 seen = max(zero(), min(broadcast(1.0f), sub(visible, position)));
            const F32x16 e = mul(exponential(sub(load(scores + kLatentQueries * p), largest)), seen);
            total = add(total, e);
            store(scores + kLatentQueries * p, e);
        }
        store(factors, factor);
        const LatentValues block = {task.values ? task.values + at * task.value_width : rows,
                                    task.values ? task.value_width : task.width, n, scores};
        // Some columns of the block stay in the nearest cache while all queries go over them.
        const auto queries = static_cast<std::size_t>(task.n_queries);
        std::size_t d = 0;
        for (; d + 16 * kSumVectors <= task.value_width; d += 16 * kSumVectors) {
            for (std::size_t q = 0; q < queries; q += kSumQueries) {
                latentSums<kSumQueries, kSumVectors>(task, block, factors, q, d);
            }
        }
        for (; d < task.value_width; d += 16) {
            for (std::size_t q = 0; q < queries; q += kSumQueries) {
                latentSums<kSumQueries, 1>(task, block, factors, q, d);
            }
        }
    }
    store(task.largest, largest);
    store(task.total, total);
}
