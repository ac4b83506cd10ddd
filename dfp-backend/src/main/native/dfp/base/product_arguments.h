// Checks that the parts of the C interface for products share.
#ifndef DFP_BASE_PRODUCT_ARGUMENTS_H
#define DFP_BASE_PRODUCT_ARGUMENTS_H

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "dfp/base/arguments.h"
#include "dfp/base/shape.h"
#include "dfp/base/strided.h"
#include "dfp/dfp.h"
#include "dfp/quantize/quantize.h"

namespace dfp::arguments {

constexpr int kMaxDimension = 1 << 24;

inline void check_elements(const char* tensor, std::initializer_list<int64_t> shape) {
  // The check comes before each product, so none overflows.
  int64_t count = 1;
  for (const int64_t factor : shape) {
    if (count > kMaxElements / factor) fail(tensor, "at most 2^40 elements", "more");
    count *= factor;
  }
}

inline Role role_of(int role) {
  check_range("role", role, DFP_SRC, DFP_DIFF_DST);
  return static_cast<Role>(role);
}

inline Pass pass_of(int pass) {
  check_range("pass", pass, DFP_FORWARD, DFP_BACKWARD_WEIGHTS);
  return static_cast<Pass>(pass);
}

// Exponents of single tensors, and sums of two.
constexpr int kLeastExponent = -163, kGreatestExponent = 115;

inline Quantization quantization(int exponent, int rounding, int headroom, int64_t seed) {
  check_range("exponent", exponent, kLeastExponent, kGreatestExponent);
  check_range("rounding", rounding, DFP_NEAREST_EVEN, DFP_TRUNCATE);
  check_range("headroom", headroom, 0, 2);
  return {exponent, static_cast<Rounding>(rounding), headroom, static_cast<uint64_t>(seed)};
}

inline Strided strided(const float* x, std::initializer_list<int64_t> shape,
                       const int64_t* strides) {
  check_pointer("x", x);
  check_pointer("strides", strides);
  Strided tensor{x, 0, {}, {}};
  for (const int64_t length : shape) {
    tensor.shape[tensor.rank] = length;
    tensor.strides[tensor.rank] = strides[tensor.rank];
    tensor.rank++;
  }
  return tensor;
}

inline void check_fingerprint(int role, const int64_t* fingerprint) {
  if (fingerprint != nullptr) check_range("role", role, DFP_WEIGHTS, DFP_WEIGHTS);
}

inline void report(float seen, uint64_t hash, float* amax, int64_t* fingerprint) {
  if (amax != nullptr) *amax = seen;
  if (fingerprint != nullptr) *fingerprint = static_cast<int64_t>(hash);
}

inline void check_product(int isa, const char* first_name, const void* first,
                          const char* second_name, const void* second, int exponent,
                          const char* result_name, const float* result, int threads,
                          const void* scratch) {
  check_isa(isa);
  check_buffer(first_name, first);
  check_buffer(second_name, second);
  check_range("exponent", exponent, 2 * kLeastExponent, 2 * kGreatestExponent);
  check_pointer(result_name, result);
  check_range("threads", threads, 1, kMaxThreads);
  check_buffer("scratch", scratch);
}

constexpr int64_t kProductsPerThread = int64_t{1} << 19;

inline int threads_for(double products, int threads) {
  return useful_threads(threads, static_cast<int64_t>(std::min(products, 1e18)),
                        kProductsPerThread);
}

// Of a layer whose weights are multiplied `times` times each.
inline int threads_for_weights(double weights, double times, int threads) {
  constexpr double kOfWeight = 16;  // products in the time that a weight takes to read or write
  return threads_for(weights * (times + kOfWeight), threads);
}

inline int pack_threads(const Strided& x, int threads) {
  return useful_threads(threads, x.elements(), kElementsPerThread);
}

inline uint64_t fingerprint_of(int isa, const Strided& x, int threads) {
  return scan(isa, x, pack_threads(x, threads), true).fingerprint;
}

}  // namespace dfp::arguments

#endif  // DFP_BASE_PRODUCT_ARGUMENTS_H
