// Updates shared out to threads, in blocks that stay in the L1 and L2 caches.
#include "dfp/fp32/update/update.h"

#include <algorithm>
#include <vector>

#include "dfp/base/isa.h"

namespace dfp {

#define DFP_UPDATE_KERNEL(isa, kernel) extern const UpdateKernel update_##kernel;
#include "dfp/fp32/update/kernels.inc"
#undef DFP_UPDATE_KERNEL

const UpdateKernel& update_kernel(int isa) {
#define DFP_UPDATE_KERNEL(isa, kernel) &update_##kernel,
  static const UpdateKernel* const kTable[] = {
#include "dfp/fp32/update/kernels.inc"
  };
#undef DFP_UPDATE_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

Sums sums(int isa, const float* x, int64_t count, int threads) {
  const UpdateKernel& kernel = update_kernel(isa);
  std::vector<Sums> parts(static_cast<size_t>((count + kSumBlock - 1) / kSumBlock));
  for_blocks(count, threads, [&](int64_t at, int64_t length) {
    parts[static_cast<size_t>(at / kSumBlock)] = kernel.sums(x + at, length);
  });
  Sums total{0, 0};
  for (const Sums& part : parts) {
    total.absolute += part.absolute;
    total.squares += part.squares;
  }
  return total;
}

void add_penalties(int isa, const float* x, int64_t count, const PenaltyTerm* terms, int term_count,
                   int threads, float* gradient) {
  const UpdateKernel& kernel = update_kernel(isa);
  // A piece of both arrays stays in the L1 cache from term to term.
  constexpr int64_t kPiece = 2048;
  for_blocks(count, threads, [&](int64_t at, int64_t length) {
    for (int64_t from = at; from < at + length; from += kPiece) {
      const int64_t piece = std::min(kPiece, at + length - from);
      for (int i = 0; i < term_count; i++) {
        kernel.add_penalty(x + from, piece, terms[i], gradient + from);
      }
    }
  });
}

}  // namespace dfp
