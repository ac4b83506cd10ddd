// The three products of a depthwise convolution. Each is a loop over planes of the grid (see
// conv/grid.h), in which every tap is a constant shift.
//
//   forward           plane of dst      = sum over taps of a shifted plane of src
//   backward data     phase of diffSrc  = sum over (m, tap) of shifted planes of diffDst
//   backward weights  one weight        = dot product of a shifted plane of src and one of diffDst
#include "dfp/dwconv/dwconv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/grid.h"
#include "dfp/dwconv/kernel.h"
#include "dfp/gemm/epilogue.h"

namespace dfp {
namespace {

constexpr int64_t kRunCells = 4096;  // computed before they are stored, so that they stay in L1

// value = 256 * high + low, -128 <= high <= 128, -128 <= low <= 127.
int16_t low_part(int value) { return static_cast<int8_t>(value & 0xff); }
int16_t high_part(int value) { return static_cast<int16_t>((value - low_part(value)) >> 8); }

// Puts weight k where sum_rows reads it.
void put_weight(int16_t value, int64_t k, int16_t* weights) {
  int16_t* pair = weights + k / 2 * 4 + k % 2;
  pair[0] = high_part(value);
  pair[2] = low_part(value);
}

struct WeightsLayout {
  int16_t* mantissas;  // [oc][taps]
  int16_t* parts;      // [oc][depthwise_weights(taps)]
  int64_t bytes;

  WeightsLayout(const ConvShape& shape, void* packed) {
    Arena arena(packed);
    mantissas = arena.take<int16_t>(static_cast<int64_t>(shape.oc) * shape.taps());
    parts = arena.take<int16_t>(shape.oc * depthwise_weights(shape.taps()));
    bytes = arena.used();
  }
};

float pack_weights(int isa, const ConvShape& shape, const Strided& x, const Quantization& how,
                   int threads, void* packed) {
  const WeightsLayout layout(shape, packed);
  const float amax = quantize_dense(isa, x, how, threads, layout.mantissas);
  const int64_t taps = shape.taps(), pitch = depthwise_weights(taps);
  std::memset(layout.parts, 0, static_cast<std::size_t>(shape.oc * pitch) * sizeof *layout.parts);
  for (int64_t o = 0; o < shape.oc; o++) {
    for (int64_t tap = 0; tap < taps; tap++) {
      put_weight(layout.mantissas[o * taps + tap], tap, layout.parts + o * pitch);
    }
  }
  return amax;
}

// What each thread keeps for itself.
struct ThreadScratch {
  const int16_t** rows;
  int16_t* weights;     // of backward data
  float* cells;         // results of a run of cells, whole lanes
  int16_t *high, *low;  // of a block of diffDst
  int64_t* sums;        // of the taps
};

struct ScratchLayout {
  std::vector<ThreadScratch> of;
  int64_t bytes;

  ScratchLayout(const DepthwiseShape& shape, Pass pass, int threads, void* scratch) {
    const Grid grid(shape.conv);
    const bool by_taps = pass == Pass::kBackwardWeights;
    const int64_t terms =
        shape.conv.taps() * (pass == Pass::kBackwardData ? int64_t{shape.multiplier} : 1);
    Arena arena(scratch);
    for (int i = 0; i < threads; i++) {
      ThreadScratch thread;
      thread.rows = arena.take<const int16_t*>(terms);
      thread.weights = arena.take<int16_t>(depthwise_weights(terms));
      thread.cells = arena.take<float>(
          by_taps ? 0 : std::max<int64_t>(kRunCells, grid.cols.size) + kDepthwiseLanes);
      thread.high = arena.take<int16_t>(by_taps ? kDepthwiseBlock : 0);
      thread.low = arena.take<int16_t>(by_taps ? kDepthwiseBlock : 0);
      thread.sums = arena.take<int64_t>(by_taps ? terms : 0);
      of.push_back(thread);
    }
    bytes = arena.used();
  }

  const ThreadScratch& thread(int index) const { return of[static_cast<std::size_t>(index)]; }
};

// Computes the cells [first_row, end_row) x [first_col, end_col) of image n, and gives each row to
// store(row, values).
template <class Store>
void run_cells(const DepthwiseKernel& kernel, const Grid& grid, const ThreadScratch& scratch,
               const int16_t* weights, int64_t k, int n, int first_row, int end_row, int first_col,
               int end_col, double scale, const Store& store) {
  if (first_col >= end_col) return;
  const int pitch = grid.cols.size;
  const int rows_at_once = std::max(1, static_cast<int>(kRunCells / pitch));
  for (int row = first_row; row < end_row; row += rows_at_once) {
    const int rows = std::min(rows_at_once, end_row - row);
    const int64_t count = static_cast<int64_t>(rows - 1) * pitch + end_col - first_col;
    kernel.sum_rows(scratch.rows, weights, k, grid.position(n, row, first_col), count, scale,
                    scratch.cells);
    for (int r = 0; r < rows; r++) {
      store(row + r, scratch.cells + static_cast<int64_t>(r) * pitch);
    }
  }
}

}  // namespace

int64_t dwconv_packed_bytes(const DepthwiseShape& shape, Role role) {
  return role == Role::kWeights ? WeightsLayout(shape.conv, nullptr).bytes
                                : planes_bytes(shape.conv, role);
}

float dwconv_pack(int isa, const DepthwiseShape& shape, Role role, const Strided& x,
                  const Quantization& how, int threads, void* packed) {
  return role == Role::kWeights ? pack_weights(isa, shape.conv, x, how, threads, packed)
                                : pack_planes(isa, shape.conv, role, x, how, threads, packed);
}

int64_t dwconv_scratch_bytes(const DepthwiseShape& shape, Pass pass, int threads) {
  return ScratchLayout(shape, pass, threads, nullptr).bytes;
}

void dwconv_forward(int isa, const DepthwiseShape& depthwise, const void* src, const void* weights,
                    int exponent, const float* bias, float* dst, int threads, void* scratch) {
  const DepthwiseKernel& kernel = depthwise_kernel(isa);
  const ConvShape& shape = depthwise.conv;
  const Grid grid(shape);
  const ScratchLayout layout(depthwise, Pass::kForward, threads, scratch);
  const WeightsLayout packed(shape, const_cast<void*>(weights));
  const auto* planes = static_cast<const int16_t*>(src);
  const double scale = std::ldexp(1.0, exponent);
  const int64_t pitch = depthwise_weights(shape.taps());
  const std::vector<Tap> taps = grid.taps();
  parallel_for(threads, static_cast<int64_t>(shape.mb) * shape.oc, [&](int64_t unit, int thread) {
    const ThreadScratch& own = layout.thread(thread);
    const int n = static_cast<int>(unit / shape.oc), o = static_cast<int>(unit % shape.oc);
    const int16_t** row = own.rows;
    for (const Tap& tap : taps) *row++ = grid.src_row(planes, o / depthwise.multiplier, tap);
    float* const plane = dst + unit * shape.oh * shape.ow;
    run_cells(kernel, grid, own, packed.parts + o * pitch, shape.taps(), n, 0, shape.oh, 0,
              shape.ow, scale, [&](int y, const float* values) {
                float* to = plane + static_cast<int64_t>(y) * shape.ow;
                if (bias == nullptr) {
                  std::memcpy(to, values, static_cast<std::size_t>(shape.ow) * sizeof *to);
                } else {
                  for (int x = 0; x < shape.ow; x++) to[x] = values[x] + bias[o];
                }
              });
  });
}

void dwconv_backward_data(int isa, const DepthwiseShape& depthwise, const void* diff_dst,
                          const void* weights, int exponent, float* diff_src, int threads,
                          void* scratch) {
  const DepthwiseKernel& kernel = depthwise_kernel(isa);
  const ConvShape& shape = depthwise.conv;
  const Grid grid(shape);
  const ScratchLayout layout(depthwise, Pass::kBackwardData, threads, scratch);
  const WeightsLayout packed(shape, const_cast<void*>(weights));
  const auto* planes = static_cast<const int16_t*>(diff_dst);
  const double scale = std::ldexp(1.0, exponent);
  const int64_t plane = static_cast<int64_t>(shape.ih) * shape.iw;
  const int multiplier = depthwise.multiplier;
  // Elements of a phase without taps are read by no output.
  if (!grid.reads_all_phases()) {
    std::memset(diff_src, 0,
                static_cast<std::size_t>(int64_t{shape.mb} * shape.ic * plane) * sizeof *diff_src);
  }
  for (const Phase& phase : grid.read_phases()) {
    const std::vector<Tap> taps = grid.taps_of(phase);
    const auto terms = static_cast<int64_t>(taps.size()) * multiplier;
    parallel_for(threads, static_cast<int64_t>(shape.mb) * shape.ic, [&](int64_t unit, int thread) {
      const ThreadScratch& own = layout.thread(thread);
      const int n = static_cast<int>(unit / shape.ic), c = static_cast<int>(unit % shape.ic);
      std::memset(own.weights, 0,
                  static_cast<std::size_t>(depthwise_weights(terms)) * sizeof *own.weights);
      int64_t k = 0;
      for (int64_t o = int64_t{c} * multiplier; o < (int64_t{c} + 1) * multiplier; o++) {
        for (const Tap& tap : taps) {
          own.rows[k] = grid.plane(planes, o) - grid.shift(tap);
          put_weight(packed.mantissas[o * shape.taps() + tap.index(shape)], k++, own.weights);
        }
      }
      const Axis &rows = grid.rows, &cols = grid.cols;
      const int first = cols.first(phase.col), end = cols.end(phase.col);
      run_cells(kernel, grid, own, own.weights, terms, n, rows.first(phase.row),
                rows.end(phase.row), first, end, scale, [&](int u, const float* values) {
                  float* to = diff_src + unit * plane +
                              int64_t{rows.index(u, phase.row)} * shape.iw +
                              cols.index(first, phase.col);
                  for (int v = 0; v < end - first; v++, to += shape.sw) *to = values[v];
                });
    });
  }
}

void dwconv_backward_weights(int isa, const DepthwiseShape& depthwise, const void* src,
                             const void* diff_dst, int exponent, float* diff_weights, int threads,
                             void* scratch) {
  const DepthwiseKernel& kernel = depthwise_kernel(isa);
  const ConvShape& shape = depthwise.conv;
  const Grid grid(shape);
  const ScratchLayout layout(depthwise, Pass::kBackwardWeights, threads, scratch);
  const auto* src_planes = static_cast<const int16_t*>(src);
  const auto* dst_planes = static_cast<const int16_t*>(diff_dst);
  const std::vector<Tap> all_taps = grid.taps();
  const int64_t taps = shape.taps();
  parallel_for(threads, shape.oc, [&](int64_t o, int thread) {
    const ThreadScratch& own = layout.thread(thread);
    const int c = static_cast<int>(o / depthwise.multiplier);
    const int16_t** row = own.rows;
    for (const Tap& tap : all_taps) *row++ = grid.src_row(src_planes, c, tap);
    std::fill_n(own.sums, taps, 0);
    // Cells of the plane that are no output hold zeros, as does what lies behind it.
    const int16_t* values = grid.plane(dst_planes, o);
    for (int64_t start = 0; start < grid.positions; start += kDepthwiseBlock) {
      const int64_t count = std::min(kDepthwiseBlock, grid.positions - start);
      const int64_t padded = round_up(count, 2 * kDepthwiseLanes);
      for (int64_t p = 0; p < padded; p++) {
        const int value = p < count ? values[start + p] : 0;
        own.high[p] = high_part(value);
        own.low[p] = low_part(value);
      }
      kernel.dot_rows(own.rows, taps, start, own.high, own.low, padded, own.sums);
    }
    for (int64_t tap = 0; tap < taps; tap++) {
      diff_weights[o * taps + tap] = round_wide(own.sums[tap], exponent);
    }
  });
}

}  // namespace dfp
