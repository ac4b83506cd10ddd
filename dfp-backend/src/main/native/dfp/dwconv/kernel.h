// The two inner loops of a depthwise convolution, and the table of their kernels.
//
// A depthwise product has few terms an output (kh * kw), so a matrix product would spend its time
// on packing. These loops read the shifted planes of conv/grid.h in place:
//
//   sum_rows   out[p] = float_round(2^exponent * sum over k of rows[k][p] * weights[k])
//   dot_rows   sums[k] += sum over p of rows[k][p] * values[p]
//
// int16 operands, exact sums: one operand is split into two signed parts of 8 bits, and each part
// is summed in int32 over a chain of at most kDepthwiseChain products.
#ifndef DFP_DWCONV_KERNEL_H
#define DFP_DWCONV_KERNEL_H

#include <cstdint>

namespace dfp {

constexpr int kDepthwiseLanes = 16;          // positions that a kernel works on at a time
constexpr int64_t kDepthwiseChain = 512;     // products of one part in int32
constexpr int64_t kDepthwiseBlock = 4096;    // positions of one call of dot_rows
constexpr int64_t kMaxDepthwiseK = 1 << 22;  // terms of sum_rows: their sum is exact in a double
static_assert(kDepthwiseChain * 128 * 32767 <= INT32_MAX, "a chain fits int32");

// Weights of one output as sum_rows reads them: for each pair of terms two dwords, the pair's high
// parts and its low parts.
constexpr int64_t depthwise_weights(int64_t k) { return (k + 1) / 2 * 4; }

struct DepthwiseKernel {
  const char* name;
  // Computes `count` outputs from position `position` of the k rows; reads and writes whole lanes.
  // k <= kMaxDepthwiseK. `weights` holds depthwise_weights(k) values.
  void (*sum_rows)(const int16_t* const* rows, const int16_t* weights, int64_t k, int64_t position,
                   int64_t count, double scale, float* out);
  // Adds to sums[0, k). `high` and `low` are the parts of `count` values, a multiple of 32 and at
  // most kDepthwiseBlock.
  void (*dot_rows)(const int16_t* const* rows, int64_t k, int64_t position, const int16_t* high,
                   const int16_t* low, int64_t count, int64_t* sums);
};

// The row of the table for an instruction set.
const DepthwiseKernel& depthwise_kernel(int isa);

}  // namespace dfp

#endif  // DFP_DWCONV_KERNEL_H
