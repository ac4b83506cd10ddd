// Sums of deferred tensors: shares the runs of channels out to threads.
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
  const int64_t runs = shape.outer * shape.channels;
  const int64_t runs_per_unit = std::max<int64_t>(1, kUnit / shape.inner);
  parallel_for(threads, div_up(runs, runs_per_unit), [&](int64_t unit, int) {
    alignas(64) float buffer[DeferredValues::kMaxRun];
    const int64_t end = std::min(runs, (unit + 1) * runs_per_unit);
    for (int64_t run = unit * runs_per_unit; run < end; run++) {
      const int64_t channel = run % shape.channels;
      for (int64_t i = 0; i < shape.inner; i += DeferredValues::kMaxRun) {
        const int64_t at = run * shape.inner + i;
        const int64_t count = std::min(DeferredValues::kMaxRun, shape.inner - i);
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
    }
  });
}

}  // namespace dfp
