// The part of the C interface for activations.
#include "dfp/base/arguments.h"
#include "dfp/dfp.h"
#include "dfp/fp32/activation/activation.h"

namespace {

using namespace dfp::arguments;
using dfp::Activation;
using dfp::ActivationKind;

Activation activation(int isa, int kind, float parameter, const float* x, int64_t count) {
  check_isa(isa);
  check_range("kind", kind, DFP_RELU, DFP_LEAKY_RELU);
  check_pointer("x", x);
  check_range("count", count, 1, kMaxElements);
  return {static_cast<ActivationKind>(kind), parameter};
}

}  // namespace

extern "C" {

int dfp_activation_forward(int isa, int kind, float parameter, const float* x, int64_t count,
                           int threads, float* y) {
  return guarded([&] {
    const dfp::Activation f = activation(isa, kind, parameter, x, count);
    check_pointer("y", y);
    dfp::activation_forward(isa, f, x, count, useful_threads(threads, count, kElementsPerThread),
                            y);
    return 0;
  });
}

int dfp_activation_backward(int isa, int kind, float parameter, const float* x,
                            const float* diff_dst, int64_t count, int threads, float* diff_src) {
  return guarded([&] {
    const dfp::Activation f = activation(isa, kind, parameter, x, count);
    check_pointer("diff_dst", diff_dst);
    check_pointer("diff_src", diff_src);
    dfp::activation_backward(isa, f, x, diff_dst, count,
                             useful_threads(threads, count, kElementsPerThread), diff_src);
    return 0;
  });
}

}  // extern "C"
