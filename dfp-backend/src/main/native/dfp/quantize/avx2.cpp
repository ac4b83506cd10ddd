// flags: -mavx2 -mfma -mbmi2
//
// Quantization with 256-bit vectors.
#include <immintrin.h>

#include <algorithm>

#include "dfp/quantize/elementwise.h"

namespace dfp {
namespace {

uint32_t max_bits(const float* x, int64_t count) {
  uint32_t max = 0;
  for (int64_t i = 0; i < count; i++) {
    const uint32_t magnitude = bits_of(x[i]) & 0x7fffffffu;
    max = magnitude > max ? magnitude : max;
  }
  return max;
}

uint64_t fingerprint(const float* x, int64_t count, uint64_t first) {
  return fingerprint_elements(x, count, first);
}

// 8 mantissas as dwords: vcvtps2dq rounds to nearest even; |x * 2^-E| <= 2^15, so it does not
// overflow where E was made for x.
inline __m256i nearest_even(__m256 x, __m256 first, __m256 second, __m256i limit) {
  const __m256 y = _mm256_mul_ps(_mm256_mul_ps(x, first), second);
  const __m256i least = _mm256_sub_epi32(_mm256_setzero_si256(), limit);
  return _mm256_max_epi32(_mm256_min_epi32(_mm256_cvtps_epi32(y), limit), least);
}

uint32_t quantize_nearest_even(const float* x, int64_t count, const Quantization& how,
                               int16_t* mantissas) {
  const __m256 scale1 = _mm256_set1_ps(how.first), scale2 = _mm256_set1_ps(how.second);
  const __m256i limit = _mm256_set1_epi32(how.limit);
  const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
  __m256i max = _mm256_setzero_si256();
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256 first = _mm256_loadu_ps(x + i), second = _mm256_loadu_ps(x + i + 8);
    max = _mm256_max_epu32(max, _mm256_and_si256(_mm256_castps_si256(first), magnitude));
    max = _mm256_max_epu32(max, _mm256_and_si256(_mm256_castps_si256(second), magnitude));
    const __m256i low = nearest_even(first, scale1, scale2, limit);
    const __m256i high = nearest_even(second, scale1, scale2, limit);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(mantissas + i), packed);
  }
  const int64_t whole = i;
  for (; i < count; i++) {
    const int mantissa = _mm_cvtss_si32(_mm_set_ss(x[i] * how.first * how.second));
    mantissas[i] = static_cast<int16_t>(std::clamp(mantissa, -how.limit, how.limit));
  }
  alignas(32) uint32_t lanes[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), max);
  return std::max(*std::max_element(lanes, lanes + 8), max_bits(x + whole, count - whole));
}

uint32_t quantize(const float* x, int64_t count, const Quantization& how, uint64_t first,
                  uint64_t step, int16_t* mantissas) {
  if (how.rounding == Rounding::kNearestEven) {
    return quantize_nearest_even(x, count, how, mantissas);
  }
  quantize_other(x, count, how, first, step, mantissas);
  return max_bits(x, count);
}

uint32_t quantize_and_fingerprint(const float* x, int64_t count, const Quantization& how,
                                  uint64_t first, uint64_t step, int16_t* mantissas, uint64_t at,
                                  uint64_t* sum) {
  *sum += fingerprint(x, count, at);
  return quantize(x, count, how, first, step, mantissas);
}

}  // namespace

extern const QuantizeKernel quantize_avx2;
const QuantizeKernel quantize_avx2 = {"avx2", max_bits, fingerprint, quantize,
                                      quantize_and_fingerprint};

}  // namespace dfp
