// Activations: shares the elements out to threads.
#include "dfp/fp32/activation/activation.h"

#include <algorithm>

#include "dfp/base/isa.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {

#define DFP_ACTIVATION_KERNEL(isa, kernel) extern const ActivationKernel activation_##kernel;
#include "dfp/fp32/activation/kernels.inc"
#undef DFP_ACTIVATION_KERNEL

const ActivationKernel& activation_kernel(int isa) {
#define DFP_ACTIVATION_KERNEL(isa, kernel) &activation_##kernel,
  static const ActivationKernel* const kTable[] = {
#include "dfp/fp32/activation/kernels.inc"
  };
#undef DFP_ACTIVATION_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

namespace {

constexpr int64_t kPiece = 1 << 15;  // elements a thread takes at a time

template <class Body>
void for_pieces(int threads, int64_t count, const Body& body) {
  parallel_for(threads, div_up(count, kPiece),
               [&](int64_t i, int) { body(i * kPiece, std::min(kPiece, count - i * kPiece)); });
}

}  // namespace

void activation_forward(int isa, const Activation& f, const float* x, int64_t count, int threads,
                        float* y) {
  const ActivationKernel& kernel = activation_kernel(isa);
  for_pieces(threads, count,
             [&](int64_t at, int64_t length) { kernel.forward(f, x + at, length, y + at); });
}

void activation_backward(int isa, const Activation& f, const float* x, const float* diff_dst,
                         int64_t count, int threads, float* diff_src) {
  const ActivationKernel& kernel = activation_kernel(isa);
  for_pieces(threads, count, [&](int64_t at, int64_t length) {
    kernel.backward(f, x + at, diff_dst + at, length, diff_src + at);
  });
}

}  // namespace dfp
