// A product with the weights, which are larger than the caches and pass through them once.
//
//   C[m, n] = sum over k of A[m, k] * B[k, n]        A: the batch, B: the weights
//
// A is packed before, in parts of k. A thread takes some columns of B and brings them into its L2
// cache, one part of k after the other, as panels, and runs all of A past each.
#ifndef DFP_DENSE_WEIGHTS_PASS_H
#define DFP_DENSE_WEIGHTS_PASS_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dfp/dense/dense.h"
#include "dfp/gemm/gemm.h"
#include "dfp/quantize/quantize.h"

namespace dfp {

// The weights as DL4J keeps them: a row of ic values for each output.
class WeightsRows {
 public:
  virtual ~WeightsRows() = default;
  // `count` mantissas of row o from column c on: in place, or written to `buffer`. The same columns
  // of row `next` will be read soon.
  virtual const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                              int16_t* buffer) = 0;
};

// Mantissas [oc][ic].
class QuantizedRows final : public WeightsRows {
 public:
  QuantizedRows(const int16_t* mantissas, int64_t ic) : mantissas_(mantissas), ic_(ic) {}
  const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                      int16_t* buffer) override;

 private:
  const int16_t* mantissas_;
  int64_t ic_;
};

// FP32 values, quantized when read.
class FloatRows final : public WeightsRows {
 public:
  FloatRows(int isa, const FloatWeights& weights, int threads)
      : kernel_(quantize_kernel(isa)),
        weights_(weights),
        seen_(static_cast<std::size_t>(threads)) {}
  const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                      int16_t* buffer) override;
  // What the reads so far saw; of the whole tensor where each value was read once.
  Scan seen() const;

 private:
  struct alignas(64) OwnLine : Seen {};

  const QuantizeKernel& kernel_;
  const FloatWeights weights_;
  std::vector<OwnLine> seen_;
};

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
