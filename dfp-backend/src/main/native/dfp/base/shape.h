// Shapes of the operations, as the C interface passes them.
#ifndef DFP_BASE_SHAPE_H
#define DFP_BASE_SHAPE_H

#include <cstdint>

namespace dfp {

enum class Role : int { kSrc = 0, kWeights = 1, kDiffDst = 2 };
enum class Pass : int { kForward = 0, kBackwardData = 1, kBackwardWeights = 2 };

// dst[n, o, y, x] = sum over c, i, j of
//   src[n, c, y*sh - ph + i*dh, x*sw - pw + j*dw] * weights[o, c, i, j], src zero outside its
//   range.
struct ConvShape {
  int mb, ic, ih, iw, oc, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw;

  int taps() const { return kh * kw; }
  // Products that one weight row holds: ic * kh * kw.
  int64_t weights_row() const { return static_cast<int64_t>(ic) * taps(); }
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
