// A matrix product whose B operand is read in place: rows of int16 values, and the strips of
// columns that are wanted. Forward and backward-data convolution, and two of the fully connected
// products.
#ifndef DFP_GEMM_STRIP_PRODUCT_H
#define DFP_GEMM_STRIP_PRODUCT_H

#include <cstdint>
#include <vector>

#include "dfp/gemm/gemm.h"

namespace dfp {

// Builds strips from runs of columns that are neighbours in the rows and evenly spaced in the
// output.
class StripList {
 public:
  explicit StripList(int64_t lane_stride) : lane_stride_(lane_stride) {}

  // Columns at `position` and the `length` - 1 behind it go to `offset`, offset + lane_stride, ...
  // Positions must ascend from call to call.
  void add(int64_t position, int64_t length, int64_t offset);
  // As add, in strips of their own that begin where cache lines of the output do, except the first.
  // Then those of all rows do where rows are whole lines apart. Most arrays of FP32 begin inside a
  // line.
  void add_lines(int64_t position, int64_t length, int64_t offset, const float* output);

  const std::vector<Strip>& strips() const { return strips_; }
  const std::vector<Segment>& segments() const { return segments_; }
  int64_t lane_stride() const { return lane_stride_; }

 private:
  int64_t lane_stride_;
  bool ended_ = true;
  std::vector<Strip> strips_;
  std::vector<Segment> segments_;
};

// Whether an output of so many floats should be written past the caches: whoever reads it next
// finds it in memory anyway.
inline bool larger_than_caches(int64_t elements) {
  constexpr int64_t kCaches = 8 << 20;  // bytes
  return elements * static_cast<int64_t>(sizeof(float)) > kCaches;
}

struct StripProduct {
  const GemmKernel& kernel;
  const uint8_t* a;  // panels of A, each holding all of k
  int64_t m, k;
  const int16_t* const* rows;  // k rows of B
  const StripList& strips;
  float* base;
  int64_t row_pitch;  // elements from row m of the output to the next
  int exponent;
  const float* bias;  // of row 0; null for none
  bool stream;        // see Output
};

int64_t strip_product_scratch_bytes(const GemmKernel& kernel, int64_t m, int64_t k, int threads);
void strip_product(const StripProduct& product, int threads, void* scratch);

}  // namespace dfp

#endif  // DFP_GEMM_STRIP_PRODUCT_H
