// Finds the taps that read anything.
#include "dfp/conv/filters.h"

namespace dfp {
namespace {

// One axis of a kernel.
struct TapAxis {
  int in, out, stride, dilation;
  int& kernel;
  int& pad;

  // Whether the tap reads an element, with some output.
  bool reads(int tap) const {
    const int64_t of_first = int64_t{tap} * dilation - pad;
    if (of_first >= 0) return of_first < in;
    const int64_t output = div_up(-of_first, stride);
    return output < out && of_first + output * stride < in;
  }

  // Drops taps from both ends; returns how many from the beginning.
  int trim() const {
    int dropped = 0;
    while (kernel > 1 && !reads(kernel - 1)) kernel--;
    for (; kernel > 1 && pad >= dilation && !reads(0); dropped++) {
      kernel--;
      pad -= dilation;
    }
    return dropped;
  }
};

}  // namespace

Filters::Filters(const ConvShape& whole) : shape(whole), taps(whole.taps()) {
  ConvShape& s = shape;
  const int depth = TapAxis{s.id, s.od, s.sd, s.dd, s.kd, s.pd}.trim();
  const int row = TapAxis{s.ih, s.oh, s.sh, s.dh, s.kh, s.ph}.trim();
  const int col = TapAxis{s.iw, s.ow, s.sw, s.dw, s.kw, s.pw}.trim();
  kept.reserve(static_cast<std::size_t>(s.taps()));
  for (int l = 0; l < s.kd; l++) {
    for (int i = 0; i < s.kh; i++) {
      for (int j = 0; j < s.kw; j++) {
        kept.push_back(((depth + l) * whole.kh + row + i) * whole.kw + col + j);
      }
    }
  }
}

bool Filters::are_dense() const {
  const ConvShape& s = shape;
  return s.taps() == 1 && s.src_plane() == 1 && s.dst_plane() == 1 && s.pd + s.ph + s.pw == 0;
}

void Filters::keep(const int16_t* from, int64_t count, int16_t* to) const {
  for (int64_t c = 0; c < count; c++, from += taps) {
    for (const int tap : kept) *to++ = from[tap];
  }
}

const int16_t* KeptRows::read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                              int16_t* buffer) {
  if (filters_.keep_all()) return whole_.read(o, next, c, count, thread, buffer);
  const int64_t taps = filters_.shape.taps(), channels = count / taps;
  const int16_t* values = whole_.read(o, next, c / taps * filters_.taps, channels * filters_.taps,
                                      thread, buffers_[static_cast<std::size_t>(thread)]);
  filters_.keep(values, channels, buffer);
  return buffer;
}

}  // namespace dfp
