// Max and average pooling in FP32, plane by plane: a plane is one channel of one image.
//
// The window of (y, x) has the cells (y * sh - ph + i, x * sw - pw + j) with 0 <= i < kh and
// 0 <= j < kw that exist.
//
//   max      dst = the largest cell
//   average  dst = sum of the cells in row order / divisor
//
// Of equal cells the first in row order is the largest, and NaN never is. The divisor is the number
// of cells, or kh * kw.
//
// Backward adds each diffDst, or diffDst / divisor, to its cells, in the order of dst.
#ifndef DFP_FP32_POOL_POOL_H
#define DFP_FP32_POOL_POOL_H

#include <cstdint>

namespace dfp {

enum class PoolKind : int { kMax = 0, kAverage = 1, kAverageOfWindow = 2 };

// Every window has a cell.
struct PoolShape {
  int ih, iw, oh, ow, kh, kw, sh, sw, ph, pw;
};

// The kernels of one instruction set, on one plane.
struct PoolKernel {
  const char* name;
  void (*forward)(PoolKind kind, const PoolShape& shape, const float* src, float* dst);
  void (*backward)(PoolKind kind, const PoolShape& shape, const float* src, const float* diff_dst,
                   float* diff_src);
};

void pool_forward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                  int threads, float* dst);
void pool_backward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                   const float* diff_dst, int threads, float* diff_src);

}  // namespace dfp

#endif  // DFP_FP32_POOL_POOL_H
