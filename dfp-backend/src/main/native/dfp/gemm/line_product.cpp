// Each thread packs the lines of some strips into its own cache, with as many before and behind
// them as the shifts reach, and runs all of the weights past them.
#include "dfp/gemm/line_product.h"

#include <xmmintrin.h>

#include <algorithm>
#include <cstddef>

#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {
namespace {

constexpr int64_t kChunkBytes = 1 << 20;  // of lines that one thread works on

// What takes how long, in the time of one step of a tile, measured: to pack a step of a panel of B,
// the lines of a strip, and a step of a panel of weights, which are gathered first; to turn a tile.
constexpr int64_t kPanelSteps = 2, kLineSteps = 5, kWeightsSteps = 10, kTurnSteps = 1;

struct Range {
  int64_t first, count;
};

class Run {
 public:
  Run(const LineProduct& product, int threads, uint8_t* scratch)
      : p_(product),
        kernel_(product.kernel),
        threads_(threads),
        scratch_(scratch),
        planes_(static_cast<int64_t>(product.planes.size())),
        groups_(div_up(planes_, kernel_.kr)),
        least_(*std::min_element(product.shifts.begin(), product.shifts.end())),
        reach_(*std::max_element(product.shifts.begin(), product.shifts.end()) - least_),
        bytes_(line_product_scratch_bytes(kernel_, planes_, reach_, 1)),
        low_(bytes_ / (groups_ * 2 * kTileLines) * kTileLines) {
    for (int64_t group = 0; group < groups_; group++) {
      for (const int64_t shift : product.shifts) {
        offsets_.push_back(2 * low_ * group + (shift - least_) * kLineBytes);
      }
    }
    cut();
  }

  void operator()() const {
    parallel_for(threads_, static_cast<int64_t>(chunks_.size()), [&](int64_t unit, int thread) {
      multiply(chunks_[static_cast<std::size_t>(unit)], scratch_ + thread * bytes_);
    });
  }

 private:
  static constexpr int64_t kTileLines = kStripLanes * kLineBytes;

  const Strip& strip(int64_t index) const {
    return p_.strips.strips()[static_cast<std::size_t>(index)];
  }
  // Positions whose lines are packed.
  int64_t positions_of(const Range& strips) const {
    const int64_t last = strip(strips.first + strips.count - 1).position;
    return round_up(last - strip(strips.first).position + kStripLanes + reach_, kStripLanes);
  }

  // Into chunks whose lines fit, and so many that the threads end together.
  void cut() {
    const auto count = static_cast<int64_t>(p_.strips.strips().size());
    const int64_t most = div_up(count, 4 * threads_);
    for (int64_t i = 0; i < count; i++) {
      if (!chunks_.empty() && chunks_.back().count < most) {
        Range longer = chunks_.back();
        longer.count++;
        if (positions_of(longer) * kLineBytes <= low_) {
          chunks_.back() = longer;
          continue;
        }
      }
      chunks_.push_back({i, 1});
    }
  }

  void multiply(const Range& strips, uint8_t* to) const {
    const int64_t origin = strip(strips.first).position;
    for (int64_t group = 0; group < groups_; group++) {
      const int64_t plane = group * kernel_.kr;
      const auto count = static_cast<int>(std::min<int64_t>(kernel_.kr, planes_ - plane));
      kernel_.pack_lines(p_.planes.data() + plane, count, origin + least_, positions_of(strips),
                         to + 2 * low_ * group, low_);
    }
    const Lines lines{to, origin, offsets_.data(), low_};
    Block block;
    block.lines = &lines;
    block.k = static_cast<int64_t>(offsets_.size()) * kernel_.kr;
    block.b = p_.weights;
    block.b_stride = kernel_.b_panel_bytes(block.k);
    block.m = strips.count * kStripLanes;
    block.panels = div_up(p_.m, kernel_.nr);
    block.out.base = p_.base;
    block.out.exponent = p_.exponent;
    block.out.row_pitch = p_.row_pitch;
    block.out.lane_stride = p_.strips.lane_stride();
    block.out.strips = p_.strips.strips().data() + strips.first;
    block.out.strip_count = strips.count;
    block.out.segments = p_.strips.segments().data();
    block.out.bias = p_.bias;
    block.out.stream = p_.stream;
    block.out.columns = p_.m;
    kernel_.multiply(block);
    if (p_.stream) _mm_sfence();  // before another thread reads the output
  }

  const LineProduct& p_;
  const GemmKernel& kernel_;
  const int threads_;
  uint8_t* const scratch_;
  const int64_t planes_, groups_;
  const int64_t least_, reach_;  // of the shifts
  const int64_t bytes_;          // of a thread's lines
  const int64_t low_;            // see Lines
  std::vector<int64_t> offsets_;
  std::vector<Range> chunks_;
};

}  // namespace

bool line_product_pays(const GemmKernel& kernel, int64_t m, int64_t planes, int64_t shifts,
                       int64_t strips, int64_t lines) {
  if (kernel.pack_lines == nullptr || line_product_k(kernel, planes, shifts) > kernel.max_k) {
    return false;
  }
  const int64_t tiles = div_up(m, kernel.mr), groups = div_up(planes, kernel.kr);
  const int64_t of_lines = lines * (groups * (tiles * shifts + kLineSteps) + tiles * kTurnSteps) +
                           tiles * groups * shifts * kWeightsSteps;
  const int64_t of_strips = strips * div_up(planes * shifts, kernel.kr) * (tiles + kPanelSteps);
  return of_lines < of_strips;
}

int64_t line_product_scratch_bytes(const GemmKernel& kernel, int64_t planes, int64_t reach,
                                   int threads) {
  const int64_t positions = round_up(kStripLanes + reach, kStripLanes);
  return threads * std::max(kChunkBytes, div_up(planes, kernel.kr) * 2 * kLineBytes * positions);
}

void line_product(const LineProduct& product, int threads, void* scratch) {
  Run(product, threads, static_cast<uint8_t*>(scratch))();
}

}  // namespace dfp
