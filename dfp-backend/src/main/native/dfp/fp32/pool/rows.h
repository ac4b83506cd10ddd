// Rows of several planes side by side, as PoolLayout says. Internal linkage: each kernel file
// compiles its own copy.
#ifndef DFP_FP32_POOL_ROWS_H
#define DFP_FP32_POOL_ROWS_H

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "dfp/fp32/pool/pool.h"

namespace dfp {
namespace {

// Copies a row of each plane: `count` floats, `from_step` and `to_step` apart.
inline void copy_rows(int planes, int64_t count, const float* from, int64_t from_step, float* to,
                      int64_t to_step) {
  for (int c = 0; c < planes; c++) {
    std::memcpy(to + c * to_step, from + c * from_step, static_cast<size_t>(count) * sizeof(float));
  }
}

// Elements that src is asked for ahead of its use: several planes are more streams, of short
// pieces, than the processor follows by itself.
constexpr int64_t kAhead = 512;

template <int kToWrite>
inline void prefetch_rows(int planes, int64_t count, const float* from, int64_t step) {
  constexpr int64_t kLine = 16;
  for (int c = 0; c < planes; c++) {
    for (int64_t i = 0; i < count; i += kLine) __builtin_prefetch(from + c * step + i, kToWrite);
  }
}

// The columns of src that have a place in a row, and the first one's place.
struct Columns {
  int64_t from, count, place;

  Columns(const PoolShape& s, const PoolLayout& layout)
      : from(std::max(-s.pw, 0)), place(std::max(s.pw, 0)) {
    count = std::max<int64_t>(std::min(s.iw - from, layout.pitch * s.sw - place), 0);
  }
};

inline void split(const float* __restrict line, int stride, int64_t phase, float* __restrict row) {
  if (stride == 2) {
    for (int64_t i = 0; i < phase; i++) {
      row[i] = line[2 * i];
      row[phase + i] = line[2 * i + 1];
    }
    return;
  }
  for (int p = 0; p < stride; p++) {
    for (int64_t i = 0; i < phase; i++) row[p * phase + i] = line[i * stride + p];
  }
}

inline void join(const float* __restrict row, int stride, int64_t phase, float* __restrict line) {
  if (stride == 2) {
    for (int64_t i = 0; i < phase; i++) {
      line[2 * i] = row[i];
      line[2 * i + 1] = row[phase + i];
    }
    return;
  }
  for (int p = 0; p < stride; p++) {
    for (int64_t i = 0; i < phase; i++) line[i * stride + p] = row[p * phase + i];
  }
}

// Row r of src of each plane, in phases. Padding in `row` and in `line` is not written.
inline void load_src(const PoolShape& s, const PoolLayout& layout, int planes, const float* src,
                     int r, float* line, float* row) {
  const Columns columns(s, layout);
  const float* from = src + static_cast<int64_t>(r) * s.iw + columns.from;
  float* to = (s.sw == 1 ? row : line) + columns.place;
  prefetch_rows<0>(planes, columns.count, from + kAhead, s.src_plane());
  copy_rows(planes, columns.count, from, s.src_plane(), to, layout.pitch * s.sw);
  if (s.sw > 1) split(line, s.sw, layout.phase, row);
}

// The way back. Columns without a place are outside of all windows: 0.
inline void store_src(const PoolShape& s, const PoolLayout& layout, int planes, const float* row,
                      int r, float* line, float* src) {
  const Columns columns(s, layout);
  if (s.sw > 1) join(row, s.sw, layout.phase, line);
  const float* from = (s.sw == 1 ? row : line) + columns.place;
  float* to = src + static_cast<int64_t>(r) * s.iw;
  prefetch_rows<1>(planes, s.iw, to + kAhead, s.src_plane());
  copy_rows(planes, columns.count, from, layout.pitch * s.sw, to + columns.from, s.src_plane());
  const int64_t end = columns.from + columns.count;
  for (int c = 0; c < planes; c++) {
    float* plane = to + c * s.src_plane();
    std::fill(plane, plane + std::min<int64_t>(columns.from, s.iw), 0.0f);
    if (end < s.iw) std::fill(plane + end, plane + s.iw, 0.0f);
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_POOL_ROWS_H
