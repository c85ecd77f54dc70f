// Norms, activations and the quantization of activations, written once for all instruction sets.

/// Calls f(vector index, lanes present) for each 16 of n values.
template <class F>
inline void forEach16(std::size_t n, F&& f) {
    for (std::size_t i = 0; i < n; i += 16) f(i, n - i < 16 ? static_cast<int>(n - i) : 16);
}

inline F32x16 loadPart(const float* p, int present) {
    if (present == 16) return load(p);
    float whole[16] = {};
    std::memcpy(whole, p, static_cast<std::size_t>(present) * sizeof(float));
    return load(whole);
}

inline void storePart(float* p, const F32x16& a, int present) {
    if (present == 16) return store(p, a);
    float whole[16];
    store(whole, a);
    std::memcpy(p, whole, static_cast<std::size_t>(present) * sizeof(float));
}

/// exp(x) within 2 ulp; 0 below the smallest normal result, NaN stays NaN. x = n ln 2 + r with |r| <= ln 2 / 2, and
/// the Taylor polynomial of degree 7 of exp(r), whose remainder is below 1e-8.
inline F32x16 exponential(const F32x16& x0) {
    // The constant comes first: min and max give their second operand if one is NaN.
    const F32x16 x = min(broadcast(88.0f), max(broadcast(-87.0f), x0));
    const F32x16 n = round(mul(x, broadcast(1.44269504f)));
    // ln 2 in two parts, so that n times the first is exact.
    F32x16 r = fma(n, broadcast(-0.693359375f), x);
    r = fma(n, broadcast(2.12194440e-4f), r);
    F32x16 p = broadcast(1.0f / 5040);
    for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = fma(p, r, broadcast(c));
    return scaleByPowerOf2(p, n);
}

inline void quantize(const float* x, std::size_t n, std::int8_t* q, ActivationBlock* blocks) {
    for (std::size_t b = 0; b < n / 32; ++b) {
        const F32x16 lo = load(x + 32 * b), hi = load(x + 32 * b + 16);
        // Zero for finite values, NaN otherwise: max alone may drop a NaN.
        const float poison = sum(add(mul(lo, zero()), mul(hi, zero())));
        const float largest = maximum(max(abs(lo), abs(hi)));
        ActivationBlock& block = blocks[b];
        block.d = largest / 127.0f + poison;
        const bool usable = poison == 0.0f && block.d > 0;
        const F32x16 inverse = broadcast(usable ? 127.0f / largest : 0.0f);
        const F32x16 limit = broadcast(127.0f), lower = broadcast(-127.0f);
        std::int8_t* out = q + 32 * b;
        storeSigned(out, usable ? min(limit, max(lower, round(mul(lo, inverse)))) : zero());
        storeSigned(out + 16, usable ? min(limit, max(lower, round(mul(hi, inverse)))) : zero());
        for (std::size_t half = 0; half < 2; ++half) {
            std::int32_t total = 0;
            for (int i = 0; i < 16; ++i) total += out[16 * half + static_cast<std::size_t>(i)];
            block.sums[half] = total;
        }
        block.sums[2] = block.sums[0] + block.sums[1];
        for (int i = 0; i < 3; ++i) block.scaled_sums[i] = block.d * static_cast<float>(block.sums[i]);
    }
}

inline void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, float* y) {
    F32x16 squares = zero();
    forEach16(n, [&](std::size_t i, int present) {
        const F32x16 v = loadPart(x + i, present);
        squares = fma(v, v, squares);
    });
    const F32x16 factor = broadcast(1.0f / std::sqrt(sum(squares) / static_cast<float>(n) + eps));
    forEach16(n, [&](std::size_t i, int present) {
        storePart(y + i, mul(mul(loadPart(x + i, present), factor), loadPart(weight + i, present)), present);
    });
}

inline void siluMultiply(const float* gate, const float* up, std::size_t n, float* y) {
    forEach16(n, [&](std::size_t i, int present) {
        const F32x16 g = loadPart(gate + i, present);
        const F32x16 silu = div(g, add(broadcast(1.0f), exponential(sub(zero(), g))));
        storePart(y + i, mul(silu, loadPart(up + i, present)), present);
    });
}

inline void addScaled(const float* x, float scale, std::size_t n, float* y) {
    forEach16(n, [&](std::size_t i, int present) {
        storePart(y + i, fma(broadcast(scale), loadPart(x + i, present), loadPart(y + i, present)), present);
    });
}

/// Eight sums that do not wait for one another, the same ones for every instruction set. A product of two floats is
/// exact in double precision, so that it does not matter whether the compiler fuses it with the addition.
inline float norm(const float* x, std::size_t n) {
    constexpr std::size_t kLanes = 8;
    double squares[kLanes] = {};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            squares[lane] += static_cast<double>(x[i + lane]) * x[i + lane];
        }
    }
    for (; i < n; ++i) squares[0] += static_cast<double>(x[i]) * x[i];
    double sum = 0;
    for (const double s : squares) sum += s;
    return static_cast<float>(std::sqrt(sum));
}

inline SoftmaxSums softmaxSums(const float* x, std::size_t n) {
    constexpr float kNothing = -std::numeric_limits<float>::infinity();
    const auto part = [&](std::size_t i, int present) {
        return present == 16 ? load(x + i) : keepFirst(loadPart(x + i, present), present, broadcast(kNothing));
    };
    // NaN comes first: max gives its second operand then.
    F32x16 top = broadcast(kNothing);
    forEach16(n, [&](std::size_t i, int present) { top = max(part(i, present), top); });
    SoftmaxSums sums;
    sums.largest = maximum(top);
    const F32x16 largest = broadcast(sums.largest);
    // In double precision between blocks, so that a large vocabulary is as exact as a small one.
    constexpr std::size_t kBlock = 1024;
    for (std::size_t begin = 0; begin < n; begin += kBlock) {
        F32x16 total = zero(), weighted = zero();
        forEach16(n - begin < kBlock ? n - begin : kBlock, [&](std::size_t i, int present) {
            const F32x16 below = max(sub(part(begin + i, present), largest), broadcast(-87.0f));
            const F32x16 e = exponential(below);
            total = add(total, e);
            weighted = fma(e, below, weighted);
        });
        sums.total += static_cast<double>(sum(total));
        sums.weighted += static_cast<double>(sum(weighted));
    }
    return sums;
}
