// Local response normalization: shares pieces of images out to threads.
#include "dfp/fp32/lrn/lrn.h"

#include <algorithm>
#include <vector>

#include "dfp/base/isa.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {

#define DFP_LRN_KERNEL(isa, kernel) extern const LrnKernel lrn_##kernel;
#include "dfp/fp32/lrn/kernels.inc"
#undef DFP_LRN_KERNEL

namespace {

const LrnKernel& lrn_kernel(int isa) {
#define DFP_LRN_KERNEL(isa, kernel) &lrn_##kernel,
  static const LrnKernel* const kTable[] = {
#include "dfp/fp32/lrn/kernels.inc"
  };
#undef DFP_LRN_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

// Calls body(offset of the first pixel in the first channel, pixels, thread).
template <class Body>
void for_pieces(const Lrn& how, int threads, const Body& body) {
  const int64_t pieces = div_up(how.pixels, kLrnPixels);
  parallel_for(threads, how.images * pieces, [&](int64_t unit, int thread) {
    const int64_t at = unit % pieces * kLrnPixels;
    body(unit / pieces * how.channels * how.pixels + at, std::min(kLrnPixels, how.pixels - at),
         thread);
  });
}

}  // namespace

void lrn_forward(int isa, const Lrn& how, const float* x, int threads, float* dst) {
  const LrnKernel& kernel = lrn_kernel(isa);
  for_pieces(how, threads,
             [&](int64_t at, int64_t count, int) { kernel.forward(how, x + at, count, dst + at); });
}

void lrn_backward(int isa, const Lrn& how, const float* x, const float* diff_dst, int threads,
                  float* diff_src) {
  const LrnKernel& kernel = lrn_kernel(isa);
  const int64_t share = kLrnScratchRows * how.channels * kLrnPixels;
  std::vector<float> scratch(static_cast<size_t>(share * threads));
  for_pieces(how, threads, [&](int64_t at, int64_t count, int thread) {
    kernel.backward(how, x + at, diff_dst + at, count, scratch.data() + thread * share,
                    diff_src + at);
  });
}

}  // namespace dfp
