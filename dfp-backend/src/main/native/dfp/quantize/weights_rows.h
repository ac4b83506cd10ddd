// Weights as a product reads them: rows of mantissas, quantized before or while they are read.
#ifndef DFP_QUANTIZE_WEIGHTS_ROWS_H
#define DFP_QUANTIZE_WEIGHTS_ROWS_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dfp/quantize/quantize.h"

namespace dfp {

// A row for each output.
class WeightsRows {
 public:
  virtual ~WeightsRows() = default;
  // `count` mantissas of row o from column c on: in place, or written to `buffer`. The same columns
  // of row `next` will be read soon.
  virtual const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                              int16_t* buffer) = 0;
  // All that was read will be read once more.
  virtual void again() {}
};

// Mantissas, rows one after the other.
class QuantizedRows final : public WeightsRows {
 public:
  QuantizedRows(const int16_t* mantissas, int64_t columns)
      : mantissas_(mantissas), columns_(columns) {}
  const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                      int16_t* buffer) override;

 private:
  const int16_t* mantissas_;
  int64_t columns_;
};

// FP32 weights whose rows lie one after the other in memory, perhaps with gaps.
struct FloatWeights {
  Strided x;
  int64_t columns;  // of a row
  int64_t pitch;    // elements from a row to the next
  // The logical index of element (o, c), which stochastic rounding draws by, is
  // o * row_step + c * column_step.
  int64_t row_step, column_step;
  Quantization how;
  bool with_fingerprint;
};

// FP32 values, quantized when read.
class FloatRows final : public WeightsRows {
 public:
  FloatRows(int isa, const FloatWeights& weights, int threads)
      : kernel_(quantize_kernel(isa)),
        weights_(weights),
        seen_(static_cast<std::size_t>(threads)) {}
  const int16_t* read(int64_t o, int64_t next, int64_t c, int64_t count, int thread,
                      int16_t* buffer) override;
  void again() override { weights_.with_fingerprint = false; }
  // What the reads so far saw; of the whole tensor where all of it was read.
  Scan seen() const;

 private:
  struct alignas(64) OwnLine : Seen {};

  const QuantizeKernel& kernel_;
  FloatWeights weights_;
  std::vector<OwnLine> seen_;
};

}  // namespace dfp

#endif  // DFP_QUANTIZE_WEIGHTS_ROWS_H
