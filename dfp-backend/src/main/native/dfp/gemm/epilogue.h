// From exact sums to FP32 in memory, shared by the kernels. Everything here has internal linkage:
// each kernel file compiles its own copy with its own instructions.
#ifndef DFP_GEMM_EPILOGUE_H
#define DFP_GEMM_EPILOGUE_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

// float_round(2^exponent * sum) for any sum: bits below the 53 that a double holds are folded into
// its last one (round to odd), so that the conversion to float is the only rounding that counts.
inline float round_wide(int64_t sum, int exponent) {
  uint64_t magnitude = sum < 0 ? ~static_cast<uint64_t>(sum) + 1 : static_cast<uint64_t>(sum);
  int shift = 0;
  while (magnitude >> 53 != 0) {
    magnitude = (magnitude >> 1) | (magnitude & 1);
    shift++;
  }
  const double value = std::ldexp(static_cast<double>(magnitude), exponent + shift);
  return static_cast<float>(sum < 0 ? -value : value);
}

// out[j] <- float_round(2^exponent * sums[j]). |sums[j]| < 2^53 unless wide: then the conversion to
// double and the product with a power of two are exact, and the last conversion rounds once.
inline void convert(const int64_t* sums, int count, int exponent, double scale, bool wide,
                    float* out) {
  if (wide) {
    for (int j = 0; j < count; j++) out[j] = round_wide(sums[j], exponent);
  } else {
    for (int j = 0; j < count; j++) {
      out[j] = static_cast<float>(static_cast<double>(sums[j]) * scale);
    }
  }
}

// Stores one strip of `rows` rows, whose first is at `row`. Store::segment(lanes, mask, to,
// lane_stride, stream) does one segment.
template <class Store, int kColumns>
inline void store_strip(float (*values)[kColumns], int lane, int rows, const Output& out,
                        int64_t strip, float* row) {
  const Strip& where = out.strips[strip];
  const Segment* segments = out.segments + where.first;
  constexpr uint16_t kAllLanes = 0xffff;
  if (where.count == 1 && segments[0].mask == kAllLanes && out.lane_stride == 1) {
    row += segments[0].offset;
    for (int i = 0; i < rows; i++, row += out.row_pitch) {
      Store::segment(values[i] + lane, kAllLanes, row, 1, out.stream);
    }
    return;
  }
  for (int i = 0; i < rows; i++, row += out.row_pitch) {
    for (int s = 0; s < where.count; s++) {
      Store::segment(values[i] + lane, segments[s].mask, row + segments[s].offset, out.lane_stride,
                     out.stream);
    }
  }
}

// Writes the rows [0, rows) of one tile of results, whose first row is m and whose panel is
// `panel`; adds the bias to them.
template <class Store, int kRows, int kColumns>
inline void store_tile(float (*values)[kColumns], int rows, int64_t m, int64_t panel,
                       const Output& out) {
  if (out.strips == nullptr) {
    const int64_t n = panel * kColumns;
    const int columns = static_cast<int>(std::min<int64_t>(kColumns, out.columns - n));
    for (int j = 0; j < columns; j++) {
      float* column = out.base + (n + j) * out.row_pitch + m;
      for (int i = 0; i < rows; i++) column[i] = values[i][j];
    }
    return;
  }
  constexpr int kStrips = kColumns / kStripLanes;
  const int64_t first = panel * kStrips;
  const int strips = static_cast<int>(std::min<int64_t>(kStrips, out.strip_count - first));
  for (int i = 0; out.bias != nullptr && i < rows; i++) {
    for (int j = 0; j < kColumns; j++) values[i][j] += out.bias[m + i];
  }
  for (int s = 0; s < strips; s++) {
    store_strip<Store>(values, s * kStripLanes, rows, out, first + s, out.base + m * out.row_pitch);
  }
}

// As store_tile, from int64 sums.
template <class Store, int kRows, int kColumns>
inline void finish_tile(const int64_t* tile, int rows, int64_t m, int64_t panel, const Output& out,
                        double scale) {
  alignas(64) float values[kRows][kColumns];
  for (int i = 0; i < rows; i++) {
    convert(tile + i * kColumns, kColumns, out.exponent, scale, out.wide, values[i]);
  }
  store_tile<Store, kRows, kColumns>(values, rows, m, panel, out);
}

template <class Store, int kRows, int kColumns>
void finish_block(const Block& block) {
  const double scale = std::ldexp(1.0, block.out.exponent);
  for (int64_t m = 0, t = 0; m < block.m; m += kRows, t++) {
    const int rows = static_cast<int>(std::min<int64_t>(kRows, block.m - m));
    for (int64_t panel = 0; panel < block.panels; panel++) {
      const int64_t* tile = block.sums + t * block.sums_row + panel * kRows * kColumns;
      finish_tile<Store, kRows, kColumns>(tile, rows, m, panel, block.out, scale);
    }
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_GEMM_EPILOGUE_H
