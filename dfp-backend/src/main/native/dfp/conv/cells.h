// Cells of the grid as strips. Those that are outputs: columns of forward, and products of backward
// weights. Those of a phase of src: columns of backward data.
#ifndef DFP_CONV_CELLS_H
#define DFP_CONV_CELLS_H

#include "dfp/conv/grid.h"
#include "dfp/gemm/strips.h"

namespace dfp {

// `lines` and `lanes` as for StripList.
inline StripList output_strips(const Grid& grid, const float* lines,
                               StripList::Lanes lanes = StripList::Lanes::kWanted) {
  const ConvShape& shape = grid.shape;
  StripList strips(1, lines, lanes);
  strips.reserve(shape.mb * shape.dst_plane());
  // Without padding between them, rows are one run.
  const int rows = grid.cols.size == shape.ow ? shape.oh : 1;
  for (int n = 0; n < shape.mb; n++) {
    for (int z = 0; z < shape.od; z++) {
      for (int y = 0; y < shape.oh; y += rows) {
        const int64_t row = static_cast<int64_t>(z) * shape.oh + y;
        strips.add(grid.position(grid.image(n, z), y, 0), int64_t{rows} * shape.ow,
                   int64_t{n} * shape.oc * shape.dst_plane() + row * shape.ow);
      }
    }
  }
  return strips;
}

inline StripList phase_strips(const Grid& grid, const Phase& phase, const float* lines,
                              StripList::Lanes lanes = StripList::Lanes::kWanted) {
  const ConvShape& shape = grid.shape;
  const Axis &depths = grid.depths, &rows = grid.rows, &cols = grid.cols;
  const int first = cols.first(phase.col), length = cols.end(phase.col) - first;
  StripList strips(shape.sw, lines, lanes);
  const int64_t images = int64_t{shape.mb} * (depths.end(phase.depth) - depths.first(phase.depth));
  const int last = rows.end(phase.row), count = last - rows.first(phase.row);
  strips.reserve(images * count * length);
  const int in_run = !grid.has_strides() && cols.size == length ? count : 1;
  for (int n = 0; n < shape.mb; n++) {
    for (int t = depths.first(phase.depth); t < depths.end(phase.depth); t++) {
      const int64_t z = depths.index(t, phase.depth);
      for (int u = rows.first(phase.row); u < last; u += in_run) {
        const int64_t row = z * shape.ih + rows.index(u, phase.row);
        strips.add(grid.position(grid.image(n, t), u, first), int64_t{in_run} * length,
                   int64_t{n} * shape.ic * shape.src_plane() + row * shape.iw +
                       cols.index(first, phase.col));
      }
    }
  }
  return strips;
}

}  // namespace dfp

#endif  // DFP_CONV_CELLS_H
