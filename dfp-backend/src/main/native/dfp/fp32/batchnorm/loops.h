// The loops of a batch norm kernel: the same arithmetic in every kernel, and in the plain Java one.
// Internal linkage: each kernel file compiles its own copy.
#ifndef DFP_FP32_BATCHNORM_LOOPS_H
#define DFP_FP32_BATCHNORM_LOOPS_H

#include <cstdint>

#include "dfp/fp32/batchnorm/batchnorm.h"

namespace dfp {
namespace {

constexpr int kLanes = 16;

// Elements that are asked for ahead of their use: on small maps, what lies together is too short
// for the processor to follow by itself.
constexpr int64_t kAhead = 1024;

// Two sums of one run at a time, in vectors V of FP64:
//   kWidth                     doubles of a vector
//   widen(x), widen(x, count)  as many floats; the first `count` of them, if any, then zeros
//   multiply_add(a, b, c)      a · b + c, fused or not: the product is exact
//   total(lanes)               the sum of kLanes / kWidth vectors in the order of batchnorm.h
template <class V>
struct Sums {
  using Doubles = typename V::Doubles;
  static constexpr int kParts = kLanes / V::kWidth;

  Doubles sum[kParts] = {}, product[kParts] = {};

  inline void add(int part, const Doubles& x, const Doubles& y) {
    sum[part] = sum[part] + x;
    product[part] = V::multiply_add(x, y, product[part]);
  }
};

template <class V, bool kSquares>
inline void add_run(const float* a, const float* b, int64_t count, double* sum, double* product) {
  Sums<V> sums;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __builtin_prefetch(a + i + kAhead);
    if (!kSquares) __builtin_prefetch(b + i + kAhead);
    for (int p = 0; p < Sums<V>::kParts; p++) {
      const auto x = V::widen(a + i + p * V::kWidth);
      sums.add(p, x, kSquares ? x : V::widen(b + i + p * V::kWidth));
    }
  }
  // A lane that is not there adds 0, which changes no sum: none is -0. No part is left out: then
  // all of them stay in registers.
  if (i < count) {
    for (int p = 0; p < Sums<V>::kParts; p++) {
      const int64_t at = i + p * V::kWidth;
      const auto x = V::widen(a + at, count - at);
      sums.add(p, x, kSquares ? x : V::widen(b + at, count - at));
    }
  }
  *sum += V::total(sums.sum);
  *product += V::total(sums.product);
}

template <class V>
void run_sums(const float* a, const float* b, int64_t channels, int64_t count, double* sum,
              double* product) {
  for (int64_t c = 0; c < channels; c++, a += count, b += count) {
    if (a == b) {
      add_run<V, true>(a, a, count, sum + c, product + c);
    } else {
      add_run<V, false>(a, b, count, sum + c, product + c);
    }
  }
}

inline void run_affine(const float* __restrict x, int64_t channels, int64_t count, const Affine& of,
                       float* __restrict y) {
  for (int64_t c = 0; c < channels; c++, x += count, y += count) {
    const float mean = of.mean[c], scale = of.scale[c], offset = of.offset[c];
    for (int64_t i = 0; i < count; i++) y[i] = (x[i] - mean) * scale + offset;
  }
}

inline void run_gradient(const float* x, const float* diff_dst, int64_t channels, int64_t count,
                         const Gradient& of, float* diff_src) {
  for (int64_t c = 0; c < channels; c++, x += count, diff_dst += count, diff_src += count) {
    const float mean = of.mean[c], a = of.a[c], k = of.k[c], offset = of.offset[c];
#pragma omp simd
    for (int64_t i = 0; i < count; i++) {
      diff_src[i] = (diff_dst[i] * a + (x[i] - mean) * k) + offset;
    }
  }
}

inline void row_sums(const float* __restrict a, const float* __restrict b, int64_t count,
                     double* __restrict sum, double* __restrict product) {
  for (int64_t i = 0; i < count; i++) {
    const double x = a[i], y = b[i];
    sum[i] += x;
    product[i] += x * y;
  }
}

inline void row_affine(const float* __restrict x, int64_t count, const Affine& channels,
                       float* __restrict y) {
  const float* __restrict mean = channels.mean;
  const float* __restrict scale = channels.scale;
  const float* __restrict offset = channels.offset;
  for (int64_t i = 0; i < count; i++) y[i] = (x[i] - mean[i]) * scale[i] + offset[i];
}

inline void row_gradient(const float* x, const float* diff_dst, int64_t count,
                         const Gradient& channels, float* diff_src) {
  const float* __restrict mean = channels.mean;
  const float* __restrict a = channels.a;
  const float* __restrict k = channels.k;
  const float* __restrict offset = channels.offset;
#pragma omp simd
  for (int64_t i = 0; i < count; i++) {
    diff_src[i] = (diff_dst[i] * a[i] + (x[i] - mean[i]) * k[i]) + offset[i];
  }
}

template <class V>
constexpr BatchNormKernel kernel_named(const char* name) {
  return {name, run_sums<V>, run_affine, run_gradient, row_sums, row_affine, row_gradient};
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_BATCHNORM_LOOPS_H
