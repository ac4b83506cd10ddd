// Dispatch: from an instruction set to its row of the table.
#include "dfp/dwconv/kernel.h"

#include "dfp/base/isa.h"

namespace dfp {

extern const DepthwiseKernel depthwise_avx512vnni, depthwise_avx2;

const DepthwiseKernel& depthwise_kernel(int isa) {
#define DFP_DEPTHWISE_KERNEL(isa, kernel) &depthwise_##kernel,
  static const DepthwiseKernel* const kTable[] = {
#include "dfp/dwconv/kernels.inc"
  };
#undef DFP_DEPTHWISE_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

}  // namespace dfp
