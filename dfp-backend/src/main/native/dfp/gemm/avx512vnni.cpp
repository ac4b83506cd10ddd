// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni
//
// AVX-512 VNNI matrix product: 6 x 32 outputs in 24 accumulators.
//
// Inner instruction: vpdpwssd, two int16 products a lane and step. The product of two 15-bit
// mantissas leaves room for 2 of them in an int32, so A is split into a high and a low part,
//
//   a = 256 * high + low      -128 <= high <= 128      -128 <= low <= 127
//
// and each part has its own accumulator. Headroom: |part * b| <= 128 * 32767, so kChain products
// sum to at most 512 * 128 * 32767 = 2 147 418 112 < 2^31 (asserted below). After a chain the
// accumulators are added into int64 sums.
//
// Panels: A [k/2][6][high, low] dwords of two products; B [k/2][32 columns] dwords of two products.
// Registers: 24 accumulators, 2 of B, 2 of A.
#include <immintrin.h>

#include "dfp/gemm/avx512.h"
#include "dfp/gemm/epilogue.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kRows = 6, kColumns = 32, kStep = 2;
constexpr int64_t kChain = 512;
static_assert(kChain * 128 * 32767 <= INT32_MAX, "a chain fits int32");
static_assert(kChain % kStep == 0, "a chain is whole steps");

void pack_a(const int16_t* const* rows, int count, int64_t k, uint8_t* panel) {
  auto* to = reinterpret_cast<int16_t*>(panel);
  const int64_t padded = (k + kStep - 1) / kStep * kStep;
  for (int i = 0; i < kRows; i++) {
    for (int64_t kk = 0; kk < padded; kk++) {
      const int value = i < count && kk < k ? rows[i][kk] : 0;
      const int low = static_cast<int8_t>(value & 0xff);
      int16_t* pair = to + (kk / kStep * kRows + i) * 2 * kStep + kk % kStep;
      pair[0] = static_cast<int16_t>((value - low) >> 8);
      pair[kStep] = static_cast<int16_t>(low);
    }
  }
}

void pack_b(const int16_t* const* rows, int64_t k, const int64_t* positions, int count,
            uint8_t* panel) {
  static constexpr int16_t kZeros[kStripLanes] = {};
  for (int s = 0; s < kColumns / kStripLanes; s++) {
    uint8_t* to = panel + s * 64;
    for (int64_t kk = 0; kk < k; kk += kStep, to += kColumns * 4) {
      __m512i pair = _mm512_setzero_si512();
      if (s < count) {
        const int16_t* second = kk + 1 < k ? rows[kk + 1] + positions[s] : kZeros;
        pair = interleave(rows[kk] + positions[s], second);
      }
      _mm512_store_si512(to, pair);
    }
  }
}

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, uint8_t* panel) {
  constexpr int kBlock = 32;  // products of one 16x16 transposition of dwords
  for (int s = 0; s < kColumns / kStripLanes; s++) {
    for (int64_t kk = 0; kk < k; kk += kBlock) {
      const auto left = static_cast<int>(k - kk < kBlock ? k - kk : kBlock);
      const __mmask32 mask = left == kBlock ? ~__mmask32{0} : (__mmask32{1} << left) - 1;
      __m512i block[16];
      for (int j = 0; j < kStripLanes; j++) {
        const int column = s * kStripLanes + j;
        block[j] = column < count ? _mm512_maskz_loadu_epi16(mask, columns[column] + kk)
                                  : _mm512_setzero_si512();
      }
      transpose16(block);
      uint8_t* to = panel + kk / kStep * kColumns * 4 + s * 64;
      for (int i = 0; i < (left + 1) / kStep; i++)
        _mm512_store_si512(to + i * kColumns * 4, block[i]);
    }
  }
}

// sums[6][32] <- or += 256 * high + low.
template <bool kAdd>
inline void drain(const __m512i (&high)[kRows][2], const __m512i (&low)[kRows][2], int64_t* sums) {
#pragma GCC unroll 6
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
#pragma GCC unroll 2
      for (int half = 0; half < 2; half++) {
        int64_t* to = sums + i * kColumns + v * 16 + half * 8;
        const __m256i h = half == 0 ? _mm512_castsi512_si256(high[i][v])
                                    : _mm512_extracti64x4_epi64(high[i][v], 1);
        const __m256i l =
            half == 0 ? _mm512_castsi512_si256(low[i][v]) : _mm512_extracti64x4_epi64(low[i][v], 1);
        __m512i sum = _mm512_add_epi64(_mm512_slli_epi64(_mm512_cvtepi32_epi64(h), 8),
                                       _mm512_cvtepi32_epi64(l));
        if (kAdd) sum = _mm512_add_epi64(sum, _mm512_loadu_si512(to));
        _mm512_storeu_si512(to, sum);
      }
    }
  }
}

// One tile over one chain of `steps` steps.
template <bool kAdd>
inline void chain(const uint8_t* a, const uint8_t* b, int64_t steps, int64_t* sums) {
  __m512i high[kRows][2], low[kRows][2];
#pragma GCC unroll 6
  for (int i = 0; i < kRows; i++) {
    high[i][0] = high[i][1] = low[i][0] = low[i][1] = _mm512_setzero_si512();
  }
  const auto* parts = reinterpret_cast<const int32_t*>(a);
  for (int64_t step = 0; step < steps; step++, parts += 2 * kRows, b += kColumns * 4) {
    const __m512i b0 = _mm512_load_si512(b), b1 = _mm512_load_si512(b + 64);
#pragma GCC unroll 6
    for (int i = 0; i < kRows; i++) {
      const __m512i h = _mm512_set1_epi32(parts[2 * i]), l = _mm512_set1_epi32(parts[2 * i + 1]);
      high[i][0] = _mm512_dpwssd_epi32(high[i][0], b0, h);
      high[i][1] = _mm512_dpwssd_epi32(high[i][1], b1, h);
      low[i][0] = _mm512_dpwssd_epi32(low[i][0], b0, l);
      low[i][1] = _mm512_dpwssd_epi32(low[i][1], b1, l);
    }
  }
  drain<kAdd>(high, low, sums);
}

void multiply(const Block& block) {
  constexpr int64_t kChainSteps = kChain / kStep;
  const int64_t steps = (block.k + kStep - 1) / kStep;
  const double scale = std::ldexp(1.0, block.out.exponent);
  alignas(64) int64_t tile[kRows * kColumns];
  for (int64_t m = 0, t = 0; m < block.m; m += kRows, t++) {
    const int rows = static_cast<int>(std::min<int64_t>(kRows, block.m - m));
    for (int64_t panel = 0; panel < block.panels; panel++) {
      const uint8_t* a = block.a + t * block.a_stride;
      const uint8_t* b = block.b + panel * block.b_stride;
      int64_t* sums =
          block.sums == nullptr ? tile : block.sums + t * block.sums_row + panel * kRows * kColumns;
      bool add = block.sums != nullptr && !block.first;
      for (int64_t step = 0; step < steps; step += kChainSteps) {
        const int64_t length = std::min(kChainSteps, steps - step);
        const uint8_t* from_a = a + step * kRows * 8;
        const uint8_t* from_b = b + step * kColumns * 4;
        if (add) {
          chain<true>(from_a, from_b, length, sums);
        } else {
          chain<false>(from_a, from_b, length, sums);
        }
        add = true;
      }
      if (block.sums == nullptr) {
        finish_tile<Avx512Store, kRows, kColumns>(tile, rows, m, panel, block.out, scale);
      }
    }
  }
}

}  // namespace

extern const GemmKernel gemm_avx512vnni;
const GemmKernel gemm_avx512vnni = {
    "avx512vnni",   kRows,    kColumns,
    kStep,          4,        2,
    INT64_MAX,      pack_a,   pack_b,
    pack_b_columns, multiply, finish_block<Avx512Store, kRows, kColumns>,
};

}  // namespace dfp
