// The part of the C interface for local response normalization.
#include "dfp/base/arguments.h"
#include "dfp/dfp.h"
#include "dfp/fp32/lrn/lrn.h"

namespace {

using namespace dfp::arguments;
using dfp::Lrn;

constexpr int64_t kMaxChannels = 1 << 20;
constexpr int kMaxQuarters = 64;

Lrn lrn(int isa, const int64_t* shape, int half, float k, float alpha, float slope, int quarters) {
  check_isa(isa);
  check_pointer("shape", shape);
  check_range("images", shape[0], 1, kMaxElements);
  check_range("channels", shape[1], 1, std::min(kMaxChannels, kMaxElements / shape[0]));
  check_range("pixels", shape[2], 1, kMaxElements / (shape[0] * shape[1]));
  check_range("half", half, 0, kMaxChannels);
  check_range("quarters", quarters, 1, kMaxQuarters);
  return {shape[0], shape[1], shape[2], half, quarters, k, alpha, slope};
}

int lrn_threads(const Lrn& how, int threads) {
  return useful_threads(threads, how.images * how.channels * how.pixels, kElementsPerThread);
}

}  // namespace

extern "C" {

int dfp_lrn_forward(int isa, const int64_t* shape, int half, float k, float alpha, float slope,
                    int quarters, const float* x, int threads, float* dst) {
  return guarded([&] {
    const Lrn how = lrn(isa, shape, half, k, alpha, slope, quarters);
    check_pointer("x", x);
    check_pointer("dst", dst);
    dfp::lrn_forward(isa, how, x, lrn_threads(how, threads), dst);
    return 0;
  });
}

int dfp_lrn_backward(int isa, const int64_t* shape, int half, float k, float alpha, float slope,
                     int quarters, const float* x, const float* diff_dst, int threads,
                     float* diff_src) {
  return guarded([&] {
    const Lrn how = lrn(isa, shape, half, k, alpha, slope, quarters);
    check_pointer("x", x);
    check_pointer("diffDst", diff_dst);
    check_pointer("diffSrc", diff_src);
    dfp::lrn_backward(isa, how, x, diff_dst, lrn_threads(how, threads), diff_src);
    return 0;
  });
}

}  // extern "C"
