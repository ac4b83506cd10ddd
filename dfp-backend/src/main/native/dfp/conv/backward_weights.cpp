// Backward weights: diffWeights = src * diffDst.
//
// A matrix product with M = oc, N = (channel, tap), K = all positions of the grid. Rows of A are
// the planes of diffDst, whose zeros take the cells that are no output out of the sum; columns of B
// are the shifted planes of src that forward reads. Where these cells are many, K = the strips of
// outputs instead.
//
// K is long and C may be small, so there are two ways to share the work. A small C with many
// positions is summed by each thread over its own positions, and the threads' sums are added at the
// end. Otherwise diffDst is packed once and the threads share the columns of C.
#include <algorithm>
#include <cstring>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/cells.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/filters.h"
#include "dfp/conv/grid.h"
#include "dfp/dense/dense.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

// Strips take longer to pack than positions: they pay where one position in so many, or more, is
// padding, measured.
constexpr int64_t kLeastPadding = 8;

constexpr int64_t kPart = 2048;             // about as many of K in one call, columns shared
constexpr int64_t kShortPart = 512;         // at least as many, positions shared; at most ...
constexpr int64_t kPanelBytes = 32 << 10;   // ... so that a panel of B fits a first-level cache
constexpr int64_t kWholeSteps = 64;         // a multiple of all kernels' steps and of a strip
constexpr int64_t kGroupBytes = 512 << 10;  // of B that a thread packs at a time
constexpr int64_t kRoundBytes = 16 << 20;   // of A that is packed at a time
constexpr int64_t kSmallSums = 1 << 20;     // bytes of C that a thread may keep for itself

struct Plan {
  const GemmKernel& kernel;
  std::vector<Strip> strips;  // none: all positions
  int64_t m, n, k;
  int64_t m_tiles, panels;
  int64_t part;   // of K in one call of the kernel
  int64_t round;  // of K whose A is packed at a time
  int64_t group;  // panels of B packed at a time
  bool split_positions;

  Plan(int isa, const ConvShape& shape, const Grid& grid, int threads)
      : kernel(gemm_kernel(isa)),
        m(shape.oc),
        n(shape.weights_row()),
        k(grid.positions),
        m_tiles(div_up(m, kernel.mr)),
        panels(div_up(n, kernel.nr)) {
    const int64_t padding = grid.positions - shape.mb * shape.dst_plane();
    if (padding * kLeastPadding >= grid.positions) {
      strips = output_strips(grid, nullptr).strips();
      k = static_cast<int64_t>(strips.size()) * kStripLanes;
    }
    const int64_t sums_bytes = sum_count() * static_cast<int64_t>(sizeof(int64_t));
    split_positions = sums_bytes <= kSmallSums && k >= 4 * threads * kShortPart;
    const int64_t longest = std::max(kShortPart, kPanelBytes / (kernel.b_bytes * kernel.nr));
    const int64_t about =
        split_positions ? std::clamp(k / (4 * threads), kShortPart, longest) : kPart;
    const int64_t parts = std::max<int64_t>(1, (k + about / 2) / about);
    part = std::min(round_up(div_up(k, parts), kWholeSteps), k);
    if (split_positions) {
      round = part;
      group = panels;
    } else {
      const int64_t fitting = kRoundBytes / kernel.a_panel_bytes(part) / m_tiles;
      round = part * std::max<int64_t>(1, std::min(fitting, div_up(k, part)));
      const int64_t even = std::max<int64_t>(1, panels / (4 * threads));
      group = std::clamp<int64_t>(kGroupBytes / kernel.b_panel_bytes(part), 1, even);
    }
  }

  const Strip* strips_from(int64_t start) const {
    return strips.empty() ? nullptr : strips.data() + start / kStripLanes;
  }
  // Of product `start` in the planes; positions of strips count from the planes' beginning.
  int64_t offset(int64_t start) const { return strips.empty() ? start : 0; }
  bool direct() const { return !split_positions && k <= part; }
  int64_t tile() const { return static_cast<int64_t>(kernel.mr) * kernel.nr; }
  int64_t sum_count() const { return m_tiles * panels * tile(); }
  int64_t parts_of(int64_t length) const { return div_up(length, part); }
  // A of one round: [part][tile].
  int64_t a_part_bytes() const { return m_tiles * kernel.a_panel_bytes(part); }
  int64_t b_group_bytes() const { return group * kernel.b_panel_bytes(part); }
};

struct ScratchLayout {
  std::vector<uint8_t*> a, b;  // one a for all where columns are shared
  std::vector<int64_t*> sums;  // likewise
  int64_t bytes;

  ScratchLayout(const Plan& plan, int threads, void* scratch) {
    Arena arena(scratch);
    for (int i = 0; i < threads; i++) b.push_back(arena.take<uint8_t>(plan.b_group_bytes()));
    const int copies = plan.split_positions ? threads : 1;
    for (int i = 0; i < copies; i++) {
      a.push_back(arena.take<uint8_t>(plan.parts_of(plan.round) * plan.a_part_bytes()));
      sums.push_back(arena.take<int64_t>(plan.direct() ? 0 : plan.sum_count()));
    }
    bytes = arena.used();
  }
};

class Run {
 public:
  Run(const Plan& plan, const ScratchLayout& scratch, const Grid& grid, const int16_t* src,
      const int16_t* diff_dst, int exponent, float* diff_weights, int threads)
      : plan_(plan),
        kernel_(plan.kernel),
        scratch_(scratch),
        grid_(grid),
        diff_dst_(diff_dst),
        exponent_(exponent),
        diff_weights_(diff_weights),
        threads_(threads),
        strips_(1) {
    strips_.add(0, plan.n, 0);
    const ConvShape& shape = grid.shape;
    columns_.reserve(static_cast<std::size_t>(plan.n));
    const std::vector<Tap> taps = grid.taps();
    for (int c = 0; c < shape.ic; c++) {
      for (const Tap& tap : taps) columns_.push_back(grid.src_row(src, c, tap));
    }
  }

  void operator()() const {
    if (plan_.split_positions) {
      share_positions();
    } else {
      share_columns();
    }
  }

 private:
  void share_positions() const {
    std::vector<char> started(static_cast<std::size_t>(threads_), 0);
    parallel_for(threads_, plan_.parts_of(plan_.k), [&](int64_t unit, int thread) {
      const auto slot = static_cast<std::size_t>(thread);
      const int64_t start = unit * plan_.part, length = std::min(plan_.part, plan_.k - start);
      for (int64_t tile = 0; tile < plan_.m_tiles; tile++) {
        pack_a(tile, start, length, scratch_.a[slot] + tile * kernel_.a_panel_bytes(plan_.part));
      }
      multiply_group(0, plan_.panels, start, length, scratch_.a[slot], scratch_.b[slot],
                     scratch_.sums[slot], started[slot] == 0);
      started[slot] = 1;
    });
    std::vector<int64_t*> sums;
    for (std::size_t i = 0; i < started.size(); i++) {
      if (started[i] != 0) sums.push_back(scratch_.sums[i]);
    }
    finish(sums);
  }

  void share_columns() const {
    const int64_t groups = div_up(plan_.panels, plan_.group);
    int64_t* sums = plan_.direct() ? nullptr : scratch_.sums[0];
    for (int64_t start = 0; start < plan_.k; start += plan_.round) {
      const int64_t length = std::min(plan_.round, plan_.k - start);
      const int64_t parts = plan_.parts_of(length);
      parallel_for(threads_, parts * plan_.m_tiles, [&](int64_t unit, int) {
        const int64_t part = unit / plan_.m_tiles, tile = unit % plan_.m_tiles;
        const int64_t at = part * plan_.part;
        pack_a(
            tile, start + at, std::min(plan_.part, length - at),
            scratch_.a[0] + part * plan_.a_part_bytes() + tile * kernel_.a_panel_bytes(plan_.part));
      });
      parallel_for(threads_, groups, [&](int64_t unit, int thread) {
        const int64_t panel = unit * plan_.group;
        const int64_t panels = std::min(plan_.group, plan_.panels - panel);
        for (int64_t part = 0; part < parts; part++) {
          const int64_t at = part * plan_.part;
          multiply_group(panel, panels, start + at, std::min(plan_.part, length - at),
                         scratch_.a[0] + part * plan_.a_part_bytes(),
                         scratch_.b[static_cast<std::size_t>(thread)], sums, start + at == 0);
        }
      });
    }
    if (sums != nullptr) finish({sums});
  }

  void pack_a(int64_t tile, int64_t start, int64_t length, uint8_t* to) const {
    const int16_t* rows[64];
    const int64_t first = tile * kernel_.mr;
    const int count = static_cast<int>(std::min<int64_t>(kernel_.mr, plan_.m - first));
    for (int i = 0; i < count; i++) {
      rows[i] = grid_.plane(diff_dst_, first + i) + plan_.offset(start);
    }
    kernel_.pack_a(rows, count, length, plan_.strips_from(start), to);
  }

  // Panels [panel, panel + panels) of C over positions [start, start + length).
  void multiply_group(int64_t panel, int64_t panels, int64_t start, int64_t length,
                      const uint8_t* a, uint8_t* b, int64_t* sums, bool first) const {
    const int64_t b_bytes = kernel_.b_panel_bytes(plan_.part);
    for (int64_t p = 0; p < panels; p++) {
      const int16_t* columns[64];
      const int64_t column = (panel + p) * kernel_.nr;
      const int count = static_cast<int>(std::min<int64_t>(kernel_.nr, plan_.n - column));
      for (int j = 0; j < count; j++) {
        columns[j] = columns_[static_cast<std::size_t>(column + j)] + plan_.offset(start);
      }
      kernel_.pack_b_columns(columns, count, length, plan_.strips_from(start), b + p * b_bytes);
    }
    Block block = block_of(0, plan_.m, panel, panels);
    block.a = a;
    block.a_stride = kernel_.a_panel_bytes(plan_.part);
    block.b = b;
    block.b_stride = b_bytes;
    block.k = length;
    if (sums != nullptr) {
      block.sums = sums + panel * plan_.tile();
      block.first = first;
    }
    kernel_.multiply(block);
  }

  // Writes the sum of several threads' sums.
  void finish(const std::vector<int64_t*>& sums) const {
    parallel_for(threads_, plan_.m_tiles, [&](int64_t tile, int) {
      const int64_t count = plan_.panels * plan_.tile(), start = tile * count;
      int64_t* total = sums[0] + start;
      for (std::size_t i = 1; i < sums.size(); i++) {
        for (int64_t j = 0; j < count; j++) total[j] += sums[i][start + j];
      }
      const int64_t row = tile * kernel_.mr;
      Block block = block_of(row, std::min<int64_t>(kernel_.mr, plan_.m - row), 0, plan_.panels);
      block.sums = total;
      kernel_.finish(block);
    });
  }

  Block block_of(int64_t row, int64_t rows, int64_t panel, int64_t panels) const {
    const int64_t strip = panel * kernel_.strips();
    Block block;
    block.m = rows;
    block.panels = panels;
    block.sums_row = plan_.panels * plan_.tile();
    block.out.base = diff_weights_ + row * plan_.n;
    block.out.exponent = exponent_;
    block.out.row_pitch = plan_.n;
    block.out.strips = strips_.strips().data() + strip;
    block.out.strip_count = static_cast<int64_t>(strips_.strips().size()) - strip;
    block.out.segments = strips_.segments().data();
    block.out.wide = plan_.k >= kExactInDouble;
    return block;
  }

  const Plan& plan_;
  const GemmKernel& kernel_;
  const ScratchLayout& scratch_;
  const Grid& grid_;
  const int16_t* diff_dst_;
  const int exponent_;
  float* const diff_weights_;
  const int threads_;
  StripList strips_;  // of C
  std::vector<const int16_t*> columns_;
};

// diffWeights <- the gradients of the kept taps, [oc][weights_row()], and zeros.
void spread(const Filters& filters, const float* kept, float* diff_weights, int threads) {
  const ConvShape& shape = filters.shape;
  parallel_for(threads, shape.oc, [&](int64_t o, int) {
    const float* from = kept + o * shape.weights_row();
    float* to = diff_weights + o * filters.row();
    std::memset(to, 0, static_cast<std::size_t>(filters.row()) * sizeof *to);
    for (int c = 0; c < shape.ic; c++, to += filters.taps) {
      for (const int tap : filters.kept) to[tap] = *from++;
    }
  });
}

// The gradients of the kept taps, where others are zero, and what their product needs.
struct WholeLayout {
  float* kept;
  void* product;
  int64_t bytes;

  WholeLayout(const Filters& filters, int64_t product_bytes, void* scratch) {
    Arena arena(scratch);
    kept =
        arena.take<float>(filters.keep_all() ? 0 : filters.shape.oc * filters.shape.weights_row());
    product = arena.take<uint8_t>(product_bytes);
    bytes = arena.used();
  }
};

}  // namespace

int64_t backward_weights_scratch_bytes(int isa, const Filters& filters, int threads) {
  if (filters.are_dense()) {
    const int64_t product =
        dense_scratch_bytes(isa, filters.dense(), Pass::kBackwardWeights, threads);
    return WholeLayout(filters, product, nullptr).bytes;
  }
  const Plan plan(isa, filters.shape, Grid(filters.shape), threads);
  return WholeLayout(filters, ScratchLayout(plan, threads, nullptr).bytes, nullptr).bytes;
}

void conv_backward_weights(int isa, const ConvShape& whole, const void* src, const void* diff_dst,
                           int exponent, float* diff_weights, int threads, void* scratch) {
  const Filters filters(whole);
  const WholeLayout layout(filters, 0, scratch);
  float* kept = filters.keep_all() ? diff_weights : layout.kept;
  if (filters.are_dense()) {
    dense_backward_weights(isa, filters.dense(), src, diff_dst, exponent, kept, threads,
                           layout.product);
  } else {
    const Grid grid(filters.shape);
    const Plan plan(isa, filters.shape, grid, threads);
    const ScratchLayout product(plan, threads, layout.product);
    Run(plan, product, grid, static_cast<const int16_t*>(src),
        static_cast<const int16_t*>(diff_dst), exponent, kept, threads)();
  }
  if (!filters.keep_all()) spread(filters, layout.kept, diff_weights, threads);
}

}  // namespace dfp
