// Softmax attention over the KV cache of one head (layout: kv_layout.h), written once for all instruction sets.
//
// Scores of 16 positions at a time, then softmax with the exact maximum, then the weighted sum of values in the order
// of positions: nothing depends on how many queries are asked together.

inline std::int8_t* keyBytes(const KvHead& head, std::size_t group, std::size_t block) {
    constexpr std::size_t kBlockBytes = 32 * kKvGroup + 4 * kKvGroup;
    return reinterpret_cast<std::int8_t*>(head.keys) + (group * (head.key_dim / 32) + block) * kBlockBytes;
}
inline float* keyScales(const KvHead& head, std::size_t group, std::size_t block) {
    return reinterpret_cast<float*>(keyBytes(head, group, block) + 32 * kKvGroup);
}

inline void storeQuantized(const float* x, std::int8_t* q, std::size_t stride, float* scale) {
    std::int8_t packed[32];
    ActivationBlock block;
    quantize(x, 32, packed, &block);
    *scale = block.d;
    for (std::size_t i = 0; i < 32; ++i) q[i * stride] = packed[i];
}

inline void storeKv(const KvHead& head, std::size_t position, const float* key, const float* value) {
    const std::size_t group = position / kKvGroup, lane = position % kKvGroup;
    unsigned char* value_at = head.values + position * kvBytes(head.type, head.value_dim);
    switch (head.type) {
        case KvType::kF32: {
            float* keys = reinterpret_cast<float*>(head.keys) + group * head.key_dim * kKvGroup + lane;
            for (std::size_t i = 0; i < head.key_dim; ++i) keys[i * kKvGroup] = key[i];
            std::memcpy(value_at, value, head.value_dim * sizeof(float));
            break;
        }
        case KvType::kF16: {
            auto* keys = reinterpret_cast<std::uint16_t*>(head.keys) + group * head.key_dim * kKvGroup + lane;
            for (std::size_t i = 0; i < head.key_dim; i += 16) {
                std::uint16_t halves[16];
                storeHalf(halves, load(key + i));
                for (std::size_t j = 0; j < 16; ++j) keys[(i + j) * kKvGroup] = halves[j];
            }
            auto* values = reinterpret_cast<std::uint16_t*>(value_at);
            for (std::size_t i = 0; i < head.value_dim; i += 16) storeHalf(values + i, load(value + i));
            break;
        }
        case KvType::kQ8_0: {
            for (std::size_t b = 0; b < head.key_dim / 32; ++b) {
                storeQuantized(key + 32 * b, keyBytes(head, group, b) + lane, kKvGroup,
                               keyScales(head, group, b) + lane);
            }
            for (std::size_t b = 0; b < head.value_dim / 32; ++b) {
                unsigned char* at = value_at + 36 * b;
                float scale;
                storeQuantized(value + 32 * b, reinterpret_cast<std::int8_t*>(at), 1, &scale);
                std::memcpy(at + 32, &scale, sizeof scale);
            }
            break;
        }
    }
}

/// Products of the queries with the keys of 16 positions.
template <KvType kType, int kQueries>
inline void scoresOfGroup(const AttentionTask& task, std::size_t group, F32x16 (&scores)[kQueries]) {
    const KvHead& head = task.head;
    const std::size_t dim = head.key_dim;
    F32x16 even[kQueries], odd[kQueries];
    unroll<kQueries>([&](auto t) { even[t] = odd[t] = scores[t] = zero(); });
    const auto step = [&](const F32x16& k0, const F32x16& k1, std::size_t i) {
        unroll<kQueries>([&](auto t) {
            even[t] = fma(k0, broadcast(task.queries[t][i]), even[t]);
            odd[t] = fma(k1, broadcast(task.queries[t][i + 1]), odd[t]);
        });
    };
    if constexpr (kType == KvType::kQ8_0) {
        for (std::size_t b = 0; b < dim / 32; ++b) {
            const std::int8_t* keys = keyBytes(head, group, b);
            for (std::size_t i = 0; i < 32; i += 2) {
                step(loadSigned(keys + i * kKvGroup), loadSigned(keys + (i + 1) * kKvGroup), 32 * b + i);
            }
            const F32x16 scale = load(keyScales(head, group, b));
            unroll<kQueries>([&](auto t) {
                scores[t] = fma(add(even[t], odd[t]), scale, scores[t]);
                even[t] = odd[t] = zero();
            });
        }
    } else {
        constexpr TensorType kElement = kType == KvType::kF16 ? TensorType::kF16 : TensorType::kF32;
        const unsigned char* keys = head.keys + group * kKvGroup * kvBytes(kType, dim);
        for (std::size_t i = 0; i < dim; i += 2) {
            step(loadColumn<kElement>(keys, i), loadColumn<kElement>(keys, i + 1), i);
        }
        unroll<kQueries>([&](auto t) { scores[t] = add(even[t], odd[t]); });
    }
}

template <KvType kType>
inline F32x16 loadValue(const KvHead& head, std::size_t position, std::size_t i) {
    const unsigned char* at = head.values + position * kvBytes(kType, head.value_dim);
    if constexpr (kType == KvType::kF32) {
        return load(reinterpret_cast<const float*>(at) + i);
    } else if constexpr (kType == KvType::kF16) {
        return loadHalf(reinterpret_cast<const std::uint16_t*>(at) + i);
    } else {
        at += i / 32 * 36;
        float scale;
        std::memcpy(&scale, at + 32, sizeof scale);
        return mul(loadSigned(reinterpret_cast<const std::int8_t*>(at) + i % 32), broadcast(scale));
    }
}

/// outputs[..][first .. first + 16 kVectors) of all queries.
template <KvType kType, int kQueries, int kVectors>
inline void weightedValues(const AttentionTask& task, std::size_t positions, std::size_t first) {
    F32x16 acc[kQueries][kVectors];
    for (auto& row : acc) {
        for (auto& a : row) a = zero();
    }
    for (std::size_t p = 0; p < positions; ++p) {
        unroll<kVectors>([&](auto j) {
            const F32x16 value = loadValue<kType>(task.head, p, first + 16 * j);
            unroll<kQueries>(
                [&](auto t) { acc[t][j] = fma(value, broadcast(task.scores[t * task.score_stride + p]), acc[t][j]); });
        });
    }
    for (int t = 0; t < kQueries; ++t) {
        for (int j = 0; j < kVectors; ++j) store(task.outputs[t] + first + 16 * j, acc[t][j]);
    }
}

/// Turns the first `visible` scores into probabilities; those up to `end` become 0.
inline void softmax(float* scores, int visible, std::size_t end, const F32x16& largest_lanes) {
    const F32x16 largest = broadcast(maximum(largest_lanes));
    F32x16 total = zero();
    for (std::size_t i = 0; i < end; i += 16) {
        const int present = visible - static_cast<int>(i);
        const F32x16 e = exponential(sub(load(scores + i), largest));
        const F32x16 kept = present <= 0 ? zero() : keepFirst(e, present < 16 ? present : 16, zero());
        total = add(total, kept);
        store(scores + i, kept);
    }
    const F32x16 inverse = broadcast(1.0f / sum(total));
    for (std::size_t i = 0; i < end; i += 16) store(scores + i, mul(load(scores + i), inverse));
}

template <KvType kType, int kQueries>
inline void attentionOf(const AttentionTask& task) {
    int most = 0;
    for (int t = 0; t < kQueries; ++t) most = task.visible[t] > most ? task.visible[t] : most;
    const std::size_t groups = (static_cast<std::size_t>(most) + kKvGroup - 1) / kKvGroup;
    const F32x16 lowest = broadcast(-3.0e38f), scale = broadcast(task.scale);
    F32x16 largest[kQueries];
    for (auto& l : largest) l = lowest;
    for (std::size_t g = 0; g < groups; ++g) {
        F32x16 scores[kQueries];
        scoresOfGroup<kType, kQueries>(task, g, scores);
        for (int t = 0; t < kQueries; ++t) {
            const int present = task.visible[t] - static_cast<int>(g * kKvGroup);
            const F32x16 s = keepFirst(mul(scores[t], scale), present < 0 ? 0 : (present < 16 ? present : 16), lowest);
            largest[t] = max(largest[t], s);
            store(task.scores + static_cast<std::size_t>(t) * task.score_stride + g * kKvGroup, s);
        }
    }
    for (int t = 0; t < kQueries; ++t) {
        softmax(task.scores + static_cast<std::size_t>(t) * task.score_stride, task.visible[t], groups * kKvGroup,
                largest[t]);
    }
    std::size_t i = 0;
    const std::size_t positions = static_cast<std::size_t>(most);
    for (; i + 64 <= task.head.value_dim; i += 64) weightedValues<kType, kQueries, 4>(task, positions, i);
    for (; i < task.head.value_dim; i += 16) weightedValues<kType, kQueries, 1>(task, positions, i);
}

template <KvType kType>
inline void attentionFor(const AttentionTask& task) {
    switch (task.n_queries) {
        case 1:
            return attentionOf<kType, 1>(task);
        case 2:
            return attentionOf<kType, 2>(task);
        case 3:
            return attentionOf<kType, 3>(task);
        default:
            return attentionOf<kType, 4>(task);
    }
}

inline void attention(const AttentionTask& task) {
    switch (task.head.type) {
        case KvType::kF32:
            return attentionFor<KvType::kF32>(task);
        case KvType::kF16:
            return attentionFor<KvType::kF16>(task);
        case KvType::kQ8_0:
            return attentionFor<KvType::kQ8_0>(task);
    }
}
