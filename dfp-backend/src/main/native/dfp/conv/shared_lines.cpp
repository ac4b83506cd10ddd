// The weights are gathered anew for each product: they are few where it pays.
#include "dfp/conv/shared_lines.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/cells.h"
#include "dfp/gemm/line_product.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {

struct SharedLines::Layout {
  uint8_t* panels;             // of weights
  std::vector<int16_t*> rows;  // of one panel, of each thread
  void* product;
  int64_t bytes;

  Layout(const SharedLines& of, int threads, void* scratch) {
    const GemmKernel& kernel = of.kernel_;
    const ConvShape& shape = of.grid_.shape;
    Arena arena(scratch);
    panels = arena.take<uint8_t>(div_up(of.m_, kernel.nr) * kernel.b_panel_bytes(of.k_));
    for (int i = 0; i < threads; i++) rows.push_back(arena.take<int16_t>(kernel.nr * of.k_));
    const int64_t reach = of.grid_.shift({shape.kd - 1, shape.kh - 1, shape.kw - 1});
    product = arena.take<uint8_t>(line_product_scratch_bytes(kernel, of.planes_, reach, threads));
    bytes = arena.used();
  }
};

SharedLines::SharedLines(const GemmKernel& kernel, const Grid& grid, Pass pass)
    : kernel_(kernel),
      grid_(grid),
      forward_(pass == Pass::kForward),
      taps_(grid.shape.taps()),
      m_(forward_ ? grid.shape.oc : grid.shape.ic),
      planes_(forward_ ? grid.shape.ic : grid.shape.oc),
      width_(forward_ ? grid.shape.ow : grid.shape.iw),
      output_plane_(forward_ ? grid.shape.dst_plane() : grid.shape.src_plane()),
      k_(line_product_k(kernel, planes_, taps_)) {}

bool SharedLines::whole_lines() const {
  return larger_than_caches(grid_.shape.mb * m_ * output_plane_) &&
         output_plane_ % kStripLanes == 0;
}

bool SharedLines::pay() const {
  if (grid_.has_strides()) return false;
  const int64_t columns = grid_.shape.mb * output_plane_, rows = columns / width_;
  const int64_t lines = whole_lines() ? rows * div_up(width_, kStripLanes)
                                      : div_up(rows * grid_.cols.size, kStripLanes);
  return line_product_pays(kernel_, m_, planes_, taps_, div_up(columns, kStripLanes), lines);
}

int64_t SharedLines::scratch_bytes(int threads) const {
  return Layout(*this, threads, nullptr).bytes;
}

void SharedLines::gather(const int16_t* weights, int64_t row, int16_t* to) const {
  const int64_t filter = grid_.shape.weights_row(), lanes = kernel_.kr;
  const int64_t pitch = forward_ ? taps_ : filter;  // from a plane's weights to the next
  const int16_t* from = weights + row * (forward_ ? filter : taps_);
  if (planes_ % lanes != 0) std::memset(to, 0, static_cast<std::size_t>(k_) * sizeof *to);
  for (int64_t c = 0; c < planes_; c++, from += pitch) {
    int16_t* lane = to + c / lanes * lanes * taps_ + c % lanes;
    for (int tap = 0; tap < taps_; tap++) lane[tap * lanes] = from[tap];
  }
}

void SharedLines::pack_weights(const int16_t* weights, int threads, const Layout& layout) const {
  parallel_for(threads, div_up(m_, kernel_.nr), [&](int64_t panel, int thread) {
    const int64_t first = panel * kernel_.nr;
    const auto count = static_cast<int>(std::min<int64_t>(kernel_.nr, m_ - first));
    const int16_t* rows[64];
    int16_t* row = layout.rows[static_cast<std::size_t>(thread)];
    for (int i = 0; i < count; i++, row += k_) {
      gather(weights, first + i, row);
      rows[i] = row;
    }
    kernel_.pack_b_columns(rows, count, k_, nullptr,
                           layout.panels + panel * kernel_.b_panel_bytes(k_));
  });
}

void SharedLines::multiply(const int16_t* planes, const int16_t* weights, int exponent,
                           const float* bias, float* out, int threads, void* scratch) const {
  const Layout layout(*this, threads, scratch);
  pack_weights(weights, threads, layout);
  const Phase phase{0, 0, 0};
  std::vector<const int16_t*> from;
  for (int c = 0; c < planes_; c++) {
    from.push_back(grid_.plane(planes, forward_ ? grid_.src_plane(c, phase) : c));
  }
  std::vector<int64_t> shifts;
  for (const Tap& tap : grid_.taps()) {
    shifts.push_back(forward_ ? grid_.shift(tap) : -grid_.shift(tap));
  }
  const bool stream = larger_than_caches(grid_.shape.mb * m_ * output_plane_);
  const float* lines = whole_lines() ? out : nullptr;
  constexpr auto kLanes = StripList::Lanes::kNeighbours;
  const StripList strips =
      forward_ ? output_strips(grid_, lines, kLanes) : phase_strips(grid_, phase, lines, kLanes);
  const LineProduct product{kernel_, from,          shifts,   layout.panels, m_,    strips,
                            out,     output_plane_, exponent, bias,          stream};
  line_product(product, threads, layout.product);
}

}  // namespace dfp
