// Which taps of a convolution's filters its products multiply.
//
// Taps at a filter's edges that read nothing but padding, with any output, are no part of the
// products: those of a 3 x 3 kernel on a map of 1 x 1 are those of a 1 x 1 kernel.
#ifndef DFP_CONV_FILTERS_H
#define DFP_CONV_FILTERS_H

#include <cstdint>
#include <vector>

#include "dfp/base/shape.h"
#include "dfp/quantize/weights_rows.h"

namespace dfp {

struct Filters {
  ConvShape shape;        // of the products: the convolution without the other taps
  int taps;               // of a filter in memory
  std::vector<int> kept;  // indices of the products' taps among those, ascending

  explicit Filters(const ConvShape& whole);

  bool keep_all() const { return static_cast<int>(kept.size()) == taps; }
  // Elements of a row of the weights in memory.
  int64_t row() const { return static_cast<int64_t>(shape.ic) * taps; }
  // to[shape.weights_row()] <- the kept ones of row(). `to` may be `row`.
  void keep(const int16_t* row, int16_t* to) const;
  // The kept mantissas of row o: in place, or written to `buffer`, which holds a row.
  const int16_t* read(WeightsRows& rows, int64_t o, int64_t next, int thread,
                      int16_t* buffer) const;
};

}  // namespace dfp

#endif  // DFP_CONV_FILTERS_H
