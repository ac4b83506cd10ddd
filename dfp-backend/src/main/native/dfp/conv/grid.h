// Where the elements of a convolution's tensors lie: the grid.
//
// src and diffDst are kept as int16 planes, one a channel, in which every tap of the kernel is a
// constant shift. All planes of a convolution have the same cells: `mb` volumes of depths.size
// images of rows.size x cols.size cells, one after the other. Cell (m, u, v) of image
// m = n * depths.size + t is position (m * rows.size + u) * cols.size + v. A 2-D convolution has
// one image a volume.
//
//   diffDst   element (n, o, z, y, x) is cell (n, z, y, x) of plane o.
//   src       a stride of s splits an axis into s phases. Element (n, c, z, y, x) with
//             z + pd = t * sd + e, y + ph = u * sh + a and x + pw = v * sw + b, e < sd, a < sh,
//             b < sw, is cell (n, t, u, v) of plane (c, e, a, b). Planes of phases that no tap
//             reads do not exist.
//
// All other cells are zero: padding. Tap (l, i, j) of output cell p then reads position
//
//   p + ((l * dd / sd) * rows.size + i * dh / sh) * cols.size + j * dw / sw
//
// of phase (l * dd % sd, i * dh % sh, j * dw % sw), and a product over positions needs no bounds.
// The grid is just large enough that a shifted read which leaves a row, an image or a volume meets
// zeros: the padding of a row is shared with its neighbour's.
#ifndef DFP_CONV_GRID_H
#define DFP_CONV_GRID_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dfp/base/shape.h"

namespace dfp {

// One axis of the grid.
struct Axis {
  int in, out, kernel, stride, pad, dilation;
  int size = 0;           // cells
  int phases = 0;         // phases that a tap reads
  std::vector<int> slot;  // of each phase among those, or -1

  Axis(int in, int out, int kernel, int stride, int pad, int dilation);

  int phase_of(int tap) const { return tap * dilation % stride; }
  int shift_of(int tap) const { return tap * dilation / stride; }
  int max_shift() const { return shift_of(kernel - 1); }
  // Cells [first, end) of a phase hold elements: those with index cell * stride + phase - pad.
  int first(int phase) const;
  int end(int phase) const;
  // The phases that a tap reads, in ascending order.
  std::vector<int> read_phases() const;
  int index(int cell, int phase) const { return cell * stride + phase - pad; }
};

struct Tap {
  int depth, row, col;

  // Its place among the weights of a pair of channels.
  int index(const ConvShape& shape) const { return (depth * shape.kh + row) * shape.kw + col; }
};

// One phase of each axis.
struct Phase {
  int depth, row, col;

  bool operator==(const Phase& other) const {
    return depth == other.depth && row == other.row && col == other.col;
  }
};

struct Grid {
  ConvShape shape;
  Axis depths, rows, cols;
  int64_t positions;  // cells of a plane
  int64_t margin;     // zeros before the first plane, between planes and after the last
  int64_t pitch;      // elements from a plane to the next

  explicit Grid(const ConvShape& shape);

  int phases() const { return depths.phases * rows.phases * cols.phases; }
  bool has_strides() const { return shape.sd > 1 || shape.sh > 1 || shape.sw > 1; }
  // Whether every element of src is in a phase that a tap reads.
  bool reads_all_phases() const {
    return depths.phases == shape.sd && rows.phases == shape.sh && cols.phases == shape.sw;
  }
  int images() const { return shape.mb * depths.size; }
  int64_t src_planes() const { return static_cast<int64_t>(shape.ic) * phases(); }
  int64_t bytes(int64_t planes) const;

  int image(int n, int t) const { return n * depths.size + t; }
  int64_t position(int image, int u, int v) const {
    return (static_cast<int64_t>(image) * rows.size + u) * cols.size + v;
  }
  int64_t shift(const Tap& tap) const {
    return (static_cast<int64_t>(depths.shift_of(tap.depth)) * rows.size + rows.shift_of(tap.row)) *
               cols.size +
           cols.shift_of(tap.col);
  }
  // Of a phase that has taps.
  int64_t src_plane(int channel, const Phase& phase) const {
    return ((static_cast<int64_t>(channel) * depths.phases + depths.slot[at(phase.depth)]) *
                rows.phases +
            rows.slot[at(phase.row)]) *
               cols.phases +
           cols.slot[at(phase.col)];
  }
  // Cell 0 of a plane.
  template <class T>
  T* plane(T* buffer, int64_t index) const {
    return buffer + margin + index * pitch;
  }
  Phase phase_of(const Tap& tap) const {
    return {depths.phase_of(tap.depth), rows.phase_of(tap.row), cols.phase_of(tap.col)};
  }
  // Row (channel, tap) of the im2col matrix for output cell 0: where the tap reads.
  const int16_t* src_row(const int16_t* buffer, int channel, const Tap& tap) const {
    return plane(buffer, src_plane(channel, phase_of(tap))) + shift(tap);
  }
  // All taps in the order of the weights.
  std::vector<Tap> taps() const;
  // The phases that a tap reads, in ascending order.
  std::vector<Phase> read_phases() const;
  std::vector<Tap> taps_of(const Phase& phase) const;

 private:
  static std::size_t at(int phase) { return static_cast<size_t>(phase); }
};

}  // namespace dfp

#endif  // DFP_CONV_GRID_H
