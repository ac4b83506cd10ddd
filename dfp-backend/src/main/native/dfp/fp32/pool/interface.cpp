// The part of the C interface for pooling.
#include "dfp/base/arguments.h"
#include "dfp/dfp.h"
#include "dfp/fp32/pool/pool.h"

namespace {

using namespace dfp::arguments;
using dfp::PoolKind;
using dfp::PoolShape;

constexpr int kMaxSide = 1 << 24;

void check_side(const char* side, int in, int out, int kernel, int stride, int padding) {
  for (const int value : {in, out, kernel, stride}) check_range(side, value, 1, kMaxSide);
  // The first window ends inside, and the last one begins there.
  check_range("padding", padding, -kMaxSide, kernel - 1);
  check_range("last window", int64_t{out - 1} * stride - padding, -kMaxSide, in - 1);
}

PoolShape pool_shape(int isa, int kind, const int* dims, int64_t planes) {
  check_isa(isa);
  check_range("kind", kind, DFP_POOL_MAX, DFP_POOL_AVERAGE_OF_WINDOW);
  check_pointer("shape", dims);
  const PoolShape s{dims[0], dims[1], dims[2], dims[3], dims[4],
                    dims[5], dims[6], dims[7], dims[8], dims[9]};
  check_side("height", s.ih, s.oh, s.kh, s.sh, s.ph);
  check_side("width", s.iw, s.ow, s.kw, s.sw, s.pw);
  check_range("cells of a plane", int64_t{s.ih} * s.iw, 1, INT32_MAX);
  check_range("cells of a window", int64_t{s.kh} * s.kw, 1, INT32_MAX);
  check_range("planes", planes, 1, kMaxElements / (int64_t{s.ih} * s.iw));
  return s;
}

int pool_threads(const PoolShape& s, int64_t planes, int threads) {
  return useful_threads(threads, planes * s.ih * s.iw, kElementsPerThread);
}

}  // namespace

extern "C" {

int dfp_pool_forward(int isa, int kind, const int* shape, int64_t planes, const float* src,
                     int threads, float* dst) {
  return guarded([&] {
    const PoolShape s = pool_shape(isa, kind, shape, planes);
    check_pointer("src", src);
    check_pointer("dst", dst);
    dfp::pool_forward(isa, static_cast<PoolKind>(kind), s, planes, src,
                      pool_threads(s, planes, threads), dst);
    return 0;
  });
}

int dfp_pool_backward(int isa, int kind, const int* shape, int64_t planes, const float* src,
                      const float* diff_dst, int threads, float* diff_src) {
  return guarded([&] {
    const PoolShape s = pool_shape(isa, kind, shape, planes);
    check_pointer("src", src);
    check_pointer("diffDst", diff_dst);
    check_pointer("diffSrc", diff_src);
    dfp::pool_backward(isa, static_cast<PoolKind>(kind), s, planes, src, diff_dst,
                       pool_threads(s, planes, threads), diff_src);
    return 0;
  });
}

}  // extern "C"
