// flags: -mavx512f -mavx512dq -mavx512vl -mprefer-vector-width=512
//
// Updates with 512-bit vectors. Sums: lanes 0 to 7 and 8 to 15 are one register each of |x| and
// x * x, 4 accumulators.
#include <immintrin.h>

#include "dfp/fp32/update/loops.h"

namespace dfp {
namespace {

Sums sums(const float* x, int64_t count) {
  __m512d a[2], s[2];
  for (int k = 0; k < 2; k++) a[k] = s[k] = _mm512_setzero_pd();
  int64_t i = 0;
  for (; i + kSumLanes <= count; i += kSumLanes) {
    for (int k = 0; k < 2; k++) {
      const __m512d value = _mm512_cvtps_pd(_mm256_loadu_ps(x + i + 8 * k));
      a[k] = _mm512_add_pd(a[k], _mm512_abs_pd(value));
      s[k] = _mm512_add_pd(s[k], _mm512_mul_pd(value, value));
    }
  }
  double absolute[kSumLanes], squares[kSumLanes];
  for (int k = 0; k < 2; k++) {
    _mm512_storeu_pd(absolute + 8 * k, a[k]);
    _mm512_storeu_pd(squares + 8 * k, s[k]);
  }
  add_rest(x, i, count, absolute, squares);
  return add_lanes(absolute, squares);
}

}  // namespace

extern const UpdateKernel update_avx512vnni;
const UpdateKernel update_avx512vnni = {"avx512vnni", sums,     add_penalty, sgd,
                                        nesterovs,    rms_prop, adam};

}  // namespace dfp
