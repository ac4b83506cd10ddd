// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl
//
// Quantization with 512-bit vectors.
#include <immintrin.h>

#include "dfp/quantize/elementwise.h"

namespace dfp {
namespace {

uint32_t max_bits(const float* x, int64_t count) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  __m512i a = _mm512_setzero_si512(), b = a;
  int64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    a = _mm512_max_epu32(a, _mm512_and_si512(_mm512_loadu_si512(x + i), magnitude));
    b = _mm512_max_epu32(b, _mm512_and_si512(_mm512_loadu_si512(x + i + 16), magnitude));
  }
  for (; i < count; i += 16) {
    const int64_t left = count - i < 16 ? count - i : 16;
    const auto mask = static_cast<__mmask16>((1u << left) - 1);
    a = _mm512_max_epu32(a, _mm512_and_si512(_mm512_maskz_loadu_epi32(mask, x + i), magnitude));
  }
  return _mm512_reduce_max_epu32(_mm512_max_epu32(a, b));
}

uint64_t fingerprint(const float* x, int64_t count, uint64_t first) {
  return fingerprint_elements(x, count, first);
}

// 16 mantissas: vcvtps2dq rounds to nearest even; |x * 2^-E| <= 2^15, so it does not overflow where
// E was made for x.
inline __m256i nearest_even(__m512 x, __m512 first, __m512 second, __m512i limit) {
  const __m512i y = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_mul_ps(x, first), second));
  const __m512i least = _mm512_sub_epi32(_mm512_setzero_si512(), limit);
  return _mm512_cvtepi32_epi16(_mm512_max_epi32(_mm512_min_epi32(y, limit), least));
}

uint32_t quantize(const float* x, int64_t count, const Quantization& how, uint64_t first,
                  uint64_t step, int16_t* mantissas) {
  if (how.rounding != Rounding::kNearestEven) {
    quantize_other(x, count, how, first, step, mantissas);
    return max_bits(x, count);
  }
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  __m512i max = _mm512_setzero_si512();
  const __m512 scale1 = _mm512_set1_ps(how.first), scale2 = _mm512_set1_ps(how.second);
  const __m512i limit = _mm512_set1_epi32(how.limit);
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512 values = _mm512_loadu_ps(x + i);
    max = _mm512_max_epu32(max, _mm512_and_si512(_mm512_castps_si512(values), magnitude));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(mantissas + i),
                        nearest_even(values, scale1, scale2, limit));
  }
  if (i < count) {
    const auto mask = static_cast<__mmask16>((1u << (count - i)) - 1);
    const __m512 values = _mm512_maskz_loadu_ps(mask, x + i);
    max = _mm512_max_epu32(max, _mm512_and_si512(_mm512_castps_si512(values), magnitude));
    _mm256_mask_storeu_epi16(mantissas + i, mask, nearest_even(values, scale1, scale2, limit));
  }
  return _mm512_reduce_max_epu32(max);
}

}  // namespace

extern const QuantizeKernel quantize_avx512vnni;
const QuantizeKernel quantize_avx512vnni = {"avx512vnni", max_bits, fingerprint, quantize};

}  // namespace dfp
