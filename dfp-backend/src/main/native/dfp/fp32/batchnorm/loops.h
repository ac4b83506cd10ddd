// The loops of a batch norm kernel: the same arithmetic in every kernel, and in the plain Java one.
// Internal linkage: each kernel file compiles its own copy.
#ifndef DFP_FP32_BATCHNORM_LOOPS_H
#define DFP_FP32_BATCHNORM_LOOPS_H

#include <algorithm>
#include <cstdint>
#include <cstring>

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

template <class V>
inline void add_run(const float* a, int64_t count, double* sum) {
  constexpr int kParts = Sums<V>::kParts;
  typename V::Doubles lanes[kParts] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int p = 0; p < kParts; p++) lanes[p] = lanes[p] + V::widen(a + i + p * V::kWidth);
  }
  if (i < count) {
    for (int p = 0; p < kParts; p++) {
      const int64_t at = i + p * V::kWidth;
      lanes[p] = lanes[p] + V::widen(a + at, count - at);
    }
  }
  *sum += V::total(lanes);
}

inline void run_affine(const float* __restrict x, int64_t channels, int64_t count, const Affine& of,
                       float* __restrict y) {
  for (int64_t c = 0; c < channels; c++, x += count, y += count) {
    const float mean = of.mean[c], scale = of.scale[c], offset = of.offset[c];
    for (int64_t i = 0; i < count; i++) y[i] = (x[i] - mean) * scale + offset;
  }
}

// The bits of |x|: of two numbers the larger has the larger ones, and NaN has the largest.
inline int32_t magnitude_bits(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits & 0x7fffffff;
}

template <class V>
uint32_t run_gradient(const float* x, const float* diff_dst, int64_t channels, int64_t count,
                      const Gradient& of, float* diff_src, double* sum) {
  int32_t max = 0;
  for (int64_t c = 0; c < channels; c++, x += count, diff_dst += count, diff_src += count) {
    const float mean = of.mean[c], a = of.a[c], k = of.k[c], offset = of.offset[c];
#pragma omp simd reduction(max : max)
    for (int64_t i = 0; i < count; i++) {
      const float gradient = (diff_dst[i] * a + (x[i] - mean) * k) + offset;
      diff_src[i] = gradient;
      max = std::max(max, magnitude_bits(gradient));
    }
    if (sum != nullptr) add_run<V>(diff_src, count, sum + c);
  }
  return static_cast<uint32_t>(max);
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

inline uint32_t row_gradient(const float* x, const float* diff_dst, int64_t count,
                             const Gradient& channels, float* diff_src, double* sum) {
  const float* __restrict mean = channels.mean;
  const float* __restrict a = channels.a;
  const float* __restrict k = channels.k;
  const float* __restrict offset = channels.offset;
  int32_t max = 0;
#pragma omp simd reduction(max : max)
  for (int64_t i = 0; i < count; i++) {
    const float gradient = (diff_dst[i] * a[i] + (x[i] - mean[i]) * k[i]) + offset[i];
    diff_src[i] = gradient;
    max = std::max(max, magnitude_bits(gradient));
  }
  for (int64_t i = 0; sum != nullptr && i < count; i++) sum[i] += diff_src[i];
  return static_cast<uint32_t>(max);
}

template <class V>
constexpr BatchNormKernel kernel_named(const char* name) {
  return {name, run_sums<V>, run_affine, run_gradient<V>, row_sums, row_affine, row_gradient};
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_BATCHNORM_LOOPS_H
