// A matrix product whose B operand is read in place: rows of int16 values, and the strips of
// columns that are wanted. Forward and backward-data convolution, and two of the fully connected
// products.
#ifndef DFP_GEMM_STRIP_PRODUCT_H
#define DFP_GEMM_STRIP_PRODUCT_H

#include <cstdint>

#include "dfp/gemm/gemm.h"
#include "dfp/gemm/strips.h"

namespace dfp {

// Whether an output of so many floats should be written past the caches: whoever reads it next
// finds it in memory anyway.
inline bool larger_than_caches(int64_t elements) {
  constexpr int64_t kCaches = 8 << 20;  // bytes
  return elements * static_cast<int64_t>(sizeof(float)) > kCaches;
}

// Makes panels of A, each holding all of k, for the thread that needs them.
class PanelMaker {
 public:
  virtual ~PanelMaker() = default;
  // How many are best made together.
  virtual int64_t at_a_time() const = 0;
  // Writes panels [first, first + count) to `to`. Each is made once a product.
  virtual void make(int64_t first, int64_t count, int thread, uint8_t* to) const = 0;
};

struct StripProduct {
  const GemmKernel& kernel;
  const uint8_t* a;  // panels of A; null: `maker` makes them
  int64_t m, k;
  const int16_t* const* rows;  // k rows of B
  const StripList& strips;
  float* base;
  int64_t row_pitch;  // elements from row m of the output to the next
  int exponent;
  const float* bias;  // of row 0; null for none
  bool stream;        // see Output
  const PanelMaker* maker = nullptr;
};

// Where panels of A are made, `at_a_time` is the most that are made together; else 0.
int64_t strip_product_scratch_bytes(const GemmKernel& kernel, int64_t m, int64_t k, int threads,
                                    int64_t at_a_time = 0);
void strip_product(const StripProduct& product, int threads, void* scratch);

}  // namespace dfp

#endif  // DFP_GEMM_STRIP_PRODUCT_H
