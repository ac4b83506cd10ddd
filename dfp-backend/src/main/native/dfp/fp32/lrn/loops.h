// The loops of a kernel of local response normalization, for the compiler to vectorize across
// pixels: the same arithmetic in every kernel, and in the plain Java one. Internal linkage: each
// kernel file compiles its own copy.
#ifndef DFP_FP32_LRN_LOOPS_H
#define DFP_FP32_LRN_LOOPS_H

#include <cmath>
#include <cstdint>

#include "dfp/fp32/lrn/lrn.h"

namespace dfp {
namespace {

// Calls body(channel) for the neighbours of channel c: c - 1, c + 1, c - 2, ...
template <class Body>
inline void for_neighbours(const Lrn& how, int64_t c, const Body& body) {
  for (int64_t i = 1; i <= how.half; i++) {
    if (c - i >= 0) body(c - i);
    if (c + i < how.channels) body(c + i);
  }
}

// u of channel c.
inline void responses(const Lrn& how, const float* __restrict x, int64_t c, int64_t count,
                      float* __restrict u) {
  const float* __restrict own = x + c * how.pixels;
  for (int64_t p = 0; p < count; p++) u[p] = own[p] * own[p];
  for_neighbours(how, c, [&](int64_t j) {
    const float* __restrict other = x + j * how.pixels;
    for (int64_t p = 0; p < count; p++) u[p] += other[p] * other[p];
  });
  for (int64_t p = 0; p < count; p++) u[p] = u[p] * how.alpha + how.k;
}

// scale = u^-(quarters / 4): powers of the fourth root.
inline void scales(const Lrn& how, const float* __restrict u, int64_t count,
                   float* __restrict scale) {
  double power[kLrnPixels], root[kLrnPixels];
  for (int64_t p = 0; p < count; p++) {
    root[p] = std::sqrt(std::sqrt(static_cast<double>(u[p])));
    power[p] = root[p];
  }
  for (int q = 1; q < how.quarters; q++) {
    for (int64_t p = 0; p < count; p++) power[p] *= root[p];
  }
  for (int64_t p = 0; p < count; p++) scale[p] = static_cast<float>(1.0 / power[p]);
}

void forward(const Lrn& how, const float* x, int64_t count, float* dst) {
  float u[kLrnPixels], scale[kLrnPixels];
  for (int64_t c = 0; c < how.channels; c++) {
    responses(how, x, c, count, u);
    scales(how, u, count, scale);
    const float* __restrict own = x + c * how.pixels;
    float* __restrict to = dst + c * how.pixels;
    for (int64_t p = 0; p < count; p++) to[p] = own[p] * scale[p];
  }
}

void backward(const Lrn& how, const float* x, const float* diff_dst, int64_t count, float* scratch,
              float* diff_src) {
  float* const responses_of = scratch;
  float* const scales_of = scratch + how.channels * kLrnPixels;
  float* const products_of = scratch + 2 * how.channels * kLrnPixels;
  for (int64_t c = 0; c < how.channels; c++) {
    float* __restrict scale = scales_of + c * kLrnPixels;
    responses(how, x, c, count, responses_of + c * kLrnPixels);
    scales(how, responses_of + c * kLrnPixels, count, scale);
    const float* __restrict own = x + c * how.pixels;
    const float* __restrict from = diff_dst + c * how.pixels;
    float* __restrict product = products_of + c * kLrnPixels;
    for (int64_t p = 0; p < count; p++) product[p] = own[p] * scale[p] * from[p];
  }
  for (int64_t c = 0; c < how.channels; c++) {
    float t[kLrnPixels];
    const float* __restrict product = products_of + c * kLrnPixels;
    for (int64_t p = 0; p < count; p++) t[p] = product[p];
    for_neighbours(how, c, [&](int64_t j) {
      const float* __restrict other = products_of + j * kLrnPixels;
      for (int64_t p = 0; p < count; p++) t[p] += other[p];
    });
    const float* __restrict u = responses_of + c * kLrnPixels;
    const float* __restrict scale = scales_of + c * kLrnPixels;
    const float* __restrict own = x + c * how.pixels;
    const float* __restrict from = diff_dst + c * how.pixels;
    float* __restrict to = diff_src + c * how.pixels;
    for (int64_t p = 0; p < count; p++) {
      to[p] = from[p] * scale[p] - t[p] * own[p] / u[p] * how.slope;
    }
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_LRN_LOOPS_H
