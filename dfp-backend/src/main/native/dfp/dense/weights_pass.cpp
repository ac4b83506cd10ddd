#include "dfp/dense/weights_pass.h"

#include <algorithm>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {
namespace {

// What a thread takes at a time. Its panels, and the mantissas they are packed from, share the L2
// cache with a part of A. FP32 values come from memory in runs, one a row: the longer, the better.
struct Blocking {
  int64_t columns;  // a multiple of every nr
  int64_t part;     // products, a multiple of every kr
};
constexpr Blocking kAlongRows = {64, 2048};   // rows are columns of B: runs of 8 KB
constexpr Blocking kAcrossRows = {512, 512};  // rows are rows of B: runs of 2 KB
constexpr int64_t kMostRows = kAcrossRows.part;
constexpr int64_t kMostColumns = kAlongRows.columns;

Blocking blocking(bool rows_are_columns) { return rows_are_columns ? kAlongRows : kAcrossRows; }

constexpr int64_t kRowsAhead = 4;  // that are fetched, across rows

struct Parts {
  int64_t count, length;  // of all parts but the last

  Parts(int64_t k, int64_t most)
      : count(div_up(k, most)), length(std::min(k, round_up(div_up(k, count), 64))) {}
};

struct Layout {
  uint8_t* a;  // [part][tile of rows]
  std::vector<uint8_t*> b;
  std::vector<int16_t*> mantissas;  // [row][column of the weights' rows]
  std::vector<int64_t*> sums;
  int64_t bytes;

  Layout(const GemmKernel& kernel, int64_t m, int64_t k, bool rows_are_columns, int threads,
         void* scratch) {
    const auto [columns, part] = blocking(rows_are_columns);
    const Parts parts(k, part);
    const int64_t m_tiles = div_up(m, kernel.mr);
    Arena arena(scratch);
    a = arena.take<uint8_t>(parts.count * m_tiles * kernel.a_panel_bytes(parts.length));
    for (int i = 0; i < threads; i++) {
      b.push_back(arena.take<uint8_t>(columns / kernel.nr * kernel.b_panel_bytes(parts.length)));
      mantissas.push_back(arena.take<int16_t>(columns * parts.length));
      sums.push_back(arena.take<int64_t>(parts.count == 1 ? 0 : m_tiles * kernel.mr * columns));
    }
    bytes = arena.used();
  }
};

class Run {
 public:
  Run(const WeightsPass& pass, const Layout& layout, int threads)
      : p_(pass),
        kernel_(pass.kernel),
        layout_(layout),
        threads_(threads),
        blocking_(blocking(pass.rows_are_columns)),
        parts_(pass.k, blocking_.part),
        m_tiles_(div_up(pass.m, kernel_.mr)),
        a_bytes_(kernel_.a_panel_bytes(parts_.length)),
        b_bytes_(kernel_.b_panel_bytes(parts_.length)),
        strips_(1) {
    strips_.add(0, p_.n, 0);
  }

  void operator()() const {
    pack_a();
    const int64_t even = round_up(div_up(p_.n, 4 * threads_), kernel_.nr);
    const int64_t columns = std::min(blocking_.columns, even);
    parallel_for(threads_, div_up(p_.n, columns), [&](int64_t unit, int thread) {
      const int64_t first = unit * columns;
      run_columns(first, std::min(columns, p_.n - first), thread);
    });
  }

 private:
  int64_t length(int64_t part) const {
    return std::min(parts_.length, p_.k - part * parts_.length);
  }

  void pack_a() const {
    parallel_for(threads_, parts_.count * m_tiles_, [&](int64_t panel, int) {
      const int64_t part = panel / m_tiles_, first = panel % m_tiles_ * kernel_.mr;
      const int count = static_cast<int>(std::min<int64_t>(kernel_.mr, p_.m - first));
      const int16_t* rows[64];
      for (int i = 0; i < count; i++) rows[i] = p_.a + (first + i) * p_.k + part * parts_.length;
      kernel_.pack_a(rows, count, length(part), nullptr, layout_.a + panel * a_bytes_);
    });
  }

  void run_columns(int64_t first, int64_t count, int thread) const {
    Block block;
    block.a_stride = a_bytes_;
    block.b = layout_.b[static_cast<std::size_t>(thread)];
    block.b_stride = b_bytes_;
    block.m = p_.m;
    block.panels = div_up(count, kernel_.nr);
    block.out.base = p_.out;
    block.out.exponent = p_.exponent;
    block.out.row_pitch = p_.n;
    const int64_t strip = first / kStripLanes;
    block.out.strips = strips_.strips().data() + strip;
    block.out.strip_count = static_cast<int64_t>(strips_.strips().size()) - strip;
    block.out.segments = strips_.segments().data();
    block.out.wide = p_.k >= kExactInDouble;
    if (parts_.count > 1) {
      block.sums = layout_.sums[static_cast<std::size_t>(thread)];
      block.sums_row = block.panels * kernel_.mr * kernel_.nr;
    }
    for (int64_t part = 0; part < parts_.count; part++) {
      block.k = length(part);
      block.a = layout_.a + part * m_tiles_ * a_bytes_;
      block.first = part == 0;
      if (p_.rows_are_columns) {
        pack_columns(first, count, part, thread);
      } else {
        pack_rows(first, count, part, thread);
      }
      kernel_.multiply(block);
    }
    if (block.sums != nullptr) kernel_.finish(block);
  }

  void pack_columns(int64_t first, int64_t count, int64_t part, int thread) const {
    const int64_t from = part * parts_.length, products = length(part);
    const int16_t* columns[kMostColumns];
    int16_t* buffer = layout_.mantissas[static_cast<std::size_t>(thread)];
    for (int64_t j = 0; j < count; j++) {
      const int64_t next = std::min(j + 1, count - 1);
      columns[j] =
          p_.rows.read(first + j, first + next, from, products, thread, buffer + j * products);
    }
    uint8_t* panel = layout_.b[static_cast<std::size_t>(thread)];
    for (int64_t j = 0; j < count; j += kernel_.nr, panel += b_bytes_) {
      const int in_panel = static_cast<int>(std::min<int64_t>(kernel_.nr, count - j));
      kernel_.pack_b_columns(columns + j, in_panel, products, nullptr, panel);
    }
  }

  void pack_rows(int64_t first, int64_t count, int64_t part, int thread) const {
    const int64_t from = part * parts_.length, products = length(part);
    // Strips of the last panel may be behind the last column.
    const int64_t pitch = round_up(count, kStripLanes);
    const int16_t* rows[kMostRows];
    int16_t* buffer = layout_.mantissas[static_cast<std::size_t>(thread)];
    for (int64_t i = 0; i < products; i++) {
      const int64_t next = std::min(i + kRowsAhead, products - 1);
      int16_t* mantissas = buffer + i * pitch;
      std::fill(mantissas + count, mantissas + pitch, int16_t{0});
      rows[i] = p_.rows.read(from + i, from + next, first, count, thread, mantissas);
    }
    uint8_t* panel = layout_.b[static_cast<std::size_t>(thread)];
    for (int64_t j = 0; j < count; j += kernel_.nr, panel += b_bytes_) {
      Strip strips[8];
      const int in_panel =
          static_cast<int>(std::min<int64_t>(kernel_.strips(), div_up(count - j, kStripLanes)));
      for (int s = 0; s < in_panel; s++) strips[s] = Strip::run(j + s * kStripLanes);
      kernel_.pack_b(rows, products, strips, in_panel, panel);
    }
  }

  const WeightsPass& p_;
  const GemmKernel& kernel_;
  const Layout& layout_;
  const int threads_;
  const Blocking blocking_;
  const Parts parts_;
  const int64_t m_tiles_, a_bytes_, b_bytes_;
  StripList strips_;
};

}  // namespace

int64_t weights_pass_scratch_bytes(const GemmKernel& kernel, int64_t m, int64_t k,
                                   bool rows_are_columns, int threads) {
  return Layout(kernel, m, k, rows_are_columns, threads, nullptr).bytes;
}

void run(const WeightsPass& pass, int threads, void* scratch) {
  const Layout layout(pass.kernel, pass.m, pass.k, pass.rows_are_columns, threads, scratch);
  Run(pass, layout, threads)();
}

}  // namespace dfp
