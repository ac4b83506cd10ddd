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
  static constexpr bool kEstimates = true;

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
  // For convert_tile: a single chain, and sums of any number of them.
  static void store_scaled(float* to, Type sums, float scale) {
    _mm512_storeu_ps(to, _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_set1_ps(scale)));
  }
  static void store_fused(float* to, Type high, Type low, float scale, float scale23) {
    const Type seven_bits = _mm512_slli_epi32(_mm512_and_si512(high, _mm512_set1_epi32(127)), 16);
    const Type lo = _mm512_or_si512(seven_bits, _mm512_and_si512(low, _mm512_set1_epi32(0xffff)));
    const __m512 least = _mm512_mul_ps(_mm512_cvtepi32_ps(lo), _mm512_set1_ps(scale));
    const __m512 hi = _mm512_cvtepi32_ps(_mm512_srai_epi32(high, 7));
    _mm512_storeu_ps(to, _mm512_fmadd_ps(hi, _mm512_set1_ps(scale23), least));
  }
  // sum + round(x^2 / 2^15) of both mantissas of a lane.
  static Type add_squares(Type sum, Type x) {
    return _mm512_dpwssd_epi32(sum, _mm512_mulhrs_epi16(x, x), _mm512_set1_epi16(1));
  }
};
using Norms = NormsOfLanes<Vec>;

// Products of one 16x16 transposition of dwords.
constexpr int kBlock = 32;

template <class Values>
void pack_rows(const int16_t* const* rows, int count, int64_t k, const Strip* strips,
               uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kRowsBytes)) ChainNorms{};
  Norms norms;
  for (int64_t kk = 0; kk < k; kk += kBlock) {
    const Values values(kk, k, strips);
    __m512i block[16];
    for (int i = 0; i < 16; i++) block[i] = i < count ? values(rows[i]) : Vec::zero();
    transpose16(block);
    const int64_t steps = std::min<int64_t>(kBlock, k - kk + 1) / kStep;
    for (int64_t i = 0; i < steps; i++, panel += kRowsBytes) {
      _mm512_mask_storeu_epi32(panel, (1 << kRows) - 1, block[i]);
      norms.add(block[i]);
    }
  }
  norms.merge_into(largest);
}

void pack_a(const int16_t* const* rows, int count, int64_t k, const Strip* strips, uint8_t* panel) {
  const auto pack = strips == nullptr ? pack_rows<RunValues> : pack_rows<LaneValues>;
  pack(rows, count, k, strips, panel);
}

// The rows lie far apart, so no hardware prefetcher follows them from panel to panel.
constexpr int64_t kPrefetch = 2 * kColumns;
inline void prefetch(const int16_t* from) {
  _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0);
}

template <class Pairs>
void pack_strip(const int16_t* const* rows, int64_t k, const Strip& strip, uint8_t* to,
                ChainNorms* largest) {
  static constexpr int16_t kZeros[kStripSpan] = {};
  const Pairs pairs(strip);
  Norms norms;
  for (int64_t kk = 0; kk < k; kk += kStep, to += kColumnsBytes) {
    const int16_t* second = kk + 1 < k ? rows[kk + 1] + strip.position : kZeros;
    prefetch(rows[kk] + strip.position + kPrefetch);
    prefetch(second + kPrefetch);
    const __m512i pair = pairs(rows[kk] + strip.position, second);
    Vec::store(to, pair);
    norms.add(pair);
  }
  norms.merge_into(largest);
}

void pack_b(const int16_t* const* rows, int64_t k, const Strip* strips, int count, uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kColumnsBytes)) ChainNorms{};
  for (int s = 0; s < kColumns / kStripLanes; s++) {
    uint8_t* to = panel + s * 64;
    if (s >= count) {
      for (int64_t kk = 0; kk < k; kk += kStep, to += kColumnsBytes) Vec::store(to, Vec::zero());
      continue;
    }
    const auto pack = strips[s].is_run() ? pack_strip<RunPairs> : pack_strip<LanePairs>;
    pack(rows, k, strips[s], to, largest);
  }
}

template <class Values>
void pack_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                  uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kColumnsBytes)) ChainNorms{};
  for (int s = 0; s < kColumns / kStripLanes; s++) {
    Norms norms;
    for (int64_t kk = 0; kk < k; kk += kBlock) {
      const Values values(kk, k, strips);
      const int64_t left = std::min<int64_t>(kBlock, k - kk);
      __m512i block[16];
      for (int j = 0; j < kStripLanes; j++) {
        const int column = s * kStripLanes + j;
        block[j] = column < count ? values(columns[column]) : Vec::zero();
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

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                    uint8_t* panel) {
  const auto pack = strips == nullptr ? pack_columns<RunValues> : pack_columns<LaneValues>;
  pack(columns, count, k, strips, panel);
}

// --- Estimates from byte products
// --------------------------------------------------------------------------------------
//
// With h(x) the high byte of x + 128 (saturated), |x - 256 h(x)| <= 255, so
//
//   |a*b - 2^16 h(a) h(b)| <= 255 * (|256 h(a)| + |b|) <= 255 * (32768 + 32767)
//
// and T = sum of h(a) h(b) over kEstimated products is near enough. vpdpbusd adds four products a
// lane of unsigned and signed bytes; h(a) + 128 is unsigned, and 128 * sum of h(b) is taken off at
// the end.

constexpr int64_t kEstimated = 128;
static_assert(kEstimated * 255 * (32768 + 32767) < (int64_t{1} << 31) - (1 << 16),
              "the estimate of a chain is near enough");

// Bytes h(x) of two steps, four products a lane.
inline __m512i high_bytes(__m512i first, __m512i second) {
  const __m512i half = _mm512_set1_epi16(128), even = _mm512_set1_epi32(0x00ff00ff);
  constexpr int kSelect = 0xd8;  // where the third operand is set the second one, else the first
  return _mm512_ternarylogic_epi32(_mm512_adds_epi16(second, half),
                                   _mm512_srli_epi32(_mm512_adds_epi16(first, half), 8), even,
                                   kSelect);
}

template <int kTileRows>
struct EstimatedSums {
  __m512i low[2 * kTileRows];       // mod 2^32
  __m512i estimate[2 * kTileRows];  // sum of (h(a) + 128) * h(b)
  __m512i column_sum[2];            // sum of h(b)
};

// Adds 2 * `pairs` steps. Not inlined, as run_tile.
template <int kTileRows>
__attribute__((noinline)) void add_estimated(const int32_t* a, const uint8_t* b, int64_t pairs,
                                             EstimatedSums<kTileRows>& sums) {
  const __m512i sign = _mm512_set1_epi8(-128), ones = _mm512_set1_epi8(1);
  __m512i low[2 * kTileRows], estimate[2 * kTileRows];
  __m512i column_sum0 = sums.column_sum[0], column_sum1 = sums.column_sum[1];
#pragma GCC unroll 8
  for (int i = 0; i < 2 * kTileRows; i++) {
    low[i] = sums.low[i];
    estimate[i] = sums.estimate[i];
  }
  for (; pairs > 0; pairs--, a += 2 * kRows, b += 2 * kColumnsBytes) {
    const __m512i b00 = Vec::load(b), b01 = Vec::load(b + 64);
    const __m512i b10 = Vec::load(b + 128), b11 = Vec::load(b + 192);
    const __m512i h0 = high_bytes(b00, b10), h1 = high_bytes(b01, b11);
    column_sum0 = _mm512_dpbusd_epi32(column_sum0, ones, h0);
    column_sum1 = _mm512_dpbusd_epi32(column_sum1, ones, h1);
#pragma GCC unroll 4
    for (int i = 0; i < kTileRows; i++) {
      const __m512i a0 = Vec::broadcast(a[i]), a1 = Vec::broadcast(a[kRows + i]);
      const __m512i h = _mm512_xor_si512(high_bytes(a0, a1), sign);
      low[2 * i] = Vec::add_products(low[2 * i], b00, a0);
      low[2 * i + 1] = Vec::add_products(low[2 * i + 1], b01, a0);
      estimate[2 * i] = _mm512_dpbusd_epi32(estimate[2 * i], h, h0);
      estimate[2 * i + 1] = _mm512_dpbusd_epi32(estimate[2 * i + 1], h, h1);
      low[2 * i] = Vec::add_products(low[2 * i], b10, a1);
      low[2 * i + 1] = Vec::add_products(low[2 * i + 1], b11, a1);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < 2 * kTileRows; i++) {
    sums.low[i] = low[i];
    sums.estimate[i] = estimate[i];
  }
  sums.column_sum[0] = column_sum0;
  sums.column_sum[1] = column_sum1;
}

template <int kTileRows, int kTileOfRows, int kTileColumns>
void run_estimated(const uint8_t* a, const uint8_t* b, int64_t steps, int row,
                   TileSums<kTileOfRows, kTileColumns>& tile) {
  const auto* pairs = reinterpret_cast<const int32_t*>(a) + row;
  int32_t *high = tile.high[row], *low = tile.low[row];
  EstimatedSums<kTileRows> sums;
  for (__m512i& lanes : sums.low) lanes = Vec::zero();
  std::memset(high, 0, 2 * kTileRows * sizeof(__m512i));
  for (int64_t start = 0; start < steps; start += kEstimated / kStep) {
    const int64_t count = std::min(steps - start, kEstimated / kStep);
    for (__m512i& lanes : sums.estimate) lanes = Vec::zero();
    sums.column_sum[0] = sums.column_sum[1] = Vec::zero();
    add_estimated(pairs, b, count / 2, sums);
    if (count % 2 != 0) {
      // The last step, and one of zeros.
      int32_t last_a[2 * kRows] = {};
      alignas(64) uint8_t last_b[2 * kColumnsBytes] = {};
      std::memcpy(last_a, pairs + (count - 1) * kRows, kTileRows * sizeof *last_a);
      std::memcpy(last_b, b + (count - 1) * kColumnsBytes, kColumnsBytes);
      add_estimated(last_a, last_b, 1, sums);
    }
    pairs += count * kRows;
    b += count * kColumnsBytes;
    for (int i = 0; i < 2 * kTileRows; i++) {
      const __m512i estimate =
          Vec::subtract(sums.estimate[i], _mm512_slli_epi32(sums.column_sum[i % 2], 7));
      const __m512i near = Vec::add(Vec::load(high + i * Vec::kLanes), estimate);
      const __m512i rest = Vec::high_half(Vec::subtract(sums.low[i], Vec::low_to_high_half(near)));
      Vec::store(high + i * Vec::kLanes, Vec::add(near, rest));
    }
  }
  for (int i = 0; i < 2 * kTileRows; i++) Vec::store(low + i * Vec::kLanes, sums.low[i]);
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
    pack_b_columns,
    pack_b,
    multiply_in_chains<Vec, kRows, Avx512Store>,
    finish_block<Avx512Store, kRows, kColumns>,
};

}  // namespace dfp
