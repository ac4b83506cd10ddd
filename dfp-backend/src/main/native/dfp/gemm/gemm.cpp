// Dispatch: from an instruction set to its row of the table.
#include "dfp/gemm/gemm.h"

#include "dfp/base/isa.h"

namespace dfp {

#define DFP_GEMM_KERNEL(isa) extern const GemmKernel gemm_##isa;
#include "dfp/gemm/kernels.inc"
#undef DFP_GEMM_KERNEL

const GemmKernel& gemm_kernel(int isa) {
#define DFP_GEMM_KERNEL(isa) &gemm_##isa,
  static const GemmKernel* const kTable[] = {
#include "dfp/gemm/kernels.inc"
  };
#undef DFP_GEMM_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

}  // namespace dfp
