// The part of the C interface for convolutions in two and three dimensions.
#include "dfp/conv/arguments.h"
#include "dfp/conv/conv.h"
#include "dfp/dfp.h"
#include "dfp/fp32/arguments.h"

namespace {

using namespace dfp::arguments;
using dfp::ConvShape;
using dfp::Role;
using dfp::Strided;

// How the arguments of a convolution say its shape and where its tensors' values are.
struct Dimensions {
  ConvShape (*shape)(const int* dims);
  Strided (*tensor)(const ConvShape& shape, Role role, const float* x, const int64_t* strides);
};
constexpr Dimensions kTwo{conv2d_shape, conv2d_tensor}, kThree{conv3d_shape, conv3d_tensor};

int product_threads(const ConvShape& s, int threads) {
  return threads_for_weights(static_cast<double>(s.weights_row()) * s.oc,
                             s.mb * static_cast<double>(s.dst_plane()), threads);
}

int64_t packed_bytes(const Dimensions& dimensions, int isa, const int* shape, int role) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    return dfp::conv_packed_bytes(isa, dimensions.shape(shape), role_of(role));
  });
}

int64_t scratch_bytes(const Dimensions& dimensions, int isa, const int* shape, int pass,
                      int threads) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    const ConvShape conv = dimensions.shape(shape);
    return dfp::conv_scratch_bytes(isa, conv, pass_of(pass), product_threads(conv, threads));
  });
}

int pack(const Dimensions& dimensions, int isa, const int* shape, int role, const float* x,
         const int64_t* strides, int exponent, int rounding, int headroom, int64_t seed,
         int threads, void* packed, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_buffer("packed", packed);
    const ConvShape conv = dimensions.shape(shape);
    const Strided tensor = dimensions.tensor(conv, role_of(role), x, strides);
    check_fingerprint(role, fingerprint);
    uint64_t hash = 0;
    const float seen = dfp::conv_pack(
        isa, conv, role_of(role), tensor, quantization(exponent, rounding, headroom, seed),
        pack_threads(tensor, threads), packed, fingerprint == nullptr ? nullptr : &hash);
    report(seen, hash, amax, fingerprint);
    return 0;
  });
}

int forward(const Dimensions& dimensions, int isa, const int* shape, const void* src,
            const void* weights, int exponent, const float* bias, float* dst, int threads,
            void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "weights", weights, exponent, "dst", dst, threads, scratch);
    const ConvShape conv = dimensions.shape(shape);
    dfp::conv_forward(isa, conv, src, weights, exponent, bias, dst, product_threads(conv, threads),
                      scratch);
    return 0;
  });
}

int backward_data(const Dimensions& dimensions, int isa, const int* shape, const void* diff_dst,
                  const void* weights, int exponent, float* diff_src, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "diffDst", diff_dst, "weights", weights, exponent, "diffSrc", diff_src,
                  threads, scratch);
    const ConvShape conv = dimensions.shape(shape);
    dfp::conv_backward_data(isa, conv, diff_dst, weights, exponent, diff_src,
                            product_threads(conv, threads), scratch);
    return 0;
  });
}

int backward_weights(const Dimensions& dimensions, int isa, const int* shape, const void* src,
                     const void* diff_dst, int exponent, float* diff_weights, int threads,
                     void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "diffDst", diff_dst, exponent, "diffWeights", diff_weights,
                  threads, scratch);
    const ConvShape conv = dimensions.shape(shape);
    dfp::conv_backward_weights(isa, conv, src, diff_dst, exponent, diff_weights,
                               product_threads(conv, threads), scratch);
    return 0;
  });
}

// One filter after the other in memory.
dfp::FloatWeights dense_filters(const ConvShape& s, const float* weights, const int64_t* strides,
                                const dfp::Quantization& how, const int64_t* fingerprint) {
  check_pointer("weights", weights);
  const Strided tensor = conv2d_tensor(s, Role::kWeights, weights, strides);
  if (!tensor.is_dense()) fail("strides", "those of dense weights", "others");
  const int64_t row = s.weights_row();
  return {tensor, row, row, row, 1, how, fingerprint != nullptr};
}

ConvShape shape_with_fp32_weights(int isa, const int* dims) {
  const ConvShape shape = conv2d_shape(dims);
  if (!dfp::conv_takes_fp32_weights(isa, shape)) {
    fail("shape", "one that takes FP32 weights", "another");
  }
  return shape;
}

}  // namespace

extern "C" {

int64_t dfp_conv_packed_bytes(int isa, const int* shape, int role) {
  return packed_bytes(kTwo, isa, shape, role);
}

int64_t dfp_conv_scratch_bytes(int isa, const int* shape, int pass, int threads) {
  return scratch_bytes(kTwo, isa, shape, pass, threads);
}

int dfp_conv_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                  int exponent, int rounding, int headroom, int64_t seed, int threads, void* packed,
                  float* amax, int64_t* fingerprint) {
  return pack(kTwo, isa, shape, role, x, strides, exponent, rounding, headroom, seed, threads,
              packed, amax, fingerprint);
}

int dfp_conv_pack_deferred(int isa, const int* shape, const float* x, const float* mean,
                           const float* scale, const float* offset, int kind, float parameter,
                           int exponent, int rounding, int headroom, int64_t seed, int threads,
                           void* packed, float* amax) {
  return guarded([&] {
    check_isa(isa);
    check_buffer("packed", packed);
    const ConvShape conv = conv2d_shape(shape);
    const int64_t plane = int64_t{conv.ih} * conv.iw;
    const int64_t strides[] = {conv.ic * plane, plane, conv.iw, 1};
    const Strided tensor = conv2d_tensor(conv, Role::kSrc, x, strides);
    const auto values = deferred(x, mean, scale, offset, activation_or_none(kind, parameter));
    const float seen = dfp::conv_pack_src(isa, conv, tensor, values,
                                          quantization(exponent, rounding, headroom, seed),
                                          pack_threads(tensor, threads), packed);
    report(seen, 0, amax, nullptr);
    return 0;
  });
}

int dfp_conv_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                     const float* bias, float* dst, int threads, void* scratch) {
  return forward(kTwo, isa, shape, src, weights, exponent, bias, dst, threads, scratch);
}

int dfp_conv_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                           int exponent, float* diff_src, int threads, void* scratch) {
  return backward_data(kTwo, isa, shape, diff_dst, weights, exponent, diff_src, threads, scratch);
}

int dfp_conv_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                              int exponent, float* diff_weights, int threads, void* scratch) {
  return backward_weights(kTwo, isa, shape, src, diff_dst, exponent, diff_weights, threads,
                          scratch);
}

int dfp_conv_takes_fp32_weights(int isa, const int* shape) {
  return guarded([&] {
    check_isa(isa);
    return dfp::conv_takes_fp32_weights(isa, conv2d_shape(shape)) ? 1 : 0;
  });
}

int dfp_conv_forward_fp32(int isa, const int* shape, const void* src, int src_exponent,
                          const float* weights, const int64_t* strides, int weights_exponent,
                          int rounding, int headroom, int64_t seed, const float* bias, float* dst,
                          int threads, void* scratch, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_range("src_exponent", src_exponent, kLeastExponent, kGreatestExponent);
    check_product(isa, "src", src, "scratch", scratch, src_exponent, "dst", dst, threads, scratch);
    check_pointer("amax", amax);
    const ConvShape conv = shape_with_fp32_weights(isa, shape);
    const dfp::FloatWeights values =
        dense_filters(conv, weights, strides,
                      quantization(weights_exponent, rounding, headroom, seed), fingerprint);
    const dfp::Scan seen =
        dfp::conv_forward(isa, conv, src, values, src_exponent + weights_exponent, bias, dst,
                          product_threads(conv, threads), scratch);
    report(seen.amax, seen.fingerprint, amax, fingerprint);
    return 0;
  });
}

int dfp_conv_backward_data_fp32(int isa, const int* shape, const void* diff_dst,
                                int diff_dst_exponent, const float* weights, const int64_t* strides,
                                int weights_exponent, int rounding, int headroom, int64_t seed,
                                float* diff_src, int threads, void* scratch, float* amax,
                                int64_t* fingerprint) {
  return guarded([&] {
    check_range("diff_dst_exponent", diff_dst_exponent, kLeastExponent, kGreatestExponent);
    check_product(isa, "diffDst", diff_dst, "scratch", scratch, diff_dst_exponent, "diffSrc",
                  diff_src, threads, scratch);
    check_pointer("amax", amax);
    const ConvShape conv = shape_with_fp32_weights(isa, shape);
    const dfp::FloatWeights values =
        dense_filters(conv, weights, strides,
                      quantization(weights_exponent, rounding, headroom, seed), fingerprint);
    const dfp::Scan seen =
        dfp::conv_backward_data(isa, conv, diff_dst, values, diff_dst_exponent + weights_exponent,
                                diff_src, product_threads(conv, threads), scratch);
    report(seen.amax, seen.fingerprint, amax, fingerprint);
    return 0;
  });
}

int64_t dfp_conv3d_packed_bytes(int isa, const int* shape, int role) {
  return packed_bytes(kThree, isa, shape, role);
}

int64_t dfp_conv3d_scratch_bytes(int isa, const int* shape, int pass, int threads) {
  return scratch_bytes(kThree, isa, shape, pass, threads);
}

int dfp_conv3d_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                    int exponent, int rounding, int headroom, int64_t seed, int threads,
                    void* packed, float* amax, int64_t* fingerprint) {
  return pack(kThree, isa, shape, role, x, strides, exponent, rounding, headroom, seed, threads,
              packed, amax, fingerprint);
}

int dfp_conv3d_forward(int isa, const int* shape, const void* src, const void* weights,
                       int exponent, const float* bias, float* dst, int threads, void* scratch) {
  return forward(kThree, isa, shape, src, weights, exponent, bias, dst, threads, scratch);
}

int dfp_conv3d_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                             int exponent, float* diff_src, int threads, void* scratch) {
  return backward_data(kThree, isa, shape, diff_dst, weights, exponent, diff_src, threads, scratch);
}

int dfp_conv3d_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                                int exponent, float* diff_weights, int threads, void* scratch) {
  return backward_weights(kThree, isa, shape, src, diff_dst, exponent, diff_weights, threads,
                          scratch);
}

}  // extern "C"
