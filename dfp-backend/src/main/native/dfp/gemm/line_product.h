// A matrix product whose k are shifts of a few planes, each of them packed once for all shifts:
//
//   C[m, n] = sum over planes c and shifts s of W[m, c, s] * plane c[position n + s]
//
// strip_product packs a panel of B for each shift. Here the planes are packed into lines (gemm.h),
// positions beside one another, so that a shift is another line to begin at. The
// lanes of its strips are 16 neighbours, wanted or not (StripList::Lanes::kNeighbours).
#ifndef DFP_GEMM_LINE_PRODUCT_H
#define DFP_GEMM_LINE_PRODUCT_H

#include <cstdint>
#include <vector>

#include "dfp/gemm/gemm.h"
#include "dfp/gemm/strips.h"

namespace dfp {

struct LineProduct {
  const GemmKernel& kernel;  // one that packs lines
  std::vector<const int16_t*> planes;
  std::vector<int64_t> shifts;
  // Panels of `m` columns, packed by pack_b_columns: product (c / kr, s, c % kr) of column i is
  // W[i, c, s].
  const uint8_t* weights;
  int64_t m;
  const StripList& strips;
  float* base;
  int64_t row_pitch;  // elements from row m of the output to the next
  int exponent;
  const float* bias;  // of row 0; null for none
  bool stream;        // see Output
};

// The k of such a product: that of whole lines.
inline int64_t line_product_k(const GemmKernel& kernel, int64_t planes, int64_t shifts) {
  return (planes + kernel.kr - 1) / kernel.kr * kernel.kr * shifts;
}

// Whether it is faster than a product of `strips` strips, where it has `lines` of them.
bool line_product_pays(const GemmKernel& kernel, int64_t m, int64_t planes, int64_t shifts,
                       int64_t strips, int64_t lines);

// `reach` is from the least of the shifts to the greatest.
int64_t line_product_scratch_bytes(const GemmKernel& kernel, int64_t planes, int64_t reach,
                                   int threads);
void line_product(const LineProduct& product, int threads, void* scratch);

}  // namespace dfp

#endif  // DFP_GEMM_LINE_PRODUCT_H
