// Sums of deferred tensors: shares the elements out to threads.
#include "dfp/fp32/deferred/deferred.h"

#include <algorithm>

#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {
namespace {

constexpr int64_t kUnit = 1 << 15;  // elements a thread takes at a time

void add(const float* a, const float* b, int64_t count, float* y) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

}  // namespace

void deferred_sum(int isa, const ChannelShape& shape, const Deferred& a,
                  const std::optional<Deferred>& b, const std::optional<Activation>& f, int threads,
                  float* y) {
  const ActivationKernel& activation = activation_kernel(isa);
  const DeferredValues first(isa, a), second(isa, b.value_or(a));
  const int64_t elements = shape.elements();
  // Where no channel differs from another, all are one run.
  const bool by_channels = a.affine || (b && b->affine);
  const int64_t run_length = by_channels ? shape.inner : elements;
  parallel_for(threads, div_up(elements, kUnit), [&](int64_t unit, int) {
    alignas(64) float buffer[DeferredValues::kMaxRun];
    const int64_t end = std::min(elements, (unit + 1) * kUnit);
    for (int64_t at = unit * kUnit, count; at < end; at += count) {
      const int64_t run = at / run_length, channel = run % shape.channels;
      count = std::min({DeferredValues::kMaxRun, (run + 1) * run_length - at, end - at});
      const float* values = first(at, channel, count, y + at);
      if (b) {
        add(values, second(at, channel, count, buffer), count, y + at);
        values = y + at;
      }
      if (f) {
        activation.forward(*f, values, count, y + at);
      } else if (values != y + at) {
        std::copy(values, values + count, y + at);
      }
    }
  });
}

}  // namespace dfp
