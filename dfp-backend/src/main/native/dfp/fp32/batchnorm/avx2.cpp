// flags: -mavx2 -mfma
//
// Batch norm with 256-bit vectors.
#include <immintrin.h>

#include "dfp/fp32/batchnorm/loops.h"

namespace dfp {
namespace {

struct Wide {
  using Doubles = __m256d;
  static constexpr int kWidth = 4;

  static inline Doubles widen(const float* x) { return _mm256_cvtps_pd(_mm_loadu_ps(x)); }

  static inline Doubles widen(const float* x, int64_t count) {
    const __m128i index = _mm_setr_epi32(0, 1, 2, 3);
    const __m128i length = _mm_set1_epi32(count < kWidth ? static_cast<int>(count) : kWidth);
    return _mm256_cvtps_pd(_mm_maskload_ps(x, _mm_cmpgt_epi32(length, index)));
  }

  static inline Doubles multiply_add(const Doubles& a, const Doubles& b, const Doubles& c) {
    return _mm256_fmadd_pd(a, b, c);
  }

  static inline double total(const Doubles (&lanes)[4]) {
    const __m256d four = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    const __m128d two = _mm256_castpd256_pd128(four) + _mm256_extractf128_pd(four, 1);
    return two[0] + two[1];
  }
};

}  // namespace

extern const BatchNormKernel batch_norm_avx2;
const BatchNormKernel batch_norm_avx2 = kernel_named<Wide>("avx2");

}  // namespace dfp
