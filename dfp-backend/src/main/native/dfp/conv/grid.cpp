// The size of the grid.
#include "dfp/conv/grid.h"

#include <algorithm>

#include "dfp/gemm/gemm.h"

namespace dfp {

Axis::Axis(int in_, int out_, int kernel_, int stride_, int pad_, int dilation_)
    : in(in_),
      out(out_),
      kernel(kernel_),
      stride(stride_),
      pad(pad_),
      dilation(dilation_),
      slot(static_cast<size_t>(stride_), -1) {
  size = out;
  for (int tap = 0; tap < kernel; tap++) {
    const int phase = phase_of(tap);
    int& its_slot = slot[static_cast<size_t>(phase)];
    if (its_slot < 0) its_slot = phases++;
    size = std::max(size, end(phase));
    // Output cell out - 1 reads cell out - 1 + shift. Beyond the axis that is a cell of the next
    // row, which must lie before that row's first element. And the gradient of a phase's first
    // element reads diffDst at first - shift, which must lie behind the previous row's last output.
    size = std::max(size, out + shift_of(tap) - first(phase));
  }
}

int Axis::first(int phase) const { return phase >= pad ? 0 : (pad - phase + stride - 1) / stride; }

int Axis::end(int phase) const {
  const int last = in - 1 + pad - phase;
  return last < 0 ? first(phase) : std::max(first(phase), last / stride + 1);
}

std::vector<int> Axis::read_phases() const {
  std::vector<int> read;
  for (int phase = 0; phase < stride; phase++) {
    if (slot[static_cast<size_t>(phase)] >= 0) read.push_back(phase);
  }
  return read;
}

Grid::Grid(const ConvShape& s)
    : shape(s),
      depths(s.id, s.od, s.kd, s.sd, s.pd, s.dd),
      rows(s.ih, s.oh, s.kh, s.sh, s.ph, s.dh),
      cols(s.iw, s.ow, s.kw, s.sw, s.pw, s.dw),
      positions(static_cast<int64_t>(images()) * rows.size * cols.size) {
  const int64_t greatest_shift = shift({shape.kd - 1, shape.kh - 1, shape.kw - 1});
  constexpr int64_t kLine = 32, kPage = 2048;  // elements of a cache line, of a 4 KB page
  margin = round_up(greatest_shift + kStripSpan, kLine);
  pitch = round_up(positions + margin, kLine);
  // Planes a whole number of pages apart would compete for the same cache sets.
  if (pitch % kPage == 0) pitch += kLine;
}

std::vector<Tap> Grid::taps() const {
  std::vector<Tap> all;
  for (int l = 0; l < shape.kd; l++) {
    for (int i = 0; i < shape.kh; i++) {
      for (int j = 0; j < shape.kw; j++) all.push_back({l, i, j});
    }
  }
  return all;
}

std::vector<Phase> Grid::read_phases() const {
  const std::vector<int> its_rows = rows.read_phases(), its_cols = cols.read_phases();
  std::vector<Phase> read;
  for (const int e : depths.read_phases()) {
    for (const int a : its_rows) {
      for (const int b : its_cols) read.push_back({e, a, b});
    }
  }
  return read;
}

std::vector<Tap> Grid::taps_of(const Phase& phase) const {
  std::vector<Tap> its;
  for (const Tap& tap : taps()) {
    if (phase_of(tap) == phase) its.push_back(tap);
  }
  return its;
}

int64_t Grid::bytes(int64_t planes) const {
  return (margin + planes * pitch) * static_cast<int64_t>(sizeof(int16_t));
}

}  // namespace dfp
