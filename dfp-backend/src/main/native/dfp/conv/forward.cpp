// Forward: dst = src * weights.
//
// A matrix product with M = oc, N = output positions, K = (channel, tap). B is the im2col matrix,
// which is never built: its rows are shifted planes of src. On large maps shared_lines.cpp does it
// otherwise.
#include <algorithm>
#include <utility>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/conv/cells.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/dense_layout.h"
#include "dfp/conv/filters.h"
#include "dfp/conv/grid.h"
#include "dfp/conv/shared_lines.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {
namespace {

std::vector<const int16_t*> im2col_rows(const Grid& grid, const int16_t* src) {
  const ConvShape& shape = grid.shape;
  std::vector<const int16_t*> rows;
  rows.reserve(static_cast<std::size_t>(shape.weights_row()));
  const std::vector<Tap> taps = grid.taps();
  for (int c = 0; c < shape.ic; c++) {
    for (const Tap& tap : taps) rows.push_back(grid.src_row(src, c, tap));
  }
  return rows;
}

// Panels of rows of weights that are read when they are packed.
class RowPanels final : public PanelMaker {
 public:
  // `scratch` is one a thread.
  RowPanels(const GemmKernel& kernel, const ConvShape& shape, WeightsRows& rows,
            std::vector<int16_t*> scratch)
      : kernel_(kernel), shape_(shape), rows_(rows), scratch_(std::move(scratch)) {}

  static int64_t scratch_elements(const GemmKernel& kernel, const ConvShape& shape) {
    return kernel.mr * shape.weights_row();
  }
  static int64_t at_a_time(const GemmKernel& kernel, const ConvShape& shape) {
    constexpr int64_t kWeights = 1 << 16;
    return std::max<int64_t>(1, kWeights / (kernel.mr * shape.weights_row()));
  }

  int64_t at_a_time() const override { return at_a_time(kernel_, shape_); }

  void make(int64_t first, int64_t count, int thread, uint8_t* to) const override {
    const int64_t k = shape_.weights_row();
    for (int64_t panel = first; panel < first + count; panel++, to += kernel_.a_panel_bytes(k)) {
      int16_t* buffer = scratch_[static_cast<std::size_t>(thread)];
      const int16_t* rows[64];
      const int64_t begin = panel * kernel_.mr;
      const int64_t end = std::min<int64_t>(begin + kernel_.mr, shape_.oc);
      for (int64_t o = begin; o < end; o++, buffer += k) {
        const int64_t next = std::min<int64_t>(o + 1, shape_.oc - 1);
        rows[o - begin] = rows_.read(o, next, 0, k, thread, buffer);
      }
      kernel_.pack_a(rows, static_cast<int>(end - begin), k, nullptr, to);
    }
  }

 private:
  const GemmKernel& kernel_;
  const ConvShape& shape_;
  WeightsRows& rows_;
  const std::vector<int16_t*> scratch_;
};

// Of the product with weights in FP32.
struct ScratchLayout {
  std::vector<int16_t*> rows, kept;  // of each thread
  void* product;
  int64_t bytes;

  ScratchLayout(const GemmKernel& kernel, const Filters& filters, int threads, void* scratch) {
    const ConvShape& shape = filters.shape;
    Arena arena(scratch);
    for (int i = 0; i < threads; i++) {
      rows.push_back(arena.take<int16_t>(filters.keep_all() ? 0 : filters.row()));
      kept.push_back(arena.take<int16_t>(RowPanels::scratch_elements(kernel, shape)));
    }
    product = arena.take<uint8_t>(strip_product_scratch_bytes(
        kernel, shape.oc, shape.weights_row(), threads, RowPanels::at_a_time(kernel, shape)));
    bytes = arena.used();
  }
};

// `panels` of A, or a maker of them.
void run(int isa, const ConvShape& shape, const void* src, const uint8_t* panels,
         const PanelMaker* maker, int exponent, const float* bias, float* dst, int threads,
         void* scratch) {
  const Grid grid(shape);
  const auto rows = im2col_rows(grid, static_cast<const int16_t*>(src));
  const bool stream = larger_than_caches(int64_t{shape.mb} * shape.oc * shape.dst_plane());
  const StripList strips =
      output_strips(grid, stream && shape.dst_plane() % kStripLanes == 0 ? dst : nullptr);
  const StripProduct product{gemm_kernel(isa), panels, shape.oc, shape.weights_row(),
                             rows.data(),      strips, dst,      shape.dst_plane(),
                             exponent,         bias,   stream,   maker};
  strip_product(product, threads, scratch);
}

}  // namespace

int64_t forward_scratch_bytes(int isa, const Filters& filters, int threads) {
  if (filters.are_dense()) return DenseLayout(isa, filters, Pass::kForward, threads, nullptr).bytes;
  const GemmKernel& kernel = gemm_kernel(isa);
  const ConvShape& shape = filters.shape;
  const Grid grid(shape);
  const SharedLines lines(kernel, grid, Pass::kForward);
  const int64_t packed =
      lines.pay() ? lines.scratch_bytes(threads)
                  : strip_product_scratch_bytes(kernel, shape.oc, shape.weights_row(), threads);
  return conv_takes_fp32_weights(isa, shape)
             ? std::max(packed, ScratchLayout(kernel, filters, threads, nullptr).bytes)
             : packed;
}

void conv_forward(int isa, const ConvShape& whole, const void* src, const void* weights,
                  int exponent, const float* bias, float* dst, int threads, void* scratch) {
  const Filters filters(whole);
  const PackedWeights packed(isa, filters, weights);
  if (filters.are_dense()) {
    const DenseLayout layout(isa, filters, Pass::kForward, threads, scratch);
    QuantizedRows rows(packed.mantissas, filters.shape.ic);
    dense_forward(isa, filters.dense(), src, rows, exponent, bias, dst, threads, layout.product);
    return;
  }
  const Grid grid(filters.shape);
  const SharedLines lines(gemm_kernel(isa), grid, Pass::kForward);
  if (lines.pay()) {
    lines.multiply(static_cast<const int16_t*>(src), packed.mantissas, exponent, bias, dst, threads,
                   scratch);
    return;
  }
  run(isa, filters.shape, src, packed.panels, nullptr, exponent, bias, dst, threads, scratch);
}

Scan conv_forward(int isa, const ConvShape& whole, const void* src, const FloatWeights& weights,
                  int exponent, const float* bias, float* dst, int threads, void* scratch) {
  const Filters filters(whole);
  FloatRows all(isa, weights, threads);
  if (filters.are_dense()) {
    const DenseLayout layout(isa, filters, Pass::kForward, threads, scratch);
    KeptRows rows(filters, all, layout.rows);
    dense_forward(isa, filters.dense(), src, rows, exponent, bias, dst, threads, layout.product);
    return all.seen();
  }
  const GemmKernel& kernel = gemm_kernel(isa);
  const ScratchLayout layout(kernel, filters, threads, scratch);
  KeptRows rows(filters, all, layout.rows);
  const RowPanels panels(kernel, filters.shape, rows, layout.kept);
  run(isa, filters.shape, src, nullptr, &panels, exponent, bias, dst, threads, layout.product);
  return all.seen();
}

}  // namespace dfp
