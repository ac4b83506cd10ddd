// Forward: dst = src * weights.
//
// A matrix product with M = oc, N = output positions, K = (channel, tap). B is the im2col matrix,
// which is never built: its rows are shifted planes of src.
#include <vector>

#include "dfp/conv/cells.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/grid.h"
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

}  // namespace

int64_t forward_scratch_bytes(int isa, const ConvShape& shape, int threads) {
  return strip_product_scratch_bytes(gemm_kernel(isa), shape.oc, shape.weights_row(), threads);
}

void conv_forward(int isa, const ConvShape& shape, const void* src, const void* weights,
                  int exponent, const float* bias, float* dst, int threads, void* scratch) {
  const Grid grid(shape);
  const PackedWeights packed(isa, shape, weights);
  const auto rows = im2col_rows(grid, static_cast<const int16_t*>(src));
  const bool stream = larger_than_caches(int64_t{shape.mb} * shape.oc * shape.dst_plane());
  const StripList strips =
      output_strips(grid, stream && shape.dst_plane() % kStripLanes == 0 ? dst : nullptr);
  const StripProduct product{gemm_kernel(isa), packed.panels, shape.oc, shape.weights_row(),
                             rows.data(),      strips,        dst,      shape.dst_plane(),
                             exponent,         bias,          stream};
  strip_product(product, threads, scratch);
}

}  // namespace dfp
