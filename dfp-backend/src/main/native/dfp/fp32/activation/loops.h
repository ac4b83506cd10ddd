// The loops of an activation kernel, for the compiler to vectorize: the same arithmetic in every
// kernel, and in the plain Java one. Internal linkage: each kernel file compiles its own copy.
#ifndef DFP_FP32_ACTIVATION_LOOPS_H
#define DFP_FP32_ACTIVATION_LOOPS_H

#include <cstdint>

#include "dfp/fp32/activation/activation.h"

namespace dfp {
namespace {

// Outputs may be where an input is.
inline void forward(const Activation& f, const float* x, int64_t count, float* y) {
  const float p = f.parameter;
  switch (f.kind) {
    case ActivationKind::kRelu:
#pragma omp simd
      for (int64_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];
      break;
    case ActivationKind::kClippedRelu:
#pragma omp simd
      for (int64_t i = 0; i < count; i++) {
        const float relu = x[i] < 0 ? 0 : x[i];
        y[i] = relu < p ? relu : p;
      }
      break;
    case ActivationKind::kLeakyRelu:
#pragma omp simd
      for (int64_t i = 0; i < count; i++) y[i] = x[i] < 0 ? p * x[i] : x[i];
      break;
  }
}

inline void backward(const Activation& f, const float* x, const float* diff_dst, int64_t count,
                     float* diff_src) {
  const float p = f.parameter;
  switch (f.kind) {
    case ActivationKind::kRelu:
#pragma omp simd
      for (int64_t i = 0; i < count; i++) diff_src[i] = x[i] > 0 ? diff_dst[i] : 0;
      break;
    case ActivationKind::kClippedRelu:
#pragma omp simd
      for (int64_t i = 0; i < count; i++) {
        diff_src[i] = x[i] > 0 && x[i] < p ? diff_dst[i] : 0;
      }
      break;
    case ActivationKind::kLeakyRelu:
#pragma omp simd
      for (int64_t i = 0; i < count; i++) {
        diff_src[i] = x[i] < 0 ? p * diff_dst[i] : diff_dst[i];
      }
      break;
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_ACTIVATION_LOOPS_H
