// Forward and backward data of a convolution without strides, as a product of lines: each plane is
// packed once for all taps (gemm/line_product.h). That is faster where packing takes a good part of
// the time, on large maps with few channels, although it computes some of the padding.
#ifndef DFP_CONV_SHARED_LINES_H
#define DFP_CONV_SHARED_LINES_H

#include <cstdint>

#include "dfp/base/shape.h"
#include "dfp/conv/grid.h"
#include "dfp/gemm/gemm.h"

namespace dfp {

class SharedLines {
 public:
  // The grid has to live as long.
  SharedLines(const GemmKernel& kernel, const Grid& grid, Pass pass);

  bool pay() const;
  int64_t scratch_bytes(int threads) const;
  // `planes` of src or of diffDst, `weights` are mantissas [oc][ic * taps].
  void multiply(const int16_t* planes, const int16_t* weights, int exponent, const float* bias,
                float* out, int threads, void* scratch) const;

 private:
  struct Layout;

  // Row `row` of the output's weights, in the order of a line product.
  void gather(const int16_t* weights, int64_t row, int16_t* to) const;
  void pack_weights(const int16_t* weights, int threads, const Layout& layout) const;
  // Whether strips should end where the output's cache lines do.
  bool whole_lines() const;

  const GemmKernel& kernel_;
  const Grid& grid_;
  const bool forward_;
  const int taps_;
  const int64_t m_, planes_;  // channels of the output, of the planes
  const int64_t width_;       // of the output
  const int64_t output_plane_;
  const int64_t k_;
};

}  // namespace dfp

#endif  // DFP_CONV_SHARED_LINES_H
