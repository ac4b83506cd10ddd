// The loops of a pooling kernel, over the lanes of PoolLayout: the same arithmetic and order in
// every kernel, and in the plain Java one. Internal linkage: each kernel file compiles its own
// copy.
//
// A kernel's vectors V:
//   kWidth, Floats, Ints (32 bits), Mask
//   load, store, set            of Floats and Ints
//   greater(a, b), equal(a, b)  of Floats, of Ints; NaN is not greater
//   select(mask, a, b)          a where the mask is set, else b
//   sum(a, b), product(a, b), floats(a)    of Ints
#ifndef DFP_FP32_POOL_LOOPS_H
#define DFP_FP32_POOL_LOOPS_H

#include "dfp/base/arena.h"
#include "dfp/base/shape.h"
#include "dfp/fp32/pool/rows.h"
#include "dfp/fp32/pool/windows.h"

namespace dfp {
namespace {

// The rows of a group that are at work. Width and stride of windows are constants where they are
// common ones, else 0.
template <class V, int kKw, int kSw>
class PoolGroup {
 public:
  using Floats = typename V::Floats;
  using Ints = typename V::Ints;

  PoolGroup(PoolKind kind, const PoolShape& shape, const PoolLayout& layout, int planes,
            const float* src, void* scratch)
      : kind_(kind),
        s_(shape),
        layout_(layout),
        planes_(planes),
        src_(src),
        row_(layout.phase * shape.sw),
        left_((shape.kw - 1) / shape.sw),
        share_floats_(round_up(layout.phase + left_, 16)) {
    Arena arena(scratch);
    src_line_ = arena.take<float>(row_);
    src_ring_ = arena.take<float>(row_ * layout.src_rows);
    diff_line_ = arena.take<float>(row_);
    diff_row_ = arena.take<float>(row_);
    dst_row_ = arena.take<float>(layout.lanes);
    first_ = arena.take<int32_t>(layout.lanes);
    cells_ = arena.take<int32_t>(layout.lanes);
    share_ring_ = arena.take<float>(share_floats_ * layout.dst_rows);
    tap_ring_ = arena.take<int32_t>(share_floats_ * layout.dst_rows);
    window_ = arena.take<const float*>(layout.src_rows);
    shares_ = arena.take<const float*>(layout.dst_rows);
    taps_ = arena.take<const int32_t*>(layout.dst_rows);
    scratch_ = arena.used();
  }

  int64_t scratch() const { return scratch_; }

  void forward(float* dst) {
    prepare();
    for (int y = 0; y < s_.oh; y++) {
      const Range rows = load_window(y);
      for (int64_t b = 0; b < layout_.lanes; b += V::kWidth) {
        V::store(dst_row_ + b, kind_ == PoolKind::kMax ? largest(rows, b) : average(rows, b));
      }
      copy_rows(planes_, s_.ow, dst_row_, layout_.pitch, dst + int64_t{y} * s_.ow, s_.dst_plane());
    }
  }

  void backward(const float* diff_dst, float* diff_src) {
    prepare();
    const int64_t ring = share_floats_ * layout_.dst_rows;
    std::fill(share_ring_, share_ring_ + ring, 0.0f);
    std::fill(tap_ring_, tap_ring_ + ring, -1);
    int shared = 0;  // rows of dst
    for (int r = 0; r < s_.ih; r++) {
      // Rows of dst whose windows have row r.
      const Range rows{std::max(0, div_up_signed(r + s_.ph - s_.kh + 1, s_.sh)),
                       r + s_.ph < 0 ? 0 : std::min(s_.oh, (r + s_.ph) / s_.sh + 1)};
      for (; shared < rows.to; shared++) share_out(shared, diff_dst);
      for (int y = rows.from; y < rows.to; y++) {
        shares_[y - rows.from] = share_row(y) + left_;
        taps_[y - rows.from] = tap_row(y) + left_;
      }
      for (int p = 0; p < sw(); p++) {
        for (int64_t b = 0; b < layout_.phase; b += V::kWidth) {
          V::store(diff_row_ + p * layout_.phase + b, kind_ == PoolKind::kMax
                                                          ? gathered<true>(r, rows, p, b)
                                                          : gathered<false>(r, rows, p, b));
        }
      }
      store_src(s_, layout_, planes_, diff_row_, r, diff_line_, diff_src);
    }
  }

 private:
  int kw() const { return kKw > 0 ? kKw : s_.kw; }
  int sw() const { return kSw > 0 ? kSw : s_.sw; }

  static int div_up_signed(int value, int divisor) {
    return value <= 0 ? 0 : (value - 1) / divisor + 1;
  }

  float* src_row(int r) const { return src_ring_ + (r % layout_.src_rows) * row_; }
  float* share_row(int y) const { return share_ring_ + (y % layout_.dst_rows) * share_floats_; }
  int32_t* tap_row(int y) const { return tap_ring_ + (y % layout_.dst_rows) * share_floats_; }

  void prepare() {
    // No cell of the padding is larger than another; and a sum that begins with +0 is never -0.
    const float padding = kind_ == PoolKind::kMax ? -FLT_MAX : 0.0f;
    std::fill(src_line_, src_line_ + row_, padding);
    std::fill(src_ring_, src_ring_ + row_ * layout_.src_rows, padding);
    std::fill(first_, first_ + layout_.lanes, 0);
    std::fill(cells_, cells_ + layout_.lanes, 1);
    for (int c = 0; c < planes_; c++) {
      for (int x = 0; x < s_.ow; x++) {
        const Range columns = window(x, s_.sw, s_.pw, s_.kw, s_.iw);
        first_[c * layout_.pitch + x] = columns.from - (x * s_.sw - s_.pw);
        cells_[c * layout_.pitch + x] = columns.to - columns.from;
      }
    }
  }

  // Loads what is not there yet of the rows of src that windows of row y have, and lists them.
  Range load_window(int y) {
    const Range rows = window(y, s_.sh, s_.ph, s_.kh, s_.ih);
    for (loaded_ = std::max(loaded_, rows.from); loaded_ < rows.to; loaded_++) {
      load_src(s_, layout_, planes_, src_, loaded_, src_line_, src_row(loaded_));
    }
    for (int r = rows.from; r < rows.to; r++) window_[r - rows.from] = src_row(r);
    return rows;
  }

  // Calls body(j, entries of tap j for the lanes from b) for the taps of a row, from left to right.
  template <class Body>
  void for_taps(const float* row, int64_t b, const Body& body) const {
    int j = 0;
    for (const float* entries = row + b; j < kw(); entries++) {
      for (int p = 0; p < sw() && j < kw(); p++, j++) body(j, entries + p * layout_.phase);
    }
  }

  Floats largest(const Range& rows, int64_t b) const {
    Floats best = V::set(-FLT_MAX);
    for (int r = rows.from; r < rows.to; r++) {
      for_taps(window_[r - rows.from], b, [&](int, const float* entries) {
        const Floats value = V::load(entries);
        best = V::select(V::greater(value, best), value, best);
      });
    }
    return best;
  }

  // Which tap has the largest cell; where none is above -FLT_MAX, the first cell's.
  Ints largest_tap(int y, const Range& rows, int64_t b) const {
    Floats best = V::set(-FLT_MAX);
    const int top = rows.from - (y * s_.sh - s_.ph);
    Ints tap = V::sum(V::set(top * kw()), V::load(first_ + b));
    for (int r = rows.from; r < rows.to; r++) {
      const int first = (top + r - rows.from) * kw();
      for_taps(window_[r - rows.from], b, [&](int j, const float* entries) {
        const Floats value = V::load(entries);
        const auto larger = V::greater(value, best);
        best = V::select(larger, value, best);
        tap = V::select(larger, V::set(first + j), tap);
      });
    }
    return tap;
  }

  Floats divisor(const Range& rows, int64_t b) const {
    if (kind_ == PoolKind::kAverageOfWindow) return V::set(static_cast<float>(s_.kh * kw()));
    return V::floats(V::product(V::set(rows.to - rows.from), V::load(cells_ + b)));
  }

  Floats average(const Range& rows, int64_t b) const {
    Floats sum = V::set(0.0f);
    for (int r = rows.from; r < rows.to; r++) {
      for_taps(window_[r - rows.from], b,
               [&](int, const float* entries) { sum = sum + V::load(entries); });
    }
    return sum / divisor(rows, b);
  }

  // What the windows of row y have for their cells, and for which.
  void share_out(int y, const float* diff_dst) {
    float* share = share_row(y) + left_;
    const float* from = diff_dst + static_cast<int64_t>(y) * s_.ow;
    copy_rows(planes_, s_.ow, from, s_.dst_plane(), share, layout_.pitch);
    if (kind_ == PoolKind::kMax) {
      const Range rows = load_window(y);
      for (int64_t b = 0; b < layout_.lanes; b += V::kWidth) {
        V::store(tap_row(y) + left_ + b, largest_tap(y, rows, b));
      }
      return;
    }
    const Range rows = window(y, s_.sh, s_.ph, s_.kh, s_.ih);
    for (int64_t b = 0; b < layout_.lanes; b += V::kWidth) {
      V::store(share + b, V::load(share + b) / divisor(rows, b));
    }
  }

  // The gradient of the entries from b of phase p in row r: of windows above first, and in a row of
  // those further left.
  template <bool kOfLargest>
  Floats gathered(int r, const Range& rows, int p, int64_t b) const {
    Floats sum = V::set(0.0f);
    for (int y = rows.from; y < rows.to; y++) {
      const float* share = shares_[y - rows.from] + b;
      const int32_t* tap = taps_[y - rows.from] + b;
      const int first = (r - (y * s_.sh - s_.ph)) * kw() + p;
      for (int q = p < kw() ? (kw() - 1 - p) / sw() : -1; q >= 0; q--) {
        Floats part = V::load(share - q);
        if (kOfLargest) {
          const auto is = V::equal(V::load(tap - q), V::set(first + q * sw()));
          part = V::select(is, part, V::set(0.0f));
        }
        sum = sum + part;
      }
    }
    return sum;
  }

  const PoolKind kind_;
  const PoolShape s_;
  const PoolLayout layout_;
  const int planes_;
  const float* const src_;
  const int64_t row_;   // floats of a row of src
  const int64_t left_;  // lanes before the first that taps reach
  // Of a row of shares: lanes that taps reach on either side are there, with a share of 0.
  const int64_t share_floats_;
  int loaded_ = 0;  // rows of src
  float *src_line_, *src_ring_, *diff_line_, *diff_row_, *dst_row_, *share_ring_;
  int32_t *first_, *cells_, *tap_ring_;
  const float **window_, **shares_;
  const int32_t** taps_;
  int64_t scratch_;
};

// Calls body with a group of the constants that the shape allows.
template <class V, class Body>
auto with_group(PoolKind kind, const PoolShape& s, const PoolLayout& layout, int planes,
                const float* src, void* scratch, const Body& body) {
  if (s.kw == 3 && s.sw == 2) {
    return body(PoolGroup<V, 3, 2>(kind, s, layout, planes, src, scratch));
  }
  if (s.kw == 3 && s.sw == 1) {
    return body(PoolGroup<V, 3, 1>(kind, s, layout, planes, src, scratch));
  }
  if (s.kw == 2 && s.sw == 2) {
    return body(PoolGroup<V, 2, 2>(kind, s, layout, planes, src, scratch));
  }
  return body(PoolGroup<V, 0, 0>(kind, s, layout, planes, src, scratch));
}

template <class V>
void forward(PoolKind kind, const PoolShape& shape, const PoolLayout& layout, int planes,
             const float* src, void* scratch, float* dst) {
  if (layout.planes == 0) {
    windows_forward(kind, shape, src, dst);
  } else {
    with_group<V>(kind, shape, layout, planes, src, scratch,
                  [&](auto group) { group.forward(dst); });
  }
}

template <class V>
void backward(PoolKind kind, const PoolShape& shape, const PoolLayout& layout, int planes,
              const float* src, const float* diff_dst, void* scratch, float* diff_src) {
  if (layout.planes == 0) {
    windows_backward(kind, shape, src, diff_dst, diff_src);
  } else {
    with_group<V>(kind, shape, layout, planes, src, scratch,
                  [&](auto group) { group.backward(diff_dst, diff_src); });
  }
}

template <class V>
int64_t scratch(const PoolShape& shape, const PoolLayout& layout) {
  if (layout.planes == 0) return 0;
  return PoolGroup<V, 0, 0>(PoolKind::kMax, shape, layout, 0, nullptr, nullptr).scratch();
}

template <class V>
constexpr PoolKernel kernel_named(const char* name) {
  return {name, scratch<V>, forward<V>, backward<V>};
}

}  // namespace
}  // namespace dfp

#endif  // DFP_FP32_POOL_LOOPS_H
