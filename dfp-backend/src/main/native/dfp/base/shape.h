// Shapes of the operations, as the C interface passes them.
#ifndef DFP_BASE_SHAPE_H
#define DFP_BASE_SHAPE_H

#include <cstdint>

namespace dfp {

enum class Role : int { kSrc = 0, kWeights = 1, kDiffDst = 2 };
enum class Pass : int { kForward = 0, kBackwardData = 1, kBackwardWeights = 2 };

// dst[n, o, z, y, x] = sum over c, l, i, j of
//   src[n, c, z*sd - pd + l*dd, y*sh - ph + i*dh, x*sw - pw + j*dw] * weights[o, c, l, i, j],
//   src zero outside its range. A 2-D convolution has the depth that the defaults say.
struct ConvShape {
  int mb, ic, ih, iw, oc, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw;
  int id = 1, od = 1, kd = 1, sd = 1, pd = 0, dd = 1;

  int taps() const { return kd * kh * kw; }
  // Products that one weight row holds: ic * kd * kh * kw.
  int64_t weights_row() const { return static_cast<int64_t>(ic) * taps(); }
  // Elements of one channel of one example.
  int64_t src_plane() const { return static_cast<int64_t>(id) * ih * iw; }
  int64_t dst_plane() const { return static_cast<int64_t>(od) * oh * ow; }
};

struct DenseShape {
  int mb, ic, oc;
};

constexpr int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}
constexpr int64_t div_up(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }

}  // namespace dfp

#endif  // DFP_BASE_SHAPE_H
