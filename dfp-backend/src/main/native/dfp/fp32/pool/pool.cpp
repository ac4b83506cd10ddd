// Pooling: shares the planes out to threads.
#include "dfp/fp32/pool/pool.h"

#include "dfp/base/isa.h"
#include "dfp/base/parallel.h"

namespace dfp {

#define DFP_POOL_KERNEL(isa, kernel) extern const PoolKernel pool_##kernel;
#include "dfp/fp32/pool/kernels.inc"
#undef DFP_POOL_KERNEL

namespace {

const PoolKernel& pool_kernel(int isa) {
#define DFP_POOL_KERNEL(isa, kernel) &pool_##kernel,
  static const PoolKernel* const kTable[] = {
#include "dfp/fp32/pool/kernels.inc"
  };
#undef DFP_POOL_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

int64_t src_plane(const PoolShape& s) { return static_cast<int64_t>(s.ih) * s.iw; }
int64_t dst_plane(const PoolShape& s) { return static_cast<int64_t>(s.oh) * s.ow; }

}  // namespace

void pool_forward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                  int threads, float* dst) {
  const PoolKernel& kernel = pool_kernel(isa);
  parallel_for(threads, planes, [&](int64_t plane, int) {
    kernel.forward(kind, shape, src + plane * src_plane(shape), dst + plane * dst_plane(shape));
  });
}

void pool_backward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                   const float* diff_dst, int threads, float* diff_src) {
  const PoolKernel& kernel = pool_kernel(isa);
  parallel_for(threads, planes, [&](int64_t plane, int) {
    const int64_t at = plane * src_plane(shape);
    kernel.backward(kind, shape, src + at, diff_dst + plane * dst_plane(shape), diff_src + at);
  });
}

}  // namespace dfp
