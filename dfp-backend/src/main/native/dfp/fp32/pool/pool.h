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

  int64_t src_plane() const { return static_cast<int64_t>(ih) * iw; }
  int64_t dst_plane() const { return static_cast<int64_t>(oh) * ow; }
};

// How the rows of some planes lie side by side, so that vectors are full although rows are short.
//
// A row of dst has a lane for each window. A row of src, padding included, is split by column
// modulo sw into phases: tap j of lane x is entry x + j / sw of phase j mod sw. A plane has `pitch`
// lanes and entries a phase: its ow windows, and the entries that only taps to the right reach.
struct PoolLayout {
  int planes;        // of a group; 0 where pooling goes window by window
  int64_t pitch;     // lanes of a plane
  int64_t lanes;     // of a row of dst: whole vectors of 16
  int64_t phase;     // floats of a phase: whole vectors too
  int64_t src_rows;  // rows of src that a window spans
  int64_t dst_rows;  // rows of dst whose windows share a row of src
};

// The kernels of one instruction set, on a group of planes that follow one another.
struct PoolKernel {
  const char* name;
  // Bytes of scratch.
  int64_t (*scratch)(const PoolShape& shape, const PoolLayout& layout);
  void (*forward)(PoolKind kind, const PoolShape& shape, const PoolLayout& layout, int planes,
                  const float* src, void* scratch, float* dst);
  void (*backward)(PoolKind kind, const PoolShape& shape, const PoolLayout& layout, int planes,
                   const float* src, const float* diff_dst, void* scratch, float* diff_src);
};

void pool_forward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                  int threads, float* dst);
void pool_backward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                   const float* diff_dst, int threads, float* diff_src);

}  // namespace dfp

#endif  // DFP_FP32_POOL_POOL_H
