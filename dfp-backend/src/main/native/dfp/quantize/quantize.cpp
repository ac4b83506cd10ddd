// Whole tensors: walks any strides in runs and gives each run to the kernel of the instruction set.
#include "dfp/quantize/quantize.h"

#include <xmmintrin.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "dfp/base/isa.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {
namespace {

constexpr int64_t kRunLength = 16384;   // elements a thread takes at a time
constexpr int64_t kScanLength = 2048;   // elements that stay in the L1 cache from pass to pass
constexpr int64_t kPieceLength = 256;   // elements that are quantized while as many are fetched
constexpr int64_t kAhead = 1024;        // how far behind them those lie
constexpr int64_t kBufferLength = 512;  // elements gathered at a time where they lie apart

// The dimensions of a tensor sorted by stride and merged where they follow one another in memory:
// the fewest and longest runs that visit every element, in an order that does not matter to the
// caller.
struct MemoryOrder {
  int rank = 0;
  int64_t shape[kMaxRank] = {};
  int64_t strides[kMaxRank] = {};

  explicit MemoryOrder(const Strided& x) {
    int order[kMaxRank];
    int count = 0;
    for (int i = 0; i < x.rank; i++) {
      if (x.shape[i] != 1) order[count++] = i;
    }
    std::stable_sort(order, order + count,
                     [&](int a, int b) { return x.strides[a] > x.strides[b]; });
    for (int i = 0; i < count; i++) {
      const int64_t length = x.shape[order[i]], stride = x.strides[order[i]];
      if (rank > 0 && strides[rank - 1] == stride * length) {
        shape[rank - 1] *= length;
        strides[rank - 1] = stride;
      } else {
        shape[rank] = length;
        strides[rank] = stride;
        rank++;
      }
    }
    if (rank == 0) {
      rank = 1;
      shape[0] = strides[0] = 1;
    }
  }

  int64_t run_length() const { return shape[rank - 1]; }
  int64_t run_stride() const { return strides[rank - 1]; }
  int64_t runs() const {
    int64_t count = 1;
    for (int i = 0; i < rank - 1; i++) count *= shape[i];
    return count;
  }
  int64_t offset_of(int64_t run) const {
    int64_t offset = 0;
    for (int i = rank - 2; i >= 0; i--) {
      offset += run % shape[i] * strides[i];
      run /= shape[i];
    }
    return offset;
  }
};

// Calls body(values, count, at) for pieces of a run, gathered where they lie apart; `at` counts the
// run's elements before the piece.
template <class Body>
void for_pieces(const float* x, int64_t stride, int64_t count, const Body& body) {
  if (stride == 1) {
    for (int64_t at = 0; at < count; at += kScanLength) {
      body(x + at, std::min(kScanLength, count - at), at);
    }
    return;
  }
  float buffer[kBufferLength];
  for (int64_t at = 0; at < count; at += kBufferLength) {
    const int64_t length = std::min(kBufferLength, count - at);
    const float* from = x + at * stride;
    for (int64_t i = 0; i < length; i++) buffer[i] = from[i * stride];
    body(static_cast<const float*>(buffer), length, at);
  }
}

// Hardware prefetchers stop at the end of a page, and while a panel is packed.
void prefetch(const float* from, int64_t count) {
  constexpr int64_t kLine = 16;
  for (int64_t i = 0; i < count; i += kLine) {
    _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T0);
  }
}

}  // namespace

Quantization::Quantization(int exponent, Rounding how, int headroom, uint64_t random_seed)
    : limit(32767 >> headroom), rounding(how), seed(random_seed) {
  const int one = std::clamp(-exponent, -126, 127);
  first = std::ldexp(1.0f, one);
  second = std::ldexp(1.0f, -exponent - one);
}

#define DFP_QUANTIZE_KERNEL(isa, kernel) extern const QuantizeKernel quantize_##kernel;
#include "dfp/quantize/kernels.inc"
#undef DFP_QUANTIZE_KERNEL

const QuantizeKernel& quantize_kernel(int isa) {
#define DFP_QUANTIZE_KERNEL(isa, kernel) &quantize_##kernel,
  static const QuantizeKernel* const kTable[] = {
#include "dfp/quantize/kernels.inc"
  };
#undef DFP_QUANTIZE_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

uint64_t mix_layout(const Strided& x) {
  uint64_t hash = 0;
  for (int i = 0; i < x.rank; i++) {
    if (x.shape[i] == 1) continue;
    hash = (hash ^ static_cast<uint64_t>(x.shape[i])) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ static_cast<uint64_t>(x.strides[i])) * 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 31;
  }
  return hash;
}

Scan scan(int isa, const Strided& x, int threads, bool with_fingerprint) {
  const QuantizeKernel& kernel = quantize_kernel(isa);
  const MemoryOrder order(x);
  const int64_t pieces = div_up(order.run_length(), kRunLength);
  LargestBits max;
  std::atomic<uint64_t> sum{0};
  const int64_t units = x.elements() < kRunLength ? 1 : order.runs() * pieces;
  const int64_t per_unit = div_up(order.runs() * pieces, units);
  parallel_for(threads, units, [&](int64_t unit, int) {
    uint32_t unit_max = 0;
    uint64_t unit_sum = 0;
    for (int64_t i = unit * per_unit; i < (unit + 1) * per_unit; i++) {
      const int64_t run = i / pieces, start = i % pieces * kRunLength;
      const int64_t length = std::min(kRunLength, order.run_length() - start);
      const float* from = x.data + order.offset_of(run) + start * order.run_stride();
      for_pieces(from, order.run_stride(), length, [&](const float* values, int64_t n, int64_t at) {
        unit_max = std::max(unit_max, kernel.max_bits(values, n));
        if (with_fingerprint) {
          const int64_t index = run * order.run_length() + start + at;
          unit_sum += kernel.fingerprint(values, n, static_cast<uint64_t>(index));
        }
      });
    }
    max.add(unit_max);
    sum.fetch_add(unit_sum, std::memory_order_relaxed);
  });
  Scan result{};
  result.amax = max.amax();
  result.finite = max.bits() < 0x7f800000u;
  result.fingerprint = sum.load() ^ mix_layout(x);
  return result;
}

float LargestBits::amax() const {
  const uint32_t largest = bits();
  float amax;
  std::memcpy(&amax, &largest, sizeof amax);
  return amax;
}

uint32_t quantize_run(const QuantizeKernel& kernel, const float* x, int64_t stride, int64_t count,
                      const Quantization& how, uint64_t first, uint64_t step, int16_t* mantissas) {
  uint32_t max = 0;
  for_pieces(x, stride, count, [&](const float* values, int64_t n, int64_t at) {
    const uint64_t index = first + static_cast<uint64_t>(at) * step;
    max = std::max(max, kernel.quantize(values, n, how, index, step, mantissas + at));
  });
  return max;
}

Seen quantize_rows(const QuantizeKernel& kernel, const Strided& x, const Quantization& how,
                   int64_t begin, int64_t end, bool with_fingerprint, int16_t* mantissas) {
  Seen seen;
  if (x.is_dense()) {
    for (int64_t at = begin; at < end; at += kPieceLength) {
      const int64_t length = std::min(kPieceLength, end - at);
      prefetch(x.data + at + kAhead, std::min(kPieceLength, end - at - kAhead));
      const auto index = static_cast<uint64_t>(at);
      int16_t* to = mantissas + (at - begin);
      const uint32_t max = with_fingerprint
                               ? kernel.quantize_and_fingerprint(x.data + at, length, how, index, 1,
                                                                 to, index, &seen.fingerprint)
                               : kernel.quantize(x.data + at, length, how, index, 1, to);
      seen.max_bits = std::max(seen.max_bits, max);
    }
    return seen;
  }
  const int last = x.rank - 1;
  for (int64_t at = begin; at < end; at += x.shape[last]) {
    int64_t offset = 0, rest = at / x.shape[last];
    for (int i = last - 1; i >= 0; i--) {
      offset += rest % x.shape[i] * x.strides[i];
      rest /= x.shape[i];
    }
    const uint32_t max = quantize_run(kernel, x.data + offset, x.strides[last], x.shape[last], how,
                                      static_cast<uint64_t>(at), 1, mantissas + (at - begin));
    seen.max_bits = std::max(seen.max_bits, max);
  }
  return seen;
}

float quantize_dense(int isa, const Strided& x, const Quantization& how, int threads,
                     int16_t* mantissas) {
  constexpr int64_t kRowsAtATime = 16;  // neighbours share cache lines where rows lie across them
  const int64_t count = x.elements();
  const int64_t length = x.is_dense() ? kRunLength : kRowsAtATime * x.shape[x.rank - 1];
  LargestBits max;
  parallel_for(threads, div_up(count, length), [&](int64_t unit, int) {
    const int64_t begin = unit * length, end = std::min(begin + length, count);
    max.add(
        quantize_rows(quantize_kernel(isa), x, how, begin, end, false, mantissas + begin).max_bits);
  });
  return max.amax();
}

}  // namespace dfp
