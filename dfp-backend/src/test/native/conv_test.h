// Convolutions of every kind against their formulas.
#ifndef DFP_TEST_CONV_TEST_H
#define DFP_TEST_CONV_TEST_H

#include "checks.h"

namespace {

// The functions of one kind of convolution.
struct Functions {
  const char* name;
  decltype(&dfp_conv_packed_bytes) packed_bytes;
  decltype(&dfp_conv_scratch_bytes) scratch_bytes;
  decltype(&dfp_conv_pack) pack;
  decltype(&dfp_conv_forward) forward;
  decltype(&dfp_conv_backward_data) backward_data;
  decltype(&dfp_conv_backward_weights) backward_weights;
  int rank;  // of its tensors
};

const Functions kConv = {
    "conv",           dfp_conv_packed_bytes,  dfp_conv_scratch_bytes,    dfp_conv_pack,
    dfp_conv_forward, dfp_conv_backward_data, dfp_conv_backward_weights, 4};
const Functions kConv3d = {
    "conv3d",           dfp_conv3d_packed_bytes,  dfp_conv3d_scratch_bytes,    dfp_conv3d_pack,
    dfp_conv3d_forward, dfp_conv3d_backward_data, dfp_conv3d_backward_weights, 5};
const Functions kDwconv = {
    "dwconv",           dfp_dwconv_packed_bytes,  dfp_dwconv_scratch_bytes,    dfp_dwconv_pack,
    dfp_dwconv_forward, dfp_dwconv_backward_data, dfp_dwconv_backward_weights, 4};

// For a depthwise convolution `oc` is the multiplier.
struct Conv {
  int mb, ic, ih, iw, oc, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw;
  int id = 1, od = 1, kd = 1, sd = 1, pd = 0, dd = 1;
};

// Calls body(index in dst, in src, in weights) for every product of one plane of each.
template <class Body>
void for_products_of_planes(const Conv& s, size_t dst, size_t src, size_t weights,
                            const Body& body) {
  for (int z = 0; z < s.od; z++)
    for (int l = 0; l < s.kd; l++) {
      const int iz = z * s.sd - s.pd + l * s.dd;
      if (iz < 0 || iz >= s.id) continue;
      for (int y = 0; y < s.oh; y++)
        for (int i = 0; i < s.kh; i++) {
          const int iy = y * s.sh - s.ph + i * s.dh;
          if (iy < 0 || iy >= s.ih) continue;
          for (int x = 0; x < s.ow; x++)
            for (int j = 0; j < s.kw; j++) {
              const int ix = x * s.sw - s.pw + j * s.dw;
              if (ix < 0 || ix >= s.iw) continue;
              body(((dst * s.od + z) * s.oh + y) * s.ow + x,
                   ((src * s.id + iz) * s.ih + iy) * s.iw + ix,
                   ((weights * s.kd + l) * s.kh + i) * s.kw + j);
            }
        }
    }
}

template <class Body>
void for_products(const Conv& s, bool depthwise, const Body& body) {
  for (size_t n = 0; n < static_cast<size_t>(s.mb); n++)
    for (size_t c = 0; c < static_cast<size_t>(s.ic); c++)
      for (size_t o = 0; o < static_cast<size_t>(s.oc); o++) {
        if (depthwise) {
          for_products_of_planes(s, (n * s.ic + c) * s.oc + o, n * s.ic + c, c * s.oc + o, body);
        } else {
          for_products_of_planes(s, n * s.oc + o, n * s.ic + c, o * s.ic + c, body);
        }
      }
}

void test_conv(const Functions& functions, const std::string& name, const Conv& s, Data data,
               int exponent, int threads) {
  std::mt19937 random(7);
  const bool depthwise = functions.pack == dfp_dwconv_pack;
  const int oc = depthwise ? s.ic * s.oc : s.oc;
  const int64_t dst_plane = int64_t{s.od} * s.oh * s.ow;
  const int64_t src_count = int64_t{s.mb} * s.ic * s.id * s.ih * s.iw;
  const int64_t weights_count = int64_t{s.oc} * s.ic * s.kd * s.kh * s.kw;
  const int64_t dst_count = s.mb * oc * dst_plane;
  const auto src = values(src_count, data, random), weights = values(weights_count, data, random);
  const auto diff_dst = values(dst_count, data, random), bias = values(oc, data, random);
  std::vector<int64_t> dst_sum(dst_count), src_sum(src_count), weights_sum(weights_count);
  for_products(s, depthwise, [&](size_t d, size_t i, size_t w) {
    dst_sum[d] += static_cast<int64_t>(src[i]) * static_cast<int64_t>(weights[w]);
    src_sum[i] += static_cast<int64_t>(diff_dst[d]) * static_cast<int64_t>(weights[w]);
    weights_sum[w] += static_cast<int64_t>(src[i]) * static_cast<int64_t>(diff_dst[d]);
  });
  std::vector<float> dst(dst_count), diff_src(src_count), diff_weights(weights_count);
  for (int64_t i = 0; i < dst_count; i++) {
    dst[i] = rounded(dst_sum[i], exponent) + bias[i / dst_plane % oc];
  }
  for (int64_t i = 0; i < src_count; i++) diff_src[i] = rounded(src_sum[i], exponent);
  for (int64_t i = 0; i < weights_count; i++) diff_weights[i] = rounded(weights_sum[i], exponent);

  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (!dfp_isa_runs(isa)) continue;
    const std::string row = std::string(functions.name) + " " + name + " " + dfp_isa_name(isa) +
                            " threads " + std::to_string(threads);
    const int* dims = &s.mb;
    const std::vector<float>* tensors[3] = {&src, &weights, &diff_dst};
    const int64_t shapes[3][5] = {
        {s.mb, s.ic, s.id, s.ih, s.iw},
        {depthwise ? s.ic : s.oc, depthwise ? s.oc : s.ic, s.kd, s.kh, s.kw},
        {s.mb, oc, s.od, s.oh, s.ow}};
    std::vector<std::unique_ptr<Buffer>> packed;
    for (int role = 0; role < 3; role++) {
      packed.emplace_back(new Buffer(functions.packed_bytes(isa, dims, role)));
      const int64_t* shape = shapes[role];
      int64_t strides[5], stride = 1;
      for (int i = 4, axis = functions.rank - 1; i >= 0; stride *= shape[i--]) {
        if (i != 2 || functions.rank == 5) strides[axis--] = stride;
      }
      float amax = NAN, amax_expected = NAN;
      int finite = 0;
      int64_t fingerprint = 0, fingerprint_expected = 0, dense_shape[5];
      for (int i = 0, axis = 0; i < 5; i++) {
        if (i != 2 || functions.rank == 5) dense_shape[axis++] = shape[i];
      }
      require(dfp_scan(isa, tensors[role]->data(), functions.rank, dense_shape, strides, threads,
                       &amax_expected, &finite, &fingerprint_expected),
              row);
      const bool of_weights = role == DFP_WEIGHTS;
      require(functions.pack(isa, dims, role, tensors[role]->data(), strides, 0, 0, 0, 0, threads,
                             packed.back()->get(), &amax, of_weights ? &fingerprint : nullptr),
              row);
      check(row + " amax", {amax_of(*tensors[role])}, &amax);
      check(row + " scanned amax", {amax_expected}, &amax);
      if (of_weights) check_equal(row + " fingerprint", fingerprint_expected, fingerprint);
    }
    std::vector<float> got(dst_count, NAN);
    const Buffer forward(functions.scratch_bytes(isa, dims, DFP_FORWARD, threads));
    require(functions.forward(isa, dims, packed[0]->get(), packed[1]->get(), exponent, bias.data(),
                              got.data(), threads, forward.get()),
            row);
    check(row + " forward", dst, got.data());
    got.assign(src_count, NAN);
    const Buffer data_scratch(functions.scratch_bytes(isa, dims, DFP_BACKWARD_DATA, threads));
    require(functions.backward_data(isa, dims, packed[2]->get(), packed[1]->get(), exponent,
                                    got.data(), threads, data_scratch.get()),
            row);
    check(row + " backward data", diff_src, got.data());
    got.assign(weights_count, NAN);
    const Buffer weights_scratch(functions.scratch_bytes(isa, dims, DFP_BACKWARD_WEIGHTS, threads));
    require(functions.backward_weights(isa, dims, packed[0]->get(), packed[2]->get(), exponent,
                                       got.data(), threads, weights_scratch.get()),
            row);
    check(row + " backward weights", diff_weights, got.data());
    if (functions.pack != dfp_conv_pack || dfp_conv_takes_fp32_weights(isa, dims) != 1) continue;
    // Weights in FP32: a part of the product's exponent is theirs.
    const int half = exponent / 2;
    std::vector<float> scaled(weights);
    for (float& value : scaled) value = std::ldexp(value, half);
    const int64_t strides[4] = {int64_t{s.ic} * s.kh * s.kw, int64_t{s.kh} * s.kw, s.kw, 1};
    const int64_t weights_shape[4] = {s.oc, s.ic, s.kh, s.kw};
    float amax = NAN, amax_expected = NAN;
    int finite = 0;
    int64_t fingerprint = 0, fingerprint_expected = 0;
    require(dfp_scan(isa, scaled.data(), 4, weights_shape, strides, threads, &amax_expected,
                     &finite, &fingerprint_expected),
            row);
    got.assign(dst_count, NAN);
    require(dfp_conv_forward_fp32(isa, dims, packed[0]->get(), exponent - half, scaled.data(),
                                  strides, half, 0, 0, 0, bias.data(), got.data(), threads,
                                  forward.get(), &amax, &fingerprint),
            row);
    check(row + " forward fp32", dst, got.data());
    check(row + " forward fp32 amax", {amax_expected}, &amax);
    check_equal(row + " forward fp32 fingerprint", fingerprint_expected, fingerprint);
    got.assign(src_count, NAN);
    amax = NAN;
    fingerprint = 0;
    require(dfp_conv_backward_data_fp32(isa, dims, packed[2]->get(), exponent - half, scaled.data(),
                                        strides, half, 0, 0, 0, got.data(), threads,
                                        data_scratch.get(), &amax, &fingerprint),
            row);
    check(row + " backward data fp32", diff_src, got.data());
    check(row + " backward data fp32 amax", {amax_expected}, &amax);
    check_equal(row + " backward data fp32 fingerprint", fingerprint_expected, fingerprint);
  }
}

int out_size(int in, int k, int s, int p, int d) { return (in + 2 * p - (k - 1) * d - 1) / s + 1; }

Conv square(int mb, int ic, int h, int oc, int k, int s, int p, int d = 1) {
  const int o = out_size(h, k, s, p, d);
  return {mb, ic, h, h, oc, o, o, k, k, s, s, p, p, d, d};
}

Conv with_depth(Conv s, int id, int k, int stride, int pad, int d = 1) {
  s.id = id;
  s.od = out_size(id, k, stride, pad, d);
  s.kd = k;
  s.sd = stride;
  s.pd = pad;
  s.dd = d;
  return s;
}

// Shapes whose sizes would overflow are refused before anything is computed from them.
void test_refused(const Conv& s, const std::string& message) {
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (!dfp_isa_runs(isa)) continue;
    const int64_t bytes = dfp_conv_packed_bytes(isa, &s.mb, DFP_SRC);
    if (bytes == -1 && message == dfp_last_error()) {
      passed++;
    } else {
      std::printf("FAILED expected \"%s\", got %lld bytes, \"%s\"\n", message.c_str(),
                  static_cast<long long>(bytes), dfp_last_error());
      failed++;
    }
  }
}

}  // namespace

#endif  // DFP_TEST_CONV_TEST_H
