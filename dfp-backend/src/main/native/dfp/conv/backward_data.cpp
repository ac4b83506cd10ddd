// Backward data: diffSrc = diffDst * weights transposed.
//
// Elements of diffSrc of one phase (see grid.h) are reached by the same taps, so each phase is a
// matrix product of its own: M = ic, N = the phase's cells, K = (output channel, tap of the phase).
// Row (o, i, j) of B is plane o of diffDst, shifted backwards by the tap.
#include <algorithm>
#include <cstring>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/grid.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {
namespace {

// The most taps that one phase has.
int64_t most_taps(const Grid& grid) {
  std::size_t most = 0;
  for (const Phase& phase : grid.all_phases()) most = std::max(most, grid.taps_of(phase).size());
  return static_cast<int64_t>(most);
}

StripList phase_strips(const Grid& grid, const Phase& phase) {
  const ConvShape& shape = grid.shape;
  const Axis &depths = grid.depths, &rows = grid.rows, &cols = grid.cols;
  const int first = cols.first(phase.col), length = cols.end(phase.col) - first;
  StripList strips(shape.sw);
  for (int n = 0; n < shape.mb; n++) {
    for (int t = depths.first(phase.depth); t < depths.end(phase.depth); t++) {
      const int64_t z = depths.index(t, phase.depth);
      for (int u = rows.first(phase.row); u < rows.end(phase.row); u++) {
        const int64_t row = z * shape.ih + rows.index(u, phase.row);
        strips.add(
            grid.position(grid.image(n, t), u, first), length,
            n * shape.ic * shape.src_plane() + row * shape.iw + cols.index(first, phase.col));
      }
    }
  }
  return strips;
}

struct ScratchLayout {
  uint8_t* panels;                // of the transposed weights
  std::vector<int16_t*> columns;  // a thread's transposed weights of one panel
  void* product;
  int64_t bytes;

  ScratchLayout(const GemmKernel& kernel, const ConvShape& shape, int64_t taps, int threads,
                void* scratch) {
    Arena arena(scratch);
    const int64_t k = shape.oc * taps;
    panels = arena.take<uint8_t>(div_up(shape.ic, kernel.mr) * kernel.a_panel_bytes(k));
    for (int i = 0; i < threads; i++) columns.push_back(arena.take<int16_t>(kernel.mr * k));
    product = arena.take<uint8_t>(strip_product_scratch_bytes(kernel, shape.ic, k, threads));
    bytes = arena.used();
  }
};

// Panels of A: row c holds weights[o][c][tap] for all o and the taps of the phase.
void pack_transposed(const GemmKernel& kernel, const ConvShape& shape, const int16_t* weights,
                     const std::vector<Tap>& taps, const ScratchLayout& scratch, int threads) {
  const auto tap_count = static_cast<int64_t>(taps.size());
  const int64_t k = shape.oc * tap_count, panel_bytes = kernel.a_panel_bytes(k);
  parallel_for(threads, div_up(shape.ic, kernel.mr), [&](int64_t panel, int thread) {
    int16_t* columns = scratch.columns[static_cast<std::size_t>(thread)];
    const int64_t first = panel * kernel.mr;
    const int count = static_cast<int>(std::min<int64_t>(kernel.mr, shape.ic - first));
    for (int64_t o = 0; o < shape.oc; o++) {
      const int16_t* from = weights + o * shape.weights_row() + first * shape.taps();
      for (int c = 0; c < count; c++, from += shape.taps()) {
        int16_t* to = columns + c * k + o * tap_count;
        for (int64_t t = 0; t < tap_count; t++) {
          to[t] = from[taps[static_cast<std::size_t>(t)].index(shape)];
        }
      }
    }
    const int16_t* rows[64];
    for (int c = 0; c < count; c++) rows[c] = columns + c * k;
    kernel.pack_a(rows, count, k, scratch.panels + panel * panel_bytes);
  });
}

void clear(float* diff_src, const ConvShape& shape, int threads) {
  const int64_t count = int64_t{shape.mb} * shape.ic * shape.src_plane();
  constexpr int64_t kUnit = 65536;
  parallel_for(threads, div_up(count, kUnit), [&](int64_t unit, int) {
    const int64_t start = unit * kUnit, length = std::min(kUnit, count - start);
    std::memset(diff_src + start, 0, static_cast<std::size_t>(length) * sizeof *diff_src);
  });
}

}  // namespace

int64_t backward_data_scratch_bytes(int isa, const ConvShape& shape, int threads) {
  const Grid grid(shape);
  return ScratchLayout(gemm_kernel(isa), shape, most_taps(grid), threads, nullptr).bytes;
}

void conv_backward_data(int isa, const ConvShape& shape, const void* diff_dst, const void* weights,
                        int exponent, float* diff_src, int threads, void* scratch) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const Grid grid(shape);
  const PackedWeights packed(isa, shape, weights);
  const ScratchLayout layout(kernel, shape, most_taps(grid), threads, scratch);
  const auto* planes = static_cast<const int16_t*>(diff_dst);
  // Elements of a phase without taps are read by no output.
  if (grid.phases() < grid.strides()) clear(diff_src, shape, threads);
  for (const Phase& phase : grid.all_phases()) {
    const std::vector<Tap> taps = grid.taps_of(phase);
    if (taps.empty()) continue;
    pack_transposed(kernel, shape, packed.mantissas, taps, layout, threads);
    std::vector<const int16_t*> rows;
    rows.reserve(static_cast<std::size_t>(shape.oc) * taps.size());
    for (int o = 0; o < shape.oc; o++) {
      for (const Tap& tap : taps) rows.push_back(grid.plane(planes, o) - grid.shift(tap));
    }
    const StripList strips = phase_strips(grid, phase);
    const StripProduct product{
        kernel,      layout.panels, shape.ic, static_cast<int64_t>(rows.size()),
        rows.data(), strips,        diff_src, shape.src_plane(),
        exponent,    nullptr};
    strip_product(product, threads, layout.product);
  }
}

}  // namespace dfp
