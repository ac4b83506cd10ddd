// Checks pooling, local response normalization and updates of every row that this CPU runs against
// the formulas, with tolerance 0, without a JVM: so it runs under AddressSanitizer and
// UndefinedBehaviorSanitizer too. See README.md beside this file.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "dfp/dfp.h"

namespace {

using Floats = std::vector<float>;

int passed = 0, failed = 0;

Floats random_floats(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Floats x(count);
  for (float& v : x) v = random() % 8 == 0 ? 0.0f : normal(random);
  return x;
}

void check(const std::string& name, int code, const Floats& expected, const Floats& got) {
  const bool same = std::memcmp(expected.data(), got.data(), got.size() * sizeof(float)) == 0;
  if (code == 0 && same) {
    passed++;
    return;
  }
  std::printf("FAILED %s: %s\n", name.c_str(), code == 0 ? "other bits" : dfp_last_error());
  failed++;
}

struct Pool {
  int ih, iw, oh, ow, kh, kw, sh, sw, ph, pw;
};

// Calls body(index in dst, indices in src of the window's cells).
template <class Body>
void for_windows(const Pool& s, int planes, const Body& body) {
  for (int plane = 0; plane < planes; plane++) {
    for (int y = 0; y < s.oh; y++) {
      for (int x = 0; x < s.ow; x++) {
        std::vector<size_t> cells;
        for (int i = 0; i < s.kh; i++) {
          for (int j = 0; j < s.kw; j++) {
            const int row = y * s.sh - s.ph + i, column = x * s.sw - s.pw + j;
            if (row < 0 || row >= s.ih || column < 0 || column >= s.iw) continue;
            cells.push_back((static_cast<size_t>(plane) * s.ih + row) * s.iw + column);
          }
        }
        body((static_cast<size_t>(plane) * s.oh + y) * s.ow + x, cells);
      }
    }
  }
}

void test_pool(int isa, int threads, const Pool& s) {
  const int planes = 21;
  const Floats src = random_floats(static_cast<size_t>(planes) * s.ih * s.iw, 1);
  const Floats diff_dst = random_floats(static_cast<size_t>(planes) * s.oh * s.ow, 2);
  for (int kind = DFP_POOL_MAX; kind <= DFP_POOL_AVERAGE_OF_WINDOW; kind++) {
    Floats dst(diff_dst.size()), diff_src(src.size());
    for_windows(s, planes, [&](size_t at, const std::vector<size_t>& cells) {
      const auto divisor = static_cast<float>(
          kind == DFP_POOL_AVERAGE ? static_cast<int>(cells.size()) : s.kh * s.kw);
      size_t largest = cells[0];
      float sum = 0;
      for (const size_t cell : cells) {
        if (src[cell] > src[largest]) largest = cell;
        sum += src[cell];
      }
      if (kind == DFP_POOL_MAX) {
        dst[at] = src[largest];
        diff_src[largest] += diff_dst[at];
        return;
      }
      dst[at] = sum / divisor;
      for (const size_t cell : cells) diff_src[cell] += diff_dst[at] / divisor;
    });
    const std::string name = std::string(dfp_isa_name(isa)) + " pool " + std::to_string(kind) +
                             " of " + std::to_string(s.ih) + "x" + std::to_string(s.iw);
    const int dims[] = {s.ih, s.iw, s.oh, s.ow, s.kh, s.kw, s.sh, s.sw, s.ph, s.pw};
    Floats got(dst.size()), got_src(src.size());
    int code = dfp_pool_forward(isa, kind, dims, planes, src.data(), threads, got.data());
    check(name, code, dst, got);
    code = dfp_pool_backward(isa, kind, dims, planes, src.data(), diff_dst.data(), threads,
                             got_src.data());
    check(name + " backward", code, diff_src, got_src);
  }
}

void test_lrn(int isa, int threads, int64_t channels, int64_t pixels, int half, int quarters) {
  const int64_t images = 2;
  const float k = 1.5f, alpha = 0.3f, slope = 0.45f;
  const auto count = static_cast<size_t>(images * channels * pixels);
  const Floats x = random_floats(count, 3), diff_dst = random_floats(count, 4);
  Floats u(count), scale(count), dst(count), diff_src(count);
  const auto sum = [&](size_t i, const auto& term) {
    const auto channel = static_cast<int64_t>(i) / pixels % channels;
    float total = term(i);
    for (int64_t n = 1; n <= half; n++) {
      if (channel - n >= 0) total += term(i - static_cast<size_t>(n * pixels));
      if (channel + n < channels) total += term(i + static_cast<size_t>(n * pixels));
    }
    return total;
  };
  for (size_t i = 0; i < count; i++) {
    u[i] = sum(i, [&](size_t j) { return x[j] * x[j]; }) * alpha + k;
    const double root = std::sqrt(std::sqrt(static_cast<double>(u[i])));
    double power = root;
    for (int q = 1; q < quarters; q++) power *= root;
    scale[i] = static_cast<float>(1.0 / power);
    dst[i] = x[i] * scale[i];
  }
  for (size_t i = 0; i < count; i++) {
    const float t = sum(i, [&](size_t j) { return dst[j] * diff_dst[j]; });
    diff_src[i] = diff_dst[i] * scale[i] - t * x[i] / u[i] * slope;
  }
  const std::string name = std::string(dfp_isa_name(isa)) + " response normalization of " +
                           std::to_string(channels) + "x" + std::to_string(pixels);
  const int64_t shape[] = {images, channels, pixels};
  Floats got(count);
  int code =
      dfp_lrn_forward(isa, shape, half, k, alpha, slope, quarters, x.data(), threads, got.data());
  check(name, code, dst, got);
  code = dfp_lrn_backward(isa, shape, half, k, alpha, slope, quarters, x.data(), diff_dst.data(),
                          threads, got.data());
  check(name + " backward", code, diff_src, got);
}

void test_updates(int isa, int threads, size_t count) {
  const auto n = static_cast<int64_t>(count);
  const Floats x = random_floats(count, 5), gradient = random_floats(count, 6);
  Floats state = random_floats(count, 7), square(count);
  for (size_t i = 0; i < count; i++) square[i] = state[i] * state[i];
  const std::string name =
      std::string(dfp_isa_name(isa)) + " of " + std::to_string(count) + " elements, ";
  Floats expected(count), expected_state(count), got = gradient, got_state = square;

  for (size_t i = 0; i < count; i++) {
    const float sign = x[i] > 0 ? 1.0f : x[i] < 0 ? -1.0f : 0.0f;
    expected[i] = 0.25f * x[i] + (0.1f * sign + gradient[i]);
  }
  const int kinds[] = {DFP_L1, DFP_L2};
  const float coefficients[] = {0.1f, 0.25f};
  check(name + "penalties",
        dfp_update_penalties(isa, x.data(), n, 2, kinds, coefficients, threads, got.data()),
        expected, got);

  got = gradient;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i];
    expected_state[i] = square[i] * 0.9f + g * g * (1.0f - 0.9f);
    expected[i] = 0.1f * g / (std::sqrt(expected_state[i]) + 1e-3f);
  }
  check(name + "RmsProp",
        dfp_update_rms_prop(isa, 0.1f, 0.9f, 1e-3f, n, threads, got.data(), got_state.data()),
        expected, got);
  check(name + "RmsProp's state", 0, expected_state, got_state);

  got = gradient;
  got_state = state;
  for (size_t i = 0; i < count; i++) {
    const float previous = 0.9f * state[i];
    expected_state[i] = previous - 0.1f * gradient[i];
    expected[i] = previous + (-0.9f - 1.0f) * expected_state[i];
  }
  check(name + "Nesterovs",
        dfp_update_nesterovs(isa, 0.1f, 0.9f, n, threads, got.data(), got_state.data()), expected,
        got);
  check(name + "Nesterovs' state", 0, expected_state, got_state);

  got = gradient;
  got_state = square;
  Floats got_mean = state;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i];
    const float mean = 0.9f * state[i] + g * (1.0f - 0.9f);
    expected_state[i] = 0.99f * square[i] + g * g * (1.0f - 0.99f);
    expected[i] = mean * 0.1f / (std::sqrt(expected_state[i]) + 1e-3f);
  }
  check(name + "Adam",
        dfp_update_adam(isa, 0.1f, 0.9f, 0.99f, 1e-3f, n, threads, got.data(), got_mean.data(),
                        got_state.data()),
        expected, got);
  check(name + "Adam's state", 0, expected_state, got_state);

  double sums[2];
  const int code = dfp_update_sums(isa, x.data(), n, threads, sums);
  double absolute = 0, squares = 0;
  for (const float v : x) {
    absolute += std::fabs(static_cast<double>(v));
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  // Each of n positive terms is rounded in at most n additions.
  const double tolerance = 2 * static_cast<double>(n) * 0x1p-53;
  const bool close = std::fabs(sums[0] - absolute) <= tolerance * absolute &&
                     std::fabs(sums[1] - squares) <= tolerance * squares;
  check(name + "sums", code, Floats(1, 1.0f), Floats(1, close ? 1.0f : 0.0f));
}

}  // namespace

int main() {
  const Pool pools[] = {
      {1, 1, 1, 1, 1, 1, 1, 1, 0, 0},     {7, 7, 1, 1, 7, 7, 1, 1, 0, 0},
      {13, 13, 6, 6, 3, 3, 2, 2, 0, 0},   {9, 9, 9, 9, 3, 3, 1, 1, 1, 1},
      {12, 11, 3, 3, 2, 2, 5, 4, 0, 0},   {12, 40, 3, 10, 1, 1, 4, 4, -1, -1},
      {5, 600, 3, 299, 3, 3, 1, 2, 0, 0}, {6, 37, 6, 37, 5, 4, 1, 1, 2, 1},
      {3, 64, 2, 21, 2, 5, 2, 3, 1, 2},   {6, 70, 2, 2, 4, 68, 2, 2, 0, 0},
      {40, 64, 40, 64, 3, 3, 1, 1, 1, 1}, {9, 11, 4, 4, 2, 2, 2, 2, 0, 0},
  };
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (!dfp_isa_runs(isa)) continue;
    for (int threads = 1; threads <= 3; threads++) {
      for (const Pool& pool : pools) test_pool(isa, threads, pool);
      test_lrn(isa, threads, 1, 1, 0, 1);
      test_lrn(isa, threads, 7, 65, 2, 3);
      test_lrn(isa, threads, 40, 1000, 3, 5);
      test_lrn(isa, threads, 3, 127, 9, 4);
      for (const size_t count : {1, 15, 17, 1000, 16383, 16385, 100003}) {
        test_updates(isa, threads, count);
      }
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
