// Where the elements of a convolution's tensors lie: the grid.
//
// src and diffDst are kept as int16 planes, one a channel, in which every tap of the kernel is a
// constant shift. All planes of a convolution have the same cells: `mb` images of rows.size x
// cols.size cells, one after the other; cell (n, u, v) is position (n * rows.size + u) * cols.size
// + v.
//
//   diffDst   element (n, o, y, x) is cell (n, y, x) of plane o.
//   src       a stride of s splits an axis into s phases. Element (n, c, y, x) with
//             y + ph = u * sh + a and x + pw = v * sw + b, a < sh, b < sw, is cell (n, u, v) of
//             plane (c, a, b). Planes of phases that no tap reads do not exist.
//
// All other cells are zero: padding. Tap (i, j) of output cell p then reads position
//
//   p + (i * dh / sh) * cols.size + j * dw / sw    of phase (i * dh % sh, j * dw % sw)
//
// and a product over positions needs no bounds. The grid is just large enough that a shifted read
// which leaves a row or an image meets zeros: the padding of a row is shared with its neighbour's.
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
  int index(int cell, int phase) const { return cell * stride + phase - pad; }
};

struct Grid {
  ConvShape shape;
  Axis rows, cols;
  int64_t positions;  // cells of a plane
  int64_t margin;     // zeros before the first plane, between planes and after the last
  int64_t pitch;      // elements from a plane to the next

  explicit Grid(const ConvShape& shape);

  int phases() const { return rows.phases * cols.phases; }
  int64_t src_planes() const { return static_cast<int64_t>(shape.ic) * phases(); }
  int64_t bytes(int64_t planes) const;

  int64_t position(int n, int u, int v) const {
    return (static_cast<int64_t>(n) * rows.size + u) * cols.size + v;
  }
  int64_t shift(int tap_row, int tap_col) const {
    return static_cast<int64_t>(rows.shift_of(tap_row)) * cols.size + cols.shift_of(tap_col);
  }
  int64_t src_plane(int channel, int row_phase, int col_phase) const {
    return (static_cast<int64_t>(channel) * rows.phases + rows.slot[at(row_phase)]) * cols.phases +
           cols.slot[at(col_phase)];
  }
  // Cell 0 of a plane.
  template <class T>
  T* plane(T* buffer, int64_t index) const {
    return buffer + margin + index * pitch;
  }
  // Row (channel, i, j) of the im2col matrix for output cell 0: where tap (i, j) reads.
  const int16_t* src_row(const int16_t* buffer, int channel, int i, int j) const {
    return plane(buffer, src_plane(channel, rows.phase_of(i), cols.phase_of(j))) + shift(i, j);
  }

 private:
  static std::size_t at(int phase) { return static_cast<size_t>(phase); }
};

}  // namespace dfp

#endif  // DFP_CONV_GRID_H
