#pragma once
// Sixteen lanes in two AVX2 registers (with FMA and F16C). See simd_scalar.h for what each function promises. Whoever
// has an instruction for products of int8, or something that does as it does, defines MOESCOPE_DPBUSD(sums, u8, s8).

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace moescope::MOESCOPE_ISA_NAMESPACE {

struct F32x16 {
    __m256 lo, hi;
};
struct I32x16 {
    __m256i lo, hi;
};
struct Bytes64 {
    __m256i lo, hi;
};

inline const __m128i* asM128(const void* p) {
    return static_cast<const __m128i*>(p);
}

inline __m256i eightBytes(const std::uint8_t* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(asM128(p)));
}

inline F32x16 zero() {
    return {_mm256_setzero_ps(), _mm256_setzero_ps()};
}
inline F32x16 broadcast(float x) {
    return {_mm256_set1_ps(x), _mm256_set1_ps(x)};
}
inline F32x16 load(const float* p) {
    return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
inline F32x16 loadHalf(const std::uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(asM128(p))), _mm256_cvtph_ps(_mm_loadu_si128(asM128(p + 8)))};
}
inline F32x16 loadBfloat16(const std::uint16_t* p) {
    const __m256i lo = _mm256_cvtepu16_epi32(_mm_loadu_si128(asM128(p)));
    const __m256i hi = _mm256_cvtepu16_epi32(_mm_loadu_si128(asM128(p + 8)));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(lo, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(hi, 16))};
}
inline F32x16 loadUnsigned(const std::uint8_t* p) {
    return {_mm256_cvtepi32_ps(eightBytes(p)), _mm256_cvtepi32_ps(eightBytes(p + 8))};
}
inline F32x16 loadSigned(const std::int8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(asM128(p)))),
            _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(asM128(p + 8))))};
}
inline F32x16 loadLowNibbles(const std::uint8_t* p) {
    const __m256i m = _mm256_set1_epi32(15);
    return {_mm256_cvtepi32_ps(_mm256_and_si256(eightBytes(p), m)),
            _mm256_cvtepi32_ps(_mm256_and_si256(eightBytes(p + 8), m))};
}
inline F32x16 loadHighNibbles(const std::uint8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_srli_epi32(eightBytes(p), 4)),
            _mm256_cvtepi32_ps(_mm256_srli_epi32(eightBytes(p + 8), 4))};
}
inline F32x16 loadNibbles(const std::uint8_t* p, std::size_t high) {
    const __m128i by = _mm_cvtsi32_si128(static_cast<int>(4 * high));
    const __m256i m = _mm256_set1_epi32(15);
    return {_mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srl_epi32(eightBytes(p), by), m)),
            _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srl_epi32(eightBytes(p + 8), by), m))};
}
inline __m256 halfPowers(__m256i e) {
    const __m256i normal = _mm256_slli_epi32(_mm256_sub_epi32(e, _mm256_set1_epi32(1)), 23);
    const __m256i small = _mm256_sllv_epi32(_mm256_set1_epi32(1 << 21), e);
    const __m256i value = _mm256_blendv_epi8(normal, small, _mm256_cmpgt_epi32(_mm256_set1_epi32(2), e));
    const __m256i nan = _mm256_and_si256(_mm256_cmpeq_epi32(e, _mm256_set1_epi32(255)), _mm256_set1_epi32(0x7fc00000));
    return _mm256_castsi256_ps(_mm256_or_si256(value, nan));
}
inline F32x16 loadHalfPowers(const std::uint8_t* p) {
    return {halfPowers(eightBytes(p)), halfPowers(eightBytes(p + 8))};
}
inline void prefetch(const void* p) {
    _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0);
}
inline void prefetchFar(const void* p) {
    _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T1);
}
inline void store(float* p, F32x16 a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
}
inline void storeHalf(std::uint16_t* p, F32x16 a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(a.lo, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 8), _mm256_cvtps_ph(a.hi, _MM_FROUND_TO_NEAREST_INT));
}
inline void storeSigned(std::int8_t* p, F32x16 a) {
    const __m256i lo = _mm256_cvtps_epi32(a.lo), hi = _mm256_cvtps_epi32(a.hi);
    // The packs work on 128-bit halves: 0-3 8-11 | 4-7 12-15; the permutation puts them in order.
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(lo, hi), 0xd8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
}

inline F32x16 add(F32x16 a, F32x16 b) {
    return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)};
}
inline F32x16 sub(F32x16 a, F32x16 b) {
    return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)};
}
inline F32x16 mul(F32x16 a, F32x16 b) {
    return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)};
}
inline F32x16 div(F32x16 a, F32x16 b) {
    return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)};
}
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
    return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}
inline F32x16 max(F32x16 a, F32x16 b) {
    return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)};
}
inline F32x16 min(F32x16 a, F32x16 b) {
    return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)};
}
inline F32x16 abs(F32x16 a) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return {_mm256_andnot_ps(sign, a.lo), _mm256_andnot_ps(sign, a.hi)};
}
inline F32x16 round(F32x16 a) {
    constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    return {_mm256_round_ps(a.lo, kNearest), _mm256_round_ps(a.hi, kNearest)};
}
inline __m256 powerOf2(__m256 n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}
inline F32x16 scaleByPowerOf2(F32x16 a, F32x16 n) {
    return {_mm256_mul_ps(a.lo, powerOf2(n.lo)), _mm256_mul_ps(a.hi, powerOf2(n.hi))};
}
inline F32x16 keepFirst(F32x16 a, int first, F32x16 b) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256 keep_lo = _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(first), lane));
    const __m256 keep_hi = _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(first - 8), lane));
    return {_mm256_blendv_ps(b.lo, a.lo, keep_lo), _mm256_blendv_ps(b.hi, a.hi, keep_hi)};
}
inline float sum(F32x16 a) {
    const __m256 a8 = _mm256_add_ps(a.lo, a.hi);
    const __m128 a4 = _mm_add_ps(_mm256_castps256_ps128(a8), _mm256_extractf128_ps(a8, 1));
    const __m128 a2 = _mm_add_ps(a4, _mm_movehl_ps(a4, a4));
    return _mm_cvtss_f32(_mm_add_ss(a2, _mm_shuffle_ps(a2, a2, 1)));
}
inline float maximum(F32x16 a) {
    const __m256 a8 = _mm256_max_ps(a.lo, a.hi);
    const __m128 a4 = _mm_max_ps(_mm256_castps256_ps128(a8), _mm256_extractf128_ps(a8, 1));
    const __m128 a2 = _mm_max_ps(a4, _mm_movehl_ps(a4, a4));
    return _mm_cvtss_f32(_mm_max_ss(a2, _mm_shuffle_ps(a2, a2, 1)));
}

inline Bytes64 loadBytes(const std::uint8_t* p) {
    const __m256i* q = reinterpret_cast<const __m256i*>(p);
    return {_mm256_load_si256(q), _mm256_load_si256(q + 1)};
}
template <int kRight>
inline Bytes64 shiftAnd(Bytes64 a, std::uint8_t mask) {
    // 16-bit shifts let bits of a byte's neighbor in; the mask takes them out again.
    if constexpr (kRight > 0) a = {_mm256_srli_epi16(a.lo, kRight), _mm256_srli_epi16(a.hi, kRight)};
    if constexpr (kRight < 0) a = {_mm256_slli_epi16(a.lo, -kRight), _mm256_slli_epi16(a.hi, -kRight)};
    const __m256i m = _mm256_set1_epi8(static_cast<char>(mask));
    return {_mm256_and_si256(a.lo, m), _mm256_and_si256(a.hi, m)};
}
inline Bytes64 bitOr(Bytes64 a, Bytes64 b) {
    return {_mm256_or_si256(a.lo, b.lo), _mm256_or_si256(a.hi, b.hi)};
}
inline Bytes64 lookup(const std::uint8_t* table, Bytes64 index) {
    const __m256i t = _mm256_broadcastsi128_si256(_mm_loadu_si128(asM128(table)));
    return {_mm256_shuffle_epi8(t, index.lo), _mm256_shuffle_epi8(t, index.hi)};
}

inline Bytes64 broadcastWords(std::uint32_t w) {
    const __m256i v = _mm256_set1_epi32(static_cast<int>(w));
    return {v, v};
}
inline Bytes64 bytesAsWords(const std::uint8_t* p) {
    return {eightBytes(p), eightBytes(p + 8)};
}
inline Bytes64 halvesAsWords(const std::uint8_t* p) {
    return {_mm256_cvtepu16_epi32(_mm_loadu_si128(asM128(p))), _mm256_cvtepu16_epi32(_mm_loadu_si128(asM128(p + 16)))};
}
template <int kRight>
inline Bytes64 wordsAnd(Bytes64 a, std::uint32_t mask) {
    if constexpr (kRight > 0) a = {_mm256_srli_epi32(a.lo, kRight), _mm256_srli_epi32(a.hi, kRight)};
    if constexpr (kRight < 0) a = {_mm256_slli_epi32(a.lo, -kRight), _mm256_slli_epi32(a.hi, -kRight)};
    const __m256i m = _mm256_set1_epi32(static_cast<int>(mask));
    return {_mm256_and_si256(a.lo, m), _mm256_and_si256(a.hi, m)};
}
template <int kBit>
inline Bytes64 wordsWhereClear(Bytes64 a, std::uint32_t value) {
    const __m256i v = _mm256_set1_epi32(static_cast<int>(value));
    // The bit as the sign of a word, and that in all of its bits.
    const __m256i lo = _mm256_srai_epi32(_mm256_slli_epi32(a.lo, 31 - kBit), 31);
    const __m256i hi = _mm256_srai_epi32(_mm256_slli_epi32(a.hi, 31 - kBit), 31);
    return {_mm256_andnot_si256(lo, v), _mm256_andnot_si256(hi, v)};
}
inline F32x16 wordsToFloat(Bytes64 a) {
    return {_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)};
}
inline Bytes64 gather(const std::uint32_t* table, Bytes64 index) {
    const int* t = reinterpret_cast<const int*>(table);
    return {_mm256_i32gather_epi32(t, index.lo, 4), _mm256_i32gather_epi32(t, index.hi, 4)};
}
/// Eight lanes of gatherPairs: the halves of words 0 1 4 5 | 2 3 6 7 as they come, then in order.
inline void gatherEight(const std::uint64_t* table, __m256i index, __m256i& low, __m256i& high) {
    const long long* t = reinterpret_cast<const long long*>(table);
    const __m256 a = _mm256_castsi256_ps(_mm256_i32gather_epi64(t, _mm256_castsi256_si128(index), 8));
    const __m256 b = _mm256_castsi256_ps(_mm256_i32gather_epi64(t, _mm256_extracti128_si256(index, 1), 8));
    low = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), 0xd8);
    high = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd)), 0xd8);
}
inline void gatherPairs(const std::uint64_t* table, Bytes64 index, Bytes64& low, Bytes64& high) {
    gatherEight(table, index.lo, low.lo, high.lo);
    gatherEight(table, index.hi, low.hi, high.hi);
}
template <int kBit>
inline Bytes64 addSigned(int offset, Bytes64 a, Bytes64 signs) {
    const __m256i bit = _mm256_set1_epi8(static_cast<char>(1 << kBit)), o = _mm256_set1_epi8(static_cast<char>(offset));
    const __m256i lo = _mm256_cmpeq_epi8(_mm256_and_si256(signs.lo, bit), bit);  // all bits: a is taken off
    const __m256i hi = _mm256_cmpeq_epi8(_mm256_and_si256(signs.hi, bit), bit);
    return {_mm256_add_epi8(_mm256_xor_si256(a.lo, lo), _mm256_sub_epi8(o, lo)),
            _mm256_add_epi8(_mm256_xor_si256(a.hi, hi), _mm256_sub_epi8(o, hi))};
}

inline void storeSigned(std::int8_t* p, Bytes64 a, int offset) {
    const __m256i o = _mm256_set1_epi8(static_cast<char>(offset));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_sub_epi8(a.lo, o));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), _mm256_sub_epi8(a.hi, o));
}

inline I32x16 loadInts(const std::int32_t* p) {
    const auto* q = reinterpret_cast<const __m256i*>(p);
    return {_mm256_loadu_si256(q), _mm256_loadu_si256(q + 1)};
}
inline I32x16 broadcastInt(std::int32_t x) {
    return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)};
}

inline I32x16 addInt(I32x16 a, I32x16 b) {
    return {_mm256_add_epi32(a.lo, b.lo), _mm256_add_epi32(a.hi, b.hi)};
}
#ifdef MOESCOPE_DPBUSD
/// One instruction adds four products in 32 bits, whatever they are.
template <bool>
inline __m256i dot8(__m256i acc, __m256i w, __m256i x) {
    return MOESCOPE_DPBUSD(acc, w, x);
}
#else
template <bool kWide>
inline __m256i dot8(__m256i acc, __m256i w, __m256i x) {
    if constexpr (kWide) {
        // maddubs would saturate at 16 bits: even and odd columns apart, as 16-bit integers.
        const __m256i w_even = _mm256_and_si256(w, _mm256_set1_epi16(0x00ff));
        const __m256i w_odd = _mm256_srli_epi16(w, 8);
        const __m256i x_even = _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8);
        const __m256i x_odd = _mm256_srai_epi16(x, 8);
        acc = _mm256_add_epi32(acc, _mm256_madd_epi16(w_even, x_even));
        return _mm256_add_epi32(acc, _mm256_madd_epi16(w_odd, x_odd));
    } else {
        const __m256i pairs = _mm256_maddubs_epi16(w, x);  // at most 2 * 127 * 127: no saturation
        return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
}
#endif
template <bool kWide>
inline I32x16 dot(I32x16 acc, Bytes64 w, const std::int8_t* x) {
    std::int32_t four;
    std::memcpy(&four, x, sizeof four);
    const __m256i xs = _mm256_set1_epi32(four);
    return {dot8<kWide>(acc.lo, w.lo, xs), dot8<kWide>(acc.hi, w.hi, xs)};
}
inline F32x16 toFloat(I32x16 a) {
    return {_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)};
}

template <class T>
inline void keep(T& a) {
    asm volatile("" : "+x"(a.lo), "+x"(a.hi));
}

}  // namespace moescope::MOESCOPE_ISA_NAMESPACE
