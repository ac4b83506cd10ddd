// flags: -mavx2 -mprefer-vector-width=256
//
// Updates with 256-bit vectors. Sums: lanes 4k to 4k + 3 are one register each of |x| and x * x,
// 8 accumulators.
#include <immintrin.h>

#include "dfp/fp32/update/loops.h"

namespace dfp {
namespace {

Sums sums(const float* x, int64_t count) {
  const __m256d magnitude = _mm256_castsi256_pd(_mm256_set1_epi64x(0x7fffffffffffffff));
  __m256d a[4], s[4];
  for (int k = 0; k < 4; k++) a[k] = s[k] = _mm256_setzero_pd();
  int64_t i = 0;
  for (; i + kSumLanes <= count; i += kSumLanes) {
    for (int k = 0; k < 4; k++) {
      const __m256d value = _mm256_cvtps_pd(_mm_loadu_ps(x + i + 4 * k));
      a[k] = _mm256_add_pd(a[k], _mm256_and_pd(value, magnitude));
      s[k] = _mm256_add_pd(s[k], _mm256_mul_pd(value, value));
    }
  }
  double absolute[kSumLanes], squares[kSumLanes];
  for (int k = 0; k < 4; k++) {
    _mm256_storeu_pd(absolute + 4 * k, a[k]);
    _mm256_storeu_pd(squares + 4 * k, s[k]);
  }
  add_rest(x, i, count, absolute, squares);
  return add_lanes(absolute, squares);
}

}  // namespace

extern const UpdateKernel update_avx2;
const UpdateKernel update_avx2 = {"avx2", sums, add_penalty, sgd, nesterovs, rms_prop, adam};

}  // namespace dfp
