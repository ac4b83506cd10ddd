// flags: -mavx2 -mfma -mbmi2
//
// Depthwise sums with 256-bit vectors.
//
// Inner instructions: vpmaddwd, two int16 products a lane, and vpaddd. sum_rows interleaves two
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

inline __m256i pair_of(const int16_t* weights) {
  int32_t pair;
  __builtin_memcpy(&pair, weights, sizeof pair);
  return _mm256_set1_epi32(pair);
}

// 256 * high + low; both and the result are integers below 2^53.
inline __m256d combine(__m128i high, __m128i low) {
  return _mm256_fmadd_pd(_mm256_cvtepi32_pd(high), _mm256_set1_pd(256), _mm256_cvtepi32_pd(low));
}

// The unpack instructions work in halves: `even` holds outputs 0 to 3 and 8 to 11, `odd` the rest.
struct Accumulators {
  __m256i high_even, low_even, high_odd, low_odd;

  void add(__m256i first, __m256i second, const int16_t* weights) {
    const __m256i even = _mm256_unpacklo_epi16(first, second);
    const __m256i odd = _mm256_unpackhi_epi16(first, second);
    const __m256i high = pair_of(weights), low = pair_of(weights + 2);
    high_even = _mm256_add_epi32(high_even, _mm256_madd_epi16(even, high));
    low_even = _mm256_add_epi32(low_even, _mm256_madd_epi16(even, low));
    high_odd = _mm256_add_epi32(high_odd, _mm256_madd_epi16(odd, high));
    low_odd = _mm256_add_epi32(low_odd, _mm256_madd_epi16(odd, low));
  }
};

struct Sums {
  __m256d quarter[4];  // outputs 0 to 3, 4 to 7, ...
};

// One chain of at most kDepthwiseChain terms for 16 outputs.
inline Sums run_chain(const int16_t* const* rows, const int16_t* weights, int64_t k,
                      int64_t position) {
  const __m256i zero = _mm256_setzero_si256();
  Accumulators acc{zero, zero, zero, zero};
  int64_t kk = 0;
  for (; kk + 2 <= k; kk += 2, weights += 4) {
    acc.add(load16(rows[kk] + position), load16(rows[kk + 1] + position), weights);
  }
  if (kk < k) acc.add(load16(rows[kk] + position), zero, weights);
  return {
      combine(_mm256_castsi256_si128(acc.high_even), _mm256_castsi256_si128(acc.low_even)),
      combine(_mm256_castsi256_si128(acc.high_odd), _mm256_castsi256_si128(acc.low_odd)),
      combine(_mm256_extracti128_si256(acc.high_even, 1),
              _mm256_extracti128_si256(acc.low_even, 1)),
      combine(_mm256_extracti128_si256(acc.high_odd, 1), _mm256_extracti128_si256(acc.low_odd, 1))};
}

void sum_rows(const int16_t* const* rows, const int16_t* weights, int64_t k, int64_t position,
              int64_t count, double scale, float* out) {
  const __m256d factor = _mm256_set1_pd(scale);
  for (int64_t p = 0; p < count; p += kDepthwiseLanes) {
    Sums sums = run_chain(rows, weights, std::min(k, kDepthwiseChain), position + p);
    for (int64_t kk = kDepthwiseChain; kk < k; kk += kDepthwiseChain) {
      const Sums more =
          run_chain(rows + kk, weights + 2 * kk, std::min(k - kk, kDepthwiseChain), position + p);
      for (int i = 0; i < 4; i++) sums.quarter[i] = _mm256_add_pd(sums.quarter[i], more.quarter[i]);
    }
    for (int i = 0; i < 4; i++) {
      _mm_storeu_ps(out + p + 4 * i, _mm256_cvtpd_ps(_mm256_mul_pd(sums.quarter[i], factor)));
    }
  }
}

inline int64_t total(__m256i lanes) {
  const __m256i wide = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(lanes)),
                                        _mm256_cvtepi32_epi64(_mm256_extracti128_si256(lanes, 1)));
  const __m128i half =
      _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  return _mm_extract_epi64(half, 0) + _mm_extract_epi64(half, 1);
}

void dot_rows(const int16_t* const* rows, int64_t k, int64_t position, const int16_t* high,
              const int16_t* low, int64_t count, int64_t* sums) {
  static_assert(kDepthwiseBlock / 8 <= kDepthwiseChain, "a lane sums 2 of 16 products a step");
  for (int64_t kk = 0; kk < k; kk++) {
    const int16_t* row = rows[kk] + position;
    __m256i sum_high = _mm256_setzero_si256(), sum_low = sum_high;
    for (int64_t p = 0; p < count; p += 16) {
      const __m256i values = load16(row + p);
      sum_high = _mm256_add_epi32(sum_high, _mm256_madd_epi16(values, load16(high + p)));
      sum_low = _mm256_add_epi32(sum_low, _mm256_madd_epi16(values, load16(low + p)));
    }
    sums[kk] += 256 * total(sum_high) + total(sum_low);
  }
}

}  // namespace

extern const DepthwiseKernel depthwise_avx2;
const DepthwiseKernel depthwise_avx2 = {"avx2", sum_rows, dot_rows};

}  // namespace dfp
