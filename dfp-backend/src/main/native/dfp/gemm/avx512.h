// AVX-512 pieces that the kernels with 512-bit vectors share. Internal linkage, see epilogue.h.
#ifndef DFP_GEMM_AVX512_H
#define DFP_GEMM_AVX512_H

#include <immintrin.h>

#include <algorithm>
#include <cstdint>

namespace dfp {
namespace {

// Transposes a 16x16 matrix of dwords held in 16 registers.
inline void transpose16(__m512i r[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  // r[4g + c] now holds columns c, c+4, c+8, c+12 of rows 4g to 4g+3, one column a 128-bit lane.
  constexpr int kEven = 0x88, kOdd = 0xdd;
#pragma GCC unroll 4
  for (int c = 0; c < 4; c++) {
    t[c] = _mm512_shuffle_i32x4(r[c], r[4 + c], kEven);
    t[4 + c] = _mm512_shuffle_i32x4(r[c], r[4 + c], kOdd);
    t[8 + c] = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], kEven);
    t[12 + c] = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], kOdd);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; c++) {
    r[c] = _mm512_shuffle_i32x4(t[c], t[8 + c], kEven);
    r[8 + c] = _mm512_shuffle_i32x4(t[c], t[8 + c], kOdd);
    r[4 + c] = _mm512_shuffle_i32x4(t[4 + c], t[12 + c], kEven);
    r[12 + c] = _mm512_shuffle_i32x4(t[4 + c], t[12 + c], kOdd);
  }
}

// 16 int16 values, sign-extended to dwords.
inline __m512i load_wide(const int16_t* from) {
  return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

// Two rows of 16 int16 values as 16 dwords: `low` in the lower halves, `high` in the upper ones.
inline __m512i interleave(const int16_t* low, const int16_t* high) {
  const __m512i l =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(low)));
  const __m512i h =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(high)));
  return _mm512_or_si512(l, _mm512_slli_epi32(h, 16));
}

// Stores 8 lanes (lane `first` and those behind it) at to[0], to[2], ..., as far as `count` goes.
template <int kFirst>
inline void store_every_other(__m512 lanes, int count, float* to) {
  const __m512i spread = _mm512_add_epi32(
      _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7), _mm512_set1_epi32(kFirst));
  constexpr unsigned kEvenLanes = 0x5555;
  const unsigned mask = kEvenLanes & ((1u << 2 * std::clamp(count - kFirst, 0, 8)) - 1);
  _mm512_mask_storeu_ps(to + 2 * kFirst, static_cast<__mmask16>(mask),
                        _mm512_permutexvar_ps(spread, lanes));
}

// Whether a vector at `to` is a whole cache line: only those may go past the caches.
inline bool whole_line(const float* to) { return reinterpret_cast<uintptr_t>(to) % 64 == 0; }

inline void store_segment(__m512 lanes, uint16_t mask, float* to, int64_t lane_stride,
                          bool stream) {
  if (stream && mask == 0xffff && lane_stride == 1 && whole_line(to)) {
    _mm512_stream_ps(to, lanes);
    return;
  }
  if (mask != 0xffff) lanes = _mm512_maskz_compress_ps(mask, lanes);
  const int count = __builtin_popcount(mask);
  if (lane_stride == 1) {
    _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), lanes);
  } else if (lane_stride == 2) {
    store_every_other<0>(lanes, count, to);
    if (count > 8) store_every_other<8>(lanes, count, to);
  } else {
    alignas(64) float values[16];
    _mm512_store_ps(values, lanes);
    for (int j = 0; j < count; j++) to[j * lane_stride] = values[j];
  }
}

struct Avx512Store {
  static void segment(const float* lanes, uint16_t mask, float* to, int64_t lane_stride,
                      bool stream) {
    store_segment(_mm512_loadu_ps(lanes), mask, to, lane_stride, stream);
  }
};

}  // namespace
}  // namespace dfp

#endif  // DFP_GEMM_AVX512_H
