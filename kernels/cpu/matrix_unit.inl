// Products of packed weights with many rows of activations on a matrix unit: what AMX has, or its emulation in tests.
// Included after unpack.inl and a MatrixUnit:
//
//   struct MatrixUnit {
//       /// For products over `columns` columns, a multiple of 4 up to 32; lasts as long as the object.
//       explicit MatrixUnit(std::size_t columns);
//       /// sums[t][r] = the sum over the columns c of rows[32 t + c] * weights[64 (c / 4) + 4 r + c % 4].
//       template <int kSlot> void multiply(const std::int8_t* rows, const std::int8_t* weights, std::int32_t
//       (*sums)[16]);
//   };
//
// kSlot, 0 or 1, tells products apart that may be under way at once. What a unit sums up are integers, and everything
// else is done as in matmul.inl and in the same order, so the results are the same to the bit. A block of packed
// weights has the form that the unit wants already; its bytes are made signed, for which offsets go into them.

constexpr std::size_t kUnitRows = 16;     ///< rows of activations that are multiplied at once
constexpr std::size_t kUnitPanels = 4;    ///< for which weights are unpacked once
constexpr std::size_t kUnitStretch = 16;  ///< blocks of 32 columns: weights and a panel stay in the first cache

/// 16 rows of activations, block by block; rows that are not there are zero.
struct UnitPanel {
    alignas(64) std::int8_t q[kUnitStretch][kUnitRows][32];
    float d[kUnitStretch][kUnitRows];
    float scaled_sums[kUnitStretch][2][kUnitRows];
};

/// 16 rows of weights, block by block.
struct UnitWeights {
    alignas(64) std::int8_t q[kUnitStretch][8][64];
    alignas(64) float scales[kUnitStretch][2][16];
    alignas(64) float mins[kUnitStretch][2][16];
};

/// Blocks first..first + blocks - 1 of up to 16 rows.
template <TensorType kType>
inline void fillPanel(const ActivationRow* rows, std::size_t n_rows, std::size_t first, std::size_t blocks,
                      UnitPanel& panel) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    if (n_rows < kUnitRows) std::memset(&panel, 0, sizeof panel);
    for (std::size_t t = 0; t < n_rows; ++t) {
        for (std::size_t b = 0; b < blocks; ++b) {
            const ActivationBlock& x = rows[t].blocks[first + b];
            std::memcpy(panel.q[b][t], rows[t].q + 32 * (first + b), 32);
            panel.d[b][t] = x.d;
            if constexpr (kLayout.affine) {
                unroll<kLayout.sub_blocks>([&](auto part) {
                    panel.scaled_sums[b][part][t] = x.scaled_sums[kLayout.sub_blocks == 2 ? int{part} : 2];
                });
            }
        }
    }
}

/// Blocks first..first + blocks - 1 of a group of which a row has `all`.
template <TensorType kType>
inline void fillWeights(const unsigned char* group, std::size_t all, std::size_t first, std::size_t blocks,
                        UnitWeights& out) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    F32x16 d = zero(), dmin = zero();
    for (std::size_t b = 0; b < blocks; ++b) {
        const std::size_t at = (first + b) % kSuperBlocks, before = first + b - at;
        const std::size_t in_super = all - before < kSuperBlocks ? all - before : kSuperBlocks;
        const unsigned char* super = group + before / kSuperBlocks * kLayout.bytes(kSuperBlocks);
        loadBlockScale<kType>(super, at, in_super, d, dmin);
        Bytes64 weights[8];
        F32x16 scales[2], mins[2];
        unpackBlock<kType>(super, at, in_super, weights);
        blockScales<kType>(super, at, in_super, d, dmin, scales, mins);
        unroll<8>([&](auto j) { storeSigned(out.q[b][j], weights[j], kLayout.offset); });
        unroll<kLayout.sub_blocks>([&](auto part) {
            store(out.scales[b][part], scales[part]);
            if constexpr (kLayout.affine) store(out.mins[b][part], mins[part]);
        });
    }
}

/// outputs (n_rows, 16) += the product of both; `begin`: = it.
template <TensorType kType>
MOESCOPE_FLATTEN inline void multiplyPanel(MatrixUnit& unit, const UnitPanel& panel, const UnitWeights& weights,
                                           std::size_t blocks, bool begin, std::size_t n_rows, float* outputs,
                                           std::size_t stride) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    constexpr int kSubs = kLayout.sub_blocks;
    constexpr int kRows = static_cast<int>(kUnitRows);
    F32x16 acc[kRows];
    unroll<kRows>([&](auto t) { acc[t] = begin || std::size_t{t} >= n_rows ? zero() : load(outputs + t * stride); });
    alignas(64) std::int32_t sums[2][kRows][16];
    const auto multiply = [&](std::size_t b, auto part) {
        // Sub-blocks of one block, or every second block, have a slot of their own.
        unit.template multiply<part>(panel.q[b][0] + 16 * part * (kSubs - 1), weights.q[b][4 * part * (kSubs - 1)],
                                     sums[part]);
    };
    const auto add = [&](std::size_t b, int slot, auto part) {
        const F32x16 scale = load(weights.scales[b][part]);
        const F32x16 min = kLayout.affine ? load(weights.mins[b][part]) : zero();
        unroll<kRows>([&](auto t) {
            acc[t] = fma(mul(toFloat(loadInts(sums[slot][t])), broadcast(panel.d[b][t])), scale, acc[t]);
            if constexpr (kLayout.affine) acc[t] = fma(broadcast(panel.scaled_sums[b][part][t]), min, acc[t]);
        });
    };
    constexpr std::integral_constant<int, 0> kFirst;
    constexpr std::integral_constant<int, 1> kSecond;
    if constexpr (kSubs == 2) {
        for (std::size_t b = 0; b < blocks; ++b) {
            multiply(b, kFirst);
            multiply(b, kSecond);
            add(b, 0, kFirst);
            add(b, 1, kSecond);
        }
    } else {
        std::size_t b = 0;
        for (; b + 1 < blocks; b += 2) {
            multiply(b, kFirst);
            multiply(b + 1, kSecond);
            add(b, 0, kFirst);
            add(b + 1, 1, kFirst);
        }
        if (b < blocks) {
            multiply(b, kFirst);
            add(b, 0, kFirst);
        }
    }
    unroll<kRows>([&](auto t) {
        if (std::size_t{t} < n_rows) store(outputs + t * stride, acc[t]);
    });
}

template <TensorType kType>
void unitMatmulOf(const unsigned char* groups, std::size_t n_groups, std::size_t columns, const ActivationRow* rows,
                  std::size_t n_rows, float* outputs, std::size_t stride) {
    MatrixUnit unit(32 / packedLayout(kType).sub_blocks);
    const std::size_t group_bytes = packedGroupBytes(kType, columns), all = columns / 32;
    UnitPanel panels[kUnitPanels];
    UnitWeights weights;
    for (std::size_t t = 0; t < n_rows; t += kUnitPanels * kUnitRows) {
        for (std::size_t first = 0; first < all; first += kUnitStretch) {
            const std::size_t blocks = all - first < kUnitStretch ? all - first : kUnitStretch;
            const auto eachPanel = [&](auto f) {
                for (std::size_t i = 0; i < kUnitPanels && t + i * kUnitRows < n_rows; ++i) {
                    const std::size_t at = t + i * kUnitRows;
                    f(panels[i], at, n_rows - at < kUnitRows ? n_rows - at : kUnitRows);
                }
            };
            eachPanel([&](UnitPanel& panel, std::size_t at, std::size_t n) {
                fillPanel<kType>(rows + at, n, first, blocks, panel);
            });
            for (std::size_t g = 0; g < n_groups; ++g) {
                fillWeights<kType>(groups + g * group_bytes, all, first, blocks, weights);
                eachPanel([&](const UnitPanel& panel, std::size_t at, std::size_t n) {
                    multiplyPanel<kType>(unit, panel, weights, blocks, first == 0, n,
                                         outputs + at * stride + g * kGroupRows, stride);
                });
            }
        }
    }
}

/// As CpuKernels::matmul, for the quantized types.
inline void unitMatmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                       const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride) {
    withType(type, [&](auto t) {
        if constexpr (!isFloatType(t)) unitMatmulOf<t>(groups, n_groups, columns, rows, n_rows, outputs, stride);
    });
}
