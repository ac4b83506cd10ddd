// flags: -mavx2 -mprefer-vector-width=256
//
// Pooling with 256-bit vectors.
#include <immintrin.h>

#include "dfp/fp32/pool/loops.h"

namespace dfp {
namespace {

struct Wide {
  using Floats = __m256;
  using Ints = __m256i;
  using Mask = __m256;
  static constexpr int kWidth = 8;

  static inline Floats set(float x) { return _mm256_set1_ps(x); }
  static inline Ints set(int32_t x) { return _mm256_set1_epi32(x); }
  static inline Floats load(const float* x) { return _mm256_loadu_ps(x); }
  static inline Ints load(const int32_t* x) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  }
  static inline void store(float* to, Floats x) { _mm256_storeu_ps(to, x); }
  static inline void store(int32_t* to, Ints x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x);
  }

  static inline Mask greater(Floats a, Floats b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
  static inline Mask equal(Ints a, Ints b) { return _mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b)); }
  static inline Floats select(Mask mask, Floats a, Floats b) {
    return _mm256_blendv_ps(b, a, mask);
  }
  static inline Ints select(Mask mask, Ints a, Ints b) {
    return _mm256_blendv_epi8(b, a, _mm256_castps_si256(mask));
  }

  static inline Ints sum(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
  static inline Ints product(Ints a, Ints b) { return _mm256_mullo_epi32(a, b); }
  static inline Floats floats(Ints a) { return _mm256_cvtepi32_ps(a); }
};

}  // namespace

extern const PoolKernel pool_avx2;
const PoolKernel pool_avx2 = kernel_named<Wide>("avx2");

}  // namespace dfp
