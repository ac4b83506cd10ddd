// The loop around kernels that sum short chains of products in int32, shared by those without
// tiles. Internal linkage, see epilogue.h.
//
// A int16 operand is split into two signed parts of 8 bits,
//
//   a = 256 * high + low      -128 <= high <= 128      -128 <= low <= 127
//
// and each part has its own accumulator. |part * b| <= 128 * 32767, so kChain products of a part
// sum to at most 512 * 128 * 32767 = 2 147 418 112 < 2^31. After a chain the accumulators are added
// into int64 sums.
#ifndef DFP_GEMM_CHAINS_H
#define DFP_GEMM_CHAINS_H

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dfp/gemm/epilogue.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int64_t kChain = 512;  // products
constexpr int kStep = 2;         // products of one instruction and lane
static_assert(kChain * 128 * 32767 <= INT32_MAX, "a chain fits int32");
static_assert(kChain % kStep == 0, "a chain is whole steps");

// What one chain leaves for each part (high, low) of each row.
template <int kRows, int kColumns>
struct alignas(64) Accumulators {
  int32_t lanes[kRows][2][kColumns];
};

// sums <- or += 256 * high + low.
template <int kRows, int kColumns>
void drain(const Accumulators<kRows, kColumns>& acc, bool add, int64_t* sums) {
  for (int i = 0; i < kRows; i++) {
    for (int j = 0; j < kColumns; j++) {
      int64_t& sum = sums[i * kColumns + j];
      sum = (add ? sum : 0) + int64_t{256} * acc.lanes[i][0][j] + acc.lanes[i][1][j];
    }
  }
}

// kRunChain(a, b, steps, accumulators) runs one tile over one chain of steps. Panels are
// A [step][row][high, low][product] and B [step][column][product].
template <int kRows, int kColumns, auto kRunChain, class Store>
void multiply_in_chains(const Block& block) {
  constexpr int64_t kChainSteps = kChain / kStep;
  constexpr int kABytes = kRows * 2 * kStep * 2, kBBytes = kColumns * kStep * 2;
  const int64_t steps = (block.k + kStep - 1) / kStep;
  const double scale = std::ldexp(1.0, block.out.exponent);
  alignas(64) int64_t tile[kRows * kColumns];
  Accumulators<kRows, kColumns> acc;
  for (int64_t m = 0, t = 0; m < block.m; m += kRows, t++) {
    const int rows = static_cast<int>(std::min<int64_t>(kRows, block.m - m));
    const uint8_t* a = block.a + t * block.a_stride;
    for (int64_t panel = 0; panel < block.panels; panel++) {
      const uint8_t* b = block.b + panel * block.b_stride;
      int64_t* sums =
          block.sums == nullptr ? tile : block.sums + t * block.sums_row + panel * kRows * kColumns;
      bool add = block.sums != nullptr && !block.first;
      for (int64_t step = 0; step < steps; step += kChainSteps) {
        kRunChain(a + step * kABytes, b + step * kBBytes, std::min(kChainSteps, steps - step), acc);
        drain(acc, add, sums);
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
