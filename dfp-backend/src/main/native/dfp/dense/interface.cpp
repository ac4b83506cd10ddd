// The part of the C interface for fully connected layers.
#include <cstdint>

#include "dfp/base/product_arguments.h"
#include "dfp/dense/dense.h"
#include "dfp/dfp.h"

namespace {

using namespace dfp::arguments;
using dfp::DenseShape;
using dfp::Role;
using dfp::Strided;

DenseShape dense_shape(const int* dims) {
  check_pointer("shape", dims);
  check_range("mb", dims[0], 1, INT32_MAX);
  check_range("ic", dims[1], 1, INT32_MAX);
  check_range("oc", dims[2], 1, INT32_MAX);
  check_elements("src", {dims[0], dims[1]});
  check_elements("weights", {dims[1], dims[2]});
  check_elements("dst", {dims[0], dims[2]});
  return {dims[0], dims[1], dims[2]};
}

Strided dense_tensor(const DenseShape& s, Role role, const float* x, const int64_t* strides) {
  switch (role) {
    case Role::kSrc:
      return strided(x, {s.mb, s.ic}, strides);
    case Role::kWeights:
      return strided(x, {s.ic, s.oc}, strides);
    default:
      return strided(x, {s.mb, s.oc}, strides);
  }
}

// Weights one input after the other in memory.
dfp::FloatWeights dense_columns(const DenseShape& s, const float* weights, const int64_t* strides,
                                const dfp::Quantization& how, const int64_t* fingerprint) {
  check_pointer("weights", weights);
  const Strided tensor = dense_tensor(s, Role::kWeights, weights, strides);
  check_range("strides[0]", tensor.strides[0], 1, 1);
  check_range("strides[1]", tensor.strides[1], s.ic, kMaxElements);
  return {tensor, s.ic, tensor.strides[1], 1, s.oc, how, fingerprint != nullptr};
}

int product_threads(const DenseShape& s, int threads) {
  return threads_for_weights(static_cast<double>(s.ic) * s.oc, s.mb, threads);
}

}  // namespace

extern "C" {

int64_t dfp_dense_packed_bytes(int isa, const int* shape, int role) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    return dfp::dense_packed_bytes(isa, dense_shape(shape), role_of(role));
  });
}

int64_t dfp_dense_scratch_bytes(int isa, const int* shape, int pass, int threads) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    const auto dense = dense_shape(shape);
    return dfp::dense_scratch_bytes(isa, dense, pass_of(pass), product_threads(dense, threads));
  });
}

int dfp_dense_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                   int exponent, int rounding, int headroom, int64_t seed, int threads,
                   void* packed, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_buffer("packed", packed);
    const DenseShape dense = dense_shape(shape);
    const Strided tensor = dense_tensor(dense, role_of(role), x, strides);
    check_fingerprint(role, fingerprint);
    const float seen = dfp::dense_pack(isa, dense, role_of(role), tensor,
                                       quantization(exponent, rounding, headroom, seed),
                                       pack_threads(tensor, threads), packed);
    report(seen, fingerprint == nullptr ? 0 : fingerprint_of(isa, tensor, threads), amax,
           fingerprint);
    return 0;
  });
}

int dfp_dense_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                      const float* bias, float* dst, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "weights", weights, exponent, "dst", dst, threads, scratch);
    const DenseShape dense = dense_shape(shape);
    dfp::dense_forward(isa, dense, src, weights, exponent, bias, dst,
                       product_threads(dense, threads), scratch);
    return 0;
  });
}

int dfp_dense_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                            int exponent, float* diff_src, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "diffDst", diff_dst, "weights", weights, exponent, "diffSrc", diff_src,
                  threads, scratch);
    const DenseShape dense = dense_shape(shape);
    dfp::dense_backward_data(isa, dense, diff_dst, weights, exponent, diff_src,
                             product_threads(dense, threads), scratch);
    return 0;
  });
}

int dfp_dense_forward_fp32(int isa, const int* shape, const void* src, int src_exponent,
                           const float* weights, const int64_t* strides, int weights_exponent,
                           int rounding, int headroom, int64_t seed, const float* bias, float* dst,
                           int threads, void* scratch, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_range("src_exponent", src_exponent, kLeastExponent, kGreatestExponent);
    check_product(isa, "src", src, "scratch", scratch, src_exponent, "dst", dst, threads, scratch);
    check_pointer("amax", amax);
    const DenseShape dense = dense_shape(shape);
    const int count = product_threads(dense, threads);
    dfp::FloatRows rows(
        isa,
        dense_columns(dense, weights, strides,
                      quantization(weights_exponent, rounding, headroom, seed), fingerprint),
        count);
    dfp::dense_forward(isa, dense, src, rows, src_exponent + weights_exponent, bias, dst, count,
                       scratch);
    const dfp::Scan seen = rows.seen();
    report(seen.amax, seen.fingerprint, amax, fingerprint);
    return 0;
  });
}

int dfp_dense_backward_data_fp32(int isa, const int* shape, const void* diff_dst,
                                 int diff_dst_exponent, const float* weights,
                                 const int64_t* strides, int weights_exponent, int rounding,
                                 int headroom, int64_t seed, float* diff_src, int threads,
                                 void* scratch, float* amax, int64_t* fingerprint) {
  return guarded([&] {
    check_range("diff_dst_exponent", diff_dst_exponent, kLeastExponent, kGreatestExponent);
    check_product(isa, "diffDst", diff_dst, "scratch", scratch, diff_dst_exponent, "diffSrc",
                  diff_src, threads, scratch);
    check_pointer("amax", amax);
    const DenseShape dense = dense_shape(shape);
    const int count = product_threads(dense, threads);
    dfp::FloatRows rows(
        isa,
        dense_columns(dense, weights, strides,
                      quantization(weights_exponent, rounding, headroom, seed), fingerprint),
        count);
    dfp::dense_backward_data(isa, dense, diff_dst, rows, diff_dst_exponent + weights_exponent,
                             diff_src, count, scratch);
    const dfp::Scan seen = rows.seen();
    report(seen.amax, seen.fingerprint, amax, fingerprint);
    return 0;
  });
}

int dfp_dense_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                               int exponent, float* diff_weights, int threads, void* scratch) {
  return guarded([&] {
    check_product(isa, "src", src, "diffDst", diff_dst, exponent, "diffWeights", diff_weights,
                  threads, scratch);
    const DenseShape dense = dense_shape(shape);
    dfp::dense_backward_weights(isa, dense, src, diff_dst, exponent, diff_weights,
                                product_threads(dense, threads), scratch);
    return 0;
  });
}

}  // extern "C"
