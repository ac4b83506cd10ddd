// Fully connected layers: packing and the three products. See dfp.h for the arguments.
#ifndef DFP_DENSE_DENSE_H
#define DFP_DENSE_DENSE_H

#include <cstdint>

#include "dfp/base/shape.h"
#include "dfp/base/strided.h"
#include "dfp/quantize/weights_rows.h"

namespace dfp {

int64_t dense_packed_bytes(int isa, const DenseShape& shape, Role role);
// Returns the tensor's amax; NaN or infinite where a value is.
float dense_pack(int isa, const DenseShape& shape, Role role, const Strided& x,
                 const Quantization& how, int threads, void* packed);

int64_t dense_scratch_bytes(int isa, const DenseShape& shape, Pass pass, int threads);
void dense_forward(int isa, const DenseShape& shape, const void* src, const void* weights,
                   int exponent, const float* bias, float* dst, int threads, void* scratch);
void dense_backward_data(int isa, const DenseShape& shape, const void* diff_dst,
                         const void* weights, int exponent, float* diff_src, int threads,
                         void* scratch);

// The same with rows of weights, each of which is read once, or again() for a large batch.
void dense_forward(int isa, const DenseShape& shape, const void* src, WeightsRows& weights,
                   int exponent, const float* bias, float* dst, int threads, void* scratch);
void dense_backward_data(int isa, const DenseShape& shape, const void* diff_dst,
                         WeightsRows& weights, int exponent, float* diff_src, int threads,
                         void* scratch);

void dense_backward_weights(int isa, const DenseShape& shape, const void* src, const void* diff_dst,
                            int exponent, float* diff_weights, int threads, void* scratch);

}  // namespace dfp

#endif  // DFP_DENSE_DENSE_H
