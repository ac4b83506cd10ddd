// The part of the C interface for convolutions in two and three dimensions.
#include "dfp/conv/arguments.h"
#include "dfp/conv/conv.h"
#include "dfp/dfp.h"

namespace {

using namespace dfp::arguments;
using dfp::ConvShape;
using dfp::Strided;

int product_threads(const ConvShape& s, int threads) {
  const double products =
      static_cast<double>(s.weights_row()) * s.mb * s.oc * static_cast<double>(s.dst_plane());
  return threads_for(products, threads);
}

}  // namespace

extern "C" {

int64_t dfp_conv_packed_bytes(int isa, const int* shape, int role) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    return dfp::conv_packed_bytes(isa, conv_shape(shape), role_of(role));
  });
}

int64_t dfp_conv_scratch_bytes(int isa, const int* shape, int pass, int threads) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    const auto conv = conv_shape(shape);
    return dfp::conv_scratch_bytes(isa, conv, pass_of(pass), product_threads(conv, threads));
  });
}

int dfp_conv_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                  int exponent, int rounding, int headroom, int64_t seed, int threads, void* packed,
                  float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_buffer("packed", packed);
    const ConvShape conv = conv_shape(shape);
    const Strided tensor = conv_tensor(conv, role_of(role), x, strides);
    check_fingerprint(role, fingerprint);
    uint64_t hash = 0;
    const float seen = dfp::conv_pack(
        isa, conv, role_of(role), tensor, quantization(exponent, rounding, headroom, seed),
        pack_threads(tensor, threads), packed, fingerprint == nullptr ? nullptr : &hash);
    report(seen, hash, amax, fingerprint);
    return 0;
  });
}

int dfp_conv_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                     const float* bias, float* dst, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "weights", weights, exponent, "dst", dst, threads, scratch);
    const ConvShape conv = conv_shape(shape);
    dfp::conv_forward(isa, conv, src, weights, exponent, bias, dst, product_threads(conv, threads),
                      scratch);
    return 0;
  });
}

int dfp_conv_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                           int exponent, float* diff_src, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "diffDst", diff_dst, "weights", weights, exponent, "diffSrc", diff_src,
                  threads, scratch);
    const ConvShape conv = conv_shape(shape);
    dfp::conv_backward_data(isa, conv, diff_dst, weights, exponent, diff_src,
                            product_threads(conv, threads), scratch);
    return 0;
  });
}

int dfp_conv_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                              int exponent, float* diff_weights, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "diffDst", diff_dst, exponent, "diffWeights", diff_weights,
                  threads, scratch);
    const ConvShape conv = conv_shape(shape);
    dfp::conv_backward_weights(isa, conv, src, diff_dst, exponent, diff_weights,
                               product_threads(conv, threads), scratch);
    return 0;
  });
}

int64_t dfp_conv3d_packed_bytes(int isa, const int* shape, int role) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    return dfp::conv_packed_bytes(isa, conv3d_shape(shape), role_of(role));
  });
}

int64_t dfp_conv3d_scratch_bytes(int isa, const int* shape, int pass, int threads) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    const auto conv = conv3d_shape(shape);
    return dfp::conv_scratch_bytes(isa, conv, pass_of(pass), product_threads(conv, threads));
  });
}

int dfp_conv3d_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                    int exponent, int rounding, int headroom, int64_t seed, int threads,
                    void* packed, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_buffer("packed", packed);
    const ConvShape conv = conv3d_shape(shape);
    const Strided tensor = conv3d_tensor(conv, role_of(role), x, strides);
    check_fingerprint(role, fingerprint);
    uint64_t hash = 0;
    const float seen = dfp::conv_pack(
        isa, conv, role_of(role), tensor, quantization(exponent, rounding, headroom, seed),
        pack_threads(tensor, threads), packed, fingerprint == nullptr ? nullptr : &hash);
    report(seen, hash, amax, fingerprint);
    return 0;
  });
}

int dfp_conv3d_forward(int isa, const int* shape, const void* src, const void* weights,
                       int exponent, const float* bias, float* dst, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "weights", weights, exponent, "dst", dst, threads, scratch);
    const ConvShape conv = conv3d_shape(shape);
    dfp::conv_forward(isa, conv, src, weights, exponent, bias, dst, product_threads(conv, threads),
                      scratch);
    return 0;
  });
}

int dfp_conv3d_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                             int exponent, float* diff_src, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "diffDst", diff_dst, "weights", weights, exponent, "diffSrc", diff_src,
                  threads, scratch);
    const ConvShape conv = conv3d_shape(shape);
    dfp::conv_backward_data(isa, conv, diff_dst, weights, exponent, diff_src,
                            product_threads(conv, threads), scratch);
    return 0;
  });
}

int dfp_conv3d_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                                int exponent, float* diff_weights, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "diffDst", diff_dst, exponent, "diffWeights", diff_weights,
                  threads, scratch);
    const ConvShape conv = conv3d_shape(shape);
    dfp::conv_backward_weights(isa, conv, src, diff_dst, exponent, diff_weights,
                               product_threads(conv, threads), scratch);
    return 0;
  });
}

}  // extern "C"
