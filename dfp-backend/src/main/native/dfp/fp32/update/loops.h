// The update kernels as plain loops, which compilers turn into vectors of the instruction set that
// a file is compiled for: division and square root round correctly in all of them. Internal
// linkage: each kernel file compiles its own copy.
#ifndef DFP_FP32_UPDATE_LOOPS_H
#define DFP_FP32_UPDATE_LOOPS_H

#include <cmath>

#include "dfp/fp32/update/update.h"

namespace dfp {
namespace {

void add_penalty(const float* __restrict x, int64_t count, PenaltyTerm term,
                 float* __restrict gradient) {
  const float coefficient = term.coefficient;
  if (term.kind == Penalty::kL1) {
    for (int64_t i = 0; i < count; i++) {
      const float sign = (x[i] > 0.0f ? 1.0f : 0.0f) - (x[i] < 0.0f ? 1.0f : 0.0f);
      gradient[i] = coefficient * sign + gradient[i];
    }
  } else {
    for (int64_t i = 0; i < count; i++) gradient[i] = coefficient * x[i] + gradient[i];
  }
}

void sgd(float rate, int64_t count, float* gradient) {
  for (int64_t i = 0; i < count; i++) gradient[i] *= rate;
}

void nesterovs(float rate, float momentum, int64_t count, float* __restrict gradient,
               float* __restrict v) {
  const float look_ahead = -momentum - 1.0f;
  for (int64_t i = 0; i < count; i++) {
    const float previous = momentum * v[i];
    const float next = previous - rate * gradient[i];
    v[i] = next;
    gradient[i] = previous + look_ahead * next;
  }
}

void rms_prop(const RmsProp& how, int64_t count, float* __restrict gradient, float* __restrict s) {
  const float rate = how.rate, decay = how.decay, epsilon = how.epsilon, rest = 1.0f - how.decay;
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i];
    const float next = s[i] * decay + g * g * rest;
    s[i] = next;
    gradient[i] = rate * g / (std::sqrt(next) + epsilon);
  }
}

void adam(const Adam& how, int64_t count, float* __restrict gradient, float* __restrict m,
          float* __restrict s) {
  const float rate = how.rate, epsilon = how.epsilon;
  const float beta1 = how.beta1, rest1 = 1.0f - how.beta1;
  const float beta2 = how.beta2, rest2 = 1.0f - how.beta2;
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i];
    const float mean = beta1 * m[i] + g * rest1;
    const float square = beta2 * s[i] + g * g * rest2;
    m[i] = mean;
    s[i] = square;
    gradient[i] = mean * rate / (std::sqrt(square) + epsilon);
  }
}

// The tree over the lanes.
Sums add_lanes(double (&absolute)[kSumLanes], double (&squares)[kSumLanes]) {
  for (int width = kSumLanes / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) {
      absolute[lane] += absolute[lane + width];
      squares[lane] += squares[lane + width];
    }
  }
  return {absolute[0], squares[0]};
}

// Adds x[from .. count) to the lanes; `from` is a multiple of kSumLanes.
void add_rest(const float* x, int64_t from, int64_t count, double (&absolute)[kSumLanes],
              double (&squares)[kSumLanes]) {
  for (int64_t i = from; i < count; i++) {
    const double value = x[i];
    absolute[i % kSumLanes] += std::fabs(value);
    squares[i % kSumLanes] += value * value;
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_UPDATE_LOOPS_H
