// Backward data: diffSrc = diffDst * weights transposed.
//
// Elements of diffSrc of one phase (see grid.h) are reached by the same taps, so each phase is a
// matrix product of its own: M = ic, N = the phase's cells, K = (output channel, tap of the phase).
// Row (o, i, j) of B is plane o of diffDst, shifted backwards by the tap. Where there are few input
// channels, backward_data_merged.cpp does it otherwise, and on large maps shared_lines.cpp.
#include "dfp/conv/backward_data.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/cells.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/dense_layout.h"
#include "dfp/conv/filters.h"
#include "dfp/conv/grid.h"
#include "dfp/conv/shared_lines.h"
#include "dfp/conv/transposed_panels.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {
namespace {

// The most taps that one phase has.
int64_t most_taps(const Grid& grid) {
  std::size_t most = 0;
  for (const Phase& phase : grid.read_phases()) most = std::max(most, grid.taps_of(phase).size());
  return static_cast<int64_t>(most);
}

struct ScratchLayout {
  std::vector<int16_t*> rows;     // of each thread, read of whole filters
  std::vector<int16_t*> columns;  // of each thread, for the panels that it makes
  void* product;
  int64_t bytes;

  ScratchLayout(const GemmKernel& kernel, const Filters& filters, const Grid& grid, int threads,
                void* scratch) {
    const ConvShape& shape = grid.shape;
    const int64_t taps = most_taps(grid);
    const int64_t at_a_time = TransposedPanels::at_a_time(kernel, shape.taps());
    Arena arena(scratch);
    for (int i = 0; i < threads; i++) {
      rows.push_back(
          arena.take<int16_t>(filters.keep_all() ? 0 : kernel.mr * at_a_time * filters.taps));
      columns.push_back(arena.take<int16_t>(
          TransposedPanels::scratch_elements(kernel, shape.oc, taps, shape.taps())));
    }
    product = arena.take<uint8_t>(
        strip_product_scratch_bytes(kernel, shape.ic, shape.oc * taps, threads, at_a_time));
    bytes = arena.used();
  }
};

void clear(float* diff_src, const ConvShape& shape, int threads) {
  const int64_t count = int64_t{shape.mb} * shape.ic * shape.src_plane();
  constexpr int64_t kUnit = 65536;
  parallel_for(threads, div_up(count, kUnit), [&](int64_t unit, int) {
    const int64_t start = unit * kUnit, length = std::min(kUnit, count - start);
    std::memset(diff_src + start, 0, static_cast<std::size_t>(length) * sizeof *diff_src);
  });
}

// One product a phase.
void run_phases(const GemmKernel& kernel, const Grid& grid, const int16_t* planes,
                WeightsRows& weights, int exponent, float* diff_src, int threads,
                const ScratchLayout& scratch) {
  const ConvShape& shape = grid.shape;
  const bool stream = larger_than_caches(int64_t{shape.mb} * shape.ic * shape.src_plane());
  const bool whole_lines = stream && !grid.has_strides() && shape.src_plane() % kStripLanes == 0;
  // Elements of a phase without taps are read by no output.
  if (!grid.reads_all_phases()) clear(diff_src, shape, threads);
  for (const Phase& phase : grid.read_phases()) {
    const std::vector<Tap> taps = grid.taps_of(phase);
    std::vector<const int16_t*> rows;
    rows.reserve(static_cast<std::size_t>(shape.oc) * taps.size());
    for (int o = 0; o < shape.oc; o++) {
      for (const Tap& tap : taps) rows.push_back(grid.plane(planes, o) - grid.shift(tap));
    }
    std::vector<int> indices;
    for (const Tap& tap : taps) indices.push_back(tap.index(shape));
    const TransposedPanels panels(kernel, {weights, shape.oc, shape.ic, shape.taps(), indices},
                                  scratch.columns);
    const StripList strips = phase_strips(grid, phase, whole_lines ? diff_src : nullptr);
    const StripProduct product{kernel,      nullptr, shape.ic, static_cast<int64_t>(rows.size()),
                               rows.data(), strips,  diff_src, shape.src_plane(),
                               exponent,    nullptr, stream,   &panels};
    strip_product(product, threads, scratch.product);
  }
}

}  // namespace

bool has_one_phase(const GemmKernel& kernel, const ConvShape& shape) {
  const Grid grid(shape);
  return grid.read_phases().size() == 1 && !merges_phases(kernel, grid);
}

int64_t backward_data_scratch_bytes(int isa, const Filters& filters, int threads) {
  if (filters.are_dense()) {
    return DenseLayout(isa, filters, Pass::kBackwardData, threads, nullptr).bytes;
  }
  const Grid grid(filters.shape);
  const GemmKernel& kernel = gemm_kernel(isa);
  if (merges_phases(kernel, grid)) {
    return merged_backward_data_scratch_bytes(kernel, grid, threads);
  }
  // Weights in FP32 are multiplied in phases in any case.
  const SharedLines lines(kernel, grid, Pass::kBackwardData);
  const bool phases = !lines.pay() || conv_takes_fp32_weights(isa, filters.shape);
  return std::max(lines.pay() ? lines.scratch_bytes(threads) : 0,
                  phases ? ScratchLayout(kernel, filters, grid, threads, nullptr).bytes : 0);
}

void conv_backward_data(int isa, const ConvShape& whole, const void* diff_dst, const void* weights,
                        int exponent, float* diff_src, int threads, void* scratch) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const Filters filters(whole);
  const Grid grid(filters.shape);
  const PackedWeights packed(isa, filters, weights);
  if (filters.are_dense()) {
    const DenseLayout layout(isa, filters, Pass::kBackwardData, threads, scratch);
    QuantizedRows rows(packed.mantissas, filters.shape.ic);
    dense_backward_data(isa, filters.dense(), diff_dst, rows, exponent, diff_src, threads,
                        layout.product);
    return;
  }
  const auto* planes = static_cast<const int16_t*>(diff_dst);
  if (merges_phases(kernel, grid)) {
    merged_backward_data(kernel, grid, planes, packed.mantissas, exponent, diff_src, threads,
                         scratch);
    return;
  }
  const SharedLines lines(kernel, grid, Pass::kBackwardData);
  if (lines.pay()) {
    lines.multiply(planes, packed.mantissas, exponent, nullptr, diff_src, threads, scratch);
    return;
  }
  const ScratchLayout layout(kernel, filters, grid, threads, scratch);
  QuantizedRows rows(packed.mantissas, filters.shape.weights_row());
  run_phases(kernel, grid, planes, rows, exponent, diff_src, threads, layout);
}

Scan conv_backward_data(int isa, const ConvShape& whole, const void* diff_dst,
                        const FloatWeights& weights, int exponent, float* diff_src, int threads,
                        void* scratch) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const Filters filters(whole);
  FloatRows all(isa, weights, threads);
  if (filters.are_dense()) {
    const DenseLayout layout(isa, filters, Pass::kBackwardData, threads, scratch);
    KeptRows rows(filters, all, layout.rows);
    dense_backward_data(isa, filters.dense(), diff_dst, rows, exponent, diff_src, threads,
                        layout.product);
    return all.seen();
  }
  const Grid grid(filters.shape);
  const ScratchLayout layout(kernel, filters, grid, threads, scratch);
  KeptRows rows(filters, all, layout.rows);
  run_phases(kernel, grid, static_cast<const int16_t*>(diff_dst), rows, exponent, diff_src, threads,
             layout);
  return all.seen();
}

}  // namespace dfp
