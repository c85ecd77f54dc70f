// Blocks of packed weights as bytes and scales, written once for all instruction sets. Included by kernels_*.cpp.

template <std::size_t... kIndex, class F>
inline void unrolled(std::index_sequence<kIndex...>, F&& f) {
    (f(std::integral_constant<int, static_cast<int>(kIndex)>{}), ...);
}
template <int kCount, class F>
inline void unroll(F&& f) {
    unrolled(std::make_index_sequence<kCount>{}, f);
}

// A lambda left as a call would keep a tile's accumulators in memory. Not with sanitizers: one function with all their
// checks takes minutes to compile.
#if defined(__SANITIZE_ADDRESS__)
#define MOESCOPE_FLATTEN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MOESCOPE_FLATTEN
#endif
#endif
#if !defined(MOESCOPE_FLATTEN)
#define MOESCOPE_FLATTEN [[gnu::flatten]]
#endif

/// IQ4 levels with 128 added, so that they are unsigned.
alignas(16) inline constexpr std::uint8_t kUnsignedIq4Levels[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                                                    129, 141, 153, 166, 181, 197, 217, 241};

/// The levels of MXFP4 (blocks.h) with 12 added.
alignas(16) inline constexpr std::uint8_t kUnsignedMxfp4Levels[16] = {12, 13, 14, 15, 16, 18, 20, 24,
                                                                      12, 11, 10, 9,  8,  6,  4,  0};

/// -15, -13 ... 15 with 15 added.
alignas(16) inline constexpr std::uint8_t kUnsignedOddLevels[16] = {0,  2,  4,  6,  8,  10, 12, 14,
                                                                    16, 18, 20, 22, 24, 26, 28, 30};

constexpr const std::uint8_t* levelTable(Levels levels) {
    if (levels == Levels::kOdd) return kUnsignedOddLevels;
    return levels == Levels::kIq4 ? kUnsignedIq4Levels : kUnsignedMxfp4Levels;
}

/// The tags of a block, a word per row.
template <TensorType kType>
inline Bytes64 loadTags(const unsigned char* super, std::size_t block, std::size_t blocks) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    constexpr int kBytes = kLayout.codes.tag_bytes;
    const unsigned char* p = super + kLayout.scaleOffset(blocks) + 16 * kBytes * block;
    if constexpr (kBytes == 1) return bytesAsWords(p);
    const Bytes64 low = halvesAsWords(p);
    if constexpr (kBytes == 2) return low;
    return bitOr(low, wordsAnd<-16>(bytesAsWords(p + 32), 0xff0000));
}

/// unpackBlock for types with a codebook: vectors are looked up for all 16 rows at once, then signs put to them.
template <TensorType kType>
inline void unpackCodes(const unsigned char* super, std::size_t block, std::size_t blocks, Bytes64 (&weights)[8]) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    static constexpr CodebookUse kUse = kLayout.codes;
    const auto* vectors = vectorsOf<kType>(kCodebooks);
    const unsigned char* plane = super + kLayout.numberBytes() * block;
    const Bytes64 tags = loadTags<kType>(super, block, blocks);
    unroll<kUse.vectors / 4>([&](auto v) {
        const Bytes64 numbers = loadBytes(plane + 64 * v);
        unroll<4>([&](auto c) {
            constexpr int kVector = 4 * v + c;
            Bytes64 number = wordsAnd<8 * c>(numbers, 0xff);
            if constexpr (kUse.high != 0) {
                constexpr int kAt = kUse.high_at + kUse.high_step * kVector;
                number = bitOr(number, wordsAnd<kAt - 8>(tags, kUse.high << 8));
            }
            if constexpr (kUse.vectors == 8) {
                weights[kVector] = gather(vectors, number);
            } else {
                gatherPairs(vectors, number, weights[2 * kVector], weights[2 * kVector + 1]);
            }
            if constexpr (!kUse.signs) {
                const Bytes64 delta = wordsWhereClear<kUse.delta_at + kUse.delta_step * kVector>(tags, 0x02020202);
                weights[2 * kVector] = bitOr(weights[2 * kVector], delta);
                weights[2 * kVector + 1] = bitOr(weights[2 * kVector + 1], delta);
            }
        });
    });
    if constexpr (kUse.signs) {
        const Bytes64 signs = loadBytes(super + kLayout.bitOffset(blocks) + 64 * block);
        unroll<8>([&](auto j) { weights[j] = addSigned<j>(kUse.offset, weights[j], signs); });
    }
}

/// Unpacks block `block` of a super-block: weights[j] holds columns 4 j .. 4 j + 3 of 16 rows.
template <TensorType kType>
inline void unpackBlock(const unsigned char* super, std::size_t block, std::size_t blocks, Bytes64 (&weights)[8]) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    if constexpr (kLayout.codes) return unpackCodes<kType>(super, block, blocks, weights);
    if constexpr (kLayout.byte_plane) {
        const unsigned char* plane = super + kLayout.byteOffset(blocks) + 512 * block;
        unroll<8>([&](auto j) { weights[j] = loadBytes(plane + 64 * j); });
    }
    if constexpr (kLayout.nibble_plane) {
        const unsigned char* plane = super + 256 * block;
        unroll<4>([&](auto l) {
            const Bytes64 packed = loadBytes(plane + 64 * l);
            weights[2 * l] = shiftAnd<0>(packed, 0x0f);
            weights[2 * l + 1] = shiftAnd<4>(packed, 0x0f);
        });
    }
    if constexpr (kLayout.pair_plane) {
        const unsigned char* plane = super + kLayout.pairOffset(blocks) + 128 * block;
        unroll<2>([&](auto v) {
            const Bytes64 packed = loadBytes(plane + 64 * v);
            unroll<4>([&](auto f) {
                constexpr int kAt = kLayout.nibble_plane ? 4 : 0;
                const Bytes64 bits = shiftAnd<2 * f - kAt>(packed, 3 << kAt);
                Bytes64& w = weights[4 * v + f];
                w = kLayout.nibble_plane ? bitOr(w, bits) : bits;
            });
        });
    }
    if constexpr (kLayout.bit_plane && !kLayout.codes) {
        const Bytes64 packed = loadBytes(super + kLayout.bitOffset(blocks) + 64 * block);
        constexpr int kAt = kLayout.nibble_plane ? 4 : 2;
        unroll<8>([&](auto j) { weights[j] = bitOr(weights[j], shiftAnd<j - kAt>(packed, 1 << kAt)); });
    }
    if constexpr (kLayout.levels != Levels::kNone) {
        unroll<8>([&](auto j) { weights[j] = lookup(levelTable(kLayout.levels), weights[j]); });
    }
}

/// The half scales of 16 rows that go with a block. Those of a super-block are loaded with its first block and stay.
template <TensorType kType>
inline void loadBlockScale(const unsigned char* super, std::size_t block, std::size_t blocks, F32x16& d, F32x16& dmin) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    if (!kLayout.hasD() || (kLayout.superBlocks() && block > 0)) return;
    const std::size_t at = kLayout.superBlocks() ? 0 : 32 * block;
    d = loadHalf(reinterpret_cast<const std::uint16_t*>(super + kLayout.dOffset(blocks) + at));
    if constexpr (kLayout.affine) {
        dmin = loadHalf(reinterpret_cast<const std::uint16_t*>(super + kLayout.dminOffset(blocks) + at));
        if constexpr (kLayout.superBlocks()) dmin = sub(zero(), dmin);
    }
}

/// The scales (and mins, to be added) of a block's sub-blocks, for 16 rows.
template <TensorType kType>
inline void blockScales(const unsigned char* super, std::size_t block, std::size_t blocks, const F32x16& d,
                        const F32x16& dmin, F32x16 (&scales)[2], F32x16 (&mins)[2]) {
    static constexpr PackedLayout kLayout = packedLayout(kType);
    if constexpr (kLayout.codes) {
        static constexpr CodebookUse kUse = kLayout.codes;
        const Bytes64 tags = loadTags<kType>(super, block, blocks);
        const F32x16 unit = mul(d, broadcast(kUse.factor));
        unroll<kLayout.sub_blocks>([&](auto sub) {
            const Bytes64 twice = wordsAnd<kUse.scale_at[sub] - 1>(tags, kUse.scale << 1);
            scales[sub] = mul(unit, wordsToFloat(bitOr(twice, broadcastWords(1))));
        });
        return;
    }
    unroll<kLayout.sub_blocks>([&](auto sub) {
        const std::size_t at = 16 * (block * kLayout.sub_blocks + sub);
        const unsigned char* s = super + kLayout.scaleOffset(blocks) + at;
        if constexpr (kLayout.sub_scales == SubScales::kNone) {
            scales[sub] = d;
            if constexpr (kLayout.affine) mins[sub] = dmin;
        } else if constexpr (kLayout.sub_scales == SubScales::kOddNibbles) {
            const F32x16 n = loadNibbles(super + kLayout.scaleOffset(blocks) + 16 * (block / 2), block % 2);
            scales[sub] = mul(d, add(add(n, n), broadcast(1)));
        } else if constexpr (kLayout.sub_scales == SubScales::kExponents) {
            scales[sub] = loadHalfPowers(s);
        } else if constexpr (kLayout.sub_scales == SubScales::kScaleBytes) {
            scales[sub] = mul(d, loadSigned(reinterpret_cast<const std::int8_t*>(s)));
        } else if constexpr (kLayout.sub_scales == SubScales::kScaleMin) {
            scales[sub] = mul(d, loadUnsigned(s));
            mins[sub] = mul(dmin, loadUnsigned(super + kLayout.minOffset(blocks) + at));
        } else {
            scales[sub] = mul(d, loadLowNibbles(s));
            mins[sub] = mul(dmin, loadHighNibbles(s));
        }
    });
}

/// Calls f with the type as a constant.
template <class F>
inline void withType(TensorType type, F f) {
    switch (type) {
        case TensorType::kF32:
            return f(std::integral_constant<TensorType, TensorType::kF32>{});
        case TensorType::kF16:
            return f(std::integral_constant<TensorType, TensorType::kF16>{});
        case TensorType::kBF16:
            return f(std::integral_constant<TensorType, TensorType::kBF16>{});
        case TensorType::kQ4_0:
            return f(std::integral_constant<TensorType, TensorType::kQ4_0>{});
        case TensorType::kQ4_1:
            return f(std::integral_constant<TensorType, TensorType::kQ4_1>{});
        case TensorType::kQ5_0:
            return f(std::integral_constant<TensorType, TensorType::kQ5_0>{});
        case TensorType::kQ5_1:
            return f(std::integral_constant<TensorType, TensorType::kQ5_1>{});
        case TensorType::kQ8_0:
            return f(std::integral_constant<TensorType, TensorType::kQ8_0>{});
        case TensorType::kQ2_K:
            return f(std::integral_constant<TensorType, TensorType::kQ2_K>{});
        case TensorType::kQ3_K:
            return f(std::integral_constant<TensorType, TensorType::kQ3_K>{});
        case TensorType::kQ4_K:
            return f(std::integral_constant<TensorType, TensorType::kQ4_K>{});
        case TensorType::kQ5_K:
            return f(std::integral_constant<TensorType, TensorType::kQ5_K>{});
        case TensorType::kQ6_K:
            return f(std::integral_constant<TensorType, TensorType::kQ6_K>{});
        case TensorType::kIQ4_NL:
            return f(std::integral_constant<TensorType, TensorType::kIQ4_NL>{});
        case TensorType::kIQ4_XS:
            return f(std::integral_constant<TensorType, TensorType::kIQ4_XS>{});
        case TensorType::kIQ1_S:
            return f(std::integral_constant<TensorType, TensorType::kIQ1_S>{});
        case TensorType::kIQ1_M:
            return f(std::integral_constant<TensorType, TensorType::kIQ1_M>{});
        case TensorType::kIQ2_XXS:
            return f(std::integral_constant<TensorType, TensorType::kIQ2_XXS>{});
        case TensorType::kIQ2_XS:
            return f(std::integral_constant<TensorType, TensorType::kIQ2_XS>{});
        case TensorType::kIQ2_S:
            return f(std::integral_constant<TensorType, TensorType::kIQ2_S>{});
        case TensorType::kIQ3_XXS:
            return f(std::integral_constant<TensorType, TensorType::kIQ3_XXS>{});
        case TensorType::kIQ3_S:
            return f(std::integral_constant<TensorType, TensorType::kIQ3_S>{});
        case TensorType::kMXFP4:
            return f(std::integral_constant<TensorType, TensorType::kMXFP4>{});
    }
}
