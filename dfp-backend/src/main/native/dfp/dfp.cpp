// The C interface: checks what the Java side passes, and keeps C++ exceptions inside.
#include "dfp/dfp.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "dfp/base/arguments.h"
#include "dfp/base/isa.h"
#include "dfp/base/shape.h"
#include "dfp/base/strided.h"
#include "dfp/conv/conv.h"
#include "dfp/dense/dense.h"
#include "dfp/dwconv/dwconv.h"
#include "dfp/dwconv/kernel.h"
#include "dfp/quantize/quantize.h"

namespace {

using namespace dfp::arguments;
using dfp::ConvShape;
using dfp::DenseShape;
using dfp::DepthwiseShape;
using dfp::Pass;
using dfp::Quantization;
using dfp::Role;
using dfp::Rounding;
using dfp::Strided;

constexpr int kMaxDimension = 1 << 24;

void check_elements(const char* tensor, std::initializer_list<int64_t> shape) {
  // The check comes before each product, so none overflows.
  int64_t count = 1;
  for (const int64_t factor : shape) {
    if (count > kMaxElements / factor) fail(tensor, "at most 2^40 elements", "more");
    count *= factor;
  }
}

const char* const kConvNames[DFP_CONV3D_DIMS] = {"mb", "ic", "ih", "iw", "oc", "oh", "ow",
                                                 "kh", "kw", "sh", "sw", "ph", "pw", "dh",
                                                 "dw", "id", "od", "kd", "sd", "pd", "dd"};

// The planes that src and diffDst are kept in, see conv/grid.h: an axis of their grid is at most as
// long as its input, output, padding and kernel together.
void check_padded(const ConvShape& s, int64_t depth) {
  const int64_t phases =
      int64_t{std::min(s.kd, s.sd)} * std::min(s.kh, s.sh) * std::min(s.kw, s.sw);
  const int64_t height = int64_t{s.ih} + s.oh + s.ph + int64_t{s.kh - 1} * s.dh;
  const int64_t width = int64_t{s.iw} + s.ow + s.pw + int64_t{s.kw - 1} * s.dw;
  check_elements("padded src", {s.ic * phases, s.mb, depth, height, width});
  check_elements("padded diffDst", {s.oc, s.mb, depth, height, width});
}

// The first `count` dimensions as given, the others as in a 2-D convolution.
ConvShape conv_shape(const int* dims, int count) {
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

ConvShape conv_shape(const int* dims) { return conv_shape(dims, DFP_CONV_DIMS); }

ConvShape conv3d_shape(const int* dims) { return conv_shape(dims, DFP_CONV3D_DIMS); }

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
  const DepthwiseShape shape{multiplier, conv_shape(conv)};
  check_range("multiplier * kh * kw", int64_t{multiplier} * shape.conv.kh * shape.conv.kw, 1,
              dfp::kMaxDepthwiseK);
  return shape;
}

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

Role role_of(int role) {
  check_range("role", role, DFP_SRC, DFP_DIFF_DST);
  return static_cast<Role>(role);
}

Pass pass_of(int pass) {
  check_range("pass", pass, DFP_FORWARD, DFP_BACKWARD_WEIGHTS);
  return static_cast<Pass>(pass);
}

// Exponents of single tensors, and sums of two.
constexpr int kLeastExponent = -163, kGreatestExponent = 115;

Quantization quantization(int exponent, int rounding, int headroom, int64_t seed) {
  check_range("exponent", exponent, kLeastExponent, kGreatestExponent);
  check_range("rounding", rounding, DFP_NEAREST_EVEN, DFP_TRUNCATE);
  check_range("headroom", headroom, 0, 2);
  return {exponent, static_cast<Rounding>(rounding), headroom, static_cast<uint64_t>(seed)};
}

Strided strided(const float* x, std::initializer_list<int64_t> shape, const int64_t* strides) {
  check_pointer("x", x);
  check_pointer("strides", strides);
  Strided tensor{x, 0, {}, {}};
  for (const int64_t length : shape) {
    tensor.shape[tensor.rank] = length;
    tensor.strides[tensor.rank] = strides[tensor.rank];
    tensor.rank++;
  }
  return tensor;
}

Strided conv3d_tensor(const ConvShape& s, Role role, const float* x, const int64_t* strides) {
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
Strided conv_tensor(const ConvShape& s, Role role, const float* x, const int64_t* strides) {
  check_pointer("strides", strides);
  const int64_t with_depth[] = {strides[0], strides[1], 0, strides[2], strides[3]};
  return conv3d_tensor(s, role, x, with_depth);
}

Strided depthwise_tensor(const DepthwiseShape& s, Role role, const float* x,
                         const int64_t* strides) {
  return role == Role::kWeights
             ? strided(x, {s.conv.ic, s.multiplier, s.conv.kh, s.conv.kw}, strides)
             : conv_tensor(s.conv, role, x, strides);
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
Strided dense_columns(const DenseShape& s, const float* weights, const int64_t* strides) {
  check_pointer("weights", weights);
  const Strided tensor = dense_tensor(s, Role::kWeights, weights, strides);
  check_range("strides[0]", tensor.strides[0], 1, 1);
  check_range("strides[1]", tensor.strides[1], s.ic, kMaxElements);
  return tensor;
}

void check_fingerprint(int role, const int64_t* fingerprint) {
  if (fingerprint != nullptr) check_range("role", role, DFP_WEIGHTS, DFP_WEIGHTS);
}

void report(float seen, uint64_t hash, float* amax, int64_t* fingerprint) {
  if (amax != nullptr) *amax = seen;
  if (fingerprint != nullptr) *fingerprint = static_cast<int64_t>(hash);
}

void check_product(int isa, const char* first_name, const void* first, const char* second_name,
                   const void* second, int exponent, const char* result_name, const float* result,
                   int threads, const void* scratch) {
  check_isa(isa);
  check_buffer(first_name, first);
  check_buffer(second_name, second);
  check_range("exponent", exponent, 2 * kLeastExponent, 2 * kGreatestExponent);
  check_pointer(result_name, result);
  check_range("threads", threads, 1, kMaxThreads);
  check_buffer("scratch", scratch);
}

constexpr int64_t kProductsPerThread = int64_t{1} << 19;

int product_threads(const ConvShape& s, int threads) {
  const double products =
      static_cast<double>(s.weights_row()) * s.mb * s.oc * static_cast<double>(s.dst_plane());
  return useful_threads(threads, static_cast<int64_t>(std::min(products, 1e18)),
                        kProductsPerThread);
}

int product_threads(const DepthwiseShape& s, int threads) {
  const double products =
      static_cast<double>(s.conv.taps()) * s.conv.mb * s.conv.oc * s.conv.oh * s.conv.ow;
  return useful_threads(threads, static_cast<int64_t>(std::min(products, 1e18)),
                        kProductsPerThread);
}

int product_threads(const DenseShape& s, int threads) {
  const double products = static_cast<double>(s.mb) * s.ic * s.oc;
  return useful_threads(threads, static_cast<int64_t>(std::min(products, 1e18)),
                        kProductsPerThread);
}

int pack_threads(const Strided& x, int threads) {
  return useful_threads(threads, x.elements(), kElementsPerThread);
}

uint64_t fingerprint_of(int isa, const Strided& x, int threads) {
  return dfp::scan(isa, x, pack_threads(x, threads), true).fingerprint;
}

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

extern "C" {

const char* dfp_last_error() { return dfp::last_error(); }

int dfp_isa_count() { return dfp::kIsaCount; }

const char* dfp_isa_name(int isa) { return dfp::isa_name(isa); }

int dfp_isa_runs(int isa) { return dfp::isa_runs(isa) ? 1 : 0; }

int dfp_isa_select(const char* cap) { return dfp::isa_select(cap); }

const char* dfp_cpu_name() { return dfp::cpu_name(); }

void* dfp_alloc(int64_t bytes) {
  if (bytes <= 0) return nullptr;
  const auto size = static_cast<std::size_t>(bytes);
  const bool huge = size >= kHugePage;
  const std::size_t alignment = huge ? kHugePage : 64;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory != nullptr && huge) madvise(memory, rounded, MADV_HUGEPAGE);
  return memory;
}

void dfp_free(void* memory) { std::free(memory); }

int dfp_scan(int isa, const float* x, int rank, const int64_t* shape, const int64_t* strides,
             int threads, float* amax, int* finite, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_pointer("x", x);
    check_range("rank", rank, 1, dfp::kMaxRank);
    check_pointer("shape", shape);
    check_pointer("strides", strides);
    check_range("threads", threads, 1, kMaxThreads);
    check_pointer("amax", amax);
    check_pointer("finite", finite);
    Strided tensor{x, rank, {}, {}};
    for (int i = 0; i < rank; i++) {
      check_range("shape", shape[i], 1, kMaxElements);
      tensor.shape[i] = shape[i];
      tensor.strides[i] = strides[i];
    }
    const dfp::Scan scan =
        dfp::scan(isa, tensor, pack_threads(tensor, threads), fingerprint != nullptr);
    *amax = scan.amax;
    *finite = scan.finite ? 1 : 0;
    if (fingerprint != nullptr) *fingerprint = static_cast<int64_t>(scan.fingerprint);
    return 0;
  });
}

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

int64_t dfp_dwconv_packed_bytes(int isa, const int* shape, int role) {
  return guarded([&]() -> int64_t {
    check_isa(isa);
    return dfp::dwconv_packed_bytes(isa, depthwise_shape(shape), role_of(role));
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
    const dfp::FloatWeights values = {dense_columns(dense, weights, strides),
                                      quantization(weights_exponent, rounding, headroom, seed),
                                      fingerprint != nullptr};
    const dfp::Scan seen =
        dfp::dense_forward(isa, dense, src, values, src_exponent + weights_exponent, bias, dst,
                           product_threads(dense, threads), scratch);
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
    const dfp::FloatWeights values = {dense_columns(dense, weights, strides),
                                      quantization(weights_exponent, rounding, headroom, seed),
                                      fingerprint != nullptr};
    const dfp::Scan seen =
        dfp::dense_backward_data(isa, dense, diff_dst, values, diff_dst_exponent + weights_exponent,
                                 diff_src, product_threads(dense, threads), scratch);
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
