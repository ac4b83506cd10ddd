// Which taps of a convolution's filters its products multiply.
//
// Taps at a filter's edges that read nothing but padding, with any output, are no part of the
// products: those of a 3 x 3 kernel on a map of 1 x 1 are those of a 1 x 1 kernel, and so those of
// a fully connected layer.
#ifndef DFP_CONV_FILTERS_H
#define DFP_CONV_FILTERS_H

#include <cstdint>
#include <utility>
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
  // Whether the products are those of a fully connected layer.
  bool are_dense() const;
  DenseShape dense() const { return {shape.mb, shape.ic, shape.oc}; }
  // Elements of a row of the weights in memory.
  int64_t row() const { return static_cast<int64_t>(shape.ic) * taps; }
  // to[count * shape.taps()] <- the kept ones of from[count * taps].
  void keep(const int16_t* from, int64_t count, int16_t* to) const;
};

// Rows of the kept mantissas.
class KeptRows final : public WeightsRows {
 public:
  // `buffers`, one a thread, hold what is read of a row of `whole` where not all taps are kept.
  KeptRows(const Filters& filters, WeightsRows& whole, std::vector<int16_t*> buffers)
      : filters_(filters), whole_(whole), buffers_(std::move(buffers)) {}
  // Columns and count are whole filters.
  const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                      int16_t* buffer) override;
  void again() override { whole_.again(); }

 private:
  const Filters& filters_;
  WeightsRows& whole_;
  const std::vector<int16_t*> buffers_;
};

}  // namespace dfp

#endif  // DFP_CONV_FILTERS_H
