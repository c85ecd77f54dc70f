// Products of packed weights and activation rows, written once for all instruction sets. Included by kernels_*.cpp.
//
// A tile is one group of 16 weight rows and kTokens activation rows: weights are unpacked to bytes once a block and
// used for every row, accumulators stay in registers. With one activation row this is the matrix-vector product of
// decoding; the order of operations for a row is the same whatever kTokens is.

// Eight blocks unrolled would not fit the registers.
#if defined(__clang__)
#define MOESCOPE_KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#define MOESCOPE_KEEP_LOOP _Pragma("GCC unroll 1")
#endif

/// Asks for a block's share of what is 4 KB further on: planes and scales alike, as the processor's own prefetcher
/// does not follow the small planes. Past the end of a matrix it asks for nothing that is used.
template <TensorType kType>
inline void prefetchAhead(const unsigned char* super, std::size_t block) {
    constexpr std::size_t kAhead = 4096;
    constexpr std::size_t kShare = packedLayout(kType).bytes(kSuperBlocks) / kSuperBlocks;
    const unsigned char* p = super + block * kShare + kAhead;
    unroll<static_cast<int>((kShare + 63) / 64)>([&](auto i) { prefetch(p + 64 * i); });
}

/// Adds a super-block's columns to the accumulators. `at` is its first block within the row. `cold`: the weights come
/// from memory, not from a cache that an earlier tile of rows has left them in.
template <TensorType kType, int kTokens>
inline void addSuperBlock(const unsigned char* super, std::size_t at, std::size_t blocks, const ActivationRow* rows,
                          bool cold, F32x16 (&acc)[kTokens]) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    constexpr bool kWide = kLayout.byte_plane || kLayout.levels == Levels::kIq4;
    constexpr int kSubs = kLayout.sub_blocks, kSteps = 8 / kSubs;
    F32x16 d = zero(), dmin = zero();
    MOESCOPE_KEEP_LOOP
    for (std::size_t block = 0; block < blocks; ++block) {
        loadBlockScale<kType>(super, block, blocks, d, dmin);
        if (cold) prefetchAhead<kType>(super, block);
        Bytes64 weights[8];
        F32x16 scales[2], mins[2];
        unpackBlock<kType>(super, block, blocks, weights);
        blockScales<kType>(super, block, blocks, d, dmin, scales, mins);
        unroll<kSubs>([&](auto part) {
            constexpr int kSum = kSubs == 2 ? int{part} : 2;
            // Integers add up exactly in any order: two chains where few rows leave the adders waiting. With many
            // rows each step takes one weight vector through all of them, so that their chains run side by side.
            I32x16 p[kTokens], other[kTokens];
            unroll<kTokens>([&](auto t) {
                const ActivationBlock& x = rows[t].blocks[at + block];
                p[t] = broadcastInt(kLayout.offset == 0 ? 0 : -kLayout.offset * x.sums[kSum]);
                if constexpr (kTokens < 4) other[t] = broadcastInt(0);
            });
            unroll<kSteps>([&](auto j) {
                constexpr int kStep = part * kSteps + j;
                unroll<kTokens>([&](auto t) {
                    I32x16& chain = kTokens < 4 && j % 2 == 1 ? other[t] : p[t];
                    chain = dot<kWide>(chain, weights[kStep], rows[t].q + 32 * (at + block) + 4 * kStep);
                });
            });
            unroll<kTokens>([&](auto t) {
                const ActivationBlock& x = rows[t].blocks[at + block];
                if constexpr (kTokens < 4) p[t] = addInt(p[t], other[t]);
                acc[t] = fma(mul(toFloat(p[t]), broadcast(x.d)), scales[part], acc[t]);
                if constexpr (kLayout.affine) acc[t] = fma(broadcast(x.scaled_sums[kSum]), mins[part], acc[t]);
            });
        });
    }
}

template <TensorType kType, int kTokens>
MOESCOPE_FLATTEN inline void quantizedTile(const unsigned char* group, std::size_t columns, const ActivationRow* rows,
                                           bool cold, float* outputs, std::size_t stride) {
    constexpr std::size_t kSuperBytes = packedLayout(kType).bytes(kSuperBlocks);
    const std::size_t blocks = columns / 32;
    F32x16 acc[kTokens];
    unroll<kTokens>([&](auto t) { acc[t] = zero(); });
    std::size_t at = 0;
    for (; at + kSuperBlocks <= blocks; at += kSuperBlocks, group += kSuperBytes) {
        addSuperBlock<kType, kTokens>(group, at, kSuperBlocks, rows, cold, acc);
    }
    if (at < blocks) addSuperBlock<kType, kTokens>(group, at, blocks - at, rows, cold, acc);
    unroll<kTokens>([&](auto t) { store(outputs + t * stride, acc[t]); });
}

template <TensorType kType>
inline F32x16 loadColumn(const unsigned char* group, std::size_t column) {
    if constexpr (kType == TensorType::kF32) {
        return load(reinterpret_cast<const float*>(group) + column * kGroupRows);
    } else if constexpr (kType == TensorType::kF16) {
        return loadHalf(reinterpret_cast<const std::uint16_t*>(group) + column * kGroupRows);
    } else {
        return loadBfloat16(reinterpret_cast<const std::uint16_t*>(group) + column * kGroupRows);
    }
}

template <TensorType kType, int kTokens>
MOESCOPE_FLATTEN inline void floatTile(const unsigned char* group, std::size_t columns, const ActivationRow* rows,
                                       float* outputs, std::size_t stride) {
    F32x16 even[kTokens], odd[kTokens];  // two chains, since one would wait for the adder
    for (int t = 0; t < kTokens; ++t) even[t] = odd[t] = zero();
    std::size_t c = 0;
    for (; c + 1 < columns; c += 2) {
        const F32x16 w0 = loadColumn<kType>(group, c), w1 = loadColumn<kType>(group, c + 1);
        unroll<kTokens>([&](auto t) {
            even[t] = fma(w0, broadcast(rows[t].x[c]), even[t]);
            odd[t] = fma(w1, broadcast(rows[t].x[c + 1]), odd[t]);
        });
    }
    if (c < columns) {
        const F32x16 w = loadColumn<kType>(group, c);
        unroll<kTokens>([&](auto t) { even[t] = fma(w, broadcast(rows[t].x[c]), even[t]); });
    }
    for (int t = 0; t < kTokens; ++t) store(outputs + t * stride, add(even[t], odd[t]));
}

template <TensorType kType>
void matmulOf(const unsigned char* groups, std::size_t n_groups, std::size_t columns, const ActivationRow* rows,
              std::size_t n_rows, float* outputs, std::size_t stride) {
    const std::size_t group_bytes = packedGroupBytes(kType, columns);
    for (std::size_t g = 0; g < n_groups; ++g) {
        const unsigned char* group = groups + g * group_bytes;
        float* out = outputs + g * kGroupRows;
        std::size_t t = 0;
        const auto tiles = [&](auto tokens) {
            for (; t + tokens <= n_rows; t += tokens) {
                if constexpr (isFloatType(kType)) {
                    floatTile<kType, tokens>(group, columns, rows + t, out + t * stride, stride);
                } else {
                    quantizedTile<kType, tokens>(group, columns, rows + t, t == 0, out + t * stride, stride);
                }
            }
        };
        if constexpr (kLargestTile >= 8) tiles(std::integral_constant<int, 8>{});
        tiles(std::integral_constant<int, 4>{});
        tiles(std::integral_constant<int, 2>{});
        tiles(std::integral_constant<int, 1>{});
    }
}

inline void matmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                   const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride) {
    withType(type, [&](auto t) { matmulOf<t>(groups, n_groups, columns, rows, n_rows, outputs, stride); });
}
