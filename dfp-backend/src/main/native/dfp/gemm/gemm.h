// The matrix product that every operation is made of, and the table of its kernels.
//
//   C[m, n] = sum over k of A[m, k] * B[k, n]         int16 operands, exact sums
//
// Operands are packed into panels first: A in panels of `mr` rows, B in panels of `nr` columns,
// each holding all of k. The packers read int16 rows that are contiguous in one direction, wherever
// the rows lie, so a convolution needs no im2col matrix: row (channel, tap) of its B operand is the
// channel's plane, shifted by the tap. strips.h says which values of such rows a packer takes.
//
// How a row of the table stays exact is written in its file. All of them take any int16 operand but
// -32768, and any k: sums are carried in int64 beyond the length that int32 is proven to hold.
#ifndef DFP_GEMM_GEMM_H
#define DFP_GEMM_GEMM_H

#include <cstdint>

#include "dfp/gemm/strips.h"

namespace dfp {

// Products of mantissas stay below 2^30, so a sum of fewer than 2^23 of them is exact in a double.
constexpr int64_t kExactInDouble = int64_t{1} << 23;

// Where C goes: float_round(2^exponent * C[m, n]) (+ bias[m] in FP32).
struct Output {
  float* base = nullptr;
  int exponent = 0;
  // Row m begins at base + m * row_pitch and lane positions follow the strips' segments ...
  int64_t row_pitch = 0;
  int64_t lane_stride = 1;
  const Strip* strips = nullptr;  // of the block's first panel; nr/16 a panel
  int64_t strip_count = 0;        // strips that exist; the last panel may lack some
  const Segment* segments = nullptr;
  const float* bias = nullptr;  // of the block's row 0; null for none
  bool wide = false;            // sums may reach 2^53: convert them the slow way
  bool stream = false;          // past the caches: the output is larger than they are
  // ... or, where `strips` is null, transposed: C[m, n] goes to base[n * row_pitch + m], n <
  // columns.
  int64_t columns = 0;
};

// A as lines, for products whose k are shifts of a few planes: the shifts share the memory of the
// planes. A line holds the values of kr planes at one position, kLineBytes of high bytes and as
// many of low ones; the lines of the next position follow. A panel of A is the lines from a strip's
// position on, and in step s of k those `offsets[s]` bytes further.
constexpr int64_t kLineBytes = 64;

struct Lines {
  const uint8_t* at;  // the line of position `origin`
  int64_t origin;
  const int64_t* offsets;
  int64_t low;  // bytes from the high bytes of a line to its low ones
};

// A block of C: rows [0, m) and `panels` panels of columns, over k products.
struct Block {
  const uint8_t* a = nullptr;
  int64_t a_stride = 0;  // bytes from a panel of A to the next
  // Not null: these are A. Row i of C is lane i % 16 of out.strips[i / 16], m is a multiple of 16,
  // and the columns of C are the rows of the output, of which there are out.columns.
  const Lines* lines = nullptr;
  const uint8_t* b = nullptr;
  int64_t b_stride = 0;  // bytes from a panel of B to the next
  int64_t m = 0;
  int64_t panels = 0;
  int64_t k = 0;
  // Null: C goes to `out`. Else it is added to these int64 sums, tile by tile ([m tile][panel] of
  // [mr][nr]), or overwrites them where `first`.
  int64_t* sums = nullptr;
  int64_t sums_row = 0;  // int64 elements from an m tile to the next
  bool first = false;
  Output out;
};

struct GemmKernel {
  const char* name;
  int mr;         // rows of a panel of A
  int nr;         // columns of a panel of B, a multiple of kStripLanes
  int kr;         // products of one step; panels are padded with zeros to a multiple
  int a_bytes;    // bytes of one product in a panel of A, per row
  int b_bytes;    // bytes of one product in a panel of B, per column
  int end_bytes;  // what a panel holds behind its products, which begins at a multiple of 64 bytes
  // Longest k that `multiply` takes in one call with the output given directly; and in one call at
  // all.
  int64_t max_k;

  // Where `strips` is not null, k is 16 a strip, and a row's values are the lanes of the strips, 0
  // where there is no lane; otherwise they are the first k.
  //
  // One panel of A from `count` <= mr rows that are contiguous in k.
  void (*pack_a)(const int16_t* const* rows, int count, int64_t k, const Strip* strips,
                 uint8_t* panel);
  // One panel of B from `count` <= nr columns that are contiguous in k.
  void (*pack_b_columns)(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                         uint8_t* panel);
  // One panel of B from k rows that are contiguous in n, and `count` <= nr/16 strips of them.
  void (*pack_b)(const int16_t* const* rows, int64_t k, const Strip* strips, int count,
                 uint8_t* panel);
  // Computes a block; k <= max_k.
  void (*multiply)(const Block& block);
  // Writes a block's sums, all of them complete, to its output.
  void (*finish)(const Block& block);
  // Lines of `count` <= kr planes at `positions` positions from `first` on, a multiple of 16; `low`
  // is that of Lines. Null: A is never lines.
  void (*pack_lines)(const int16_t* const* planes, int count, int64_t first, int64_t positions,
                     uint8_t* lines, int64_t low) = nullptr;

  int64_t a_panel_bytes(int64_t k) const { return panel_bytes(k, a_bytes * mr); }
  int64_t b_panel_bytes(int64_t k) const { return panel_bytes(k, b_bytes * nr); }
  int strips() const { return nr / kStripLanes; }

 private:
  int64_t panel_bytes(int64_t k, int bytes) const {
    return ((k + kr - 1) / kr * kr * bytes + 63) / 64 * 64 + end_bytes;
  }
};

// The row of the table for an instruction set.
const GemmKernel& gemm_kernel(int isa);

}  // namespace dfp

#endif  // DFP_GEMM_GEMM_H
