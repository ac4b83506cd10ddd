// Panels of the transposed weights: row c holds weights[o][c][tap] for all o and some taps.
#ifndef DFP_CONV_TRANSPOSED_PANELS_H
#define DFP_CONV_TRANSPOSED_PANELS_H

#include <cstdint>
#include <vector>

#include "dfp/gemm/gemm.h"
#include "dfp/gemm/strip_product.h"
#include "dfp/quantize/weights_rows.h"

namespace dfp {

class TransposedPanels final : public PanelMaker {
 public:
  // `rows` hold `filter` values for each of `ic` channels, of which those at `taps` are wanted.
  struct Weights {
    WeightsRows& rows;
    int64_t oc, ic;
    int filter;
    std::vector<int> taps;
  };

  // `scratch` is one a thread.
  TransposedPanels(const GemmKernel& kernel, Weights weights, std::vector<int16_t*> scratch);

  // Elements of a thread's scratch for up to `taps` taps of filters of `filter` values.
  static int64_t scratch_elements(const GemmKernel& kernel, int64_t oc, int64_t taps, int filter);
  static int64_t at_a_time(const GemmKernel& kernel, int filter);

  int64_t at_a_time() const override { return at_a_time(kernel_, weights_.filter); }
  void make(int64_t first, int64_t count, int thread, uint8_t* to) const override;

 private:
  void gather(int64_t first, int64_t count, int thread, int16_t* columns, int16_t* buffer) const;
  void transpose(int64_t first, int64_t count, int thread, int16_t* columns, int16_t* buffer) const;

  const GemmKernel& kernel_;
  const Weights weights_;
  const std::vector<int16_t*> scratch_;
  const int64_t k_, pitch_;
};

}  // namespace dfp

#endif  // DFP_CONV_TRANSPOSED_PANELS_H
