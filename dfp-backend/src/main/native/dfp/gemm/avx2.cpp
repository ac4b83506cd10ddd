// flags: -mavx2 -mfma -mbmi2
//
// AVX2 matrix product: 6 x 16 outputs in 12 accumulators.
//
// Inner instructions: vpmaddwd, two int16 products a lane, and vpaddd, mod 2^32. chains.h has the
// bound that keeps the sums exact.
//
// Panels: A [k/2][6 rows] dwords of two products; B [k/2][16 columns] dwords of two products;
// behind either its chain norms. Registers: 12 accumulators, 2 of B, 1 of A, 1 product.
#include <immintrin.h>

#include <algorithm>
#include <new>

#include "dfp/gemm/chains.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kRows = 6, kColumns = 16;
constexpr int kRowsBytes = kRows * kStep * 2, kColumnsBytes = kColumns * kStep * 2;

struct Vec {
  using Type = __m256i;
  static constexpr int kLanes = 8;
  static constexpr bool kEstimates = false;  // byte products (vpmaddubsw) would saturate

  static Type zero() { return _mm256_setzero_si256(); }
  static Type load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }
  static void store(void* to, Type value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }
  static Type broadcast(int32_t value) { return _mm256_set1_epi32(value); }
  static Type add(Type a, Type b) { return _mm256_add_epi32(a, b); }
  static Type subtract(Type a, Type b) { return _mm256_sub_epi32(a, b); }
  static Type max(Type a, Type b) { return _mm256_max_epi32(a, b); }
  static int32_t greatest(Type a) {
    alignas(32) int32_t lanes[kLanes];
    store(lanes, a);
    return *std::max_element(lanes, lanes + kLanes);
  }
  static Type high_half(Type a) { return _mm256_srai_epi32(a, 16); }
  static Type low_to_high_half(Type a) { return _mm256_slli_epi32(a, 16); }
  static Type add_products(Type sum, Type a, Type b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
  }
  // For convert_tile: a single chain, and sums of any number of them.
  static void store_scaled(float* to, Type sums, float scale) {
    _mm256_storeu_ps(to, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_set1_ps(scale)));
  }
  static void store_fused(float* to, Type high, Type low, float scale, float scale23) {
    const Type seven_bits = _mm256_slli_epi32(_mm256_and_si256(high, _mm256_set1_epi32(127)), 16);
    const Type lo = _mm256_or_si256(seven_bits, _mm256_and_si256(low, _mm256_set1_epi32(0xffff)));
    const __m256 least = _mm256_mul_ps(_mm256_cvtepi32_ps(lo), _mm256_set1_ps(scale));
    const __m256 hi = _mm256_cvtepi32_ps(_mm256_srai_epi32(high, 7));
    _mm256_storeu_ps(to, _mm256_fmadd_ps(hi, _mm256_set1_ps(scale23), least));
  }
  // sum + round(x^2 / 2^15) of both mantissas of a lane.
  static Type add_squares(Type sum, Type x) {
    return add_products(sum, _mm256_mulhrs_epi16(x, x), _mm256_set1_epi16(1));
  }
};
using Norms = NormsOfLanes<Vec>;

struct PlainStore {
  static void segment(const float* lanes, uint16_t mask, float* to, int64_t lane_stride,
                      bool stream) {
    if (mask == 0xffff && lane_stride == 1) {
      if (stream && reinterpret_cast<uintptr_t>(to) % 64 == 0) {
        _mm256_stream_ps(to, _mm256_loadu_ps(lanes));
        _mm256_stream_ps(to + 8, _mm256_loadu_ps(lanes + 8));
        return;
      }
      std::memcpy(to, lanes, kStripLanes * sizeof(float));
      return;
    }
    for (unsigned left = mask; left != 0; left &= left - 1, to += lane_stride) {
      *to = lanes[__builtin_ctz(left)];
    }
  }
};

// Transposes an 8x8 matrix of dwords held in 8 registers.
inline void transpose8(__m256i r[8]) {
  __m256i t[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    t[2 * i] = _mm256_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  // Quarters of columns: r[4g + c] holds columns c and c+4 of rows 4g to 4g+3.
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    r[4 * i] = _mm256_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm256_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm256_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm256_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; c++) {
    t[c] = _mm256_permute2x128_si256(r[c], r[4 + c], 0x20);
    t[4 + c] = _mm256_permute2x128_si256(r[c], r[4 + c], 0x31);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) r[i] = t[i];
}

// Reads the lanes of a strip from a row, 0 where there is none.
class StripReader {
 public:
  explicit StripReader(const Strip& strip) : position_(strip.position), is_run_(strip.is_run()) {
    const __m256i cells =
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(strip.cell)));
    const __m256i none = _mm256_set1_epi8(-128);
    for (int i = 0; i < kParts; i++) {
      const __m256i in_part =
          _mm256_sub_epi16(cells, _mm256_set1_epi16(static_cast<int16_t>(i * kPartCells)));
      const __m256i outside = _mm256_and_si256(in_part, _mm256_set1_epi16(-kPartCells));
      // Value c of a part is its bytes 2c and 2c + 1.
      const __m256i bytes = _mm256_add_epi16(_mm256_mullo_epi16(in_part, _mm256_set1_epi16(0x0202)),
                                             _mm256_set1_epi16(0x0100));
      shuffle_[i] = _mm256_blendv_epi8(none, bytes, _mm256_cmpeq_epi16(outside, Vec::zero()));
    }
  }

  __m256i operator()(const int16_t* row) const {
    row += position_;
    if (is_run_) return Vec::load(row);
    __m256i lanes = Vec::zero();
    for (int i = 0; i < kParts; i++) {
      const __m256i part = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i * kPartCells)));
      lanes = _mm256_or_si256(lanes, _mm256_shuffle_epi8(part, shuffle_[i]));
    }
    return lanes;
  }

 private:
  static constexpr int kPartCells = 8;
  static constexpr int kParts = kStripSpan / kPartCells;

  int64_t position_;
  bool is_run_;
  __m256i shuffle_[kParts];  // of the bytes of a part, in both halves
};

// Products of one 8x8 transposition of dwords.
constexpr int kBlock = 16;
static_assert(kBlock == kStripLanes, "a block of k is one strip");

// kBlock values of up to 8 rows from kk on, transposed: block[i] holds step i, a dword a row. Rows
// that do not exist and values behind k are zero.
inline void load_block(const int16_t* const* rows, int count, int64_t kk, int64_t k,
                       const Strip* strips, __m256i block[8]) {
  if (strips != nullptr) {
    const StripReader read(strips[kk / kStripLanes]);
    for (int i = 0; i < 8; i++) block[i] = i < count ? read(rows[i]) : Vec::zero();
    transpose8(block);
    return;
  }
  for (int i = 0; i < 8; i++) {
    if (i >= count) {
      block[i] = Vec::zero();
    } else if (kk + kBlock <= k) {
      block[i] = Vec::load(rows[i] + kk);
    } else {
      int16_t values[kBlock] = {};
      std::copy(rows[i] + kk, rows[i] + k, values);
      block[i] = Vec::load(values);
    }
  }
  transpose8(block);
}

inline int64_t steps_of_block(int64_t kk, int64_t k) {
  return std::min<int64_t>(kBlock, k - kk + 1) / kStep;
}

void pack_a(const int16_t* const* rows, int count, int64_t k, const Strip* strips, uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kRowsBytes)) ChainNorms{};
  const __m256i six = _mm256_setr_epi32(-1, -1, -1, -1, -1, -1, 0, 0);
  Norms norms;
  for (int64_t kk = 0; kk < k; kk += kBlock) {
    __m256i block[8];
    load_block(rows, count, kk, k, strips, block);
    for (int64_t i = 0; i < steps_of_block(kk, k); i++, panel += kRowsBytes) {
      _mm256_maskstore_epi32(reinterpret_cast<int*>(panel), six, block[i]);
      norms.add(block[i]);
    }
  }
  norms.merge_into(largest);
}

// The rows lie far apart, so no hardware prefetcher follows them from panel to panel.
constexpr int64_t kPrefetch = 4 * kColumns;
inline void prefetch(const int16_t* from) {
  _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0);
}

void pack_b(const int16_t* const* rows, int64_t k, const Strip* strips, int /*count*/,
            uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kColumnsBytes)) ChainNorms{};
  const StripReader read(strips[0]);
  const int64_t ahead = strips[0].position + kPrefetch;
  Norms norms[2];
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kColumnsBytes) {
    const bool two = kk + 1 < k;
    prefetch(rows[kk] + ahead);
    if (two) prefetch(rows[kk + 1] + ahead);
    const __m256i first = read(rows[kk]);
    const __m256i second = two ? read(rows[kk + 1]) : Vec::zero();
    const __m256i low = _mm256_unpacklo_epi16(first, second);
    const __m256i high = _mm256_unpackhi_epi16(first, second);
    Vec::store(panel, _mm256_permute2x128_si256(low, high, 0x20));
    Vec::store(panel + 32, _mm256_permute2x128_si256(low, high, 0x31));
    // The lanes' order does not matter here.
    norms[0].add(low);
    norms[1].add(high);
  }
  norms[0].merge_into(largest);
  norms[1].merge_into(largest);
}

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                    uint8_t* panel) {
  ChainNorms* largest = new (norms_of(panel, k, kColumnsBytes)) ChainNorms{};
  for (int first = 0; first < kColumns; first += Vec::kLanes) {
    Norms norms;
    for (int64_t kk = 0; kk < k; kk += kBlock) {
      __m256i block[8];
      load_block(columns + first, count - first, kk, k, strips, block);
      uint8_t* to = panel + kk / kStep * kColumnsBytes + first * 4;
      for (int64_t i = 0; i < steps_of_block(kk, k); i++, to += kColumnsBytes) {
        Vec::store(to, block[i]);
        norms.add(block[i]);
      }
    }
    norms.merge_into(largest);
  }
}

}  // namespace

extern const GemmKernel gemm_avx2;
const GemmKernel gemm_avx2 = {
    "avx2",
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
    multiply_in_chains<Vec, kRows, PlainStore>,
    finish_block<PlainStore, kRows, kColumns>,
};

}  // namespace dfp
