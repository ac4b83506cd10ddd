// From FP32 to int16 mantissas, and the scan that finds a tensor's exponent.
//
//   I[i] = clamp(round(x[i] * 2^-E), -limit, +limit)      limit = 32767 >> headroom
#ifndef DFP_QUANTIZE_QUANTIZE_H
#define DFP_QUANTIZE_QUANTIZE_H

#include <atomic>
#include <cstdint>

#include "dfp/base/strided.h"

namespace dfp {

enum class Rounding : int { kNearestEven = 0, kStochastic = 1, kNearestAway = 2, kTruncate = 3 };

// A tensor's exponent and rounding, ready for use.
struct Quantization {
  // 2^-E as a product of two floats: 2^-E itself may not be one. x * first * second is exact, but
  // where it underflows.
  float first, second;
  int limit;
  Rounding rounding;
  uint64_t seed;

  Quantization(int exponent, Rounding rounding, int headroom, uint64_t seed);
};

// The kernels of one instruction set, on runs of values.
struct QuantizeKernel {
  const char* name;
  // Largest |x| as the bits of a float; 0x7f800000 or above where a value is not finite.
  uint32_t (*max_bits)(const float* x, int64_t count);
  // Sum of mixed (value, index) pairs, index counting from `first`.
  uint64_t (*fingerprint)(const float* x, int64_t count, uint64_t first);
  // mantissas[i] <- x[i]; the logical index of element i, which stochastic rounding draws its
  // random number from, is first + i * step. Returns max_bits(x, count). Values that the exponent
  // was not made for give some mantissas up to the limit.
  uint32_t (*quantize)(const float* x, int64_t count, const Quantization& how, uint64_t first,
                       uint64_t step, int16_t* mantissas);
  // As quantize, and *sum += fingerprint(x, count, at).
  uint32_t (*quantize_and_fingerprint)(const float* x, int64_t count, const Quantization& how,
                                       uint64_t first, uint64_t step, int16_t* mantissas,
                                       uint64_t at, uint64_t* sum);
};

const QuantizeKernel& quantize_kernel(int isa);

struct Scan {
  float amax;
  bool finite;
  uint64_t fingerprint;
};

// The part of a fingerprint that is of the layout in memory. Dimensions of length 1 have no part in
// it.
uint64_t mix_layout(const Strided& x);

Scan scan(int isa, const Strided& x, int threads, bool with_fingerprint);

// The largest of what several threads saw, as max_bits gives it.
class LargestBits {
 public:
  void add(uint32_t bits) {
    uint32_t seen = bits_.load(std::memory_order_relaxed);
    while (bits > seen && !bits_.compare_exchange_weak(seen, bits, std::memory_order_relaxed)) {
    }
  }
  uint32_t bits() const { return bits_.load(std::memory_order_relaxed); }
  float amax() const;

 private:
  std::atomic<uint32_t> bits_{0};
};

// Quantizes `count` values that lie `stride` apart and returns their max_bits.
uint32_t quantize_run(const QuantizeKernel& kernel, const float* x, int64_t stride, int64_t count,
                      const Quantization& how, uint64_t first, uint64_t step, int16_t* mantissas);

// What a thread sees of a tensor.
struct Seen {
  uint32_t max_bits = 0;
  uint64_t fingerprint = 0;  // the sum over the values, without the layout
};

// Quantizes elements [begin, end) in C order, whole rows of the last dimension, to mantissas[0] and
// on. The fingerprint, where wanted, is of a tensor that is dense.
Seen quantize_rows(const QuantizeKernel& kernel, const Strided& x, const Quantization& how,
                   int64_t begin, int64_t end, bool with_fingerprint, int16_t* mantissas);

// Quantizes a whole tensor into C order and returns its amax; NaN or infinite where a value is.
float quantize_dense(int isa, const Strided& x, const Quantization& how, int threads,
                     int16_t* mantissas);

}  // namespace dfp

#endif  // DFP_QUANTIZE_QUANTIZE_H
