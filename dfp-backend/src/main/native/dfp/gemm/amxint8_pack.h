// Packers of the AMX kernel: int16 values split into bytes. Internal linkage, see epilogue.h.
#ifndef DFP_GEMM_AMXINT8_PACK_H
#define DFP_GEMM_AMXINT8_PACK_H

#include <immintrin.h>

#include <algorithm>
#include <cstdint>

#include "dfp/gemm/amxint8_layout.h"
#include "dfp/gemm/avx512.h"

namespace dfp {
namespace {

struct Bytes {
  __m512i high, low;
};

// The bytes of 32 words of even and 32 of odd products, the even ones before the odd ones.
inline Bytes split(__m512i even, __m512i odd) {
  const __m512i even_bytes = _mm512_set1_epi16(0x00ff);
  constexpr int kSelect = 0xca;  // mask ? first : second
  return {_mm512_ternarylogic_epi32(even_bytes, _mm512_srli_epi16(even, 8), odd, kSelect),
          _mm512_ternarylogic_epi32(even_bytes, even, _mm512_slli_epi16(odd, 8), kSelect)};
}

// The 64 values of one step of rows that are contiguous in k, as ordered bytes.
template <class Values>
class StepValues {
 public:
  StepValues(int64_t kk, int64_t k, const Strip* strips)
      : first_(kk, k, strips), second_(kk + kStep / 2, k, strips) {}

  Bytes operator()(const int16_t* row) const { return split(first_(row), second_(row)); }

 private:
  Values first_, second_;
};

template <class Values>
void pack_rows(const int16_t* const* rows, int count, int64_t k, const Strip* strips,
               uint8_t* panel) {
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kStepBytes) {
    const StepValues<Values> values(kk, k, strips);
    for (int i = 0; i < kRows; i++) {
      const Bytes row =
          i < count ? values(rows[i]) : Bytes{_mm512_setzero_si512(), _mm512_setzero_si512()};
      _mm512_store_si512(panel + i * kTileRowBytes, row.high);
      _mm512_store_si512(panel + kTileBytes + i * kTileRowBytes, row.low);
    }
  }
}

void pack_a(const int16_t* const* rows, int count, int64_t k, const Strip* strips, uint8_t* panel) {
  const auto pack = strips == nullptr ? pack_rows<RunValues> : pack_rows<LaneValues>;
  pack(rows, count, k, strips, panel);
}

// Reads rows of B, and asks for what the next panels read of them: where the rows lie apart, no
// hardware prefetcher follows them from panel to panel. Where some of them are shifts of others,
// taps of one plane, most of what they read is in the cache already.
template <bool kApart>
class RowReader {
 public:
  RowReader(const int16_t* const* rows, int64_t k, int64_t position)
      : rows_(rows), k_(k), position_(position) {}

  // Zeros behind the last row.
  const int16_t* operator()(int64_t row) const {
    static constexpr int16_t kZeros[kStripSpan] = {};
    if (row >= k_) return kZeros;
    const int16_t* from = rows_[row] + position_;
    if constexpr (kApart) {
      _mm_prefetch(reinterpret_cast<const char*>(from + kAhead), _MM_HINT_T0);
    }
    return from;
  }

 private:
  static constexpr int64_t kAhead = 64;  // values, four panels

  const int16_t* const* rows_;
  const int64_t k_, position_;
};

// Whether none of the first rows are shifts of the first one.
inline bool lie_apart(const int16_t* const* rows, int64_t k) {
  constexpr uintptr_t kNear = 256;  // bytes
  constexpr int64_t kLookedAt = 16;
  const auto first = reinterpret_cast<uintptr_t>(rows[0]);
  for (int64_t i = 1; i < std::min(k, kLookedAt); i++) {
    if (reinterpret_cast<uintptr_t>(rows[i]) - first + kNear < 2 * kNear) return false;
  }
  return true;
}

template <class Pairs, bool kApart>
void pack_strip(const int16_t* const* rows, int64_t k, const Strip& strip, uint8_t* panel) {
  const Pairs pairs(strip);
  const RowReader<kApart> row(rows, k, strip.position);
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kStepBytes) {
    for (int64_t group = 0; group < kStep / 4; group++) {
      const int64_t even = kk + 2 * group, odd = even + kStep / 2;
      const Bytes bytes = split(pairs(row(even), row(even + 1)), pairs(row(odd), row(odd + 1)));
      _mm512_store_si512(panel + group * kTileRowBytes, bytes.high);
      _mm512_store_si512(panel + kTileBytes + group * kTileRowBytes, bytes.low);
    }
  }
}

void pack_b(const int16_t* const* rows, int64_t k, const Strip* strips, int /*count*/,
            uint8_t* panel) {
  const bool run = strips[0].is_run();
  const auto pack = lie_apart(rows, k)
                        ? run ? pack_strip<RunPairs, true> : pack_strip<LanePairs, true>
                    : run ? pack_strip<RunPairs, false>
                          : pack_strip<LanePairs, false>;
  pack(rows, k, strips[0], panel);
}

// A line is a column of a step of a panel of B, its products side by side.
void pack_lines(const int16_t* const* planes, int count, int64_t first, int64_t positions,
                uint8_t* lines, int64_t low) {
  const RunPairs pairs(Strip::run(0));
  for (int64_t at = 0; at < positions; at += kRows, lines += kTileBytes) {
    const RowReader<true> plane(planes, count, first + at);
    __m512i high[16], low_bytes[16];
#pragma GCC unroll 16
    for (int group = 0; group < kStep / 4; group++) {
      const int even = 2 * group, odd = even + kStep / 2;
      const Bytes bytes =
          split(pairs(plane(even), plane(even + 1)), pairs(plane(odd), plane(odd + 1)));
      high[group] = bytes.high;
      low_bytes[group] = bytes.low;
    }
    transpose16(high);
    transpose16(low_bytes);
    for (int i = 0; i < 16; i++) {
      _mm512_store_si512(lines + i * kLineBytes, high[i]);
      _mm512_store_si512(lines + low + i * kLineBytes, low_bytes[i]);
    }
  }
}

template <class Values>
void pack_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                  uint8_t* panel) {
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kStepBytes) {
    const StepValues<Values> values(kk, k, strips);
    __m512i high[16], low[16];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; j++) {
      const Bytes column =
          j < count ? values(columns[j]) : Bytes{_mm512_setzero_si512(), _mm512_setzero_si512()};
      high[j] = column.high;
      low[j] = column.low;
    }
    transpose16(high);
    transpose16(low);
    for (int i = 0; i < 16; i++) {
      _mm512_store_si512(panel + i * kTileRowBytes, high[i]);
      _mm512_store_si512(panel + kTileBytes + i * kTileRowBytes, low[i]);
    }
  }
}

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                    uint8_t* panel) {
  const auto pack = strips == nullptr ? pack_columns<RunValues> : pack_columns<LaneValues>;
  pack(columns, count, k, strips, panel);
}

}  // namespace
}  // namespace dfp

#endif  // DFP_GEMM_AMXINT8_PACK_H
