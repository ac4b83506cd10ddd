// A tensor of FP32 values with any strides.
#ifndef DFP_BASE_STRIDED_H
#define DFP_BASE_STRIDED_H

#include <cstdint>

namespace dfp {

constexpr int kMaxRank = 5;

struct Strided {
  const float* data;
  int rank;
  int64_t shape[kMaxRank];
  int64_t strides[kMaxRank];  // in elements

  int64_t elements() const {
    int64_t count = 1;
    for (int i = 0; i < rank; i++) count *= shape[i];
    return count;
  }

  // True where the elements follow one another in memory in C order.
  bool is_dense() const {
    int64_t expected = 1;
    for (int i = rank - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) return false;
      expected *= shape[i];
    }
    return true;
  }
};

}  // namespace dfp

#endif  // DFP_BASE_STRIDED_H
