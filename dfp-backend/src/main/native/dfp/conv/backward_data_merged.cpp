// Backward data of a 2-D convolution with all phases of the stride in one matrix product, for few
// input channels.
//
// A product of one phase has M = ic rows. A first layer with 3 channels would fill a quarter of a
// tile with each of its phases, and diffDst would be packed anew for each. Here M = (phase, ic),
// and K = (output channel, shift), where the shifts are those of all taps: A is zero where a phase
// has no tap of that shift. The product of all cells goes to a buffer, from which each element is
// fetched. Where the kernel has lines, diffDst is packed once for all shifts.
#include <algorithm>
#include <cstring>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/backward_data.h"
#include "dfp/gemm/line_product.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {
namespace {

// The different shifts of an axis' taps, ascending, and the tap of each phase and shift or -1.
struct Shifts {
  std::vector<int> shifts;
  std::vector<std::vector<int>> tap;  // [phase][index of the shift]

  explicit Shifts(const Axis& axis) {
    for (int t = 0; t < axis.kernel; t++) {
      if (shifts.empty() || shifts.back() != axis.shift_of(t)) shifts.push_back(axis.shift_of(t));
    }
    tap.assign(static_cast<std::size_t>(axis.stride), std::vector<int>(shifts.size(), -1));
    for (int t = 0; t < axis.kernel; t++) {
      const auto at = std::find(shifts.begin(), shifts.end(), axis.shift_of(t)) - shifts.begin();
      tap[static_cast<std::size_t>(axis.phase_of(t))][static_cast<std::size_t>(at)] = t;
    }
  }

  int count() const { return static_cast<int>(shifts.size()); }
  int tap_of(int phase, int index) const {
    return tap[static_cast<std::size_t>(phase)][static_cast<std::size_t>(index)];
  }
};

// The product, in numbers.
struct Plan {
  const GemmKernel& kernel;
  Shifts down, across;
  int64_t m, positions;
  bool lines;  // a product of lines
  int64_t k;

  Plan(const GemmKernel& kernel_, const Grid& grid)
      : kernel(kernel_),
        down(grid.rows),
        across(grid.cols),
        m(static_cast<int64_t>(grid.shape.sh) * grid.shape.sw * grid.shape.ic),
        positions(grid.positions),
        lines(line_product_pays(kernel, m, grid.shape.oc, shifts(), strips(), strips())),
        k(lines ? line_product_k(kernel, grid.shape.oc, shifts()) : grid.shape.oc * shifts()) {}

  int64_t shifts() const { return int64_t{down.count()} * across.count(); }
  int64_t strips() const { return div_up(positions, kStripLanes); }
  // Of the weights, in either role.
  int panel_rows() const { return lines ? kernel.nr : kernel.mr; }
  int64_t panel_bytes() const { return lines ? kernel.b_panel_bytes(k) : kernel.a_panel_bytes(k); }
};

struct Layout {
  uint8_t* panels;  // of weights
  int16_t* rows;    // of one panel
  float* cells;     // [M][positions]
  void* product;
  int64_t bytes;

  Layout(const Plan& plan, const Grid& grid, int threads, void* scratch) {
    Arena arena(scratch);
    panels = arena.take<uint8_t>(div_up(plan.m, plan.panel_rows()) * plan.panel_bytes());
    rows = arena.take<int16_t>(plan.panel_rows() * plan.k);
    cells = arena.take<float>(plan.m * grid.positions);
    const int64_t reach =
        int64_t{plan.down.shifts.back()} * grid.cols.size + plan.across.shifts.back();
    product = arena.take<uint8_t>(
        plan.lines ? line_product_scratch_bytes(plan.kernel, grid.shape.oc, reach, threads)
                   : strip_product_scratch_bytes(plan.kernel, plan.m, plan.k, threads));
    bytes = arena.used();
  }
};

class MergedPhases {
 public:
  MergedPhases(const GemmKernel& kernel, const Grid& grid, int threads, void* scratch)
      : kernel_(kernel),
        grid_(grid),
        shape_(grid.shape),
        plan_(kernel, grid),
        threads_(threads),
        layout_(plan_, grid, threads, scratch) {
    for (const int i : plan_.down.shifts) {
      for (const int j : plan_.across.shifts) {
        shifts_.push_back(-(static_cast<int64_t>(i) * grid.cols.size + j));
      }
    }
  }

  int64_t scratch_bytes() const { return layout_.bytes; }

  void run(const int16_t* planes, const int16_t* weights, int exponent, float* diff_src) const {
    pack_weights(weights);
    StripList strips(1);
    strips.reserve(grid_.positions);
    strips.add(0, grid_.positions, 0);
    if (plan_.lines) {
      multiply_lines(planes, strips, exponent);
    } else {
      multiply_strips(planes, strips, exponent);
    }
    fetch(diff_src);
  }

 private:
  void multiply_strips(const int16_t* planes, const StripList& strips, int exponent) const {
    std::vector<const int16_t*> rows;
    rows.reserve(static_cast<std::size_t>(plan_.k));
    for (int o = 0; o < shape_.oc; o++) {
      for (const int64_t shift : shifts_) rows.push_back(grid_.plane(planes, o) + shift);
    }
    const StripProduct product{kernel_,     layout_.panels, plan_.m,       plan_.k,
                               rows.data(), strips,         layout_.cells, grid_.positions,
                               exponent,    nullptr,        false};
    strip_product(product, threads_, layout_.product);
  }

  void multiply_lines(const int16_t* planes, const StripList& strips, int exponent) const {
    std::vector<const int16_t*> from;
    for (int o = 0; o < shape_.oc; o++) from.push_back(grid_.plane(planes, o));
    const LineProduct product{kernel_,  from,    shifts_,       layout_.panels,
                              plan_.m,  strips,  layout_.cells, grid_.positions,
                              exponent, nullptr, false};
    line_product(product, threads_, layout_.product);
  }

  int64_t row_of(int row_phase, int col_phase, int channel) const {
    return (static_cast<int64_t>(row_phase) * shape_.sw + col_phase) * shape_.ic + channel;
  }

  // Of shift `index` of output channel o, in a row of weights.
  int64_t column(int64_t o, int64_t index) const {
    const int64_t shifts = plan_.shifts();
    if (!plan_.lines) return o * shifts + index;
    return (o / kernel_.kr * shifts + index) * kernel_.kr + o % kernel_.kr;
  }

  // Row (a, b, c): weights[o][c][tap] in column (o, shift), 0 where there is no such tap.
  void write_row(int a, int b, int c, const int16_t* weights, int16_t* row) const {
    std::memset(row, 0, static_cast<std::size_t>(plan_.k) * sizeof *row);
    for (int i = 0; i < plan_.down.count(); i++) {
      for (int j = 0; j < plan_.across.count(); j++) {
        const int tap_row = plan_.down.tap_of(a, i), tap_col = plan_.across.tap_of(b, j);
        if (tap_row < 0 || tap_col < 0) continue;
        const int16_t* tap = weights + c * shape_.taps() + tap_row * shape_.kw + tap_col;
        const int64_t index = static_cast<int64_t>(i) * plan_.across.count() + j;
        for (int64_t o = 0; o < shape_.oc; o++) {
          row[column(o, index)] = tap[o * shape_.weights_row()];
        }
      }
    }
  }

  void pack_weights(const int16_t* weights) const {
    const auto pack = plan_.lines ? kernel_.pack_b_columns : kernel_.pack_a;
    const int64_t in_panel = plan_.panel_rows();
    for (int64_t first = 0; first < plan_.m; first += in_panel) {
      const int count = static_cast<int>(std::min(in_panel, plan_.m - first));
      const int16_t* rows[64];
      for (int r = 0; r < count; r++) {
        int16_t* row = layout_.rows + r * plan_.k;
        const auto index = static_cast<int>(first + r);
        const int phase = index / shape_.ic;
        write_row(phase / shape_.sw, phase % shape_.sw, index % shape_.ic, weights, row);
        rows[r] = row;
      }
      pack(rows, count, plan_.k, nullptr, layout_.panels + first / in_panel * plan_.panel_bytes());
    }
  }

  // Row y of channel c of image n, phase by phase.
  void fetch_row(int n, int c, int y, float* to) const {
    const int a = (y + shape_.ph) % shape_.sh, u = (y + shape_.ph) / shape_.sh;
    for (int b = 0; b < shape_.sw; b++) {
      const float* from =
          layout_.cells + row_of(a, b, c) * grid_.positions + grid_.position(n, u, 0);
      const int first = grid_.cols.first(b), count = grid_.cols.end(b) - first;
      float* at = to + grid_.cols.index(first, b);
      for (int v = 0; v < count; v++) at[v * shape_.sw] = from[first + v];
    }
  }

  void fetch(float* diff_src) const {
    const int64_t images = static_cast<int64_t>(shape_.mb) * shape_.ic;
    parallel_for(threads_, images, [&](int64_t image, int) {
      const int n = static_cast<int>(image / shape_.ic), c = static_cast<int>(image % shape_.ic);
      for (int y = 0; y < shape_.ih; y++) {
        fetch_row(n, c, y, diff_src + (image * shape_.ih + y) * shape_.iw);
      }
    });
  }

  const GemmKernel& kernel_;
  const Grid& grid_;
  const ConvShape& shape_;
  const Plan plan_;
  const int threads_;
  const Layout layout_;
  std::vector<int64_t> shifts_;  // of the planes, in the order of k
};

}  // namespace

// The cost of a product with K columns is K * (its rows, in whole tiles, + the packing of B).
// Together it has more of both than each phase for itself, and fewer than all of them where they
// have few rows.
bool merges_phases(const GemmKernel& kernel, const Grid& grid) {
  // Packing a column of B takes as long as so many rows, measured.
  constexpr int64_t kPackingRows = 16;
  const ConvShape& shape = grid.shape;
  if (shape.sd > 1 || shape.kd > 1 || grid.depths.size > 1) return false;
  // The grid is as large as the phases with taps need.
  if (!grid.has_strides() || !grid.reads_all_phases()) return false;
  const int64_t strides = static_cast<int64_t>(shape.sh) * shape.sw;
  const int64_t shifts =
      static_cast<int64_t>(Shifts(grid.rows).count()) * Shifts(grid.cols).count();
  const auto cost = [&](int64_t rows) { return round_up(rows, kernel.mr) + kPackingRows; };
  return shifts * cost(strides * shape.ic) < shape.taps() * cost(shape.ic);
}

int64_t merged_backward_data_scratch_bytes(const GemmKernel& kernel, const Grid& grid,
                                           int threads) {
  return MergedPhases(kernel, grid, threads, nullptr).scratch_bytes();
}

void merged_backward_data(const GemmKernel& kernel, const Grid& grid, const int16_t* planes,
                          const int16_t* weights, int exponent, float* diff_src, int threads,
                          void* scratch) {
  MergedPhases(kernel, grid, threads, scratch).run(planes, weights, exponent, diff_src);
}

}  // namespace dfp
