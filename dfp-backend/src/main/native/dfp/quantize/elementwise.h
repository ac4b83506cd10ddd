// The rounding rules but the nearest even one, and the fingerprint, element by element: the same
// arithmetic in every kernel, and in the plain Java quantizer. Internal linkage: each kernel file
// compiles its own copy.
#ifndef DFP_QUANTIZE_ELEMENTWISE_H
#define DFP_QUANTIZE_ELEMENTWISE_H

#include <cmath>
#include <cstdint>
#include <cstring>

#include "dfp/quantize/quantize.h"

namespace dfp {
namespace {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

// A number in [0, 1) with 24 bits: the SplitMix64 finalizer of a counter.
inline float random_unit(uint64_t seed, uint64_t index) {
  uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return static_cast<float>(static_cast<int32_t>(z >> 40)) * 0x1p-24f;
}

template <Rounding kRounding>
inline bool rounds_up(float fraction, uint64_t seed, uint64_t index) {
  switch (kRounding) {
    case Rounding::kNearestAway:
      return fraction >= 0.5f;
    case Rounding::kStochastic:
      return fraction > random_unit(seed, index);
    default:
      return false;
  }
}

template <Rounding kRounding>
inline void quantize_elements(const float* x, int64_t count, const Quantization& how,
                              uint64_t first, uint64_t step, int16_t* mantissas) {
  for (int64_t i = 0; i < count; i++) {
    const float y = x[i] * how.first * how.second;
    const float magnitude = std::fabs(y);
    // An exponent that was not made for x: no larger than what an int holds, and no NaN.
    const float whole = magnitude < 65536.0f ? std::floor(magnitude) : 65536.0f;
    const bool up =
        rounds_up<kRounding>(magnitude - whole, how.seed, first + static_cast<uint64_t>(i) * step);
    int mantissa = static_cast<int>(whole) + (up ? 1 : 0);
    mantissa = mantissa < how.limit ? mantissa : how.limit;
    mantissas[i] = static_cast<int16_t>(y < 0 ? -mantissa : mantissa);
  }
}

// Any rounding but the nearest even one, which the kernels do with their own instructions.
inline void quantize_other(const float* x, int64_t count, const Quantization& how, uint64_t first,
                           uint64_t step, int16_t* mantissas) {
  switch (how.rounding) {
    case Rounding::kStochastic:
      quantize_elements<Rounding::kStochastic>(x, count, how, first, step, mantissas);
      break;
    case Rounding::kNearestAway:
      quantize_elements<Rounding::kNearestAway>(x, count, how, first, step, mantissas);
      break;
    default:
      quantize_elements<Rounding::kTruncate>(x, count, how, first, step, mantissas);
      break;
  }
}

// Each value gives z = index * step + bits, and the fingerprint is the sum of all
//   y ^ y >> 29, y = (z ^ z >> 32) * factor
// which is another one where a single value is.
constexpr uint64_t kFingerprintStep = 0x9e3779b97f4a7c15u, kFingerprintFactor = 0xbf58476d1ce4e5b9u;

inline uint64_t fingerprint_elements(const float* x, int64_t count, uint64_t first) {
  uint64_t sum = 0, counter = first * kFingerprintStep;
  for (int64_t i = 0; i < count; i++, counter += kFingerprintStep) {
    uint64_t z = counter + bits_of(x[i]);
    z = (z ^ (z >> 32)) * kFingerprintFactor;
    sum += z ^ (z >> 29);
  }
  return sum;
}

}  // namespace
}  // namespace dfp

#endif  // DFP_QUANTIZE_ELEMENTWISE_H
