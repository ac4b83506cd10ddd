// What the parts of the AMX kernel share: the sizes of its tiles and panels. Internal linkage, see
// epilogue.h.
//
// Panels: both operands in tiles of 1 KB, high bytes before low bytes.
//   A  [k/64][high, low][16 rows][64 products]
//   B  [k/64][high, low][16 groups of 4 products][16 columns][4 products]
// Group g of a step holds its products 2g, 32 + 2g, 2g + 1 and 33 + 2g: the order that costs the
// packers least, and any order will do as long as both operands have the same.
#ifndef DFP_GEMM_AMXINT8_LAYOUT_H
#define DFP_GEMM_AMXINT8_LAYOUT_H

#include <cstdint>

namespace dfp {
namespace {

constexpr int kRows = 16, kColumns = 16, kStep = 64;
constexpr int kTileBytes = 1024, kStepBytes = 2 * kTileBytes;
constexpr int kTileRowBytes = 64;

}  // namespace
}  // namespace dfp

#endif  // DFP_GEMM_AMXINT8_LAYOUT_H
