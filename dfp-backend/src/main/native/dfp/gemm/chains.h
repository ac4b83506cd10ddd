// Exact sums in int32 lanes, shared by the kernels without tiles. Internal linkage, see epilogue.h.
//
// int32 additions wrap, so an accumulator holds S mod 2^32 of the exact sum S, however long. The
// rest of S is kept as high = floor(S / 2^16) and brought up to date after every chain of products:
//
//   d     = (accumulator - 2^16 * high) mod 2^32, read as signed
//   high += floor(d / 2^16)
//
// That is exact if the chain changed S by less than 2^31 - 2^16: then d is S - 2^16 * floor(S' /
// 2^16), where S' is S before the chain, and not just equal to it mod 2^32.
//
// How long a chain may be follows from the operands. By Cauchy and Schwarz a chain of n products is
// at most sqrt(A * B), where A and B are the sums of the squares of its n mantissas of either
// operand. The packers keep, for chains of several lengths, the largest such sum of each panel:
//
//   q = sum of round(x^2 / 2^15)  >=  (sum of x^2) / 2^15 - n/2
//
// so (qa + n/2) * (qb + n/2) <= 2^32 - 2^20 proves a chain to stay below 2^31 - 2^18. A chain of
// two products needs no proof: 2 * 32767^2 = 2^31 - 131 070.
//
// Where the norms prove no chain, an estimate may: any T known to be so near that |S - S' - 2^16 T|
// is below 2^31 - 2^16 goes to `high` before it is brought up to date. See avx512vnni.cpp.
//
// high fits int32 while |S| < 2^47; kPart products are at most 2^46.
#ifndef DFP_GEMM_CHAINS_H
#define DFP_GEMM_CHAINS_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "dfp/gemm/epilogue.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kStep = 2;            // products of one instruction and lane
constexpr int64_t kPart = 1 << 16;  // products summed before they are added to int64 sums
constexpr int64_t kPartSteps = kPart / kStep;
static_assert(kPart * 32767 * 32767 < int64_t{1} << 47, "high fits int32");
static_assert(int64_t{2} * 32767 * 32767 < (int64_t{1} << 31) - (1 << 16), "two always fit");

// --- How long a chain may be
// --------------------------------------------------------------------------------------

constexpr int kLevels = 6;
constexpr int kShortest = 4;                          // steps of a chain of level 0
constexpr int kLongest = kShortest << (kLevels - 1);  // ... of the last level
constexpr int64_t level_steps(int level) { return int64_t{kShortest} << level; }

// The largest q of a panel's chains, by level: what follows the last step of a panel.
struct alignas(64) ChainNorms {
  int32_t largest[kLevels];
};

constexpr int64_t panel_bytes(int64_t k, int bytes_per_step) {
  const int64_t steps = (k + kStep - 1) / kStep;
  return (steps * bytes_per_step + 63) / 64 * 64;
}
inline ChainNorms* norms_of(uint8_t* panel, int64_t k, int bytes_per_step) {
  return reinterpret_cast<ChainNorms*>(panel + panel_bytes(k, bytes_per_step));
}

// Gathers the norms of some lanes (rows or columns) of a panel.
template <class Vec>
class NormsOfLanes {
 public:
  NormsOfLanes() {
    for (auto& lanes : largest_) lanes = Vec::zero();
  }

  // The next step: two mantissas in each lane.
  void add(typename Vec::Type step) {
    squares_ = Vec::add_squares(squares_, step);
    if (++steps_ == kShortest) end_chain();
  }

  // After the last step; keeps the larger of these norms and those that are there.
  void merge_into(ChainNorms* norms) {
    if (steps_ > 0) end_chain();
    if (chains_ > 0) reduce();
    for (int level = 0; level < kLevels; level++) {
      norms->largest[level] = std::max(norms->largest[level], Vec::greatest(largest_[level]));
    }
  }

 private:
  static constexpr int kChains = kLongest / kShortest;

  void end_chain() {
    chain_[chains_++] = squares_;
    squares_ = Vec::zero();
    steps_ = 0;
    if (chains_ == kChains) reduce();
  }

  // Longer chains are made of two of the level below.
  void reduce() {
    for (int level = 0;; level++) {
      for (int i = 0; i < chains_; i++) largest_[level] = Vec::max(largest_[level], chain_[i]);
      if (level + 1 == kLevels) break;
      if (chains_ % 2 != 0) chain_[chains_++] = Vec::zero();
      chains_ /= 2;
      for (int i = 0; i < chains_; i++) chain_[i] = Vec::add(chain_[2 * i], chain_[2 * i + 1]);
    }
    chains_ = 0;
  }

  typename Vec::Type chain_[kChains + 1];
  typename Vec::Type largest_[kLevels];
  typename Vec::Type squares_ = Vec::zero();
  int chains_ = 0, steps_ = 0;
};

inline bool proven(int64_t a, int64_t b, int64_t steps) {
  constexpr int64_t kMost = (int64_t{1} << 32) - (1 << 20);
  return (a + steps) * (b + steps) <= kMost;  // n/2 = steps
}

// Steps of the longest chain that the norms of two panels prove: of some level, or of a level and
// the one below it, which a chain that begins at a multiple of its length is made of.
inline int64_t chain_steps(const ChainNorms& a, const ChainNorms& b) {
  int64_t best = 1;
  for (int level = 0; level < kLevels; level++) {
    if (!proven(a.largest[level], b.largest[level], level_steps(level))) break;
    best = level_steps(level);
    if (level > 0 && level + 1 < kLevels &&
        proven(a.largest[level] + a.largest[level - 1], b.largest[level] + b.largest[level - 1],
               best + best / 2)) {
      best += best / 2;
    }
  }
  return best;
}

// --- Tiles
// --------------------------------------------------------------------------------------

// The sums of a tile, 2^16 * high + (low mod 2^16).
template <int kRows, int kColumns>
struct alignas(64) TileSums {
  int32_t low[kRows][kColumns];
  int32_t high[kRows][kColumns];
};

// The first kTileRows rows of a tile over `steps` steps, in chains of `chain`. Panels are
// A [step][kRows][product] and B [step][column][product]. Not inlined: in the middle of the
// caller's loops g++ keeps the accumulators in memory.
template <class Vec, int kTileRows, int kRows>
__attribute__((noinline)) void run_tile(const uint8_t* a, const uint8_t* b, int64_t steps,
                                        int64_t chain, TileSums<kRows, 2 * Vec::kLanes>& sums) {
  using V = typename Vec::Type;
  constexpr int kLanes = Vec::kLanes, kAccumulators = 2 * kTileRows;
  V acc[kAccumulators];
#pragma GCC unroll 24
  for (int i = 0; i < kAccumulators; i++) acc[i] = Vec::zero();
  const auto* pairs = reinterpret_cast<const int32_t*>(a);
  int32_t *high = sums.high[0], *low = sums.low[0];
  bool first = true;
  for (int64_t left = steps; left > 0; left -= chain) {
    for (int64_t step = std::min(chain, left); step > 0; step--) {
      const V b0 = Vec::load(b), b1 = Vec::load(b + kLanes * 4);
#pragma GCC unroll 12
      for (int i = 0; i < kTileRows; i++) {
        const V pair = Vec::broadcast(pairs[i]);
        acc[2 * i] = Vec::add_products(acc[2 * i], b0, pair);
        acc[2 * i + 1] = Vec::add_products(acc[2 * i + 1], b1, pair);
      }
      pairs += kRows;
      b += 2 * kLanes * 4;
    }
    if (first) {
#pragma GCC unroll 24
      for (int i = 0; i < kAccumulators; i++) Vec::store(high + i * kLanes, Vec::high_half(acc[i]));
      first = false;
    } else {
#pragma GCC unroll 24
      for (int i = 0; i < kAccumulators; i++) {
        const V before = Vec::load(high + i * kLanes);
        const V change = Vec::high_half(Vec::subtract(acc[i], Vec::low_to_high_half(before)));
        Vec::store(high + i * kLanes, Vec::add(before, change));
      }
    }
  }
#pragma GCC unroll 24
  for (int i = 0; i < kAccumulators; i++) Vec::store(low + i * kLanes, acc[i]);
}

// sums <- or += the sums of a tile's first `rows` rows; the other rows <- 0 or stay.
template <int kRows, int kColumns>
void add_tile(const TileSums<kRows, kColumns>& tile, int rows, bool add, int64_t* sums) {
  const int lanes = rows * kColumns;
  const int32_t *high = tile.high[0], *low = tile.low[0];
  if (add) {
    for (int i = 0; i < lanes; i++) sums[i] += int64_t{high[i]} * 65536 + (low[i] & 0xffff);
  } else {
    for (int i = 0; i < lanes; i++) sums[i] = int64_t{high[i]} * 65536 + (low[i] & 0xffff);
    std::fill(sums + lanes, sums + kRows * kColumns, int64_t{0});
  }
}

// float_round(2^exponent * S) of the sums of a tile's first `rows` rows.
//
// A single chain has |S| < 2^31: `low` is S, its conversion to float rounds once, and the product
// with a power of two is exact.
//
// Else |S| < 2^47, and S splits at bit 23 into two parts that each convert to float exactly; one
// fused multiply-add rounds once:
//   hi = floor(S / 2^23) = floor(high / 2^7)      |hi| <= 2^24
//   lo = S mod 2^23
//
// Neither way holds where 2^exponent, and so a result, may be subnormal, or where a factor may be
// too large for a float. There S and its product with a power of two are exact in double.
constexpr int kLeastFloatExponent = -126;
constexpr int kGreatestSingleExponent = 127 - 31, kGreatestFusedExponent = 127 - 23;

template <class Vec, int kRows>
void convert_tile(const TileSums<kRows, 2 * Vec::kLanes>& tile, int rows, bool single_chain,
                  int exponent, float (*values)[2 * Vec::kLanes]) {
  const int lanes = rows * 2 * Vec::kLanes;
  const int32_t *high = tile.high[0], *low = tile.low[0];
  float* to = values[0];
  const double scale = std::ldexp(1.0, exponent);
  if (exponent < kLeastFloatExponent || exponent > kGreatestFusedExponent) {
    for (int i = 0; i < lanes; i++) {
      to[i] = static_cast<float>((high[i] * 65536.0 + (low[i] & 0xffff)) * scale);
    }
  } else if (single_chain && exponent <= kGreatestSingleExponent) {
    for (int i = 0; i < lanes; i += Vec::kLanes) {
      Vec::store_scaled(to + i, Vec::load(low + i), static_cast<float>(scale));
    }
  } else {
    const float scale23 = std::ldexp(1.0f, exponent + 23);
    for (int i = 0; i < lanes; i += Vec::kLanes) {
      Vec::store_fused(to + i, Vec::load(high + i), Vec::load(low + i), static_cast<float>(scale),
                       scale23);
    }
  }
}

// As run_tile, rows [row, row + kTileRows) and with estimates instead of proven chains; defined
// where Vec::kEstimates.
template <int kTileRows, int kRows, int kColumns>
void run_estimated(const uint8_t* a, const uint8_t* b, int64_t steps, int row,
                   TileSums<kRows, kColumns>& sums);

// The tile with the fewest rows that holds `rows` is run: a matrix of few or odd rows wastes
// little.
template <class Vec, int kRows>
void run_rows(int rows, const uint8_t* a, const uint8_t* b, int64_t steps, int64_t chain,
              TileSums<kRows, 2 * Vec::kLanes>& sums) {
  constexpr int kThird = kRows / 3;
  if constexpr (Vec::kEstimates) {
    if (chain < kShortest) {
      for (int row = 0; row < rows; row += kThird) {
        run_estimated<kThird, kRows>(a, b, steps, row, sums);
      }
      return;
    }
  }
  if (rows > 2 * kThird) {
    run_tile<Vec, kRows, kRows>(a, b, steps, chain, sums);
  } else if (rows > kThird) {
    run_tile<Vec, 2 * kThird, kRows>(a, b, steps, chain, sums);
  } else {
    run_tile<Vec, kThird, kRows>(a, b, steps, chain, sums);
  }
}

template <class Vec, int kRows, class Store>
void multiply_in_chains(const Block& block) {
  constexpr int kColumns = 2 * Vec::kLanes;
  constexpr int kABytes = kRows * kStep * 2, kBBytes = kColumns * kStep * 2;
  const int64_t steps = (block.k + kStep - 1) / kStep;
  const int64_t a_norms = panel_bytes(block.k, kABytes), b_norms = panel_bytes(block.k, kBBytes);
  const double scale = std::ldexp(1.0, block.out.exponent);
  const bool direct = block.sums == nullptr && steps <= kPartSteps;
  alignas(64) int64_t tile[kRows * kColumns];
  alignas(64) float values[kRows][kColumns];
  TileSums<kRows, kColumns> part;
  for (int64_t m = 0, t = 0; m < block.m; m += kRows, t++) {
    const int rows = static_cast<int>(std::min<int64_t>(kRows, block.m - m));
    const uint8_t* a = block.a + t * block.a_stride;
    for (int64_t panel = 0; panel < block.panels; panel++) {
      const uint8_t* b = block.b + panel * block.b_stride;
      const int64_t chain = chain_steps(*reinterpret_cast<const ChainNorms*>(a + a_norms),
                                        *reinterpret_cast<const ChainNorms*>(b + b_norms));
      if (direct) {
        run_rows<Vec, kRows>(rows, a, b, steps, chain, part);
        convert_tile<Vec, kRows>(part, rows, steps <= chain, block.out.exponent, values);
        store_tile<Store, kRows, kColumns>(values, rows, m, panel, block.out);
        continue;
      }
      int64_t* sums =
          block.sums == nullptr ? tile : block.sums + t * block.sums_row + panel * kRows * kColumns;
      bool add = block.sums != nullptr && !block.first;
      for (int64_t step = 0; step < steps; step += kPartSteps) {
        run_rows<Vec, kRows>(rows, a + step * kABytes, b + step * kBBytes,
                             std::min(kPartSteps, steps - step), chain, part);
        add_tile(part, rows, add, sums);
        add = true;
      }
      if (block.sums == nullptr) {
        finish_tile<Store, kRows, kColumns>(tile, rows, m, panel, block.out, scale);
      }
    }
  }
}

}  // namespace
}  // namespace dfp

#endif  // DFP_GEMM_CHAINS_H
