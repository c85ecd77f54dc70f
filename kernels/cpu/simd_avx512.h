#pragma once
// Sixteen lanes in one AVX-512 register (F, BW, VL, DQ, VNNI). See simd_scalar.h for what each function promises.

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace moescope::MOESCOPE_ISA_NAMESPACE {

using F32x16 = __m512;
struct I32x16 {
    __m512i v;
};
struct Bytes64 {
    __m512i v;
};

inline F32x16 zero() {
    return _mm512_setzero_ps();
}
inline F32x16 broadcast(float x) {
    return _mm512_set1_ps(x);
}
inline F32x16 load(const float* p) {
    return _mm512_loadu_ps(p);
}
inline F32x16 loadHalf(const std::uint16_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline F32x16 loadBfloat16(const std::uint16_t* p) {
    const __m256i raw = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(raw), 16));
}
inline F32x16 loadUnsigned(const std::uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
inline F32x16 loadSigned(const std::int8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
inline F32x16 loadLowNibbles(const std::uint8_t* p) {
    const __m128i b = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_set1_epi8(15));
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(b));
}
inline F32x16 loadHighNibbles(const std::uint8_t* p) {
    const __m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm512_cvtepi32_ps(_mm512_srli_epi32(b, 4));
}
inline F32x16 loadNibbles(const std::uint8_t* p, std::size_t high) {
    const __m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    const __m512i shifted = _mm512_srl_epi32(b, _mm_cvtsi32_si128(static_cast<int>(4 * high)));
    return _mm512_cvtepi32_ps(_mm512_and_si512(shifted, _mm512_set1_epi32(15)));
}
inline F32x16 loadHalfPowers(const std::uint8_t* p) {
    const __m512i e = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    const __m512i normal = _mm512_slli_epi32(_mm512_sub_epi32(e, _mm512_set1_epi32(1)), 23);
    const __mmask16 small = _mm512_cmplt_epi32_mask(e, _mm512_set1_epi32(2));
    const __mmask16 nan = _mm512_cmpeq_epi32_mask(e, _mm512_set1_epi32(255));
    const __m512i value = _mm512_mask_sllv_epi32(normal, small, _mm512_set1_epi32(1 << 21), e);
    return _mm512_castsi512_ps(_mm512_mask_set1_epi32(value, nan, 0x7fc00000));
}
inline void prefetch(const void* p) {
    _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0);
}
inline void prefetchFar(const void* p) {
    _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T1);
}
inline void store(float* p, F32x16 a) {
    _mm512_storeu_ps(p, a);
}
inline void storeHalf(std::uint16_t* p, F32x16 a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
inline void storeSigned(std::int8_t* p, F32x16 a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(a)));
}

inline F32x16 add(F32x16 a, F32x16 b) {
    return _mm512_add_ps(a, b);
}
inline F32x16 sub(F32x16 a, F32x16 b) {
    return _mm512_sub_ps(a, b);
}
inline F32x16 mul(F32x16 a, F32x16 b) {
    return _mm512_mul_ps(a, b);
}
inline F32x16 div(F32x16 a, F32x16 b) {
    return _mm512_div_ps(a, b);
}
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
    return _mm512_fmadd_ps(a, b, c);
}
inline F32x16 max(F32x16 a, F32x16 b) {
    return _mm512_max_ps(a, b);
}
inline F32x16 min(F32x16 a, F32x16 b) {
    return _mm512_min_ps(a, b);
}
inline F32x16 abs(F32x16 a) {
    return _mm512_abs_ps(a);
}
inline F32x16 round(F32x16 a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline F32x16 scaleByPowerOf2(F32x16 a, F32x16 n) {
    return _mm512_scalef_ps(a, n);
}
inline F32x16 keepFirst(F32x16 a, int first, F32x16 b) {
    const auto from_b = static_cast<__mmask16>(first >= 16 ? 0 : 0xffffu << first);
    return _mm512_mask_mov_ps(a, from_b, b);
}
inline float sum(F32x16 a) {
    const __m256 a8 = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    const __m128 a4 = _mm_add_ps(_mm256_castps256_ps128(a8), _mm256_extractf128_ps(a8, 1));
    const __m128 a2 = _mm_add_ps(a4, _mm_movehl_ps(a4, a4));
    return _mm_cvtss_f32(_mm_add_ss(a2, _mm_shuffle_ps(a2, a2, 1)));
}
inline float maximum(F32x16 a) {
    return _mm512_reduce_max_ps(a);
}

inline Bytes64 loadBytes(const std::uint8_t* p) {
    return {_mm512_load_si512(p)};
}
template <int kRight>
inline Bytes64 shiftAnd(Bytes64 a, std::uint8_t mask) {
    // 16-bit shifts let bits of a byte's neighbor in; the mask takes them out again.
    __m512i shifted = a.v;
    if constexpr (kRight > 0) shifted = _mm512_srli_epi16(a.v, kRight);
    if constexpr (kRight < 0) shifted = _mm512_slli_epi16(a.v, -kRight);
    return {_mm512_and_si512(shifted, _mm512_set1_epi8(static_cast<char>(mask)))};
}
inline Bytes64 bitOr(Bytes64 a, Bytes64 b) {
    return {_mm512_or_si512(a.v, b.v)};
}
inline Bytes64 lookup(const std::uint8_t* table, Bytes64 index) {
    const __m128i t = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return {_mm512_shuffle_epi8(_mm512_broadcast_i32x4(t), index.v)};
}

inline Bytes64 broadcastWords(std::uint32_t w) {
    return {_mm512_set1_epi32(static_cast<int>(w))};
}
inline Bytes64 bytesAsWords(const std::uint8_t* p) {
    return {_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
}
inline Bytes64 halvesAsWords(const std::uint8_t* p) {
    return {_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
template <int kRight>
inline Bytes64 wordsAnd(Bytes64 a, std::uint32_t mask) {
    __m512i shifted = a.v;
    if constexpr (kRight > 0) shifted = _mm512_srli_epi32(a.v, kRight);
    if constexpr (kRight < 0) shifted = _mm512_slli_epi32(a.v, -kRight);
    return {_mm512_and_si512(shifted, _mm512_set1_epi32(static_cast<int>(mask)))};
}
template <int kBit>
inline Bytes64 wordsWhereClear(Bytes64 a, std::uint32_t value) {
    return {_mm512_maskz_set1_epi32(_mm512_testn_epi32_mask(a.v, _mm512_set1_epi32(static_cast<int>(1u << kBit))),
                                    static_cast<int>(value))};
}
inline F32x16 wordsToFloat(Bytes64 a) {
    return _mm512_cvtepi32_ps(a.v);
}
inline Bytes64 gather(const std::uint32_t* table, Bytes64 index) {
    return {_mm512_i32gather_epi32(index.v, table, 4)};
}
inline void gatherPairs(const std::uint64_t* table, Bytes64 index, Bytes64& low, Bytes64& high) {
    const __m512i a = _mm512_i32gather_epi64(_mm512_castsi512_si256(index.v), table, 8);
    const __m512i b = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64(index.v, 1), table, 8);
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    low.v = _mm512_permutex2var_epi32(a, even, b);
    high.v = _mm512_permutex2var_epi32(a, _mm512_add_epi32(even, _mm512_set1_epi32(1)), b);
}
template <int kBit>
inline Bytes64 addSigned(int offset, Bytes64 a, Bytes64 signs) {
    const __m512i o = _mm512_set1_epi8(static_cast<char>(offset));
    const __mmask64 negative = _mm512_test_epi8_mask(signs.v, _mm512_set1_epi8(static_cast<char>(1 << kBit)));
    return {_mm512_mask_sub_epi8(_mm512_add_epi8(o, a.v), negative, o, a.v)};
}

inline void storeSigned(std::int8_t* p, Bytes64 a, int offset) {
    _mm512_storeu_si512(p, _mm512_sub_epi8(a.v, _mm512_set1_epi8(static_cast<char>(offset))));
}

inline I32x16 loadInts(const std::int32_t* p) {
    return {_mm512_loadu_si512(p)};
}
inline I32x16 broadcastInt(std::int32_t x) {
    return {_mm512_set1_epi32(x)};
}
inline I32x16 addInt(I32x16 a, I32x16 b) {
    return {_mm512_add_epi32(a.v, b.v)};
}
template <bool kWide>
inline I32x16 dot(I32x16 acc, Bytes64 w, const std::int8_t* x) {
    std::int32_t four;
    std::memcpy(&four, x, sizeof four);
    return {_mm512_dpbusd_epi32(acc.v, w.v, _mm512_set1_epi32(four))};
}
inline F32x16 toFloat(I32x16 a) {
    return _mm512_cvtepi32_ps(a.v);
}

template <class T>
inline void keep(T& a) {
    asm volatile("" : "+v"(a.v));
}

}  // namespace moescope::MOESCOPE_ISA_NAMESPACE
