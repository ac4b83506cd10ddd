// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mprefer-vector-width=512
//
// Batch norm with 512-bit vectors.
#include <immintrin.h>

#include <algorithm>

#include "dfp/fp32/batchnorm/loops.h"

namespace dfp {
namespace {

struct Wide {
  using Doubles = __m512d;
  static constexpr int kWidth = 8;

  static inline Doubles widen(const float* x) { return _mm512_cvtps_pd(_mm256_loadu_ps(x)); }

  static inline Doubles widen(const float* x, int64_t count) {
    const auto length = static_cast<unsigned>(std::clamp<int64_t>(count, 0, kWidth));
    const auto mask = static_cast<__mmask8>((1u << length) - 1);
    return _mm512_cvtps_pd(_mm256_maskz_loadu_ps(mask, x));
  }

  static inline Doubles multiply_add(const Doubles& a, const Doubles& b, const Doubles& c) {
    return _mm512_fmadd_pd(a, b, c);
  }

  static inline double total(const Doubles (&lanes)[2]) {
    const __m512d eight = lanes[0] + lanes[1];
    const __m256d four = _mm512_castpd512_pd256(eight) + _mm512_extractf64x4_pd(eight, 1);
    const __m128d two = _mm256_castpd256_pd128(four) + _mm256_extractf128_pd(four, 1);
    return two[0] + two[1];
  }
};

}  // namespace

extern const BatchNormKernel batch_norm_avx512vnni;
const BatchNormKernel batch_norm_avx512vnni = kernel_named<Wide>("avx512vnni");

}  // namespace dfp
