// Local response normalization across channels in FP32, for tensors x[images, channels, pixels].
//
//   u[c]       = k + alpha * sum over j of x[j]^2
//   scale[c]   = u[c]^-beta
//   dst[c]     = x[c] * scale[c]
//   t[c]       = sum over j of dst[j] * diffDst[j]
//   diffSrc[c] = diffDst[c] * scale[c] - t[c] * x[c] / u[c] * (2 * alpha * beta)
//
// j = c, c - 1, c + 1, c - 2, c + 2, ... as far as `half`, where there is such a channel.
// beta = quarters / 4; scale is computed in FP64 from square roots and rounded once.
// All else is FP32, in the order that is written here, each operation rounded.
#ifndef DFP_FP32_LRN_LRN_H
#define DFP_FP32_LRN_LRN_H

#include <cstdint>

namespace dfp {

struct Lrn {
  int64_t images, channels, pixels;
  int half, quarters;
  float k, alpha, slope;  // slope = 2 * alpha * beta
};

// Pixels that are done at a time, for all channels: their rows stay in the L2 cache.
constexpr int64_t kLrnPixels = 64;
// Scratch of a backward pass: so many rows of kLrnPixels floats a channel.
constexpr int64_t kLrnScratchRows = 3;

// The kernels of one instruction set, on at most kLrnPixels pixels of one image.
struct LrnKernel {
  const char* name;
  void (*forward)(const Lrn& how, const float* x, int64_t count, float* dst);
  void (*backward)(const Lrn& how, const float* x, const float* diff_dst, int64_t count,
                   float* scratch, float* diff_src);
};

void lrn_forward(int isa, const Lrn& how, const float* x, int threads, float* dst);
void lrn_backward(int isa, const Lrn& how, const float* x, const float* diff_dst, int threads,
                  float* diff_src);

}  // namespace dfp

#endif  // DFP_FP32_LRN_LRN_H
