// A product with the weights, which are larger than the caches and pass through them once.
//
//   C[m, n] = sum over k of A[m, k] * B[k, n]        A: the batch, B: the weights
//
// A is packed before, in parts of k. A thread takes some columns of B and brings them into its L2
// cache, one part of k after the other, as panels, and runs all of A past each.
#ifndef DFP_DENSE_WEIGHTS_PASS_H
#define DFP_DENSE_WEIGHTS_PASS_H

#include <cstdint>

#include "dfp/gemm/gemm.h"
#include "dfp/quantize/weights_rows.h"

namespace dfp {

struct WeightsPass {
  const GemmKernel& kernel;
  const int16_t* a;  // rows of k mantissas
  int64_t m, n, k;
  WeightsRows& rows;
  // The rows are the columns of B (forward), or its rows (backward data).
  bool rows_are_columns;
  int exponent;
  float* out;  // [m, n]
};

int64_t weights_pass_scratch_bytes(const GemmKernel& kernel, int64_t m, int64_t k,
                                   bool rows_are_columns, int threads);
void run(const WeightsPass& pass, int threads, void* scratch);

}  // namespace dfp

#endif  // DFP_DENSE_WEIGHTS_PASS_H
