// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni
//
// AVX-512 VNNI matrix product: 12 x 32 outputs in 24 accumulators.
//
// Inner instruction: vpdpwssd, two int16 products a lane and step, added mod 2^32. chains.h has the
// bound that keeps the sums exact.
//
// Panels: A [k/2][12 rows] dwords of two products; B [k/2][32 columns] dwords of two products;
// behind either its chain norms. Registers: 24 accumulators, 2 of B, 1 of A.
#include <immintrin.h>

#include <algorithm>
#include <new>

#include "dfp/gemm/avx512.h"
#include "dfp/gemm/chains.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kRows = 12, kColumns = 32;
constexpr int kRowsBytes = kRows * kStep * 2, kColumnsBytes = kColumns * kStep * 2;

struct Vec {
  using Type = __m512i;
  static constexpr int kLanes = 16;

  static Type zero() { return _mm512_setzero_si512(); }
  static Type load(const void* from) { return _mm512_load_si512(from); }
  static void store(void* to, Type value) { _mm512_store_si512(to, value); }
  static Type broadcast(int32_t value) { return _mm512_set1_epi32(value); }
  static Type add(Type a, Type b) { return _mm512_add_epi32(a, b); }
  static Type subtract(Type a, Type b) { return _mm512_sub_epi32(a, b); }
  static Type max(Type a, Type b) { return _mm512_max_epi32(a, b); }
  static int32_t greatest(Type a) { return _mm512_reduce_max_epi32(a); }
  static Type high_half(Type a) { return _mm512_srai_epi32(a, 16); }
  static Type low_to_high_half(Type a) { return _mm512_slli_epi32(a, 16); }
  static Type add_products(Type sum, Type a, Type b) { return _mm512_dpwssd_epi32(sum, a, b); }
  // sum + round(x^2 / 2^15) of both mantissas of a lane.
  static Type add_squares(Type sum, Type x) {
    return _mm512_dpwssd_epi32(sum, _mm512_mulhrs_epi16(x, x), _mm512_set1_epi16(1));
  }
};
using Norms = NormsOfLanes<Vec>;

// Up to 32 values from `from`; those beyond `left` are zero.
inline __m512i load_values(const int16_t* from, int64_t left) {
  if (left >= 32) return _mm512_loadu_si512(from);
  return _mm512_maskz_loadu_epi16((__mmask32{1} << left) - 1, from);
}

// Products of one 16x16 transposition of dwords.
constexpr int kBlock = 32;

void pack_a(const int16_t* const* rows, int count, int64_t k, uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kRowsBytes)) ChainNorms{};
  Norms norms;
  for (int64_t kk = 0; kk < k; kk += kBlock) {
    __m512i block[16];
    for (int i = 0; i < 16; i++) {
      block[i] = i < count ? load_values(rows[i] + kk, k - kk) : _mm512_setzero_si512();
    }
    transpose16(block);
    const int64_t steps = std::min<int64_t>(kBlock, k - kk + 1) / kStep;
    for (int64_t i = 0; i < steps; i++, panel += kRowsBytes) {
      _mm512_mask_storeu_epi32(panel, (1 << kRows) - 1, block[i]);
      norms.add(block[i]);
    }
  }
  norms.merge_into(largest);
}

// The rows lie far apart, so no hardware prefetcher follows them from panel to panel.
constexpr int64_t kPrefetch = 2 * kColumns;
inline void prefetch(const int16_t* from) {
  _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0);
}

void pack_b(const int16_t* const* rows, int64_t k, const int64_t* positions, int count,
            uint8_t* panel) {
  static constexpr int16_t kZeros[kStripLanes] = {};
  ChainNorms* largest = new (norms_of(panel, k, kColumnsBytes)) ChainNorms{};
  for (int s = 0; s < kColumns / kStripLanes; s++) {
    uint8_t* to = panel + s * 64;
    if (s >= count) {
      for (int64_t kk = 0; kk < k; kk += kStep, to += kColumnsBytes) Vec::store(to, Vec::zero());
      continue;
    }
    Norms norms;
    for (int64_t kk = 0; kk < k; kk += kStep, to += kColumnsBytes) {
      const int16_t* second = kk + 1 < k ? rows[kk + 1] + positions[s] : kZeros;
      prefetch(rows[kk] + positions[s] + kPrefetch);
      prefetch(second + kPrefetch);
      const __m512i pair = interleave(rows[kk] + positions[s], second);
      _mm512_store_si512(to, pair);
      norms.add(pair);
    }
    norms.merge_into(largest);
  }
}

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kColumnsBytes)) ChainNorms{};
  for (int s = 0; s < kColumns / kStripLanes; s++) {
    Norms norms;
    for (int64_t kk = 0; kk < k; kk += kBlock) {
      const int64_t left = std::min<int64_t>(kBlock, k - kk);
      __m512i block[16];
      for (int j = 0; j < kStripLanes; j++) {
        const int column = s * kStripLanes + j;
        block[j] =
            column < count ? load_values(columns[column] + kk, left) : _mm512_setzero_si512();
      }
      transpose16(block);
      uint8_t* to = panel + kk / kStep * kColumnsBytes + s * 64;
      for (int i = 0; i < (left + 1) / kStep; i++, to += kColumnsBytes) {
        _mm512_store_si512(to, block[i]);
        norms.add(block[i]);
      }
    }
    norms.merge_into(largest);
  }
}

}  // namespace

extern const GemmKernel gemm_avx512vnni;
const GemmKernel gemm_avx512vnni = {
    "avx512vnni",
    kRows,
    kColumns,
    kStep,
    2,
    2,
    sizeof(ChainNorms),
    INT64_MAX,
    pack_a,
    pack_b,
    pack_b_columns,
    multiply_in_chains<Vec, kRows, Avx512Store>,
    finish_block<Avx512Store, kRows, kColumns>,
};

}  // namespace dfp
