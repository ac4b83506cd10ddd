// Convolution, 2-D and 3-D: packing and the three products. See dfp.h for the arguments.
#ifndef DFP_CONV_CONV_H
#define DFP_CONV_CONV_H

#include <cstdint>

#include "dfp/base/shape.h"
#include "dfp/base/strided.h"
#include "dfp/conv/filters.h"
#include "dfp/fp32/deferred/deferred.h"
#include "dfp/quantize/weights_rows.h"

namespace dfp {

int64_t conv_packed_bytes(int isa, const ConvShape& shape, Role role);
// Returns the tensor's amax; NaN or infinite where a value is. The fingerprint is of weights, that
// of their scan; null: not wanted.
float conv_pack(int isa, const ConvShape& shape, Role role, const Strided& x,
                const Quantization& how, int threads, void* packed, uint64_t* fingerprint);

// The same of src whose values are computed on the way, from a tensor in C order.
float conv_pack_src(int isa, const ConvShape& shape, const Strided& x, const Deferred& values,
                    const Quantization& how, int threads, void* packed);

// src and diffDst as planes of the shape's own grid (conv/grid.h).
int64_t planes_bytes(const ConvShape& shape, Role role);
float pack_planes(int isa, const ConvShape& shape, Role role, const Strided& x,
                  const Quantization& how, int threads, void* packed);

int64_t conv_scratch_bytes(int isa, const ConvShape& shape, Pass pass, int threads);
void conv_forward(int isa, const ConvShape& shape, const void* src, const void* weights,
                  int exponent, const float* bias, float* dst, int threads, void* scratch);
void conv_backward_data(int isa, const ConvShape& shape, const void* diff_dst, const void* weights,
                        int exponent, float* diff_src, int threads, void* scratch);
void conv_backward_weights(int isa, const ConvShape& shape, const void* src, const void* diff_dst,
                           int exponent, float* diff_weights, int threads, void* scratch);

// Whether products with few columns are faster with weights in FP32, which they read once and
// quantize on the way, than with packed ones that have to be packed first.
bool conv_takes_fp32_weights(int isa, const ConvShape& shape);
// Products with those, one filter after the other in memory. They return what a scan of the weights
// returns: where the exponent is not that of its amax, or a value is not finite, the output is
// worthless.
Scan conv_forward(int isa, const ConvShape& shape, const void* src, const FloatWeights& weights,
                  int exponent, const float* bias, float* dst, int threads, void* scratch);
Scan conv_backward_data(int isa, const ConvShape& shape, const void* diff_dst,
                        const FloatWeights& weights, int exponent, float* diff_src, int threads,
                        void* scratch);

// --- Shared by the files of this folder
// -----------------------------------------------------------

// Packed weights: the mantissas of the kept taps, [oc][weights_row()] of the filters' shape, and
// the panels of the forward product.
struct PackedWeights {
  const int16_t* mantissas;
  const uint8_t* panels;

  PackedWeights(int isa, const Filters& filters, const void* packed);
};

int64_t forward_scratch_bytes(int isa, const Filters& filters, int threads);
int64_t backward_data_scratch_bytes(int isa, const Filters& filters, int threads);
int64_t backward_weights_scratch_bytes(int isa, const Filters& filters, int threads);

}  // namespace dfp

#endif  // DFP_CONV_CONV_H
