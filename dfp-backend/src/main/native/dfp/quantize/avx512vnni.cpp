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

// The fingerprint of values whose index counts from `first`, 16 at a time.
class Fingerprint {
 public:
  explicit Fingerprint(uint64_t first) {
    alignas(64) uint64_t counters[16];
    for (uint64_t i = 0; i < 16; i++) counters[i] = (first + i) * kFingerprintStep;
    low_ = _mm512_load_si512(counters);
    high_ = _mm512_load_si512(counters + 8);
  }

  void add(__m512i bits) { add(bits, 0xffff); }

  // The first values, as many as the mask has bits.
  void add(__m512i bits, __mmask16 mask) {
    const __m512i low = mixed(low_, _mm512_castsi512_si256(bits));
    const __m512i high = mixed(high_, _mm512_extracti64x4_epi64(bits, 1));
    sums_[0] = _mm512_mask_add_epi64(sums_[0], static_cast<__mmask8>(mask), sums_[0], low);
    sums_[1] = _mm512_mask_add_epi64(sums_[1], static_cast<__mmask8>(mask >> 8), sums_[1], high);
    const __m512i step = _mm512_set1_epi64(static_cast<int64_t>(16 * kFingerprintStep));
    low_ = _mm512_add_epi64(low_, step);
    high_ = _mm512_add_epi64(high_, step);
  }

  uint64_t sum() const {
    // Not _mm512_reduce_add_epi64, which adds signed integers in g++'s header: they may overflow.
    alignas(64) uint64_t lanes[8];
    _mm512_store_si512(lanes, _mm512_add_epi64(sums_[0], sums_[1]));
    uint64_t sum = 0;
    for (const uint64_t lane : lanes) sum += lane;
    return sum;
  }

 private:
  static __m512i mixed(__m512i counters, __m256i bits) {
    __m512i z = _mm512_add_epi64(counters, _mm512_cvtepu32_epi64(bits));
    z = _mm512_xor_si512(z, _mm512_srli_epi64(z, 32));
    z = _mm512_mullo_epi64(z, _mm512_set1_epi64(static_cast<int64_t>(kFingerprintFactor)));
    return _mm512_xor_si512(z, _mm512_srli_epi64(z, 29));
  }

  __m512i low_, high_;
  __m512i sums_[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
};

constexpr __mmask16 first_lanes(int64_t count) {
  return static_cast<__mmask16>(count < 16 ? (1u << count) - 1 : 0xffff);
}

uint64_t fingerprint(const float* x, int64_t count, uint64_t first) {
  Fingerprint fingerprint(first);
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) fingerprint.add(_mm512_loadu_si512(x + i));
  const __mmask16 mask = first_lanes(count - i);
  if (mask != 0) fingerprint.add(_mm512_maskz_loadu_epi32(mask, x + i), mask);
  return fingerprint.sum();
}

// 16 mantissas: vcvtps2dq rounds to nearest even; |x * 2^-E| <= 2^15, so it does not overflow where
// E was made for x.
inline __m256i nearest_even(__m512 x, __m512 first, __m512 second, __m512i limit) {
  const __m512i y = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_mul_ps(x, first), second));
  const __m512i least = _mm512_sub_epi32(_mm512_setzero_si512(), limit);
  return _mm512_cvtepi32_epi16(_mm512_max_epi32(_mm512_min_epi32(y, limit), least));
}

// Fingerprint: none, or a class with its functions.
template <class Fingerprint>
uint32_t quantize_nearest_even(const float* x, int64_t count, const Quantization& how,
                               int16_t* mantissas, Fingerprint& fingerprint) {
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
    fingerprint.add(_mm512_castps_si512(values));
  }
  if (i < count) {
    const __mmask16 mask = first_lanes(count - i);
    const __m512 values = _mm512_maskz_loadu_ps(mask, x + i);
    max = _mm512_max_epu32(max, _mm512_and_si512(_mm512_castps_si512(values), magnitude));
    _mm256_mask_storeu_epi16(mantissas + i, mask, nearest_even(values, scale1, scale2, limit));
    fingerprint.add(_mm512_castps_si512(values), mask);
  }
  return _mm512_reduce_max_epu32(max);
}

struct NoFingerprint {
  void add(__m512i /*bits*/) {}
  void add(__m512i /*bits*/, __mmask16 /*mask*/) {}
};

uint32_t quantize(const float* x, int64_t count, const Quantization& how, uint64_t first,
                  uint64_t step, int16_t* mantissas) {
  if (how.rounding != Rounding::kNearestEven) {
    quantize_other(x, count, how, first, step, mantissas);
    return max_bits(x, count);
  }
  NoFingerprint none;
  return quantize_nearest_even(x, count, how, mantissas, none);
}

uint32_t quantize_and_fingerprint(const float* x, int64_t count, const Quantization& how,
                                  uint64_t first, uint64_t step, int16_t* mantissas, uint64_t at,
                                  uint64_t* sum) {
  if (how.rounding != Rounding::kNearestEven) {
    *sum += fingerprint(x, count, at);
    return quantize(x, count, how, first, step, mantissas);
  }
  Fingerprint seen(at);
  const uint32_t max = quantize_nearest_even(x, count, how, mantissas, seen);
  *sum += seen.sum();
  return max;
}

}  // namespace

extern const QuantizeKernel quantize_avx512vnni;
const QuantizeKernel quantize_avx512vnni = {"avx512vnni", max_bits, fingerprint, quantize,
                                            quantize_and_fingerprint};

}  // namespace dfp
