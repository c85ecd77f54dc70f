// What the processor can do at best, for the benchmark to compare with.

/// Multiply-adds of int8 from registers alone; returns how many were done.
inline std::uint64_t int8Burst(std::uint64_t rounds) {
    constexpr int kChains = 12;  // more than the latency of one product times the products a cycle
    alignas(64) std::uint8_t w[64];
    const std::int8_t x[4] = {1, 2, 3, 4};
    std::memset(w, 3, sizeof w);
    Bytes64 weights = loadBytes(w);
    I32x16 acc[kChains];
    unroll<kChains>([&](auto j) { acc[j] = broadcastInt(j); });  // unequal, or they would be computed once
    for (std::uint64_t i = 0; i < rounds; ++i) {
        unroll<kChains>([&](auto j) {
            keep(weights);  // or products of what never changes would be computed once
            acc[j] = dot<false>(acc[j], weights, x);
        });
    }
    unroll<kChains - 1>([&](auto j) { acc[0] = addInt(acc[0], acc[j + 1]); });
    keep(acc[0]);
    return rounds * kChains * 64;
}

/// Reads memory from front to back (bytes a multiple of 256); returns something that depends on all of it.
inline std::uint64_t readBurst(const unsigned char* p, std::size_t bytes) {
    Bytes64 a = loadBytes(p), b = a, c = a, d = a;
    for (std::size_t i = 0; i < bytes; i += 256) {
        a = bitOr(a, loadBytes(p + i));
        b = bitOr(b, loadBytes(p + i + 64));
        c = bitOr(c, loadBytes(p + i + 128));
        d = bitOr(d, loadBytes(p + i + 192));
    }
    alignas(64) std::uint64_t out[8];
    const Bytes64 all = bitOr(bitOr(a, b), bitOr(c, d));
    std::memcpy(out, &all, sizeof out);
    return out[0] ^ out[7];
}
