// Some channels of all filters are gathered into rows, one a channel, from which panels are packed.
#include "dfp/conv/transposed_panels.h"

#include <emmintrin.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dfp/base/shape.h"

namespace dfp {
namespace {

// Taps of one filter are copied in runs of a fixed length. The last one reads past the filter: into
// what follows the mantissas in the packed weights, or the end of a thread's buffer.
constexpr int64_t kRun = 16;
constexpr std::size_t kRunBytes = kRun * sizeof(int16_t);

constexpr int64_t kLeastRead = 6 * 32;  // values of each output, some cache lines
constexpr int64_t kFiltersAhead = 8;    // that are fetched: they lie far apart

// to[j * to_pitch + i] <- from[i][j], 8 by 8.
inline void transpose8(const int16_t* const* from, int64_t column, int16_t* to, int64_t to_pitch) {
  __m128i r[8], t[8];
  for (int i = 0; i < 8; i++) {
    r[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from[i] + column));
  }
  // Three times the perfect shuffle of two halves: words of rows i and i + 4 become neighbours.
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++) {
      t[2 * i] = _mm_unpacklo_epi16(r[i], r[i + 4]);
      t[2 * i + 1] = _mm_unpackhi_epi16(r[i], r[i + 4]);
    }
    std::copy(t, t + 8, r);
  }
  for (int j = 0; j < 8; j++) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + j * to_pitch), r[j]);
  }
}

}  // namespace

TransposedPanels::TransposedPanels(const GemmKernel& kernel, Weights weights,
                                   std::vector<int16_t*> scratch)
    : kernel_(kernel),
      weights_(std::move(weights)),
      scratch_(std::move(scratch)),
      k_(weights_.oc * static_cast<int64_t>(weights_.taps.size())),
      pitch_(k_ + kRun) {}

int64_t TransposedPanels::at_a_time(const GemmKernel& kernel, int filter) {
  return div_up(kLeastRead, int64_t{kernel.mr} * filter);
}

int64_t TransposedPanels::scratch_elements(const GemmKernel& kernel, int64_t oc, int64_t taps,
                                           int filter) {
  const int64_t rows = kernel.mr * at_a_time(kernel, filter);
  return rows * (oc * taps + kRun) + 8 * rows * filter + kRun;
}

void TransposedPanels::make(int64_t first, int64_t count, int thread, uint8_t* to) const {
  int16_t* columns = scratch_[static_cast<std::size_t>(thread)];
  int16_t* buffer = columns + kernel_.mr * at_a_time() * pitch_;
  const int64_t begin = first * kernel_.mr;
  const int64_t end = std::min(begin + count * kernel_.mr, weights_.ic);
  if (weights_.filter == 1) {
    transpose(begin, end - begin, thread, columns, buffer);
  } else {
    gather(begin, end - begin, thread, columns, buffer);
  }
  for (int64_t row = begin; row < end; row += kernel_.mr, to += kernel_.a_panel_bytes(k_)) {
    const int16_t* rows[64];
    const int in_panel = static_cast<int>(std::min<int64_t>(kernel_.mr, end - row));
    for (int c = 0; c < in_panel; c++) rows[c] = columns + (row - begin + c) * pitch_;
    kernel_.pack_a(rows, in_panel, k_, nullptr, to);
  }
}

// Row (c - first) of `columns` <- weights[o][c][tap] for `count` channels. Rows are written beyond
// k.
void TransposedPanels::gather(int64_t first, int64_t count, int thread, int16_t* columns,
                              int16_t* buffer) const {
  const Weights& w = weights_;
  const auto taps = static_cast<int64_t>(w.taps.size());
  const bool all = taps == w.filter;
  for (int64_t o = 0; o < w.oc; o++) {
    const int16_t* from = w.rows.read(o, std::min(o + kFiltersAhead, w.oc - 1), first * w.filter,
                                      count * w.filter, thread, buffer);
    int16_t* to = columns + o * taps;
    for (int64_t c = 0; c < count; c++, from += w.filter, to += pitch_) {
      if (all) {
        for (int64_t t = 0; t < taps; t += kRun) std::memcpy(to + t, from + t, kRunBytes);
      } else {
        for (int64_t t = 0; t < taps; t++) to[t] = from[w.taps[static_cast<std::size_t>(t)]];
      }
    }
  }
}

// The same of filters of one value, 8 outputs at a time.
void TransposedPanels::transpose(int64_t first, int64_t count, int thread, int16_t* columns,
                                 int16_t* buffer) const {
  const Weights& w = weights_;
  const int64_t whole_columns = count / 8 * 8;
  for (int64_t o = 0; o < w.oc; o += 8) {
    const int64_t outputs = std::min<int64_t>(8, w.oc - o);
    const int16_t* from[8];
    for (int64_t i = 0; i < outputs; i++) {
      const int64_t next = std::min(o + i + kFiltersAhead, w.oc - 1);
      from[i] = w.rows.read(o + i, next, first, count, thread, buffer + i * count);
    }
    const int64_t whole = outputs == 8 ? whole_columns : 0;
    for (int64_t j = 0; j < whole; j += 8) {
      transpose8(from, j, columns + j * pitch_ + o, pitch_);
    }
    for (int64_t j = whole; j < count; j++) {
      for (int64_t i = 0; i < outputs; i++) columns[j * pitch_ + o + i] = from[i][j];
    }
  }
}

}  // namespace dfp
