// flags: -mavx2 -mfma -mbmi2
//
// AVX2 matrix product: 3 x 16 outputs in 12 accumulators.
//
// Inner instruction: vpmaddwd, two int16 products a lane, and vpaddd. A is split into two parts;
// chains.h has the bound that keeps the sums exact.
//
// Panels: A [k/2][3][high, low] dwords of two products; B [k/2][16 columns] dwords of two products.
// Registers: 12 accumulators, 2 of B, 1 of A, 1 product.
#include <immintrin.h>

#include "dfp/gemm/chains.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kRows = 3, kColumns = 16;

struct PlainStore {
  static void segment(const float* lanes, uint16_t mask, float* to, int64_t lane_stride) {
    if (mask == 0xffff && lane_stride == 1) {
      std::memcpy(to, lanes, kStripLanes * sizeof(float));
      return;
    }
    for (unsigned left = mask; left != 0; left &= left - 1, to += lane_stride) {
      *to = lanes[__builtin_ctz(left)];
    }
  }
};

// Products [kk, k) of one row, one at a time.
void split_rest(const int16_t* row, int64_t kk, int64_t k, int16_t* to) {
  for (const int64_t padded = (k + kStep - 1) / kStep * kStep; kk < padded; kk++) {
    const int value = kk < k ? row[kk] : 0;
    const int low = static_cast<int8_t>(value & 0xff);
    int16_t* pair = to + kk / kStep * kRows * 2 * kStep + kk % kStep;
    pair[0] = static_cast<int16_t>((value - low) >> 8);
    pair[kStep] = static_cast<int16_t>(low);
  }
}

void split_row(const int16_t* row, int64_t k, int16_t* to) {
  constexpr int kStepValues = kRows * 2 * kStep;
  int64_t kk = 0;
  for (; kk + 8 <= k; kk += 8) {
    const __m128i value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + kk));
    const __m128i low = _mm_srai_epi16(_mm_slli_epi16(value, 8), 8);
    const __m128i high = _mm_add_epi16(_mm_srai_epi16(value, 8), _mm_srli_epi16(low, 15));
    // Dwords (high, low) of pairs 0 and 1, of pairs 2 and 3.
    const __m128d first = _mm_castsi128_pd(_mm_unpacklo_epi32(high, low));
    const __m128d second = _mm_castsi128_pd(_mm_unpackhi_epi32(high, low));
    int16_t* step = to + kk / kStep * kStepValues;
    _mm_storel_pd(reinterpret_cast<double*>(step), first);
    _mm_storeh_pd(reinterpret_cast<double*>(step + kStepValues), first);
    _mm_storel_pd(reinterpret_cast<double*>(step + 2 * kStepValues), second);
    _mm_storeh_pd(reinterpret_cast<double*>(step + 3 * kStepValues), second);
  }
  split_rest(row, kk, k, to);
}

void pack_a(const int16_t* const* rows, int count, int64_t k, uint8_t* panel) {
  auto* to = reinterpret_cast<int16_t*>(panel);
  for (int i = 0; i < kRows; i++, to += 2 * kStep) {
    if (i < count) {
      split_row(rows[i], k, to);
    } else {
      for (int64_t step = 0; step < (k + kStep - 1) / kStep; step++) {
        std::memset(to + step * kRows * 2 * kStep, 0, 2 * kStep * sizeof *to);
      }
    }
  }
}

inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline void store(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}

void pack_b(const int16_t* const* rows, int64_t k, const int64_t* positions, int /*count*/,
            uint8_t* panel) {
  static constexpr int16_t kZeros[kStripLanes] = {};
  const int64_t position = positions[0];
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kColumns * 4) {
    const __m256i first = load(rows[kk] + position);
    const __m256i second = load(kk + 1 < k ? rows[kk + 1] + position : kZeros);
    const __m256i low = _mm256_unpacklo_epi16(first, second);
    const __m256i high = _mm256_unpackhi_epi16(first, second);
    store(panel, _mm256_permute2x128_si256(low, high, 0x20));
    store(panel + 32, _mm256_permute2x128_si256(low, high, 0x31));
  }
}

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, uint8_t* panel) {
  auto* to = reinterpret_cast<int16_t*>(panel);
  const int64_t padded = (k + kStep - 1) / kStep * kStep;
  for (int j = 0; j < kColumns; j++) {
    for (int64_t kk = 0; kk < padded; kk++) {
      to[(kk / kStep * kColumns + j) * kStep + kk % kStep] =
          j < count && kk < k ? columns[j][kk] : int16_t{0};
    }
  }
}

// Runs one tile over one chain of `steps` steps. Not inlined: in the middle of the caller's loops
// g++ keeps the accumulators in memory.
__attribute__((noinline)) void run_chain(const uint8_t* a, const uint8_t* b, int64_t steps,
                                         Accumulators<kRows, kColumns>& result) {
  constexpr int kParts = 2 * kRows;
  __m256i acc[2 * kParts];
#pragma GCC unroll 12
  for (int i = 0; i < 2 * kParts; i++) acc[i] = _mm256_setzero_si256();
  const auto* parts = reinterpret_cast<const int32_t*>(a);
  for (int64_t step = 0; step < steps; step++, parts += kParts, b += kColumns * 4) {
    const __m256i b0 = load(b), b1 = load(b + 32);
#pragma GCC unroll 6
    for (int i = 0; i < kParts; i++) {
      const __m256i part = _mm256_set1_epi32(parts[i]);
      acc[2 * i] = _mm256_add_epi32(acc[2 * i], _mm256_madd_epi16(part, b0));
      acc[2 * i + 1] = _mm256_add_epi32(acc[2 * i + 1], _mm256_madd_epi16(part, b1));
    }
  }
  int32_t* to = result.lanes[0][0];
#pragma GCC unroll 12
  for (int i = 0; i < 2 * kParts; i++) store(to + i * 8, acc[i]);
}

}  // namespace

extern const GemmKernel gemm_avx2;
const GemmKernel gemm_avx2 = {
    "avx2",
    kRows,
    kColumns,
    kStep,
    4,
    2,
    INT64_MAX,
    pack_a,
    pack_b,
    pack_b_columns,
    multiply_in_chains<kRows, kColumns, run_chain, PlainStore>,
    finish_block<PlainStore, kRows, kColumns>,
};

}  // namespace dfp
