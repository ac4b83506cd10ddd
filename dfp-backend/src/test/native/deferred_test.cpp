// Checks sums of channels, batch normalization and what is computed where it is read, of every row
// that this CPU runs against the formulas, with tolerance 0, without a JVM: so it runs under
// AddressSanitizer and UndefinedBehaviorSanitizer too. See README.md beside this file.
#include <limits>

#include "channels.h"
#include "conv_test.h"

namespace {

constexpr double kEps = 1e-5;

// Calls body(isa) for every row that this CPU runs.
template <class Body>
void for_rows(const Body& body) {
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (dfp_isa_runs(isa) == 1) body(isa);
  }
}

std::string label(const std::string& what, int isa, int threads, const Channels& s) {
  return what + " " + dfp_isa_name(isa) + " threads " + std::to_string(threads) + " of " +
         std::to_string(s.outer) + "x" + std::to_string(s.channels) + "x" + std::to_string(s.inner);
}

// --- Sums and batch norm

void test_sums(const Channels& s) {
  const Floats x = normal(s.elements(), 1);
  const Statistics expected(s, x);
  Floats sums;
  for (int64_t c = 0; c < s.channels; c++) {
    sums.push_back(static_cast<float>(channel_sum(s, c, [&](size_t i) { return double{x[i]}; })));
  }
  for_rows([&](int isa) {
    for (int threads = 1; threads <= 3; threads++) {
      Floats got(sums.size(), NAN), variance(sums.size(), NAN);
      require(dfp_channel_sums(isa, &s.outer, x.data(), threads, got.data()), "sums");
      check(label("sums", isa, threads, s), sums, got.data());
      require(
          dfp_batch_norm_statistics(isa, &s.outer, x.data(), threads, got.data(), variance.data()),
          "statistics");
      check(label("mean", isa, threads, s), expected.mean, got.data());
      check(label("variance", isa, threads, s), expected.variance, variance.data());
    }
  });
}

void test_norm_forward(const Channels& s) {
  const auto channels = static_cast<size_t>(s.channels);
  const Floats x = normal(s.elements(), 2), gamma = normal(channels, 3), beta = normal(channels, 4);
  const Statistics batch(s, x);
  Floats y(x.size());
  for (size_t i = 0; i < x.size(); i++) {
    const size_t c = s.channel(i);
    const auto scale = static_cast<float>(gamma[c] * (1 / std::sqrt(batch.variance[c] + kEps)));
    y[i] = (x[i] - batch.mean[c]) * scale + beta[c];
  }
  for_rows([&](int isa) {
    for (int threads = 1; threads <= 3; threads++) {
      Floats got(y.size(), NAN), mean(channels, NAN), variance(channels, NAN);
      require(dfp_batch_norm_training(isa, &s.outer, x.data(), gamma.data(), beta.data(), kEps,
                                      threads, got.data(), mean.data(), variance.data()),
              "training");
      check(label("training", isa, threads, s), y, got.data());
      check(label("training mean", isa, threads, s), batch.mean, mean.data());
      check(label("training variance", isa, threads, s), batch.variance, variance.data());
      got.assign(y.size(), NAN);
      require(dfp_batch_norm_inference(isa, &s.outer, x.data(), mean.data(), variance.data(),
                                       gamma.data(), beta.data(), kEps, threads, got.data()),
              "inference");
      check(label("inference", isa, threads, s), y, got.data());
    }
  });
}

// What a kernel said of a tensor that it wrote; null sums: they were not wanted.
void check_summary(const std::string& name, const Channels& s, const Floats& x, float amax,
                   const float* sums) {
  float largest = 0;
  for (const float value : x) largest = std::max(largest, std::fabs(value));
  check(name + " amax", {largest}, &amax);
  if (sums == nullptr) return;
  Floats expected;
  for (int64_t c = 0; c < s.channels; c++) {
    const double sum = channel_sum(s, c, [&](size_t i) { return double{x[i]}; });
    expected.push_back(static_cast<float>(sum));
  }
  check(name + " sums", expected, sums);
}

// By other statistics than the batch's too, as in DL4J's frozen batch norms.
void test_norm_backward(const Channels& s, const Function& f, bool own_statistics) {
  const Term y(s, true, 5);
  const Floats diff_dst = normal(s.elements(), 9), gamma = normal(y.mean.size(), 10);
  const Statistics batch(s, y.x);
  Statistics used = batch;
  if (!own_statistics) used.variance = Statistics(s, diff_dst).variance;
  used.mean = y.mean;  // of which y is computed
  Floats diff(diff_dst.size());
  for (size_t i = 0; i < diff.size(); i++) diff[i] = f.gradient(y(i), diff_dst[i]);
  const NormGradients expected(s, y.x, diff, used, batch.mean, gamma, kEps);
  const bool activated = f.kind != DFP_NO_ACTIVATION;
  for_rows([&](int isa) {
    for (int threads = 1; threads <= 3; threads++) {
      Floats diff_src(diff.size(), NAN), diff_gamma(gamma.size(), NAN),
          diff_beta(gamma.size(), NAN), sums(gamma.size(), NAN);
      float amax = NAN;
      const std::string name = label("backward through " + std::to_string(f.kind), isa, threads, s);
      require(dfp_batch_norm_backward(isa, &s.outer, y.x.data(), diff_dst.data(), used.mean.data(),
                                      used.variance.data(), batch.mean.data(), gamma.data(), kEps,
                                      activated ? y.scale.data() : nullptr,
                                      activated ? y.offset.data() : nullptr, f.kind, f.parameter,
                                      threads, diff_src.data(), diff_gamma.data(), diff_beta.data(),
                                      &amax, threads == 2 ? nullptr : sums.data()),
              name);
      check(name + " diffSrc", expected.diff_src, diff_src.data());
      check(name + " diffGamma", expected.diff_gamma, diff_gamma.data());
      check(name + " diffBeta", expected.diff_beta, diff_beta.data());
      check_summary(name, s, expected.diff_src, amax, threads == 2 ? nullptr : sums.data());
    }
  });
}

void test_activation_gradient(const Channels& s, const Function& f) {
  const Floats x = normal(s.elements(), 11), diff_dst = normal(s.elements(), 12);
  Floats expected(x.size());
  for (size_t i = 0; i < x.size(); i++) expected[i] = f.gradient(x[i], diff_dst[i]);
  for_rows([&](int isa) {
    for (int threads = 1; threads <= 3; threads++) {
      Floats diff_src(x.size(), NAN), sums(static_cast<size_t>(s.channels), NAN);
      float amax = NAN;
      const std::string name = label("gradient through " + std::to_string(f.kind), isa, threads, s);
      require(dfp_activation_gradient(isa, f.kind, f.parameter, &s.outer, x.data(), diff_dst.data(),
                                      threads, diff_src.data(), &amax,
                                      threads == 2 ? nullptr : sums.data()),
              name);
      check(name, expected, diff_src.data());
      check_summary(name, s, expected, amax, threads == 2 ? nullptr : sums.data());
    }
  });
}

// --- Sums of deferred tensors

// `terms` has a bit for each of a and b that is normalized; `both`: whether there is a b.
void test_deferred_sum(const Channels& s, const Function& f, int terms, bool both) {
  const Term a(s, (terms & 1) != 0, 20), b(s, (terms & 2) != 0, 30);
  Floats y(s.elements());
  for (size_t i = 0; i < y.size(); i++) y[i] = f(both ? a(i) + b(i) : a(i));
  for_rows([&](int isa) {
    for (int threads = 1; threads <= 3; threads++) {
      Floats got(y.size(), NAN);
      const std::string name = label("deferred sum", isa, threads, s);
      require(dfp_deferred_sum(isa, &s.outer, a.x.data(), a.mean_or_null(), a.scale.data(),
                               a.offset.data(), both ? b.x.data() : nullptr, b.mean_or_null(),
                               b.scale.data(), b.offset.data(), f.kind, f.parameter, threads,
                               got.data()),
              name);
      check(name, y, got.data());
    }
  });
}

// --- Packing of deferred tensors

struct Quantization {
  int rounding, headroom;
  int64_t seed;
};

// Packs values that are written and values that are not, by the same exponent: right, or off by
// some powers of two as a guess may be.
void test_pack(const std::string& name, const Conv& s, const Function& f, bool affine,
               const Quantization& how, int off) {
  const Channels shape{s.mb, s.ic, int64_t{s.ih} * s.iw};
  const Term term(shape, affine, 40);
  const Floats y = term.computed(f);
  const float largest = amax_of(y);
  const int exponent = (largest > 0 ? std::ilogb(largest) : 0) - 14 + how.headroom + off;
  const int64_t strides[] = {s.ic * shape.inner, shape.inner, s.iw, 1};
  for_rows([&](int isa) {
    const int64_t bytes = dfp_conv_packed_bytes(isa, &s.mb, DFP_SRC);
    const Buffer expected(bytes);
    require(dfp_conv_pack(isa, &s.mb, DFP_SRC, y.data(), strides, exponent, how.rounding,
                          how.headroom, how.seed, 2, expected.get(), nullptr, nullptr),
            name);
    for (int threads = 1; threads <= 3; threads++) {
      const std::string row = label("pack deferred " + name, isa, threads, shape);
      const Buffer got(bytes);
      float amax = NAN;
      require(
          dfp_conv_pack_deferred(isa, &s.mb, term.x.data(), term.mean_or_null(), term.scale.data(),
                                 term.offset.data(), f.kind, f.parameter, exponent, how.rounding,
                                 how.headroom, how.seed, threads, got.get(), &amax),
          row);
      check(row + " amax", {largest}, &amax);
      check_equal(row, 0, std::memcmp(expected.get(), got.get(), static_cast<size_t>(bytes)));
    }
  });
}

// A value that is not finite is seen, whatever the activation before it hides.
void test_not_finite(const Conv& s) {
  const Channels shape{s.mb, s.ic, int64_t{s.ih} * s.iw};
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Term term(shape, true, 50);
    term.scale.assign(term.scale.size(), 1.0f);
    term.x[term.x.size() / 2] = bad;
    for_rows([&](int isa) {
      const Buffer packed(dfp_conv_packed_bytes(isa, &s.mb, DFP_SRC));
      float amax = 0;
      require(dfp_conv_pack_deferred(isa, &s.mb, term.x.data(), term.mean.data(), term.scale.data(),
                                     term.offset.data(), DFP_RELU, 0, -10, 0, 0, 0, 2, packed.get(),
                                     &amax),
              "not finite");
      check_equal("not finite", 0, std::isfinite(amax) ? 1 : 0);
    });
  }
}

// --- Arguments

void refused(const std::string& name, int code, const std::string& message) {
  if (code < 0 && message == dfp_last_error()) {
    passed++;
    return;
  }
  std::printf("FAILED %s: expected \"%s\", got code %d, \"%s\"\n", name.c_str(), message.c_str(),
              code, dfp_last_error());
  failed++;
}

void test_arguments(int isa) {
  const Channels s{2, 3, 4};
  const Term term(s, true, 60);
  Floats y(s.elements()), sums(3), other(3);
  const float *x = term.x.data(), *mean = term.mean.data();
  const auto sum = [&](const int64_t* shape, const float* a, const float* scale, int kind,
                       int threads, float* to) {
    return dfp_deferred_sum(isa, shape, a, mean, scale, term.offset.data(), nullptr, nullptr,
                            nullptr, nullptr, kind, 0, threads, to);
  };
  const float* scale = term.scale.data();
  refused("sum", sum(nullptr, x, scale, 0, 1, y.data()), "shape: expected memory, got null");
  refused("sum", sum(&s.outer, nullptr, scale, 0, 1, y.data()), "x: expected memory, got null");
  refused("sum", sum(&s.outer, x, nullptr, 0, 1, y.data()), "scale: expected memory, got null");
  refused("sum", sum(&s.outer, x, scale, 3, 1, y.data()), "kind: expected 0 to 2, got 3");
  refused("sum", sum(&s.outer, x, scale, 0, 0, y.data()), "threads: expected 1 to 1024, got 0");
  refused("sum", sum(&s.outer, x, scale, 0, 1, nullptr), "y: expected memory, got null");
  float amax = 0;
  const int64_t empty[] = {2, 0, 4}, huge[] = {int64_t{1} << 40, 2, 1};
  refused("sum", sum(empty, x, scale, 0, 1, y.data()),
          "channels: expected 1 to 549755813888, got 0");
  refused("sum", sum(huge, x, scale, 0, 1, y.data()), "channels: expected 1 to 1, got 2");
  refused("sums", dfp_channel_sums(isa, &s.outer, x, 1, nullptr),
          "sums: expected memory, got null");
  refused("sums", dfp_channel_sums(99, &s.outer, x, 1, sums.data()),
          "isa: expected 0 to " + std::to_string(dfp_isa_count() - 1) + ", got 99");
  refused("statistics", dfp_batch_norm_statistics(isa, empty, x, 1, sums.data(), other.data()),
          "channels: expected 1 to 549755813888, got 0");
  refused(
      "backward",
      dfp_batch_norm_backward(isa, &s.outer, x, x, mean, mean, mean, mean, kEps, nullptr, nullptr,
                              DFP_RELU, 0, 1, y.data(), sums.data(), other.data(), &amax, nullptr),
      "scale: expected memory, got null");
  refused("backward",
          dfp_batch_norm_backward(isa, &s.outer, x, x, mean, mean, mean, mean, kEps, nullptr,
                                  nullptr, DFP_NO_ACTIVATION, 0, 1, y.data(), sums.data(),
                                  other.data(), nullptr, nullptr),
          "amax: expected memory, got null");
  refused("gradient",
          dfp_activation_gradient(isa, DFP_NO_ACTIVATION, 0, &s.outer, x, x, 1, y.data(), &amax,
                                  nullptr),
          "kind: expected 0 to 2, got -1");

  const Conv conv = square(2, 3, 2, 1, 1, 1, 0);
  const Buffer packed(dfp_conv_packed_bytes(isa, &conv.mb, DFP_SRC));
  const auto pack = [&](const int* shape, const float* of, const float* offset, int exponent,
                        int threads, void* to) {
    return dfp_conv_pack_deferred(isa, shape, of, mean, scale, offset, DFP_RELU, 0, exponent, 0, 0,
                                  0, threads, to, &amax);
  };
  const float* offset = term.offset.data();
  const int none[15] = {};
  refused("pack", pack(nullptr, x, offset, 0, 1, packed.get()), "shape: expected memory, got null");
  refused("pack", pack(&conv.mb, nullptr, offset, 0, 1, packed.get()),
          "x: expected memory, got null");
  refused("pack", pack(&conv.mb, x, nullptr, 0, 1, packed.get()),
          "offset: expected memory, got null");
  refused("pack", pack(&conv.mb, x, offset, 0, 1, nullptr), "packed: expected memory, got null");
  refused("pack", pack(&conv.mb, x, offset, 0, 1, static_cast<char*>(packed.get()) + 4),
          "packed: expected an address aligned to 64 bytes, got remainder 4");
  refused("pack", pack(none, x, offset, 0, 1, packed.get()), "mb: expected 1 to 16777216, got 0");
  refused("pack", pack(&conv.mb, x, offset, 0, -1, packed.get()),
          "threads: expected 1 to 1024, got -1");
  refused("pack", pack(&conv.mb, x, offset, 1000, 1, packed.get()),
          "exponent: expected -163 to 115, got 1000");
}

}  // namespace

int main() {
  const Channels shapes[] = {{1, 1, 1},     {1, 1, 17},   {2, 3, 16},    {5, 7, 1},
                             {3, 2, 49},    {9, 513, 1},  {2, 530, 3},   {33, 17, 49},
                             {3, 2, 2049},  {2, 3, 4100}, {64, 1700, 1}, {4, 24, 1100},
                             {1, 1, 100001}};
  for (const Channels& s : shapes) {
    test_sums(s);
    test_norm_forward(s);
    for (const Function& f : kFunctions) {
      test_norm_backward(s, f, true);
      test_norm_backward(s, f, false);
      if (f.kind != DFP_NO_ACTIVATION) test_activation_gradient(s, f);
      for (int terms = 0; terms < 4; terms++) test_deferred_sum(s, f, terms, true);
      for (int terms = 0; terms < 2; terms++) test_deferred_sum(s, f, terms, false);
    }
  }
  const struct {
    const char* name;
    Conv shape;
  } convs[] = {
      {"one", square(1, 1, 1, 1, 1, 1, 0)},
      {"1x1", square(3, 17, 7, 3, 1, 1, 0)},
      {"1x1/2", square(2, 5, 9, 3, 1, 2, 0)},
      {"1x1 large", square(2, 3, 112, 3, 1, 1, 0)},
      {"3x3", square(2, 19, 14, 3, 3, 1, 1)},
      {"3x3/2", square(2, 5, 15, 3, 3, 2, 1)},
      {"3x3 dilated", square(1, 4, 13, 3, 3, 1, 2, 2)},
      {"5x5 deep padding", square(1, 3, 6, 3, 5, 1, 4)},
      {"11x11/4", square(2, 3, 39, 3, 11, 4, 2)},
      {"2x2/3 holes", square(2, 3, 11, 3, 2, 3, 0)},
      {"map of 1", square(8, 9, 1, 3, 3, 1, 1)},
      {"map of 3", square(8, 70, 3, 3, 1, 1, 0)},
      {"wide rows", {1, 2, 3, 5000, 3, 3, 5000, 3, 3, 1, 1, 1, 1, 1, 1}},
      {"uneven padding", {1, 3, 10, 9, 4, 5, 5, 3, 3, 2, 2, 0, 0, 1, 1}},
  };
  for (const auto& conv : convs) {
    for (const Function& f : kFunctions) {
      for (const bool affine : {false, true}) {
        test_pack(conv.name, conv.shape, f, affine, {DFP_NEAREST_EVEN, 0, 0}, 0);
        test_pack(conv.name, conv.shape, f, affine, {DFP_STOCHASTIC, 1, 12345}, 0);
      }
      for (const int off : {-20, -1, 1, 20}) {
        test_pack(conv.name, conv.shape, f, true, {DFP_TRUNCATE, 2, 0}, off);
      }
    }
    test_not_finite(conv.shape);
  }
  for_rows(test_arguments);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
