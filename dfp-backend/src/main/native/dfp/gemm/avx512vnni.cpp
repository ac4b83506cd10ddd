// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni
//
// AVX-512 VNNI matrix product: 6 x 32 outputs in 24 accumulators.
//
// Inner instruction: vpdpwssd, two int16 products a lane and step. The product of two 15-bit
// mantissas leaves room for 2 of them in an int32, so A is split into two parts; chains.h has the
// bound that keeps the sums exact.
//
// Panels: A [k/2][6][high, low] dwords of two products; B [k/2][32 columns] dwords of two products.
// Registers: 24 accumulators, 2 of B, 2 of A.
#include <immintrin.h>

#include <algorithm>

#include "dfp/gemm/avx512.h"
#include "dfp/gemm/chains.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kRows = 6, kColumns = 32;

// Up to 32 values from `from`; those beyond `left` are zero.
inline __m512i load_values(const int16_t* from, int64_t left) {
  if (left >= 32) return _mm512_loadu_si512(from);
  return _mm512_maskz_loadu_epi16((__mmask32{1} << left) - 1, from);
}

void pack_a(const int16_t* const* rows, int count, int64_t k, uint8_t* panel) {
  constexpr int kBlock = 32;  // products of one 16x16 transposition of dwords
  constexpr int kParts = 2 * kRows;
  for (int64_t kk = 0; kk < k; kk += kBlock) {
    __m512i block[16];
    for (int i = 0; i < 16; i++) block[i] = _mm512_setzero_si512();
    for (int i = 0; i < count; i++) {
      const __m512i value = load_values(rows[i] + kk, k - kk);
      const __m512i low = _mm512_srai_epi16(_mm512_slli_epi16(value, 8), 8);
      block[2 * i] = _mm512_add_epi16(_mm512_srai_epi16(value, 8), _mm512_srli_epi16(low, 15));
      block[2 * i + 1] = low;
    }
    transpose16(block);
    const int64_t steps = std::min<int64_t>(kBlock, k - kk + 1) / kStep;
    for (int64_t i = 0; i < steps; i++, panel += kParts * 4) {
      _mm512_mask_storeu_epi32(panel, (1 << kParts) - 1, block[i]);
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
      const int64_t left = std::min<int64_t>(kBlock, k - kk);
      __m512i block[16];
      for (int j = 0; j < kStripLanes; j++) {
        const int column = s * kStripLanes + j;
        block[j] =
            column < count ? load_values(columns[column] + kk, left) : _mm512_setzero_si512();
      }
      transpose16(block);
      uint8_t* to = panel + kk / kStep * kColumns * 4 + s * 64;
      for (int i = 0; i < (left + 1) / kStep; i++)
        _mm512_store_si512(to + i * kColumns * 4, block[i]);
    }
  }
}

// Runs one tile over one chain of `steps` steps. Not inlined: in the middle of the caller's loops
// g++ keeps the accumulators in memory.
__attribute__((noinline)) void run_chain(const uint8_t* a, const uint8_t* b, int64_t steps,
                                         Accumulators<kRows, kColumns>& result) {
  constexpr int kParts = 2 * kRows;
  __m512i acc[2 * kParts];
#pragma GCC unroll 24
  for (int i = 0; i < 2 * kParts; i++) acc[i] = _mm512_setzero_si512();
  const auto* parts = reinterpret_cast<const int32_t*>(a);
  for (int64_t step = 0; step < steps; step++, parts += kParts, b += kColumns * 4) {
    const __m512i b0 = _mm512_load_si512(b), b1 = _mm512_load_si512(b + 64);
#pragma GCC unroll 12
    for (int i = 0; i < kParts; i++) {
      const __m512i part = _mm512_set1_epi32(parts[i]);
      acc[2 * i] = _mm512_dpwssd_epi32(acc[2 * i], b0, part);
      acc[2 * i + 1] = _mm512_dpwssd_epi32(acc[2 * i + 1], b1, part);
    }
  }
  int32_t* to = result.lanes[0][0];
#pragma GCC unroll 24
  for (int i = 0; i < 2 * kParts; i++) _mm512_store_si512(to + i * 16, acc[i]);
}

}  // namespace

extern const GemmKernel gemm_avx512vnni;
const GemmKernel gemm_avx512vnni = {
    "avx512vnni",
    kRows,
    kColumns,
    kStep,
    4,
    2,
    INT64_MAX,
    pack_a,
    pack_b,
    pack_b_columns,
    multiply_in_chains<kRows, kColumns, run_chain, Avx512Store>,
    finish_block<Avx512Store, kRows, kColumns>,
};

}  // namespace dfp
