// Pooling: shares the planes out to threads, in groups that fill vectors.
#include "dfp/fp32/pool/pool.h"

#include <algorithm>
#include <memory>

#include "dfp/base/isa.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

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

constexpr int64_t kLine = 64;             // bytes of a cache line
constexpr int64_t kVector = 16;           // lanes of the widest vectors
constexpr int64_t kLanes = 128;           // of a row of dst: what is at work fits the L1 cache
constexpr int64_t kMostLanes = 32;        // for one window
constexpr int64_t kMostFloats = 1 << 18;  // of the rows of src that a window spans

PoolLayout pool_layout(const PoolShape& s, int64_t planes, int threads) {
  PoolLayout layout{};
  const int64_t left = (s.kw - 1) / s.sw;
  layout.pitch = s.ow + left;
  layout.planes = static_cast<int>(
      std::clamp<int64_t>(kLanes / layout.pitch, 1, div_up(planes, 2 * int64_t{threads})));
  layout.lanes = round_up((layout.planes - 1) * layout.pitch + s.ow, kVector);
  layout.phase = round_up(layout.lanes + left, kVector);
  layout.src_rows = std::min(s.kh, s.ih);
  layout.dst_rows = std::min((s.kh - 1) / s.sh + 1, s.oh);
  const int64_t floats = layout.phase * s.sw * layout.src_rows;
  if (layout.pitch > kMostLanes * s.ow || floats > kMostFloats) layout.planes = 0;
  return layout;
}

// Calls body(first plane, planes, scratch) for the groups of planes.
template <class Body>
void for_groups(const PoolKernel& kernel, const PoolShape& shape, const PoolLayout& layout,
                int64_t planes, int threads, const Body& body) {
  const int64_t scratch = kernel.scratch(shape, layout);
  const std::unique_ptr<uint8_t[]> memory(
      new uint8_t[static_cast<size_t>(scratch * threads + kLine)]);
  uint8_t* const aligned =
      memory.get() + (kLine - reinterpret_cast<uintptr_t>(memory.get()) % kLine);
  const int64_t group = std::max(layout.planes, 1);
  parallel_for(threads, div_up(planes, group), [&](int64_t i, int thread) {
    const int64_t first = i * group;
    body(first, static_cast<int>(std::min(group, planes - first)), aligned + thread * scratch);
  });
}

}  // namespace

void pool_forward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                  int threads, float* dst) {
  const PoolKernel& kernel = pool_kernel(isa);
  const PoolLayout layout = pool_layout(shape, planes, threads);
  for_groups(kernel, shape, layout, planes, threads, [&](int64_t first, int count, void* scratch) {
    kernel.forward(kind, shape, layout, count, src + first * shape.src_plane(), scratch,
                   dst + first * shape.dst_plane());
  });
}

void pool_backward(int isa, PoolKind kind, const PoolShape& shape, int64_t planes, const float* src,
                   const float* diff_dst, int threads, float* diff_src) {
  const PoolKernel& kernel = pool_kernel(isa);
  const PoolLayout layout = pool_layout(shape, planes, threads);
  for_groups(kernel, shape, layout, planes, threads, [&](int64_t first, int count, void* scratch) {
    const int64_t at = first * shape.src_plane();
    kernel.backward(kind, shape, layout, count, src + at, diff_dst + first * shape.dst_plane(),
                    scratch, diff_src + at);
  });
}

}  // namespace dfp
