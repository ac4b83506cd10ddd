// From the AMX kernel's accumulators to the output. Internal linkage, see epilogue.h.
#ifndef DFP_GEMM_AMXINT8_EPILOGUE_H
#define DFP_GEMM_AMXINT8_EPILOGUE_H

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dfp/gemm/amxint8_layout.h"
#include "dfp/gemm/avx512.h"
#include "dfp/gemm/epilogue.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int64_t kMaxK = 32768;  // of one call
static_assert(2 * 128 * 255 * kMaxK + 255 * 255 * kMaxK / 256 <= INT32_MAX, "combine() fits int32");
static_assert(255 * 255 * kMaxK <= UINT32_MAX, "the low accumulator fits uint32");

// The three accumulators of an output tile.
struct alignas(64) Accumulators {
  int32_t high[kRows][kColumns], middle[kRows][kColumns], low[kRows][kColumns];
};

// float_round(scale * S), S = 2^16 high + 2^8 middle + low, for one row.
//
// S splits at bit 23 into two parts that each convert to float exactly, and one fused multiply-add
// rounds once:
//   t  = middle + floor(low / 2^8)       |t| < 2^31 by kMaxK
//   hi = floor(S / 2^23) = (high + floor(t / 2^8)) >> 7      |hi| <= 2^24 while k <= 2^17
//   lo = S mod 2^23, from the low 32 bits of S
// Valid where neither scale * lo nor the result can be subnormal: 2^-126 <= scale <= 2^104.
inline __m512 combine(__m512i high, __m512i middle, __m512i low, __m512 scale, __m512 scale23) {
  const __m512i t = _mm512_add_epi32(middle, _mm512_srli_epi32(low, 8));
  const __m512i hi = _mm512_srai_epi32(_mm512_add_epi32(high, _mm512_srai_epi32(t, 8)), 7);
  const __m512i upper = _mm512_add_epi32(_mm512_slli_epi32(high, 8), middle);
  const __m512i bits = _mm512_add_epi32(_mm512_slli_epi32(upper, 8), low);
  const __m512i lo = _mm512_and_si512(bits, _mm512_set1_epi32((1 << 23) - 1));
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(hi), scale23,
                         _mm512_mul_ps(_mm512_cvtepi32_ps(lo), scale));
}

constexpr int kLeastDirectExponent = -126, kGreatestDirectExponent = 104;

// sums[16][16] <- or += S.
inline void add_sums(const Accumulators& acc, bool first, int64_t* sums) {
  for (int i = 0; i < kRows; i++) {
    for (int half = 0; half < kColumns; half += 8) {
      const __m512i high = _mm512_cvtepi32_epi64(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(&acc.high[i][half])));
      const __m512i middle = _mm512_cvtepi32_epi64(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(&acc.middle[i][half])));
      const __m512i low = _mm512_cvtepu32_epi64(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(&acc.low[i][half])));
      int64_t* to = sums + i * kColumns + half;
      __m512i sum = _mm512_add_epi64(_mm512_slli_epi64(high, 16), _mm512_slli_epi64(middle, 8));
      sum = _mm512_add_epi64(sum, low);
      if (!first) sum = _mm512_add_epi64(sum, _mm512_loadu_si512(to));
      _mm512_storeu_si512(to, sum);
    }
  }
}

// Writes an output tile whose accumulators are complete.
class Epilogue {
 public:
  explicit Epilogue(const Block& block)
      : block_(block),
        direct_(block.out.exponent >= kLeastDirectExponent &&
                block.out.exponent <= kGreatestDirectExponent),
        double_scale_(std::ldexp(1.0, block.out.exponent)),
        scale_(_mm512_set1_ps(direct_ ? std::ldexp(1.0f, block.out.exponent) : 0.0f)),
        scale23_(_mm512_set1_ps(direct_ ? std::ldexp(1.0f, block.out.exponent + 23) : 0.0f)) {}

  // Asks for the output's cache lines while the product runs.
  void prefetch(int64_t tile_row, int64_t panel) const {
    const Output& out = block_.out;
    if (block_.sums != nullptr || out.stream) return;
    const int64_t m = tile_row * kRows, n = panel * kColumns;
    if (out.strips == nullptr) {
      prefetch_lines(out.base + n * out.row_pitch + m, valid_columns(n));
    } else if (block_.lines != nullptr) {
      const int64_t offset = out.segments[out.strips[tile_row].first].offset;
      prefetch_lines(out.base + n * out.row_pitch + offset, valid_columns(n));
    } else if (panel < out.strip_count) {
      const int64_t offset = out.segments[out.strips[panel].first].offset;
      prefetch_lines(out.base + m * out.row_pitch + offset, valid_rows(m));
    }
  }

  void operator()(const Accumulators& acc, int64_t tile_row, int64_t panel) const {
    const Output& out = block_.out;
    const int64_t m = tile_row * kRows;
    const int rows = valid_rows(m);
    if (block_.lines != nullptr) {
      store_lanes(acc, panel * kColumns, tile_row);
    } else if (block_.sums != nullptr) {
      add_sums(acc, block_.first,
               block_.sums + tile_row * block_.sums_row + panel * kRows * kColumns);
    } else if (!direct_) {
      alignas(64) int64_t sums[kRows * kColumns];
      add_sums(acc, true, sums);
      finish_tile<Avx512Store, kRows, kColumns>(sums, rows, m, panel, out, double_scale_);
    } else if (out.strips == nullptr) {
      store_transposed(acc, rows, m, panel * kColumns);
    } else {
      store_rows([&](int i) { return row(acc, i); }, rows, m, out.strips[panel]);
    }
  }

 private:
  int valid_rows(int64_t m) const {
    return static_cast<int>(std::min<int64_t>(kRows, block_.m - m));
  }
  int valid_columns(int64_t n) const {
    return static_cast<int>(std::min<int64_t>(kColumns, block_.out.columns - n));
  }

  // One a row of the output.
  void prefetch_lines(const float* line, int count) const {
    for (int i = 0; i < count; i++) __builtin_prefetch(line + i * block_.out.row_pitch, 1, 3);
  }

  __m512 row(const Accumulators& acc, int i) const {
    return combine(_mm512_load_si512(acc.high[i]), _mm512_load_si512(acc.middle[i]),
                   _mm512_load_si512(acc.low[i]), scale_, scale23_);
  }

  // Rows [0, rows) with their bias: store(row, lanes).
  template <class Row, class Store>
  void for_rows(const Row& row, int rows, int64_t m, const Store& store) const {
    const float* bias = block_.out.bias;
    for (int i = 0; i < rows; i++) {
      const __m512 lanes = row(i);
      store(i, bias == nullptr ? lanes : _mm512_add_ps(lanes, _mm512_set1_ps(bias[m + i])));
    }
  }

  template <class Row>
  void store_rows(const Row& row, int rows, int64_t m, const Strip& strip) const {
    const Output& out = block_.out;
    const Segment* segments = out.segments + strip.first;
    const int64_t pitch = out.row_pitch, stride = out.lane_stride;
    float* const to = out.base + m * pitch;
    float* const first = to + segments->offset;
    const bool stream = out.stream;
    constexpr uint16_t kAllLanes = 0xffff;
    const bool vectors = strip.count == 1 && segments->mask == kAllLanes && stride == 1;
    if (vectors && stream && pitch % kColumns == 0 && whole_line(first)) {
      for_rows(row, rows, m,
               [=](int i, __m512 lanes) { _mm512_stream_ps(first + i * pitch, lanes); });
    } else if (vectors && !stream) {
      for_rows(row, rows, m,
               [=](int i, __m512 lanes) { _mm512_storeu_ps(first + i * pitch, lanes); });
    } else {
      __m512 values[kRows];
      for_rows(row, rows, m, [&](int i, __m512 lanes) { values[i] = lanes; });
      for (int s = 0; s < strip.count; s++) {
        const Segment segment = segments[s];
        for (int i = 0; i < rows; i++) {
          store_segment(values[i], segment.mask, to + i * pitch + segment.offset, stride, stream);
        }
      }
    }
  }

  // values[j] <- column j of the tile.
  void transpose(const Accumulators& acc, __m512i values[kColumns]) const {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) values[i] = _mm512_castps_si512(row(acc, i));
    transpose16(values);
  }

  // Of a product of lines: its columns, from n on, are rows of the output.
  void store_lanes(const Accumulators& acc, int64_t n, int64_t strip) const {
    const Output& out = block_.out;
    if (direct_) {
      __m512i values[kColumns];
      transpose(acc, values);
      store_rows([&](int j) { return _mm512_castsi512_ps(values[j]); }, valid_columns(n), n,
                 out.strips[strip]);
      return;
    }
    int64_t sums[kRows * kColumns], turned[kRows * kColumns];
    add_sums(acc, true, sums);
    for (int i = 0; i < kRows; i++) {
      for (int j = 0; j < kColumns; j++) turned[j * kRows + i] = sums[i * kColumns + j];
    }
    finish_tile<Avx512Store, kColumns, kRows>(turned, valid_columns(n), n, strip, out,
                                              double_scale_);
  }

  void store_transposed(const Accumulators& acc, int rows, int64_t m, int64_t n) const {
    const Output& out = block_.out;
    __m512i values[kColumns];
    transpose(acc, values);
    const auto mask = static_cast<__mmask16>((1u << rows) - 1);
    for (int j = 0; j < valid_columns(n); j++) {
      _mm512_mask_storeu_epi32(out.base + (n + j) * out.row_pitch + m, mask, values[j]);
    }
  }

  const Block& block_;
  const bool direct_;
  const double double_scale_;
  const __m512 scale_, scale23_;
};

}  // namespace
}  // namespace dfp

#endif  // DFP_GEMM_AMXINT8_EPILOGUE_H
