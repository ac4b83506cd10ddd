// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
//
// Pooling with 512-bit vectors.
#include <immintrin.h>

#include "dfp/fp32/pool/loops.h"

namespace dfp {
namespace {

struct Wide {
  using Floats = __m512;
  using Ints = __m512i;
  using Mask = __mmask16;
  static constexpr int kWidth = 16;

  static inline Floats set(float x) { return _mm512_set1_ps(x); }
  static inline Ints set(int32_t x) { return _mm512_set1_epi32(x); }
  static inline Floats load(const float* x) { return _mm512_loadu_ps(x); }
  static inline Ints load(const int32_t* x) { return _mm512_loadu_si512(x); }
  static inline void store(float* to, Floats x) { _mm512_storeu_ps(to, x); }
  static inline void store(int32_t* to, Ints x) { _mm512_storeu_si512(to, x); }

  static inline Mask greater(Floats a, Floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
  static inline Mask equal(Ints a, Ints b) { return _mm512_cmpeq_epi32_mask(a, b); }
  static inline Floats select(Mask mask, Floats a, Floats b) {
    return _mm512_mask_blend_ps(mask, b, a);
  }
  static inline Ints select(Mask mask, Ints a, Ints b) {
    return _mm512_mask_blend_epi32(mask, b, a);
  }

  static inline Ints sum(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
  static inline Ints product(Ints a, Ints b) { return _mm512_mullo_epi32(a, b); }
  static inline Floats floats(Ints a) { return _mm512_cvtepi32_ps(a); }
};

}  // namespace

extern const PoolKernel pool_avx512vnni;
const PoolKernel pool_avx512vnni = kernel_named<Wide>("avx512vnni");

}  // namespace dfp
