// The loops of a batch norm kernel for vectors of W floats: the same arithmetic in every kernel,
// and in the plain Java one. Internal linkage: each kernel file compiles its own copy.
#ifndef DFP_FP32_BATCHNORM_LOOPS_H
#define DFP_FP32_BATCHNORM_LOOPS_H

#include <cstdint>
#include <cstring>

#include "dfp/fp32/batchnorm/batchnorm.h"

namespace dfp {
namespace {

constexpr int kLanes = 16;

// Vectors of W floats, half of them, and that half in FP64.
template <int W>
struct Vectors;

template <>
struct Vectors<8> {
  typedef float Half __attribute__((vector_size(16)));
  typedef double Doubles __attribute__((vector_size(32)));
};

template <>
struct Vectors<16> {
  typedef float Half __attribute__((vector_size(32)));
  typedef double Doubles __attribute__((vector_size(64)));
};

// 16 FP64 lanes.
template <int W>
struct Lanes {
  static constexpr int kParts = 2 * kLanes / W;
  using Half = typename Vectors<W>::Half;
  using Doubles = typename Vectors<W>::Doubles;

  Doubles part[kParts] = {};

  static inline Doubles load(const float* x) {
    Half values;
    std::memcpy(&values, x, sizeof values);
    return __builtin_convertvector(values, Doubles);
  }

  inline double total() const {
    double lane[kLanes];
    std::memcpy(lane, part, sizeof lane);
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    }
    return lane[0];
  }
};

template <int W>
struct Sums {
  Lanes<W> sum, product;

  inline void add(const float* a, const float* b) {
    for (int p = 0; p < Lanes<W>::kParts; p++) {
      const auto x = Lanes<W>::load(a + p * (W / 2));
      const auto y = Lanes<W>::load(b + p * (W / 2));
      sum.part[p] += x;
      product.part[p] += x * y;
    }
  }
};

template <int W>
void run_sums(const float* a, const float* b, int64_t count, double* sum, double* product) {
  Sums<W> sums;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) sums.add(a + i, b + i);
  if (i < count) {
    // A lane that is not there adds 0, which changes no sum: none is -0.
    float x[kLanes] = {}, y[kLanes] = {};
    std::memcpy(x, a + i, static_cast<size_t>(count - i) * sizeof(float));
    std::memcpy(y, b + i, static_cast<size_t>(count - i) * sizeof(float));
    sums.add(x, y);
  }
  *sum += sums.sum.total();
  *product += sums.product.total();
}

inline void run_affine(const float* __restrict x, int64_t count, const Affine& channel,
                       float* __restrict y) {
  const float mean = *channel.mean, scale = *channel.scale, offset = *channel.offset;
  for (int64_t i = 0; i < count; i++) y[i] = (x[i] - mean) * scale + offset;
}

inline void run_gradient(const float* __restrict x, const float* __restrict diff_dst, int64_t count,
                         const Gradient& channel, float* __restrict diff_src) {
  const float mean = *channel.mean, a = *channel.a, k = *channel.k, offset = *channel.offset;
  for (int64_t i = 0; i < count; i++) {
    diff_src[i] = (diff_dst[i] * a + (x[i] - mean) * k) + offset;
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

inline void row_gradient(const float* __restrict x, const float* __restrict diff_dst, int64_t count,
                         const Gradient& channels, float* __restrict diff_src) {
  const float* __restrict mean = channels.mean;
  const float* __restrict a = channels.a;
  const float* __restrict k = channels.k;
  const float* __restrict offset = channels.offset;
  for (int64_t i = 0; i < count; i++) {
    diff_src[i] = (diff_dst[i] * a[i] + (x[i] - mean[i]) * k[i]) + offset[i];
  }
}

template <int W>
constexpr BatchNormKernel kernel_named(const char* name) {
  return {name, run_sums<W>, run_affine, run_gradient, row_sums, row_affine, row_gradient};
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_BATCHNORM_LOOPS_H
