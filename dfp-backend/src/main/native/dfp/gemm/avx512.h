// AVX-512 pieces that the kernels with 512-bit vectors share. Internal linkage, see epilogue.h.
#ifndef DFP_GEMM_AVX512_H
#define DFP_GEMM_AVX512_H

#include <immintrin.h>

#include <algorithm>
#include <cstdint>

#include "dfp/gemm/gemm.h"

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

// Two rows of 16 int16 values as 16 dwords: `low` in the lower halves, `high` in the upper ones.
inline __m512i interleave(const int16_t* low, const int16_t* high) {
  const __m512i order = _mm512_setr_epi32(
      0 | 16 << 16, 1 | 17 << 16, 2 | 18 << 16, 3 | 19 << 16, 4 | 20 << 16, 5 | 21 << 16,
      6 | 22 << 16, 7 | 23 << 16, 8 | 24 << 16, 9 | 25 << 16, 10 | 26 << 16, 11 | 27 << 16,
      12 | 28 << 16, 13 | 29 << 16, 14 | 30 << 16, 15 | 31 << 16);
  const __m512i both = _mm512_inserti64x4(
      _mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(low))),
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(high)), 1);
  return _mm512_permutexvar_epi16(order, both);
}

// The cells of a strip's lanes as bytes.
inline __m128i load_cells(const Strip& strip) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(strip.cell));
}

// Interleaves two rows at a strip whose lanes are neighbours.
struct RunPairs {
  explicit RunPairs(const Strip&) {}
  __m512i operator()(const int16_t* low, const int16_t* high) const {
    return interleave(low, high);
  }
};

// Interleaves the lanes of any strip, 0 where there is none.
class LanePairs {
 public:
  explicit LanePairs(const Strip& strip) {
    const __m512i cells = _mm512_cvtepi8_epi32(load_cells(strip));
    const __m512i low = _mm512_and_si512(cells, _mm512_set1_epi32(0xffff));
    const __m512i high =
        _mm512_or_si512(_mm512_slli_epi32(cells, 16), _mm512_set1_epi32(kStripSpan << 16));
    index_ = _mm512_or_si512(low, high);
    lanes_ = ~_mm512_movepi16_mask(index_);
  }

  __m512i operator()(const int16_t* low, const int16_t* high) const {
    return _mm512_maskz_permutex2var_epi16(lanes_, _mm512_loadu_si512(low), index_,
                                           _mm512_loadu_si512(high));
  }

 private:
  __m512i index_;
  __mmask32 lanes_;
};

// The values [kk, kk + 32) of rows that are contiguous in k, 0 from k on.
class RunValues {
 public:
  RunValues(int64_t kk, int64_t k, const Strip*)
      : first_(kk), left_(std::clamp<int64_t>(k - kk, 0, 32)) {}

  __m512i operator()(const int16_t* row) const {
    if (left_ == 32) return _mm512_loadu_si512(row + first_);
    return _mm512_maskz_loadu_epi16(static_cast<__mmask32>((uint64_t{1} << left_) - 1),
                                    row + first_);
  }

 private:
  int64_t first_, left_;
};

// The same of the lanes of strips: two strips.
class LaneValues {
 public:
  LaneValues(int64_t kk, int64_t k, const Strip* strips) {
    const auto strip = [&](int64_t at) { return strips[std::min(at, k - 1) / kStripLanes]; };
    const Strip first = strip(kk), second = strip(kk + kStripLanes);
    first_ = first.position;
    second_ = second.position;
    const __m256i low = _mm256_cvtepi8_epi16(load_cells(first));
    const __m256i high =
        _mm256_or_si256(_mm256_cvtepi8_epi16(load_cells(second)), _mm256_set1_epi16(kStripSpan));
    index_ = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    const int64_t left = std::clamp<int64_t>(k - kk, 0, 2 * kStripLanes);
    lanes_ = ~_mm512_movepi16_mask(index_) & static_cast<__mmask32>((uint64_t{1} << left) - 1);
  }

  __m512i operator()(const int16_t* row) const {
    return _mm512_maskz_permutex2var_epi16(lanes_, _mm512_loadu_si512(row + first_), index_,
                                           _mm512_loadu_si512(row + second_));
  }

 private:
  int64_t first_, second_;
  __m512i index_;
  __mmask32 lanes_;
};

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
