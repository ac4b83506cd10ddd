// The part of the C interface for depthwise convolution.
#include <cstdint>
#include <cstring>

#include "dfp/conv/arguments.h"
#include "dfp/dfp.h"
#include "dfp/dwconv/dwconv.h"
#include "dfp/dwconv/kernel.h"

namespace {

using namespace dfp::arguments;
using dfp::DepthwiseShape;
using dfp::Role;
using dfp::Strided;

// The shape of a convolution with the same tensors src and dst.
DepthwiseShape depthwise_shape(const int* dims) {
  check_pointer("shape", dims);
  constexpr int kOc = 4;  // where the multiplier stands for the output channels
  const int ic = dims[1], multiplier = dims[kOc];
  check_range("ic", ic, 1, kMaxDimension);
  check_range("multiplier", multiplier, 1, kMaxDimension / ic);
  int conv[DFP_CONV_DIMS];
  std::memcpy(conv, dims, sizeof conv);
  conv[kOc] = ic * multiplier;
  const DepthwiseShape shape{multiplier, conv2d_shape(conv)};
  check_range("multiplier * kh * kw", int64_t{multiplier} * shape.conv.kh * shape.conv.kw, 1,
              dfp::kMaxDepthwiseK);
  return shape;
}

Strided depthwise_tensor(const DepthwiseShape& s, Role role, const float* x,
                         const int64_t* strides) {
  return role == Role::kWeights
             ? strided(x, {s.conv.ic, s.multiplier, s.conv.kh, s.conv.kw}, strides)
             : conv2d_tensor(s.conv, role, x, strides);
}

int product_threads(const DepthwiseShape& s, int threads) {
  const double products =
      static_cast<double>(s.conv.taps()) * s.conv.mb * s.conv.oc * s.conv.oh * s.conv.ow;
  return threads_for(products, threads);
}

}  // namespace

extern "C" {

int64_t dfp_dwconv_packed_bytes(int isa, const int* shape, int role) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    return dfp::dwconv_packed_bytes(depthwise_shape(shape), role_of(role));
  });
}

int64_t dfp_dwconv_scratch_bytes(int isa, const int* shape, int pass, int threads) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    const auto depthwise = depthwise_shape(shape);
    return dfp::dwconv_scratch_bytes(depthwise, pass_of(pass), product_threads(depthwise, threads));
  });
}

int dfp_dwconv_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                    int exponent, int rounding, int headroom, int64_t seed, int threads,
                    void* packed, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_buffer("packed", packed);
    const DepthwiseShape depthwise = depthwise_shape(shape);
    const Strided tensor = depthwise_tensor(depthwise, role_of(role), x, strides);
    check_fingerprint(role, fingerprint);
    const float seen = dfp::dwconv_pack(isa, depthwise, role_of(role), tensor,
                                        quantization(exponent, rounding, headroom, seed),
                                        pack_threads(tensor, threads), packed);
    report(seen, fingerprint == nullptr ? 0 : fingerprint_of(isa, tensor, threads), amax,
           fingerprint);
    return 0;
  });
}

int dfp_dwconv_forward(int isa, const int* shape, const void* src, const void* weights,
                       int exponent, const float* bias, float* dst, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "weights", weights, exponent, "dst", dst, threads, scratch);
    const DepthwiseShape depthwise = depthwise_shape(shape);
    dfp::dwconv_forward(isa, depthwise, src, weights, exponent, bias, dst,
                        product_threads(depthwise, threads), scratch);
    return 0;
  });
}

int dfp_dwconv_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                             int exponent, float* diff_src, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "diffDst", diff_dst, "weights", weights, exponent, "diffSrc", diff_src,
                  threads, scratch);
    const DepthwiseShape depthwise = depthwise_shape(shape);
    dfp::dwconv_backward_data(isa, depthwise, diff_dst, weights, exponent, diff_src,
                              product_threads(depthwise, threads), scratch);
    return 0;
  });
}

int dfp_dwconv_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                                int exponent, float* diff_weights, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "diffDst", diff_dst, exponent, "diffWeights", diff_weights,
                  threads, scratch);
    const DepthwiseShape depthwise = depthwise_shape(shape);
    dfp::dwconv_backward_weights(isa, depthwise, src, diff_dst, exponent, diff_weights,
                                 product_threads(depthwise, threads), scratch);
    return 0;
  });
}

}  // extern "C"
