// Backward data: diffSrc = diffDst * weights transposed.
//
// Elements of diffSrc of one phase (see grid.h) are reached by the same taps, so each phase is a
// matrix product of its own: M = ic, N = the phase's cells, K = (output channel, tap of the phase).
// Row (o, i, j) of B is plane o of diffDst, shifted backwards by the tap. Where there are few input
// channels, backward_data_merged.cpp does it otherwise.
#include "dfp/conv/backward_data.h"

#include <emmintrin.h>

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
  for (const Phase& phase : grid.read_phases()) most = std::max(most, grid.taps_of(phase).size());
  return static_cast<int64_t>(most);
}

StripList phase_strips(const Grid& grid, const Phase& phase, const float* lines) {
  const ConvShape& shape = grid.shape;
  const Axis &depths = grid.depths, &rows = grid.rows, &cols = grid.cols;
  const int first = cols.first(phase.col), length = cols.end(phase.col) - first;
  StripList strips(shape.sw, lines);
  const int64_t images = int64_t{shape.mb} * (depths.end(phase.depth) - depths.first(phase.depth));
  strips.reserve(images * (rows.end(phase.row) - rows.first(phase.row)) * length);
  for (int n = 0; n < shape.mb; n++) {
    for (int t = depths.first(phase.depth); t < depths.end(phase.depth); t++) {
      const int64_t z = depths.index(t, phase.depth);
      for (int u = rows.first(phase.row); u < rows.end(phase.row); u++) {
        const int64_t row = z * shape.ih + rows.index(u, phase.row);
        strips.add(grid.position(grid.image(n, t), u, first), length,
                   int64_t{n} * shape.ic * shape.src_plane() + row * shape.iw +
                       cols.index(first, phase.col));
      }
    }
  }
  return strips;
}

// Taps of one weight filter are copied in runs of a fixed length. The last one reads past the
// filter, at the end into the panels that follow the mantissas in the packed weights.
constexpr int64_t kRun = 16;
constexpr std::size_t kRunBytes = kRun * sizeof(int16_t);

// Panels whose weights are transposed at a time: what is read of each filter is some cache lines.
int64_t panels_at_a_time(const GemmKernel& kernel, int64_t taps) {
  constexpr int64_t kLines = 3 * 32;  // elements
  return div_up(kLines, kernel.mr * taps);
}

struct ScratchLayout {
  uint8_t* panels;                // of the transposed weights
  std::vector<int16_t*> columns;  // a thread's transposed weights of the panels at a time
  void* product;
  int64_t bytes;

  ScratchLayout(const GemmKernel& kernel, const ConvShape& shape, int64_t taps, int threads,
                void* scratch) {
    Arena arena(scratch);
    const int64_t k = shape.oc * taps;
    panels = arena.take<uint8_t>(div_up(shape.ic, kernel.mr) * kernel.a_panel_bytes(k));
    // Phases of fewer taps take more panels at a time, of shorter rows.
    const int64_t rows = kernel.mr * panels_at_a_time(kernel, 1);
    for (int i = 0; i < threads; i++) columns.push_back(arena.take<int16_t>(rows * (k + kRun)));
    product = arena.take<uint8_t>(strip_product_scratch_bytes(kernel, shape.ic, k, threads));
    bytes = arena.used();
  }
};

// to[j * to_pitch + i] <- from[i * from_pitch + j], 8 by 8.
inline void transpose8(const int16_t* from, int64_t from_pitch, int16_t* to, int64_t to_pitch) {
  __m128i r[8], t[8];
  for (int i = 0; i < 8; i++) {
    r[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * from_pitch));
  }
  // Three times the perfect shuffle of two halves: words of rows i and i + 4 become neighbours.
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++) {
      t[2 * i] = _mm_unpacklo_epi16(r[i], r[i + 4]);
      t[2 * i + 1] = _mm_unpackhi_epi16(r[i], r[i + 4]);
    }
    std::copy(t, t + 8, r);
  }
  for (int j = 0; j < 8; j++) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + j * to_pitch), r[j]);
  }
}

// Filters lie far apart, so no hardware prefetcher follows from one to the next.
constexpr int64_t kFiltersAhead = 8;

// `count` values from `from`, which need not exist.
inline void prefetch(const int16_t* from, int64_t count) {
  constexpr int64_t kLine = 32;  // values
  for (int64_t i = 0; i < count; i += kLine) {
    _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T0);
  }
  _mm_prefetch(reinterpret_cast<const char*>(from + count - 1), _MM_HINT_T0);
}

// to[j * to_pitch + i] <- from[i * from_pitch + j].
void transpose(const int16_t* from, int64_t rows, int64_t columns, int64_t from_pitch, int16_t* to,
               int64_t to_pitch) {
  const int64_t whole_rows = rows / 8 * 8, whole_columns = columns / 8 * 8;
  for (int64_t i = 0; i < whole_rows; i += 8) {
    const int64_t last = std::min(i + kFiltersAhead + 8, rows);
    for (int64_t next = i + kFiltersAhead; next < last; next++) {
      prefetch(from + next * from_pitch, columns);
    }
    for (int64_t j = 0; j < whole_columns; j += 8) {
      transpose8(from + i * from_pitch + j, from_pitch, to + j * to_pitch + i, to_pitch);
    }
  }
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; j++) {
      to[j * to_pitch + i] = from[i * from_pitch + j];
    }
  }
}

// Row (c - first) of `columns` <- weights[o][c][tap] for all o and the taps of the phase, for
// `count` channels from `first` on. Rows are `pitch` long and may be written beyond k.
void gather(const ConvShape& shape, const int16_t* weights, const std::vector<Tap>& taps,
            int64_t first, int count, int64_t pitch, int16_t* columns) {
  const auto tap_count = static_cast<int64_t>(taps.size());
  if (shape.taps() == 1) {
    transpose(weights + first, shape.oc, count, shape.ic, columns, pitch);
    return;
  }
  const bool all = tap_count == shape.taps();
  std::vector<int> indices;
  for (const Tap& tap : taps) indices.push_back(tap.index(shape));
  for (int64_t o = 0; o < shape.oc; o++) {
    const int16_t* from = weights + o * shape.weights_row() + first * shape.taps();
    if (o + kFiltersAhead < shape.oc) {
      prefetch(from + kFiltersAhead * shape.weights_row(), int64_t{count} * shape.taps());
    }
    int16_t* to = columns + o * tap_count;
    for (int c = 0; c < count; c++, from += shape.taps(), to += pitch) {
      if (all) {
        for (int64_t t = 0; t < tap_count; t += kRun) std::memcpy(to + t, from + t, kRunBytes);
        continue;
      }
      for (int64_t t = 0; t < tap_count; t++) {
        to[t] = from[indices[static_cast<std::size_t>(t)]];
      }
    }
  }
}

// Panels of A: row c holds weights[o][c][tap] for all o and the taps of the phase.
void pack_transposed(const GemmKernel& kernel, const ConvShape& shape, const int16_t* weights,
                     const std::vector<Tap>& taps, const ScratchLayout& scratch, int threads) {
  const int64_t k = shape.oc * static_cast<int64_t>(taps.size());
  const int64_t panel_bytes = kernel.a_panel_bytes(k), pitch = k + kRun;
  const int64_t group = kernel.mr * panels_at_a_time(kernel, static_cast<int64_t>(taps.size()));
  parallel_for(threads, div_up(shape.ic, group), [&](int64_t unit, int thread) {
    int16_t* columns = scratch.columns[static_cast<std::size_t>(thread)];
    const int64_t first = unit * group, end = std::min<int64_t>(first + group, shape.ic);
    gather(shape, weights, taps, first, static_cast<int>(end - first), pitch, columns);
    for (int64_t row = first; row < end; row += kernel.mr) {
      const int16_t* rows[64];
      const int count = static_cast<int>(std::min<int64_t>(kernel.mr, end - row));
      for (int c = 0; c < count; c++) rows[c] = columns + (row - first + c) * pitch;
      kernel.pack_a(rows, count, k, nullptr, scratch.panels + row / kernel.mr * panel_bytes);
    }
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
  const GemmKernel& kernel = gemm_kernel(isa);
  if (merges_phases(kernel, grid)) {
    return merged_backward_data_scratch_bytes(kernel, grid, threads);
  }
  return ScratchLayout(kernel, shape, most_taps(grid), threads, nullptr).bytes;
}

void conv_backward_data(int isa, const ConvShape& shape, const void* diff_dst, const void* weights,
                        int exponent, float* diff_src, int threads, void* scratch) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const Grid grid(shape);
  const PackedWeights packed(isa, shape, weights);
  const auto* planes = static_cast<const int16_t*>(diff_dst);
  if (merges_phases(kernel, grid)) {
    merged_backward_data(kernel, grid, planes, packed.mantissas, exponent, diff_src, threads,
                         scratch);
    return;
  }
  const ScratchLayout layout(kernel, shape, most_taps(grid), threads, scratch);
  const bool stream = larger_than_caches(int64_t{shape.mb} * shape.ic * shape.src_plane());
  const bool whole_lines = stream && !grid.has_strides() && shape.src_plane() % kStripLanes == 0;
  // Elements of a phase without taps are read by no output.
  if (!grid.reads_all_phases()) clear(diff_src, shape, threads);
  for (const Phase& phase : grid.read_phases()) {
    const std::vector<Tap> taps = grid.taps_of(phase);
    pack_transposed(kernel, shape, packed.mantissas, taps, layout, threads);
    std::vector<const int16_t*> rows;
    rows.reserve(static_cast<std::size_t>(shape.oc) * taps.size());
    for (int o = 0; o < shape.oc; o++) {
      for (const Tap& tap : taps) rows.push_back(grid.plane(planes, o) - grid.shift(tap));
    }
    const StripList strips = phase_strips(grid, phase, whole_lines ? diff_src : nullptr);
    const StripProduct product{
        kernel,      layout.panels, shape.ic, static_cast<int64_t>(rows.size()),
        rows.data(), strips,        diff_src, shape.src_plane(),
        exponent,    nullptr,       stream};
    strip_product(product, threads, layout.product);
  }
}

}  // namespace dfp
