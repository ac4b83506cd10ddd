// The scratch of a product of a fully connected layer that a convolution is.
#ifndef DFP_CONV_DENSE_LAYOUT_H
#define DFP_CONV_DENSE_LAYOUT_H

#include <cstdint>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/conv/filters.h"
#include "dfp/dense/dense.h"

namespace dfp {

struct DenseLayout {
  std::vector<int16_t*> rows;  // of each thread, read of whole filters
  void* product;
  int64_t bytes;

  DenseLayout(int isa, const Filters& filters, Pass pass, int threads, void* scratch) {
    Arena arena(scratch);
    for (int i = 0; i < threads; i++) {
      rows.push_back(arena.take<int16_t>(filters.keep_all() ? 0 : filters.row()));
    }
    product = arena.take<uint8_t>(dense_scratch_bytes(isa, filters.dense(), pass, threads));
    bytes = arena.used();
  }
};

}  // namespace dfp

#endif  // DFP_CONV_DENSE_LAYOUT_H
