// Checks of the arguments that functions on FP32 tensors share, for the C interface.
#ifndef DFP_FP32_ARGUMENTS_H
#define DFP_FP32_ARGUMENTS_H

#include <cstdint>
#include <optional>

#include "dfp/base/arguments.h"
#include "dfp/dfp.h"
#include "dfp/fp32/deferred/deferred.h"

namespace dfp::arguments {

inline ChannelShape channel_shape(const int64_t* dims) {
  check_pointer("shape", dims);
  static const char* const kNames[] = {"outer", "channels", "inner"};
  int64_t count = 1;
  for (int i = 0; i < 3; i++) {
    check_range(kNames[i], dims[i], 1, kMaxElements / count);
    count *= dims[i];
  }
  return {dims[0], dims[1], dims[2]};
}

inline int channel_threads(const ChannelShape& shape, int threads) {
  return useful_threads(threads, shape.elements(), kElementsPerThread);
}

inline std::optional<Activation> activation_or_none(int kind, float parameter) {
  if (kind == DFP_NO_ACTIVATION) return std::nullopt;
  check_range("kind", kind, DFP_RELU, DFP_LEAKY_RELU);
  return Activation{static_cast<ActivationKind>(kind), parameter};
}

// A null mean: x as it is.
inline Deferred deferred(const float* x, const float* mean, const float* scale,
                         const float* offset, const std::optional<Activation>& f) {
  check_pointer("x", x);
  if (mean == nullptr) return {x, std::nullopt, f};
  check_pointer("scale", scale);
  check_pointer("offset", offset);
  return {x, Affine{mean, scale, offset}, f};
}

}  // namespace dfp::arguments

#endif  // DFP_FP32_ARGUMENTS_H
