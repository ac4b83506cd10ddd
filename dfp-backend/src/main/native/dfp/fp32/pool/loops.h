// The loops of a pooling kernel, for the compiler to vectorize across the columns of dst: the same
// arithmetic and order in every kernel, and in the plain Java one. Internal linkage: each kernel
// file compiles its own copy.
#ifndef DFP_FP32_POOL_LOOPS_H
#define DFP_FP32_POOL_LOOPS_H

#include <algorithm>
#include <cfloat>
#include <cstdint>
#include <type_traits>

#include "dfp/fp32/pool/pool.h"

namespace dfp {
namespace {

// Columns of dst that are done at a time: what is kept of them fits the L1 cache.
constexpr int kColumns = 256;

struct Range {
  int from, to;
};

// Positions p in [first, end) whose cell p * stride - padding + tap is one of `cells`.
inline Range inside(int first, int end, int stride, int padding, int tap, int cells) {
  const int least = padding - tap;
  const int from = least > 0 ? (least + stride - 1) / stride : 0;
  const int greatest = cells - 1 + padding - tap;
  const int to = greatest < 0 ? 0 : greatest / stride + 1;
  return {std::max(first, from), std::min(end, to)};
}

// Cells of a window along one dimension.
inline Range window(int position, int stride, int padding, int kernel, int cells) {
  const int start = position * stride - padding;
  return {std::max(start, 0), std::min(start + kernel, cells)};
}

// Calls body(columns, offset in the plane of the first column's cell, tap) for each tap of the
// windows of row y, in row order or with the taps of a row from right to left.
template <bool kBackwards, class Body>
inline void for_taps(const PoolShape& s, int y, Range columns, const Body& body) {
  const Range rows = window(y, s.sh, s.ph, s.kh, s.ih);
  for (int row = rows.from; row < rows.to; row++) {
    for (int i = 0; i < s.kw; i++) {
      const int j = kBackwards ? s.kw - 1 - i : i;
      const Range r = inside(columns.from, columns.to, s.sw, s.pw, j, s.iw);
      if (r.from >= r.to) continue;
      const int64_t cell = static_cast<int64_t>(row) * s.iw + (r.from * s.sw - s.pw + j);
      body(r, cell);
    }
  }
}

// Gives the body the stride as a constant where it is a common one.
template <class Body>
inline void with_stride(int stride, const Body& body) {
  switch (stride) {
    case 1:
      body(std::integral_constant<int, 1>());
      break;
    case 2:
      body(std::integral_constant<int, 2>());
      break;
    default:
      body(stride);
  }
}

inline void max_row(const PoolShape& s, int y, Range columns, const float* __restrict src,
                    float* __restrict best) {
  std::fill(best, best + (columns.to - columns.from), -FLT_MAX);
  with_stride(s.sw, [&](auto stride) {
    for_taps<false>(s, y, columns, [&](Range r, int64_t cell) {
      const float* __restrict from = src + cell;
      float* __restrict to = best + (r.from - columns.from);
      for (int i = 0; i < r.to - r.from; i++) {
        const float value = from[i * stride];
        to[i] = value > to[i] ? value : to[i];
      }
    });
  });
}

// The cell of each maximum too. Where no cell is above -FLT_MAX, it is the window's first.
inline void max_cells(const PoolShape& s, int y, Range columns, const float* __restrict src,
                      int32_t* __restrict cells) {
  float best[kColumns];
  std::fill(best, best + (columns.to - columns.from), -FLT_MAX);
  const int first_row = window(y, s.sh, s.ph, s.kh, s.ih).from;
  for (int x = columns.from; x < columns.to; x++) {
    cells[x - columns.from] = first_row * s.iw + window(x, s.sw, s.pw, s.kw, s.iw).from;
  }
  with_stride(s.sw, [&](auto stride) {
    for_taps<false>(s, y, columns, [&](Range r, int64_t cell) {
      const float* __restrict from = src + cell;
      float* __restrict to = best + (r.from - columns.from);
      int32_t* __restrict at = cells + (r.from - columns.from);
      const auto start = static_cast<int32_t>(cell);
      for (int i = 0; i < r.to - r.from; i++) {
        const float value = from[i * stride];
        const bool larger = value > to[i];
        at[i] = larger ? start + i * stride : at[i];
        to[i] = larger ? value : to[i];
      }
    });
  });
}

inline void divisors(PoolKind kind, const PoolShape& s, int y, Range columns,
                     float* __restrict divisor) {
  const Range rows = window(y, s.sh, s.ph, s.kh, s.ih);
  for (int x = columns.from; x < columns.to; x++) {
    const Range w = window(x, s.sw, s.pw, s.kw, s.iw);
    const int cells = (rows.to - rows.from) * (w.to - w.from);
    divisor[x - columns.from] =
        static_cast<float>(kind == PoolKind::kAverage ? cells : s.kh * s.kw);
  }
}

inline void average_row(PoolKind kind, const PoolShape& s, int y, Range columns,
                        const float* __restrict src, float* __restrict dst) {
  const int count = columns.to - columns.from;
  std::fill(dst, dst + count, 0.0f);
  with_stride(s.sw, [&](auto stride) {
    for_taps<false>(s, y, columns, [&](Range r, int64_t cell) {
      const float* __restrict from = src + cell;
      float* __restrict to = dst + (r.from - columns.from);
      for (int i = 0; i < r.to - r.from; i++) to[i] += from[i * stride];
    });
  });
  float divisor[kColumns];
  divisors(kind, s, y, columns, divisor);
  for (int i = 0; i < count; i++) dst[i] /= divisor[i];
}

// In a row, a cell gets the contributions of windows further left first: taps from right to left.
inline void spread_row(PoolKind kind, const PoolShape& s, int y, Range columns,
                       const float* __restrict diff_dst, float* __restrict diff_src) {
  float share[kColumns];
  divisors(kind, s, y, columns, share);
  for (int i = 0; i < columns.to - columns.from; i++) share[i] = diff_dst[i] / share[i];
  with_stride(s.sw, [&](auto stride) {
    for_taps<true>(s, y, columns, [&](Range r, int64_t cell) {
      float* __restrict to = diff_src + cell;
      const float* __restrict from = share + (r.from - columns.from);
      for (int i = 0; i < r.to - r.from; i++) to[i * stride] += from[i];
    });
  });
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

inline float window_forward(PoolKind kind, const PoolShape& s, int y, int x, const float* src) {
  if (kind == PoolKind::kMax) {
    float best = -FLT_MAX;
    for_cells(s, y, x, [&](int64_t cell) { best = src[cell] > best ? src[cell] : best; });
    return best;
  }
  float sum = 0, divisor;
  for_cells(s, y, x, [&](int64_t cell) { sum += src[cell]; });
  divisors(kind, s, y, {x, x + 1}, &divisor);
  return sum / divisor;
}

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
  float divisor;
  divisors(kind, s, y, {x, x + 1}, &divisor);
  const float share = diff_dst / divisor;
  for_cells(s, y, x, [&](int64_t cell) { diff_src[cell] += share; });
}

// Rows of fewer windows are done window by window.
constexpr int kNarrow = 8;

// Calls body(row, columns, offset in the plane of dst) for pieces of the rows of dst, in order.
template <class Body>
inline void for_row_pieces(const PoolShape& s, const Body& body) {
  for (int y = 0; y < s.oh; y++) {
    for (int x = 0; x < s.ow; x += kColumns) {
      body(y, Range{x, std::min(x + kColumns, s.ow)}, static_cast<int64_t>(y) * s.ow + x);
    }
  }
}

// Calls body(row, column, offset in the plane of dst) for each window, in order.
template <class Body>
inline void for_windows(const PoolShape& s, const Body& body) {
  for (int y = 0; y < s.oh; y++) {
    for (int x = 0; x < s.ow; x++) body(y, x, static_cast<int64_t>(y) * s.ow + x);
  }
}

void forward(PoolKind kind, const PoolShape& s, const float* src, float* dst) {
  if (s.ow < kNarrow) {
    for_windows(s, [&](int y, int x, int64_t at) { dst[at] = window_forward(kind, s, y, x, src); });
    return;
  }
  for_row_pieces(s, [&](int y, Range columns, int64_t at) {
    if (kind == PoolKind::kMax) {
      max_row(s, y, columns, src, dst + at);
    } else {
      average_row(kind, s, y, columns, src, dst + at);
    }
  });
}

void backward(PoolKind kind, const PoolShape& s, const float* src, const float* diff_dst,
              float* diff_src) {
  std::fill(diff_src, diff_src + static_cast<int64_t>(s.ih) * s.iw, 0.0f);
  if (s.ow < kNarrow) {
    for_windows(s, [&](int y, int x, int64_t at) {
      window_backward(kind, s, y, x, src, diff_dst[at], diff_src);
    });
    return;
  }
  for_row_pieces(s, [&](int y, Range columns, int64_t at) {
    if (kind == PoolKind::kMax) {
      int32_t cells[kColumns];
      max_cells(s, y, columns, src, cells);
      for (int i = 0; i < columns.to - columns.from; i++) diff_src[cells[i]] += diff_dst[at + i];
    } else {
      spread_row(kind, s, y, columns, diff_dst + at, diff_src);
    }
  });
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_POOL_LOOPS_H
