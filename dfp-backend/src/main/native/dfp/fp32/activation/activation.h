// Activations of straight pieces in FP32, element by element. NaN is neither below nor above a
// number.
//
//   kind           f(x)                            f'(x)
//   relu           0 where x < 0, else x           1 where x > 0, else 0
//   clipped relu   relu(x) where < p, else p       1 where 0 < x < p, else 0
//   leaky relu     p · x where x < 0, else x       p where x < 0, else 1
#ifndef DFP_FP32_ACTIVATION_ACTIVATION_H
#define DFP_FP32_ACTIVATION_ACTIVATION_H

#include <cstdint>

namespace dfp {

enum class ActivationKind : int { kRelu = 0, kClippedRelu = 1, kLeakyRelu = 2 };

struct Activation {
  ActivationKind kind;
  float parameter;
};

// The kernels of one instruction set, on runs of values; an output may be where an input is.
struct ActivationKernel {
  const char* name;
  // y = f(x)
  void (*forward)(const Activation& f, const float* x, int64_t count, float* y);
  // diff_src = f'(x) · diff_dst, and 0 where f'(x) is 0
  void (*backward)(const Activation& f, const float* x, const float* diff_dst, int64_t count,
                   float* diff_src);
};

const ActivationKernel& activation_kernel(int isa);

void activation_forward(int isa, const Activation& f, const float* x, int64_t count, int threads,
                        float* y);
void activation_backward(int isa, const Activation& f, const float* x, const float* diff_dst,
                         int64_t count, int threads, float* diff_src);

}  // namespace dfp

#endif  // DFP_FP32_ACTIVATION_ACTIVATION_H
