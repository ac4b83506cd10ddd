// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni
//
// Depthwise sums with 512-bit vectors.
//
// Inner instruction: vpdpwssd, two int16 products a lane added to int32. sum_rows interleaves two
// rows, so that a lane holds a pair of terms of one output; dot_rows multiplies neighbours of one
// row. Headroom: kernel.h.
#include <immintrin.h>

#include <algorithm>

#include "dfp/dwconv/kernel.h"

namespace dfp {
namespace {

inline __m256i load16(const int16_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

// Lane j: values j of both rows.
inline __m512i interleave(__m256i first, __m256i second) {
  const __m512i wide = _mm512_cvtepu16_epi32(first);
  return _mm512_or_si512(wide, _mm512_slli_epi32(_mm512_cvtepu16_epi32(second), 16));
}

inline __m512i pair_of(const int16_t* weights) {
  int32_t pair;
  __builtin_memcpy(&pair, weights, sizeof pair);
  return _mm512_set1_epi32(pair);
}

// 256 * high + low; both and the result are integers below 2^53.
inline __m512d combine(__m256i high, __m256i low) {
  return _mm512_fmadd_pd(_mm512_cvtepi32_pd(high), _mm512_set1_pd(256), _mm512_cvtepi32_pd(low));
}

struct Sums {
  __m512d first, second;  // lanes 0 to 7, 8 to 15
};

// One chain of at most kDepthwiseChain terms for 16 outputs.
inline Sums run_chain(const int16_t* const* rows, const int16_t* weights, int64_t k,
                      int64_t position) {
  __m512i high = _mm512_setzero_si512(), low = high;
  int64_t kk = 0;
  for (; kk + 2 <= k; kk += 2, weights += 4) {
    const __m512i pair = interleave(load16(rows[kk] + position), load16(rows[kk + 1] + position));
    high = _mm512_dpwssd_epi32(high, pair, pair_of(weights));
    low = _mm512_dpwssd_epi32(low, pair, pair_of(weights + 2));
  }
  if (kk < k) {
    const __m512i pair = _mm512_cvtepu16_epi32(load16(rows[kk] + position));
    high = _mm512_dpwssd_epi32(high, pair, pair_of(weights));
    low = _mm512_dpwssd_epi32(low, pair, pair_of(weights + 2));
  }
  return {combine(_mm512_castsi512_si256(high), _mm512_castsi512_si256(low)),
          combine(_mm512_extracti64x4_epi64(high, 1), _mm512_extracti64x4_epi64(low, 1))};
}

void sum_rows(const int16_t* const* rows, const int16_t* weights, int64_t k, int64_t position,
              int64_t count, double scale, float* out) {
  const __m512d factor = _mm512_set1_pd(scale);
  for (int64_t p = 0; p < count; p += kDepthwiseLanes) {
    Sums sums = run_chain(rows, weights, std::min(k, kDepthwiseChain), position + p);
    for (int64_t kk = kDepthwiseChain; kk < k; kk += kDepthwiseChain) {
      const Sums more =
          run_chain(rows + kk, weights + 2 * kk, std::min(k - kk, kDepthwiseChain), position + p);
      sums.first = _mm512_add_pd(sums.first, more.first);
      sums.second = _mm512_add_pd(sums.second, more.second);
    }
    _mm256_storeu_ps(out + p, _mm512_cvtpd_ps(_mm512_mul_pd(sums.first, factor)));
    _mm256_storeu_ps(out + p + 8, _mm512_cvtpd_ps(_mm512_mul_pd(sums.second, factor)));
  }
}

inline int64_t total(__m512i lanes) {
  return _mm512_reduce_add_epi64(
      _mm512_add_epi64(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(lanes)),
                       _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(lanes, 1))));
}

void dot_rows(const int16_t* const* rows, int64_t k, int64_t position, const int16_t* high,
              const int16_t* low, int64_t count, int64_t* sums) {
  static_assert(kDepthwiseBlock / 16 <= kDepthwiseChain, "a lane sums 2 of 32 products a step");
  for (int64_t kk = 0; kk < k; kk++) {
    const int16_t* row = rows[kk] + position;
    __m512i sum_high = _mm512_setzero_si512(), sum_low = sum_high;
    for (int64_t p = 0; p < count; p += 32) {
      const __m512i values = _mm512_loadu_si512(row + p);
      sum_high = _mm512_dpwssd_epi32(sum_high, values, _mm512_loadu_si512(high + p));
      sum_low = _mm512_dpwssd_epi32(sum_low, values, _mm512_loadu_si512(low + p));
    }
    sums[kk] += 256 * total(sum_high) + total(sum_low);
  }
}

}  // namespace

extern const DepthwiseKernel depthwise_avx512vnni;
const DepthwiseKernel depthwise_avx512vnni = {"avx512vnni", sum_rows, dot_rows};

}  // namespace dfp
