// Checks of the shapes of convolutions and their tensors, for the C interface.
#ifndef DFP_CONV_ARGUMENTS_H
#define DFP_CONV_ARGUMENTS_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dfp/base/product_arguments.h"

namespace dfp::arguments {

inline const char* const kConvNames[DFP_CONV3D_DIMS] = {"mb", "ic", "ih", "iw", "oc", "oh", "ow",
                                                        "kh", "kw", "sh", "sw", "ph", "pw", "dh",
                                                        "dw", "id", "od", "kd", "sd", "pd", "dd"};

// The planes that src and diffDst are kept in, see conv/grid.h: an axis of their grid is at most as
// long as its input, output, padding and kernel together.
inline void check_padded(const ConvShape& s, int64_t depth) {
  const int64_t phases =
      int64_t{std::min(s.kd, s.sd)} * std::min(s.kh, s.sh) * std::min(s.kw, s.sw);
  const int64_t height = int64_t{s.ih} + s.oh + s.ph + int64_t{s.kh - 1} * s.dh;
  const int64_t width = int64_t{s.iw} + s.ow + s.pw + int64_t{s.kw - 1} * s.dw;
  check_elements("padded src", {s.ic * phases, s.mb, depth, height, width});
  check_elements("padded diffDst", {s.oc, s.mb, depth, height, width});
}

// The first `count` dimensions as given, the others as in a 2-D convolution.
inline ConvShape conv_shape(const int* dims, int count) {
  check_pointer("shape", dims);
  ConvShape shape{};
  static_assert(sizeof shape == DFP_CONV3D_DIMS * sizeof(int), "the dimensions in order");
  static_assert(offsetof(ConvShape, id) == DFP_CONV_DIMS * sizeof(int), "depth comes last");
  for (int i = 0; i < count; i++) {
    check_range(kConvNames[i], dims[i], kConvNames[i][0] == 'p' ? 0 : 1, kMaxDimension);
  }
  std::memcpy(static_cast<void*>(&shape), dims, static_cast<std::size_t>(count) * sizeof(int));
  check_range("kd * kh", int64_t{shape.kd} * shape.kh, 1, INT32_MAX);
  check_range("kd * kh * kw", int64_t{shape.kd} * shape.kh * shape.kw, 1, INT32_MAX);
  check_elements("src", {shape.mb, shape.ic, shape.id, shape.ih, shape.iw});
  check_elements("weights", {shape.oc, shape.ic, shape.kd, shape.kh, shape.kw});
  check_elements("dst", {shape.mb, shape.oc, shape.od, shape.oh, shape.ow});
  check_range("(kd - 1) * dd", int64_t{shape.kd - 1} * shape.dd, 0, kMaxDimension);
  check_range("(kh - 1) * dh", int64_t{shape.kh - 1} * shape.dh, 0, kMaxDimension);
  const int64_t depth = int64_t{shape.id} + shape.od + shape.pd + int64_t{shape.kd - 1} * shape.dd;
  check_range("mb * depth", shape.mb * depth, 1, INT32_MAX);
  check_range("(kw - 1) * dw", int64_t{shape.kw - 1} * shape.dw, 0, kMaxDimension);
  check_padded(shape, depth);
  return shape;
}

inline ConvShape conv2d_shape(const int* dims) { return conv_shape(dims, DFP_CONV_DIMS); }

inline ConvShape conv3d_shape(const int* dims) { return conv_shape(dims, DFP_CONV3D_DIMS); }

inline Strided conv3d_tensor(const ConvShape& s, Role role, const float* x,
                             const int64_t* strides) {
  switch (role) {
    case Role::kSrc:
      return strided(x, {s.mb, s.ic, s.id, s.ih, s.iw}, strides);
    case Role::kWeights:
      return strided(x, {s.oc, s.ic, s.kd, s.kh, s.kw}, strides);
    default:
      return strided(x, {s.mb, s.oc, s.od, s.oh, s.ow}, strides);
  }
}

// A 2-D convolution's tensor with a depth of 1.
inline Strided conv2d_tensor(const ConvShape& s, Role role, const float* x,
                             const int64_t* strides) {
  check_pointer("strides", strides);
  const int64_t with_depth[] = {strides[0], strides[1], 0, strides[2], strides[3]};
  return conv3d_tensor(s, role, x, with_depth);
}

}  // namespace dfp::arguments

#endif  // DFP_CONV_ARGUMENTS_H
