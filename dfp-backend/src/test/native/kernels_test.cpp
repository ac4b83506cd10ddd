// Checks every row of the kernel tables against the formulas, with tolerance 0, without a JVM: so
// it runs under AddressSanitizer and UndefinedBehaviorSanitizer too. See README.md beside this
// file.
#include "conv_test.h"
#include "dfp/gemm/strip_product.h"
#include "line_product_test.h"

namespace {

void test_dense(int mb, int ic, int oc, Data data, int exponent, int threads) {
  std::mt19937 random(11);
  const auto src = values(int64_t{mb} * ic, data, random);
  const auto weights = values(int64_t{ic} * oc, data, random);  // [oc][ic]: F order of [ic, oc]
  const auto diff_dst = values(int64_t{mb} * oc, data, random), bias = values(oc, data, random);
  std::vector<int64_t> dst_sum(size_t(mb) * oc), src_sum(size_t(mb) * ic),
      weights_sum(size_t(ic) * oc);
  for (int n = 0; n < mb; n++)
    for (int o = 0; o < oc; o++)
      for (int c = 0; c < ic; c++) {
        const size_t d = size_t(n) * oc + o, i = size_t(n) * ic + c, w = size_t(o) * ic + c;
        dst_sum[d] += static_cast<int64_t>(src[i]) * static_cast<int64_t>(weights[w]);
        src_sum[i] += static_cast<int64_t>(diff_dst[d]) * static_cast<int64_t>(weights[w]);
        weights_sum[w] += static_cast<int64_t>(src[i]) * static_cast<int64_t>(diff_dst[d]);
      }
  std::vector<float> dst(dst_sum.size()), diff_src(src_sum.size()),
      diff_weights(weights_sum.size());
  for (size_t i = 0; i < dst.size(); i++) dst[i] = rounded(dst_sum[i], exponent) + bias[i % oc];
  for (size_t i = 0; i < diff_src.size(); i++) diff_src[i] = rounded(src_sum[i], exponent);
  for (size_t i = 0; i < diff_weights.size(); i++) {
    diff_weights[i] = rounded(weights_sum[i], exponent);
  }
  const int dims[3] = {mb, ic, oc};
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (!dfp_isa_runs(isa)) continue;
    const std::string row = std::string("dense ") + dfp_isa_name(isa) + " " + std::to_string(mb) +
                            "x" + std::to_string(ic) + "x" + std::to_string(oc) + " threads " +
                            std::to_string(threads);
    const std::vector<float>* tensors[3] = {&src, &weights, &diff_dst};
    const int64_t strides[3][2] = {{ic, 1}, {1, ic}, {oc, 1}};
    std::vector<std::unique_ptr<Buffer>> packed;
    for (int role = 0; role < 3; role++) {
      packed.emplace_back(new Buffer(dfp_dense_packed_bytes(isa, dims, role)));
      float amax = NAN;
      require(dfp_dense_pack(isa, dims, role, tensors[role]->data(), strides[role], 0, 0, 0, 0,
                             threads, packed.back()->get(), &amax, nullptr),
              row);
      check(row + " amax", {amax_of(*tensors[role])}, &amax);
    }
    std::vector<float> got(dst.size(), NAN);
    const Buffer forward(dfp_dense_scratch_bytes(isa, dims, DFP_FORWARD, threads));
    require(dfp_dense_forward(isa, dims, packed[0]->get(), packed[1]->get(), exponent, bias.data(),
                              got.data(), threads, forward.get()),
            row);
    check(row + " forward", dst, got.data());
    got.assign(diff_src.size(), NAN);
    const Buffer data_scratch(dfp_dense_scratch_bytes(isa, dims, DFP_BACKWARD_DATA, threads));
    require(dfp_dense_backward_data(isa, dims, packed[2]->get(), packed[1]->get(), exponent,
                                    got.data(), threads, data_scratch.get()),
            row);
    check(row + " backward data", diff_src, got.data());
    // Weights in FP32: columns that lie apart, and the exponent of the product in one operand.
    const int64_t column = ic + 3, half = exponent / 2;
    std::vector<float> apart(size_t(column) * oc - 3, NAN);
    for (int o = 0; o < oc; o++) {
      for (int c = 0; c < ic; c++) {
        apart[size_t(o) * column + c] = std::ldexp(weights[size_t(o) * ic + c], int(half));
      }
    }
    const int64_t strides_apart[2] = {1, column}, shape[2] = {ic, oc};
    const int src_exponent = exponent - int(half);
    float amax = NAN, amax_expected = NAN;
    int finite = 0;
    int64_t fingerprint = 0, fingerprint_expected = 0;
    require(dfp_scan(isa, apart.data(), 2, shape, strides_apart, threads, &amax_expected, &finite,
                     &fingerprint_expected),
            row);
    got.assign(dst.size(), NAN);
    require(dfp_dense_forward_fp32(isa, dims, packed[0]->get(), src_exponent, apart.data(),
                                   strides_apart, int(half), 0, 0, 0, bias.data(), got.data(),
                                   threads, forward.get(), &amax, &fingerprint),
            row);
    check(row + " forward fp32", dst, got.data());
    check(row + " forward fp32 amax", {amax_expected}, &amax);
    check_equal(row + " forward fp32 fingerprint", fingerprint_expected, fingerprint);
    got.assign(diff_src.size(), NAN);
    amax = NAN;
    fingerprint = 0;
    require(dfp_dense_backward_data_fp32(isa, dims, packed[2]->get(), src_exponent, apart.data(),
                                         strides_apart, int(half), 0, 0, 0, got.data(), threads,
                                         data_scratch.get(), &amax, &fingerprint),
            row);
    check(row + " backward data fp32", diff_src, got.data());
    check(row + " backward data fp32 amax", {amax_expected}, &amax);
    check_equal(row + " backward data fp32 fingerprint", fingerprint_expected, fingerprint);
    got.assign(diff_weights.size(), NAN);
    const Buffer weights_scratch(dfp_dense_scratch_bytes(isa, dims, DFP_BACKWARD_WEIGHTS, threads));
    require(dfp_dense_backward_weights(isa, dims, packed[0]->get(), packed[2]->get(), exponent,
                                       got.data(), threads, weights_scratch.get()),
            row);
    check(row + " backward weights", diff_weights, got.data());
  }
}

// A scratch made for a long k serves a product of a shorter one: backward data relies on it where
// the phases of a stride have different numbers of taps.
void test_scratch_grows_with_k() {
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    int64_t largest = 0;
    bool grows = true;
    for (int64_t k = 1; k < 6000; k++) {
      const int64_t bytes = dfp::strip_product_scratch_bytes(dfp::gemm_kernel(isa), 64, k, 2);
      grows = grows && bytes >= largest;
      largest = std::max(largest, bytes);
    }
    if (grows) {
      passed++;
    } else {
      std::printf("FAILED %s: the scratch of a strip product shrinks with k\n", dfp_isa_name(isa));
      failed++;
    }
  }
}

// Blocks of several panels of either operand or of both, with k of several parts for the kernels
// that cut it.
void test_block(int64_t m, int64_t n, int64_t k) {
  std::mt19937 random(20180430);
  const std::vector<float> x = values((m + n) * k, Data::kRandom, random);
  const std::vector<int16_t> matrix(x.begin(), x.end());  // rows of A, then columns of B
  std::vector<float> expected(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      const int16_t *a = matrix.data() + i * k, *b = matrix.data() + (m + j) * k;
      int64_t sum = 0;
      for (int64_t l = 0; l < k; l++) sum += a[l] * b[l];
      expected[static_cast<size_t>(j * m + i)] = static_cast<float>(sum);
    }
  }
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (dfp_isa_runs(isa) == 0) continue;
    const dfp::GemmKernel& kernel = dfp::gemm_kernel(isa);
    dfp::Block block;
    block.m = m;
    block.k = k;
    block.panels = (n + kernel.nr - 1) / kernel.nr;
    block.a_stride = kernel.a_panel_bytes(k);
    block.b_stride = kernel.b_panel_bytes(k);
    const Buffer a((m + kernel.mr - 1) / kernel.mr * block.a_stride);
    const Buffer b(block.panels * block.b_stride);
    const auto pack = [&](auto pack_panel, int64_t first, int64_t count, int64_t width,
                          int64_t stride, void* to) {
      for (int64_t i = 0; i < count; i += width) {
        const int16_t* rows[64];
        const auto panel = std::min(width, count - i);
        for (int64_t j = 0; j < panel; j++) rows[j] = matrix.data() + (first + i + j) * k;
        pack_panel(rows, static_cast<int>(panel), k, nullptr,
                   static_cast<uint8_t*>(to) + i / width * stride);
      }
    };
    pack(kernel.pack_a, 0, m, kernel.mr, block.a_stride, a.get());
    pack(kernel.pack_b_columns, m, n, kernel.nr, block.b_stride, b.get());
    block.a = static_cast<const uint8_t*>(a.get());
    block.b = static_cast<const uint8_t*>(b.get());
    block.out.row_pitch = m;
    block.out.columns = n;
    std::vector<float> got(expected.size(), NAN);
    block.out.base = got.data();
    kernel.multiply(block);
    check(std::string("block ") + kernel.name, expected, got.data());
  }
}

}  // namespace

int main() {
  std::printf("%s:", dfp_cpu_name());
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (dfp_isa_runs(isa)) std::printf(" %s", dfp_isa_name(isa));
  }
  std::printf("\n");
  const struct {
    const char* name;
    Conv shape;
  } convs[] = {
      {"one", square(1, 1, 1, 1, 1, 1, 0)},
      {"1x1", square(3, 17, 7, 33, 1, 1, 0)},
      {"1x1/2", square(2, 5, 9, 18, 1, 2, 0)},
      {"1x1 many pixels", square(8, 16, 28, 16, 1, 1, 0)},
      {"3x3 same", square(2, 19, 14, 21, 3, 1, 1)},
      {"3x3/2", square(2, 5, 15, 17, 3, 2, 1)},
      {"3x3 dilated", square(1, 4, 13, 6, 3, 1, 2, 2)},
      {"3x3/2 dilated 3", square(1, 4, 19, 6, 3, 2, 3, 3)},
      {"5x5 deep padding", square(1, 3, 6, 5, 5, 1, 4)},
      {"7x7/2 first layer", square(2, 3, 32, 16, 7, 2, 3)},
      {"11x11/4", square(2, 3, 39, 9, 11, 4, 2)},
      {"2x2/3 holes", square(2, 3, 11, 4, 2, 3, 0)},
      {"1x1/65536", square(2, 3, 2, 4, 1, 65536, 0)},
      {"uneven same padding", {1, 3, 10, 9, 4, 5, 5, 3, 3, 2, 2, 0, 0, 1, 1}},
      {"rectangle", {2, 3, 9, 14, 5, 4, 14, 3, 5, 2, 1, 0, 2, 1, 1}},
      {"deep", square(1, 300, 3, 40, 3, 1, 1)},
      {"many positions", square(8, 2, 112, 3, 3, 1, 1)},
      {"map of 1", square(8, 9, 1, 13, 3, 1, 1)},
      {"map of 1, one image", square(1, 70, 1, 65, 1, 1, 0)},
      {"map of 1, 1x1", square(8, 33, 1, 100, 1, 1, 0)},
      {"map of 1, 5x5", square(3, 40, 1, 130, 5, 1, 2)},
      {"map of 1, 3x3/2", square(8, 33, 1, 40, 3, 2, 1)},
      {"map of 1 to 2", {3, 9, 1, 1, 13, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1}},
      {"map of 1, 5x5/2 to 3", {2, 9, 1, 1, 13, 3, 3, 5, 5, 2, 2, 4, 4, 1, 1}},
      {"map of 2", square(9, 7, 2, 18, 3, 1, 1)},
      {"map of 2, 5x5", square(3, 25, 2, 40, 5, 1, 2)},
      {"map of 2, 3x3 dilated", square(1, 25, 2, 40, 3, 1, 3, 3)},
      {"map of 2, 1x1/2", square(8, 65, 2, 70, 1, 2, 0)},
      {"map of 3, 1x1", square(8, 65, 3, 70, 1, 1, 0)},
      {"map of 3, one image", square(1, 130, 3, 200, 3, 1, 1)},
      {"map of 7, one image", square(1, 130, 7, 70, 1, 1, 0)},
      {"map of 3", square(3, 17, 3, 7, 3, 1, 1)},
      {"map of 4", square(8, 16, 4, 33, 3, 1, 1)},
      {"map of 7", square(8, 7, 7, 17, 3, 1, 1)},
      {"map of 7 to 4", square(3, 7, 7, 17, 3, 2, 1)},
      {"map of 4 dilated", square(8, 3, 4, 5, 3, 1, 3, 3)},
      {"map of 3, wide padding", square(3, 3, 3, 5, 7, 1, 3)},
      {"map of 6/3", square(2, 3, 6, 5, 5, 3, 2)},
      {"whole lines", square(43, 3, 28, 64, 3, 1, 1)},
      {"k beyond one call", square(1, 1000, 7, 17, 7, 1, 3)},
      {"few channels 5x5/2", square(2, 2, 17, 6, 5, 2, 2)},
      {"few channels 4x4/3", square(1, 1, 20, 7, 4, 3, 1)},
      {"lines", square(2, 64, 14, 16, 3, 1, 1)},
      {"lines of two groups", square(2, 120, 14, 16, 3, 1, 1)},
      {"lines backwards", square(2, 16, 14, 120, 3, 1, 1)},
      {"lines 5x5, 128 columns", square(1, 64, 11, 16, 5, 1, 2)},
      {"lines 5x5 backwards, 128 columns", square(1, 16, 11, 64, 5, 1, 2)},
      {"lines dilated", square(1, 64, 21, 16, 3, 1, 2, 2)},
      {"few channels, lines", square(2, 3, 32, 50, 7, 2, 3)},
      {"few channels, lines of two groups", square(2, 3, 33, 70, 7, 2, 3)},
  };
  for (const auto& conv : convs) {
    test_conv(kConv, conv.name, conv.shape, Data::kRandom, -20, 2);
    test_conv(kConv, conv.name, conv.shape, Data::kGreatest, -28, 3);
    test_conv(kConv, conv.name, conv.shape, Data::kSparse, -160, 1);
    test_conv(kConv, conv.name, conv.shape, Data::kRandom, 95, 4);
    test_conv(kConv, conv.name, conv.shape, Data::kMantissa32767, -30, 2);
    test_conv(kConv, conv.name, conv.shape, Data::kMantissa32640, -30, 2);
    test_conv(kConv, conv.name, conv.shape, Data::kMantissaMinus32513, -30, 2);
  }
  const struct {
    const char* name;
    Conv shape;
  } volumes[] = {
      {"one", with_depth(square(1, 1, 1, 1, 1, 1, 0), 1, 1, 1, 0)},
      {"3x3x3 same", with_depth(square(2, 5, 9, 7, 3, 1, 1), 6, 3, 1, 1)},
      {"3x3x3/2", with_depth(square(2, 3, 9, 6, 3, 2, 1), 7, 3, 2, 1)},
      {"3x3x3 dilated", with_depth(square(1, 3, 9, 4, 3, 1, 2, 2), 9, 3, 1, 2, 2)},
      {"2x1x1/3 holes", with_depth(square(2, 3, 4, 5, 1, 1, 0), 8, 2, 3, 0)},
      {"map of 3", with_depth(square(3, 3, 3, 5, 3, 1, 1), 3, 3, 1, 1)},
      {"map of 4/2", with_depth(square(2, 3, 4, 5, 3, 2, 1), 5, 3, 2, 1)},
      {"plane only", with_depth(square(2, 3, 6, 4, 3, 1, 1), 4, 1, 1, 0)},
      {"deep padding", with_depth(square(1, 2, 3, 3, 3, 1, 1), 2, 5, 1, 4)},
  };
  for (const auto& volume : volumes) {
    test_conv(kConv3d, volume.name, volume.shape, Data::kRandom, -20, 2);
    test_conv(kConv3d, volume.name, volume.shape, Data::kGreatest, -28, 3);
    test_conv(kConv3d, volume.name, volume.shape, Data::kSparse, -160, 1);
  }
  const struct {
    const char* name;
    Conv shape;
  } depthwise[] = {
      {"one", square(1, 1, 1, 1, 1, 1, 0)},
      {"3x3 same", square(2, 19, 14, 1, 3, 1, 1)},
      {"map of 1", square(3, 5, 1, 2, 3, 1, 1)},
      {"3x3 x2", square(2, 5, 9, 2, 3, 1, 1)},
      {"3x3/2", square(2, 5, 15, 1, 3, 2, 1)},
      {"3x3/2 even", square(2, 5, 16, 3, 3, 2, 1)},
      {"3x3 dilated", square(1, 4, 13, 1, 3, 1, 2, 2)},
      {"5x5 deep padding", square(1, 3, 6, 1, 5, 1, 4)},
      {"2x2/3 holes", square(2, 3, 11, 2, 2, 3, 0)},
      {"1x1/65536", square(2, 3, 2, 2, 1, 65536, 0)},
      {"rectangle", {2, 3, 9, 14, 1, 4, 14, 3, 5, 2, 1, 0, 2, 1, 1}},
      {"wide rows", {1, 2, 3, 5000, 1, 3, 5000, 3, 3, 1, 1, 1, 1, 1, 1}},
      {"many positions", square(3, 2, 112, 1, 3, 1, 1)},
      {"more than a chain", square(1, 2, 30, 1, 25, 1, 12)},
  };
  for (const auto& layer : depthwise) {
    test_conv(kDwconv, layer.name, layer.shape, Data::kRandom, -20, 2);
    test_conv(kDwconv, layer.name, layer.shape, Data::kGreatest, -28, 3);
    test_conv(kDwconv, layer.name, layer.shape, Data::kSparse, -160, 1);
    test_conv(kDwconv, layer.name, layer.shape, Data::kMantissa32767, -30, 2);
    test_conv(kDwconv, layer.name, layer.shape, Data::kMantissa32640, -30, 2);
    test_conv(kDwconv, layer.name, layer.shape, Data::kMantissaMinus32513, -30, 2);
  }
  // Batches beyond one group of rows, and k and n beyond one part of a pass over the weights.
  const int dense[][3] = {{1, 1, 1},       {8, 100, 10},   {17, 65, 33},   {64, 48, 50},
                          {3, 40000, 5},   {5, 33, 1000},  {70, 7, 70},    {9, 1025, 131},
                          {13, 2100, 513}, {2, 530, 1700}, {1010, 9, 600}, {1025, 1030, 3}};
  for (const auto& d : dense) {
    test_dense(d[0], d[1], d[2], Data::kRandom, -20, 2);
    test_dense(d[0], d[1], d[2], Data::kGreatest, -160, 3);
    test_dense(d[0], d[1], d[2], Data::kMantissa32640, -30, 2);
    test_dense(d[0], d[1], d[2], Data::kMantissaMinus32513, -30, 2);
    // About the limits of the ways that sums become floats.
    for (const int exponent : {-127, -126, 96, 97, 104, 105}) {
      test_dense(d[0], d[1], d[2], Data::kSparse, exponent, 4);
    }
  }
  test_block(17 * 16, 13 * 16 + 3, 2500);
  test_block(33, 170, 1300);
  test_block(170, 9, 1300);
  test_scratch_grows_with_k();
  test_line_products();
  constexpr int kPad = (1 << 24) - 1, kSide = 1 << 16;
  test_refused({65536, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, kPad, kPad, 1, 1},
               "padded src: expected at most 2^40 elements, got more");
  test_refused({1, 1, 1, 1, 1, 1, 1, kSide, kSide, 1, 1, 0, 0, 1, 1},
               "kd * kh * kw: expected 1 to 2147483647, got 4294967296");
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
