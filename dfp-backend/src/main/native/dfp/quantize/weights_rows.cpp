// Reads rows in pieces: one is quantized while as much of a row to come is fetched.
#include "dfp/quantize/weights_rows.h"

#include <xmmintrin.h>

#include <algorithm>

namespace dfp {
namespace {

constexpr int64_t kPiece = 128;  // values

template <class T>
void prefetch(const T* from, int64_t count) {
  constexpr int64_t kInLine = 64 / static_cast<int64_t>(sizeof(T));
  for (int64_t i = 0; i < count; i += kInLine) {
    _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T0);
  }
}

}  // namespace

const int16_t* QuantizedRows::read(int64_t o, int64_t next, int64_t c, int64_t count,
                                   int /*thread*/, int16_t* /*buffer*/) {
  prefetch(mantissas_ + next * columns_ + c, count);
  return mantissas_ + o * columns_ + c;
}

const int16_t* FloatRows::read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                               int16_t* buffer) {
  const FloatWeights& w = weights_;
  Seen& seen = seen_[static_cast<std::size_t>(thread)];
  const auto step = static_cast<uint64_t>(w.column_step);
  for (int64_t at = 0; at < count; at += kPiece) {
    const int64_t length = std::min(kPiece, count - at);
    const float* from = w.x.data + o * w.pitch + c + at;
    prefetch(w.x.data + next * w.pitch + c + at, length);
    const auto index = static_cast<uint64_t>(o * w.row_step + (c + at) * w.column_step);
    const uint32_t max = w.with_fingerprint
                             ? kernel_.quantize_and_fingerprint(
                                   from, length, w.how, index, step, buffer + at,
                                   static_cast<uint64_t>(o * w.columns + c + at), &seen.fingerprint)
                             : kernel_.quantize(from, length, w.how, index, step, buffer + at);
    seen.max_bits = std::max(seen.max_bits, max);
  }
  return buffer;
}

Scan FloatRows::seen() const {
  LargestBits max;
  uint64_t fingerprint = 0;
  for (const Seen& seen : seen_) {
    max.add(seen.max_bits);
    fingerprint += seen.fingerprint;
  }
  return {max.amax(), max.bits() < 0x7f800000u, fingerprint ^ mix_layout(weights_.x)};
}

}  // namespace dfp
