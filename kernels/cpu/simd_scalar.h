#pragma once
// Sixteen lanes in plain C++: the reference for the vector headers beside it, and what runs where they cannot.
// The three headers define the same names; kernels are written once against them.

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/blocks.h"
#include "kernels/half.h"

namespace moescope::MOESCOPE_ISA_NAMESPACE {

struct F32x16 {
    float v[16];
};
struct I32x16 {
    std::int32_t v[16];
};
/// 64 bytes; byte 4 r + c belongs to lane r.
struct Bytes64 {
    std::uint8_t v[64];
};

template <class F>
inline F32x16 lanes(F f) {
    F32x16 y;
    for (int i = 0; i < 16; ++i) y.v[i] = f(i);
    return y;
}

inline F32x16 zero() {
    return {};
}
inline F32x16 broadcast(float x) {
    return lanes([&](int) { return x; });
}
inline F32x16 load(const float* p) {
    return lanes([&](int i) { return p[i]; });
}
inline F32x16 loadHalf(const std::uint16_t* p) {
    return lanes([&](int i) { return halfToFloat(p[i]); });
}
inline F32x16 loadBfloat16(const std::uint16_t* p) {
    return lanes([&](int i) { return bfloat16ToFloat(p[i]); });
}
inline F32x16 loadUnsigned(const std::uint8_t* p) {
    return lanes([&](int i) { return static_cast<float>(p[i]); });
}
inline F32x16 loadSigned(const std::int8_t* p) {
    return lanes([&](int i) { return static_cast<float>(p[i]); });
}
inline F32x16 loadLowNibbles(const std::uint8_t* p) {
    return lanes([&](int i) { return static_cast<float>(p[i] & 15); });
}
inline F32x16 loadHighNibbles(const std::uint8_t* p) {
    return lanes([&](int i) { return static_cast<float>(p[i] >> 4); });
}
/// Low nibbles, or high ones.
inline F32x16 loadNibbles(const std::uint8_t* p, std::size_t high) {
    return lanes([&](int i) { return static_cast<float>((p[i] >> (4 * high)) & 15); });
}
/// 2^(p[i] - 128), subnormals too; NaN for 255.
inline F32x16 loadHalfPowers(const std::uint8_t* p) {
    return lanes([&](int i) { return mxfp4Scale(p[i]); });
}
inline void prefetch(const void*) {}     // to the nearest cache
inline void prefetchFar(const void*) {}  // to the one beyond it
inline void store(float* p, const F32x16& a) {
    std::memcpy(p, a.v, sizeof a.v);
}
inline void storeHalf(std::uint16_t* p, const F32x16& a) {
    for (int i = 0; i < 16; ++i) p[i] = floatToHalf(a.v[i]);
}
/// Rounds to nearest even; values must lie within -128..127.
inline void storeSigned(std::int8_t* p, const F32x16& a) {
    for (int i = 0; i < 16; ++i) p[i] = static_cast<std::int8_t>(std::nearbyint(a.v[i]));
}

inline F32x16 add(const F32x16& a, const F32x16& b) {
    return lanes([&](int i) { return a.v[i] + b.v[i]; });
}
inline F32x16 sub(const F32x16& a, const F32x16& b) {
    return lanes([&](int i) { return a.v[i] - b.v[i]; });
}
inline F32x16 mul(const F32x16& a, const F32x16& b) {
    return lanes([&](int i) { return a.v[i] * b.v[i]; });
}
inline F32x16 div(const F32x16& a, const F32x16& b) {
    return lanes([&](int i) { return a.v[i] / b.v[i]; });
}
/// a * b + c. Two roundings here, one in the vector versions.
inline F32x16 fma(const F32x16& a, const F32x16& b, const F32x16& c) {
    return lanes([&](int i) { return a.v[i] * b.v[i] + c.v[i]; });
}
inline F32x16 max(const F32x16& a, const F32x16& b) {
    return lanes([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline F32x16 min(const F32x16& a, const F32x16& b) {
    return lanes([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline F32x16 abs(const F32x16& a) {
    return lanes([&](int i) { return std::fabs(a.v[i]); });
}
inline F32x16 round(const F32x16& a) {
    return lanes([&](int i) { return std::nearbyint(a.v[i]); });
}
/// a * 2^n for whole n within -126..127.
inline F32x16 scaleByPowerOf2(const F32x16& a, const F32x16& n) {
    return lanes([&](int i) { return std::ldexp(a.v[i], static_cast<int>(n.v[i])); });
}
/// Lanes `first`..15 of b, the others of a.
inline F32x16 keepFirst(const F32x16& a, int first, const F32x16& b) {
    return lanes([&](int i) { return i < first ? a.v[i] : b.v[i]; });
}
/// Sum of the lanes as a tree: 8 + 8, 4 + 4, ...
inline float sum(const F32x16& a) {
    float t[16];
    std::memcpy(t, a.v, sizeof t);
    for (int n = 8; n > 0; n /= 2) {
        for (int i = 0; i < n; ++i) t[i] += t[i + n];
    }
    return t[0];
}
inline float maximum(const F32x16& a) {
    float m = a.v[0];
    for (int i = 1; i < 16; ++i) m = a.v[i] > m ? a.v[i] : m;
    return m;
}

inline Bytes64 loadBytes(const std::uint8_t* p) {
    Bytes64 b;
    std::memcpy(b.v, p, 64);
    return b;
}
/// Shifts each byte by kRight (left if negative) and keeps the bits of `mask`.
template <int kRight>
inline Bytes64 shiftAnd(const Bytes64& a, std::uint8_t mask) {
    Bytes64 y;
    for (int i = 0; i < 64; ++i) {
        y.v[i] = static_cast<std::uint8_t>((kRight >= 0 ? a.v[i] >> (kRight & 7) : a.v[i] << (-kRight & 7)) & mask);
    }
    return y;
}
inline Bytes64 bitOr(const Bytes64& a, const Bytes64& b) {
    Bytes64 y;
    for (int i = 0; i < 64; ++i) y.v[i] = a.v[i] | b.v[i];
    return y;
}
/// table[index] for indices 0..15.
inline Bytes64 lookup(const std::uint8_t* table, const Bytes64& index) {
    Bytes64 y;
    for (int i = 0; i < 64; ++i) y.v[i] = table[index.v[i]];
    return y;
}

// Bytes64 as 16 words, one per lane.

inline std::uint32_t wordOf(const Bytes64& a, int i) {
    std::uint32_t w;
    std::memcpy(&w, a.v + 4 * i, sizeof w);
    return w;
}
template <class F>
inline Bytes64 words(F f) {
    Bytes64 y;
    for (int i = 0; i < 16; ++i) {
        const std::uint32_t w = f(i);
        std::memcpy(y.v + 4 * i, &w, sizeof w);
    }
    return y;
}
inline Bytes64 broadcastWords(std::uint32_t w) {
    return words([&](int) { return w; });
}
/// 16 bytes, or 16 unsigned 16-bit numbers, as words.
inline Bytes64 bytesAsWords(const std::uint8_t* p) {
    return words([&](int i) { return std::uint32_t{p[i]}; });
}
inline Bytes64 halvesAsWords(const std::uint8_t* p) {
    return words([&](int i) { return p[2 * i] | static_cast<std::uint32_t>(p[2 * i + 1]) << 8; });
}
/// Shifts each word by kRight (left if negative) and keeps the bits of `mask`.
template <int kRight>
inline Bytes64 wordsAnd(const Bytes64& a, std::uint32_t mask) {
    return words([&](int i) {
        const std::uint32_t w = wordOf(a, i);
        return (kRight >= 0 ? w >> (kRight & 31) : w << (-kRight & 31)) & mask;
    });
}
/// `value` where bit kBit of a word is clear, 0 elsewhere.
template <int kBit>
inline Bytes64 wordsWhereClear(const Bytes64& a, std::uint32_t value) {
    return words([&](int i) { return (wordOf(a, i) >> kBit) & 1u ? 0u : value; });
}
/// Of words below 2^31.
inline F32x16 wordsToFloat(const Bytes64& a) {
    return lanes([&](int i) { return static_cast<float>(wordOf(a, i)); });
}
/// table[index], a word per lane.
inline Bytes64 gather(const std::uint32_t* table, const Bytes64& index) {
    return words([&](int i) { return table[wordOf(index, i)]; });
}
/// The lower and the upper half of table[index].
inline void gatherPairs(const std::uint64_t* table, const Bytes64& index, Bytes64& low, Bytes64& high) {
    low = words([&](int i) { return static_cast<std::uint32_t>(table[wordOf(index, i)]); });
    high = words([&](int i) { return static_cast<std::uint32_t>(table[wordOf(index, i)] >> 32); });
}
/// offset + a, or offset - a where bit kBit of the byte of `signs` is set.
template <int kBit>
inline Bytes64 addSigned(int offset, const Bytes64& a, const Bytes64& signs) {
    Bytes64 y;
    for (int i = 0; i < 64; ++i) {
        y.v[i] = static_cast<std::uint8_t>((signs.v[i] >> kBit) & 1 ? offset - a.v[i] : offset + a.v[i]);
    }
    return y;
}

/// Stores a - offset, which must fit into signed bytes.
inline void storeSigned(std::int8_t* p, const Bytes64& a, int offset) {
    for (int i = 0; i < 64; ++i) p[i] = static_cast<std::int8_t>(a.v[i] - offset);
}

inline I32x16 loadInts(const std::int32_t* p) {
    I32x16 y;
    std::memcpy(&y, p, sizeof y);
    return y;
}
inline I32x16 broadcastInt(std::int32_t x) {
    I32x16 y;
    for (int i = 0; i < 16; ++i) y.v[i] = x;
    return y;
}
inline I32x16 addInt(const I32x16& a, const I32x16& b) {
    I32x16 y;
    for (int i = 0; i < 16; ++i) y.v[i] = a.v[i] + b.v[i];
    return y;
}
/// acc + the sum over c of w[4 r + c] * x[c], lane by lane; exact. kWide says that w may exceed 127.
template <bool kWide>
inline I32x16 dot(const I32x16& acc, const Bytes64& w, const std::int8_t* x) {
    I32x16 y;
    for (int r = 0; r < 16; ++r) {
        std::int32_t s = acc.v[r];
        for (int c = 0; c < 4; ++c) s += w.v[4 * r + c] * x[c];
        y.v[r] = s;
    }
    return y;
}
inline F32x16 toFloat(const I32x16& a) {
    return lanes([&](int i) { return static_cast<float>(a.v[i]); });
}

/// Keeps the compiler from moving or dropping what was computed.
template <class T>
inline void keep(T& a) {
    asm volatile("" : "+m"(a));
}

}  // namespace moescope::MOESCOPE_ISA_NAMESPACE
