// Backward data of a 2-D convolution with all phases of the stride in one matrix product, for few
// input channels.
//
// A product of one phase has M = ic rows. A first layer with 3 channels would fill a quarter of a
// tile with each of its phases, and diffDst would be packed anew for each. Here M = (phase, ic),
// and K = (output channel, shift), where the shifts are those of all taps: A is zero where a phase
// has no tap of that shift. The product of all cells goes to a buffer, from which each element is
// fetched.
#include <algorithm>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/backward_data.h"
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

struct Layout {
  uint8_t* panels;  // of A
  int16_t* rows;    // of one panel of A
  float* cells;     // [M][positions]
  void* product;
  int64_t bytes;

  Layout(const GemmKernel& kernel, const Grid& grid, int64_t m, int64_t k, int threads,
         void* scratch) {
    Arena arena(scratch);
    panels = arena.take<uint8_t>(div_up(m, kernel.mr) * kernel.a_panel_bytes(k));
    rows = arena.take<int16_t>(kernel.mr * k);
    cells = arena.take<float>(m * grid.positions);
    product = arena.take<uint8_t>(strip_product_scratch_bytes(kernel, m, k, threads));
    bytes = arena.used();
  }
};

class MergedPhases {
 public:
  MergedPhases(const GemmKernel& kernel, const Grid& grid, int threads, void* scratch)
      : kernel_(kernel),
        grid_(grid),
        shape_(grid.shape),
        down_(grid.rows),
        across_(grid.cols),
        m_(static_cast<int64_t>(shape_.sh) * shape_.sw * shape_.ic),
        k_(static_cast<int64_t>(shape_.oc) * down_.count() * across_.count()),
        threads_(threads),
        layout_(kernel, grid, m_, k_, threads, scratch) {}

  int64_t scratch_bytes() const { return layout_.bytes; }

  void run(const int16_t* planes, const int16_t* weights, int exponent, float* diff_src) const {
    pack_weights(weights);
    std::vector<const int16_t*> rows;
    rows.reserve(static_cast<std::size_t>(k_));
    for (int o = 0; o < shape_.oc; o++) {
      for (const int i : down_.shifts) {
        for (const int j : across_.shifts) {
          rows.push_back(grid_.plane(planes, o) - static_cast<int64_t>(i) * grid_.cols.size - j);
        }
      }
    }
    StripList strips(1);
    strips.add(0, grid_.positions, 0);
    const StripProduct product{
        kernel_,       layout_.panels,  m_,       k_,      rows.data(), strips,
        layout_.cells, grid_.positions, exponent, nullptr, false};
    strip_product(product, threads_, layout_.product);
    fetch(diff_src);
  }

 private:
  int64_t row_of(int row_phase, int col_phase, int channel) const {
    return (static_cast<int64_t>(row_phase) * shape_.sw + col_phase) * shape_.ic + channel;
  }

  // Row (a, b, c) of A: weights[o][c][tap] in column (o, shift), 0 where there is no such tap.
  void write_row(int a, int b, int c, const int16_t* weights, int16_t* row) const {
    for (int o = 0; o < shape_.oc; o++) {
      const int16_t* filter = weights + o * shape_.weights_row() + c * shape_.taps();
      for (int i = 0; i < down_.count(); i++) {
        for (int j = 0; j < across_.count(); j++) {
          const int tap_row = down_.tap_of(a, i), tap_col = across_.tap_of(b, j);
          const bool exists = tap_row >= 0 && tap_col >= 0;
          *row++ = exists ? filter[tap_row * shape_.kw + tap_col] : int16_t{0};
        }
      }
    }
  }

  void pack_weights(const int16_t* weights) const {
    for (int64_t first = 0; first < m_; first += kernel_.mr) {
      const int count = static_cast<int>(std::min<int64_t>(kernel_.mr, m_ - first));
      const int16_t* rows[64];
      for (int r = 0; r < count; r++) {
        int16_t* row = layout_.rows + r * k_;
        const auto index = static_cast<int>(first + r);
        const int phase = index / shape_.ic;
        write_row(phase / shape_.sw, phase % shape_.sw, index % shape_.ic, weights, row);
        rows[r] = row;
      }
      kernel_.pack_a(rows, count, k_, nullptr,
                     layout_.panels + first / kernel_.mr * kernel_.a_panel_bytes(k_));
    }
  }

  // Row y of channel c of image n, phase by phase.
  void fetch_row(int n, int c, int y, float* to) const {
    const int a = (y + shape_.ph) % shape_.sh, u = (y + shape_.ph) / shape_.sh;
    for (int b = 0; b < shape_.sw; b++) {
      const float* from =
          layout_.cells + row_of(a, b, c) * grid_.positions + grid_.position(n, u, 0);
      for (int v = grid_.cols.first(b); v < grid_.cols.end(b); v++) {
        to[grid_.cols.index(v, b)] = from[v];
      }
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
  const Shifts down_, across_;
  const int64_t m_, k_;
  const int threads_;
  const Layout layout_;
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
