// Products of lines against the formula, on every row of the table that has them.
#ifndef DFP_TEST_LINE_PRODUCT_TEST_H
#define DFP_TEST_LINE_PRODUCT_TEST_H

#include <algorithm>

#include "checks.h"
#include "dfp/base/shape.h"
#include "dfp/gemm/line_product.h"

namespace {

// Columns of B that are neighbours in the planes and in the output.
struct RunOfColumns {
  int64_t position, length, offset;
};

struct LineCase {
  const char* name;
  int planes;
  std::vector<int64_t> shifts;
  int64_t m;
  std::vector<RunOfColumns> runs;
  int exponent;
  bool stream;  // past the caches, strips that end where cache lines do
};

void test_line_product(const dfp::GemmKernel& kernel, const LineCase& each, int threads) {
  std::mt19937 random(23);
  const auto mantissas = [&](int64_t count) {
    std::vector<int16_t> x(static_cast<size_t>(count));
    for (int16_t& v : x) v = static_cast<int16_t>(static_cast<int>(random() % 65535) - 32767);
    return x;
  };
  const auto taps = static_cast<int64_t>(each.shifts.size());
  const int64_t least = *std::min_element(each.shifts.begin(), each.shifts.end());
  const int64_t greatest = *std::max_element(each.shifts.begin(), each.shifts.end());
  // Readers may read kStripSpan values from a position on.
  const int64_t before = std::max<int64_t>(0, -least);
  const int64_t pitch = before + each.runs.back().position + each.runs.back().length +
                        std::max<int64_t>(0, greatest) + dfp::kStripSpan;
  const auto values = mantissas(each.planes * pitch);
  const auto weights = mantissas(each.m * each.planes * taps);  // [m][plane][shift]

  const int64_t k = dfp::line_product_k(kernel, each.planes, taps);
  const Buffer panels((each.m + kernel.nr - 1) / kernel.nr * kernel.b_panel_bytes(k));
  for (int64_t first = 0; first < each.m; first += kernel.nr) {
    const int64_t count = std::min<int64_t>(kernel.nr, each.m - first);
    std::vector<int16_t> ordered(static_cast<size_t>(count * k));
    std::vector<const int16_t*> rows;
    for (int64_t i = 0; i < count; i++) {
      for (int64_t c = 0; c < each.planes; c++) {
        for (int64_t s = 0; s < taps; s++) {
          const int64_t at = (c / kernel.kr * taps + s) * kernel.kr + c % kernel.kr;
          ordered[static_cast<size_t>(i * k + at)] =
              weights[static_cast<size_t>(((first + i) * each.planes + c) * taps + s)];
        }
      }
      rows.push_back(ordered.data() + i * k);
    }
    kernel.pack_b_columns(
        rows.data(), static_cast<int>(count), k, nullptr,
        static_cast<uint8_t*>(panels.get()) + first / kernel.nr * kernel.b_panel_bytes(k));
  }

  int64_t row = 0;  // floats of a row of the output: whole cache lines
  for (const RunOfColumns& run : each.runs) row = std::max(row, run.offset + run.length);
  row = dfp::round_up(row, dfp::kStripLanes);
  const Buffer out(each.m * row * static_cast<int64_t>(sizeof(float)));
  auto* got = static_cast<float*>(out.get());
  std::fill(got, got + each.m * row, -1.0f);
  std::vector<float> expected(static_cast<size_t>(each.m * row), -1.0f);
  const std::vector<float> bias = {0.5f, -3.0f, 1e6f};
  std::vector<float> biases;
  for (int64_t i = 0; i < each.m; i++) biases.push_back(bias[static_cast<size_t>(i % 3)]);
  std::vector<const int16_t*> planes;
  for (int c = 0; c < each.planes; c++) planes.push_back(values.data() + c * pitch + before);
  dfp::StripList strips(1, each.stream ? got : nullptr, dfp::StripList::Lanes::kNeighbours);
  for (const RunOfColumns& run : each.runs) {
    strips.add(run.position, run.length, run.offset);
    for (int64_t i = 0; i < each.m; i++) {
      for (int64_t x = 0; x < run.length; x++) {
        int64_t sum = 0;
        for (int64_t c = 0; c < each.planes; c++) {
          for (int64_t s = 0; s < taps; s++) {
            sum += int64_t{planes[static_cast<size_t>(c)]
                                 [run.position + x + each.shifts[static_cast<size_t>(s)]]} *
                   weights[static_cast<size_t>((i * each.planes + c) * taps + s)];
          }
        }
        expected[static_cast<size_t>(i * row + run.offset + x)] =
            rounded(sum, each.exponent) + biases[static_cast<size_t>(i)];
      }
    }
  }
  const Buffer scratch(
      dfp::line_product_scratch_bytes(kernel, each.planes, greatest - least, threads));
  const dfp::LineProduct product{
      kernel,        planes,        each.shifts, static_cast<const uint8_t*>(panels.get()),
      each.m,        strips,        got,         row,
      each.exponent, biases.data(), each.stream};
  dfp::line_product(product, threads, scratch.get());
  check(std::string("lines ") + kernel.name + " " + each.name, expected, got);
}

void test_line_products() {
  const LineCase cases[] = {
      {"one", 1, {0}, 1, {{0, 1, 0}}, -20, false},
      {"gaps", 64, {0, 1, 2, 30, 31, 32}, 16, {{0, 28, 0}, {29, 28, 28}, {58, 28, 56}}, -20, false},
      {"gaps in the output", 64, {0, 1}, 17, {{3, 5, 0}, {9, 4, 7}, {50, 40, 20}}, -20, false},
      {"backwards", 30, {0, -1, -57, -58}, 20, {{0, 70, 0}, {90, 3, 70}}, -20, false},
      {"two groups", 65, {5, -5, 0}, 33, {{0, 100, 0}}, -20, false},
      {"parts of k", 130, {0, 1, 2, 3, 4, 5, 6, 7, 8}, 18, {{0, 200, 0}}, -20, false},
      {"past the caches", 64, {0, 1}, 16, {{0, 64, 0}, {65, 56, 64}, {122, 40, 120}}, -20, true},
      {"subnormal", 64, {0, 1}, 19, {{0, 17, 0}, {18, 9, 17}}, -160, false},
      {"large", 64, {0, 1}, 19, {{0, 17, 0}, {18, 9, 17}}, 90, false},
      // Lines of more than one part of a thread's cache.
      {"many", 64, {0, 70}, 2, {{0, 17000, 0}, {17010, 60, 17000}}, -20, false},
      {"far", 20, {0, 20000}, 3, {{0, 40, 0}, {15000, 40, 40}}, -20, false},
  };
  for (int isa = 0; isa < dfp_isa_count(); isa++) {
    if (!dfp_isa_runs(isa) || dfp::gemm_kernel(isa).pack_lines == nullptr) continue;
    for (const LineCase& each : cases) {
      for (const int threads : {1, 3}) test_line_product(dfp::gemm_kernel(isa), each, threads);
    }
  }
}

}  // namespace

#endif  // DFP_TEST_LINE_PRODUCT_TEST_H
