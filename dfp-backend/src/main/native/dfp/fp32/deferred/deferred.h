// Values that are computed where they are read, for tensors that nobody has written:
//
//   y = f((x - mean[c]) · scale[c] + offset[c])      c the channel
//
// Each operation rounds, so y has the bits that batch norm and activation give one after the other.
#ifndef DFP_FP32_DEFERRED_DEFERRED_H
#define DFP_FP32_DEFERRED_DEFERRED_H

#include <cstdint>
#include <optional>

#include "dfp/fp32/activation/activation.h"
#include "dfp/fp32/batchnorm/batchnorm.h"

namespace dfp {

struct Deferred {
  const float* x;
  std::optional<Affine> affine;  // none: y = f(x)
  std::optional<Activation> f;   // none: the identity
};

// Computes runs of one channel on one instruction set.
class DeferredValues {
 public:
  static constexpr int64_t kMaxRun = 2048;

  DeferredValues(int isa, const Deferred& of)
      : affine_kernel_(batch_norm_kernel(isa)), activation_(activation_kernel(isa)), of_(of) {}

  // y of elements [at, at + count) of channel c, at most kMaxRun: in the buffer, or where x is.
  const float* operator()(int64_t at, int64_t c, int64_t count, float* buffer) const {
    const float* y = of_.x + at;
    if (of_.affine) {
      const Affine channel{of_.affine->mean + c, of_.affine->scale + c, of_.affine->offset + c};
      affine_kernel_.run_affine(y, 1, count, channel, buffer);
      y = buffer;
    }
    if (of_.f) {
      activation_.forward(*of_.f, y, count, buffer);
      y = buffer;
    }
    return y;
  }

 private:
  const BatchNormKernel& affine_kernel_;
  const ActivationKernel& activation_;
  const Deferred of_;
};

// y = f(a), or f(a + b): x[outer, channels, inner], dense. The outer f is none or one.
void deferred_sum(int isa, const ChannelShape& shape, const Deferred& a,
                  const std::optional<Deferred>& b, const std::optional<Activation>& f, int threads,
                  float* y);

}  // namespace dfp

#endif  // DFP_FP32_DEFERRED_DEFERRED_H
