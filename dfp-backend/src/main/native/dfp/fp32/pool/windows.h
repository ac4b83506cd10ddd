// Pooling window by window: for windows so large that rows have few of them. Internal linkage:
// each kernel file compiles its own copy.
#ifndef DFP_FP32_POOL_WINDOWS_H
#define DFP_FP32_POOL_WINDOWS_H

#include <algorithm>
#include <cfloat>
#include <cstdint>

#include "dfp/fp32/pool/pool.h"

namespace dfp {
namespace {

struct Range {
  int from, to;
};

// Cells of a window along one dimension.
inline Range window(int position, int stride, int padding, int kernel, int cells) {
  const int start = position * stride - padding;
  return {std::max(start, 0), std::min(start + kernel, cells)};
}

// Calls body(offset in the plane) for the cells of one window, in row order.
template <class Body>
inline void for_cells(const PoolShape& s, int y, int x, const Body& body) {
  const Range rows = window(y, s.sh, s.ph, s.kh, s.ih);
  const Range columns = window(x, s.sw, s.pw, s.kw, s.iw);
  for (int row = rows.from; row < rows.to; row++) {
    const int64_t start = static_cast<int64_t>(row) * s.iw;
    for (int column = columns.from; column < columns.to; column++) body(start + column);
  }
}

inline float divisor(PoolKind kind, const PoolShape& s, int y, int x) {
  if (kind == PoolKind::kAverageOfWindow) return static_cast<float>(s.kh * s.kw);
  const Range rows = window(y, s.sh, s.ph, s.kh, s.ih);
  const Range columns = window(x, s.sw, s.pw, s.kw, s.iw);
  return static_cast<float>((rows.to - rows.from) * (columns.to - columns.from));
}

inline float window_forward(PoolKind kind, const PoolShape& s, int y, int x, const float* src) {
  if (kind == PoolKind::kMax) {
    float best = -FLT_MAX;
    for_cells(s, y, x, [&](int64_t cell) { best = src[cell] > best ? src[cell] : best; });
    return best;
  }
  float sum = 0;
  for_cells(s, y, x, [&](int64_t cell) { sum += src[cell]; });
  return sum / divisor(kind, s, y, x);
}

// Where no cell is above -FLT_MAX, the window's first one gets the gradient.
inline void window_backward(PoolKind kind, const PoolShape& s, int y, int x, const float* src,
                            float diff_dst, float* diff_src) {
  if (kind == PoolKind::kMax) {
    float best = -FLT_MAX;
    int64_t at = -1;
    for_cells(s, y, x, [&](int64_t cell) {
      if (at < 0 || src[cell] > best) at = cell;
      best = src[cell] > best ? src[cell] : best;
    });
    diff_src[at] += diff_dst;
    return;
  }
  const float share = diff_dst / divisor(kind, s, y, x);
  for_cells(s, y, x, [&](int64_t cell) { diff_src[cell] += share; });
}

inline void windows_forward(PoolKind kind, const PoolShape& s, const float* src, float* dst) {
  for (int y = 0; y < s.oh; y++) {
    for (int x = 0; x < s.ow; x++) *dst++ = window_forward(kind, s, y, x, src);
  }
}

inline void windows_backward(PoolKind kind, const PoolShape& s, const float* src,
                             const float* diff_dst, float* diff_src) {
  std::fill(diff_src, diff_src + s.src_plane(), 0.0f);
  for (int y = 0; y < s.oh; y++) {
    for (int x = 0; x < s.ow; x++) window_backward(kind, s, y, x, src, *diff_dst++, diff_src);
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_POOL_WINDOWS_H
