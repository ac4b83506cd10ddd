// The cells of the grid that are outputs, as strips: columns of forward, and products of backward
// weights.
#ifndef DFP_CONV_CELLS_H
#define DFP_CONV_CELLS_H

#include "dfp/conv/grid.h"
#include "dfp/gemm/strips.h"

namespace dfp {

// `lines` as for StripList.
inline StripList output_strips(const Grid& grid, const float* lines) {
  const ConvShape& shape = grid.shape;
  StripList strips(1, lines);
  strips.reserve(shape.mb * shape.dst_plane());
  for (int n = 0; n < shape.mb; n++) {
    for (int z = 0; z < shape.od; z++) {
      for (int y = 0; y < shape.oh; y++) {
        const int64_t row = static_cast<int64_t>(z) * shape.oh + y;
        strips.add(grid.position(grid.image(n, z), y, 0), shape.ow,
                   int64_t{n} * shape.oc * shape.dst_plane() + row * shape.ow);
      }
    }
  }
  return strips;
}

}  // namespace dfp

#endif  // DFP_CONV_CELLS_H
