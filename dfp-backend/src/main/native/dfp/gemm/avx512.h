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
  const __m512i l =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(low)));
  const __m512i h =
      _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(high)));
  return _mm512_or_si512(l, _mm512_slli_epi32(h, 16));
}

// Reads the lanes of a strip from rows, 0 where there is none.
class StripReader {
 public:
  explicit StripReader(const Strip& strip) : position_(strip.position), is_run_(strip.is_run()) {
    const __m512i cells = _mm512_cvtepi8_epi32(load_cells(strip));
    const __m512i low = _mm512_and_si512(cells, _mm512_set1_epi32(0xffff));
    index_ = _mm512_or_si512(_mm512_or_si512(low, _mm512_slli_epi32(cells, 16)),
                             _mm512_set1_epi32(kStripSpan << 16));
    lanes_ = ~_mm512_movepi16_mask(index_);
  }

  // A dword a lane: of row kk in the lower halves, of the next one in the upper ones, 0 from row k
  // on.
  __m512i operator()(const int16_t* const* rows, int64_t kk, int64_t k) const {
    if (kk + 1 < k) return pair(rows[kk] + position_, rows[kk + 1] + position_);
    if (kk >= k) return _mm512_setzero_si512();
    const int16_t* last = rows[kk] + position_;
    return _mm512_and_si512(pair(last, last), _mm512_set1_epi32(0xffff));
  }

  // Cells of the lanes as bytes.
  static __m128i load_cells(const Strip& strip) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(strip.cell));
  }

 private:
  __m512i pair(const int16_t* low, const int16_t* high) const {
    if (is_run_) return interleave(low, high);
    return _mm512_maskz_permutex2var_epi16(lanes_, _mm512_loadu_si512(low), index_,
                                           _mm512_loadu_si512(high));
  }

  int64_t position_;
  bool is_run_;
  __m512i index_;
  __mmask32 lanes_;
};

// Reads 32 values of rows that are contiguous in k, from the `kk`th of k on, 0 behind the last:
// neighbours, or where `strips` is not null the lanes of two strips.
class RowReader {
 public:
  RowReader(int64_t kk, int64_t k, const Strip* strips) : first_(kk), is_run_(true) {
    const int64_t left = std::clamp<int64_t>(k - kk, 0, kValues);
    lanes_ = static_cast<__mmask32>((uint64_t{1} << left) - 1);
    if (strips != nullptr && left > 0) read_strips(strips + kk / kStripLanes, left);
  }

  __m512i operator()(const int16_t* row) const {
    if (!is_run_) {
      return _mm512_maskz_permutex2var_epi16(lanes_, _mm512_loadu_si512(row + first_), index_,
                                             _mm512_loadu_si512(row + second_));
    }
    if (lanes_ == kAll) return _mm512_loadu_si512(row + first_);
    return _mm512_maskz_loadu_epi16(lanes_, row + first_);
  }

 private:
  static constexpr int kValues = 32;
  static constexpr __mmask32 kAll = 0xffffffff;

  void read_strips(const Strip* strips, int64_t left) {
    const bool two = left > kStripLanes;
    const Strip &first = strips[0], &second = strips[two ? 1 : 0];
    first_ = first.position;
    second_ = second.position;
    is_run_ = first.is_run() && (!two || (second.is_run() && second_ == first_ + kStripLanes));
    const __m256i low = _mm256_cvtepi8_epi16(StripReader::load_cells(first));
    const __m256i high = _mm256_or_si256(_mm256_cvtepi8_epi16(StripReader::load_cells(second)),
                                         _mm256_set1_epi16(kStripSpan));
    index_ = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    lanes_ &= ~_mm512_movepi16_mask(index_);
  }

  int64_t first_, second_ = 0;
  bool is_run_;
  __mmask32 lanes_;
  __m512i index_ = _mm512_setzero_si512();
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
  const int count = __builtin_popcount(mask);
  if (mask != 0xffff) lanes = _mm512_maskz_compress_ps(mask, lanes);
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
