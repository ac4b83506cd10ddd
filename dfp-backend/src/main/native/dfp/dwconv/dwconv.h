// Depthwise 2-D convolution: packing and the three products. See dfp.h for the arguments.
//
//   dst[n, c*multiplier + m, y, x] = sum over i, j of
//     src[n, c, y*sh - ph + i*dh, x*sw - pw + j*dw] * weights[c, m, i, j]
//
// src and diffDst lie in the planes of conv/grid.h, as those of a convolution with the same
// channels.
#ifndef DFP_DWCONV_DWCONV_H
#define DFP_DWCONV_DWCONV_H

#include <cstdint>

#include "dfp/base/shape.h"
#include "dfp/base/strided.h"
#include "dfp/quantize/quantize.h"

namespace dfp {

struct DepthwiseShape {
  int multiplier;
  ConvShape conv;  // with oc = ic * multiplier
};

int64_t dwconv_packed_bytes(const DepthwiseShape& shape, Role role);
// Returns the tensor's amax; NaN or infinite where a value is.
float dwconv_pack(int isa, const DepthwiseShape& shape, Role role, const Strided& x,
                  const Quantization& how, int threads, void* packed);

int64_t dwconv_scratch_bytes(const DepthwiseShape& shape, Pass pass, int threads);
void dwconv_forward(int isa, const DepthwiseShape& shape, const void* src, const void* weights,
                    int exponent, const float* bias, float* dst, int threads, void* scratch);
void dwconv_backward_data(int isa, const DepthwiseShape& shape, const void* diff_dst,
                          const void* weights, int exponent, float* diff_src, int threads,
                          void* scratch);
void dwconv_backward_weights(int isa, const DepthwiseShape& shape, const void* src,
                             const void* diff_dst, int exponent, float* diff_weights, int threads,
                             void* scratch);

}  // namespace dfp

#endif  // DFP_DWCONV_DWCONV_H
