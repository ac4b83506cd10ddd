// Two ways to share the work. With many panels of B each thread packs some into its own cache and
// runs all of A past them. With few (small images, small batches) the threads pack all panels
// together and then share the rows of A. There each panel of A is used by one thread, once: where
// panels are to be made, that thread makes them in its cache, and no memory ever holds all of A.
#include "dfp/gemm/strip_product.h"

#include <xmmintrin.h>

#include <algorithm>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {
namespace {

constexpr int64_t kChunkBytes = 1 << 20;  // of B that one thread works on: a share of its L2 cache
constexpr int64_t kMaxChunkPanels = 64;
constexpr int64_t kPanelsWithSums = 4;  // at a time where k needs several calls of the kernel

struct Plan {
  int64_t k_part;         // products of one call of the kernel
  int64_t a_panel_bytes;  // of all of k
  int64_t b_panel_bytes;  // of one part
  int64_t m_tiles;
  int64_t chunk;  // panels at a time
  int64_t made;   // panels of A that a thread makes at a time
  bool one_part;

  Plan(const GemmKernel& kernel, int64_t m, int64_t k, int threads, int64_t at_a_time)
      : k_part(std::min(k, kernel.max_k)),
        a_panel_bytes(kernel.a_panel_bytes(k)),
        b_panel_bytes(kernel.b_panel_bytes(k_part)),
        m_tiles(div_up(m, kernel.mr)),
        chunk(std::clamp<int64_t>(kChunkBytes / b_panel_bytes, 1, kMaxChunkPanels)),
        made(at_a_time == 0 ? 0 : std::clamp<int64_t>(m_tiles / (2 * threads), 1, at_a_time)),
        one_part(k <= kernel.max_k) {
    if (!one_part) chunk = std::min(chunk, kPanelsWithSums);
  }

  // Of a thread's panels; no less for a longer k, so that one scratch serves products of several k.
  int64_t chunk_bytes() const {
    return std::clamp(kChunkBytes, b_panel_bytes, kMaxChunkPanels * b_panel_bytes);
  }
  int64_t sums(const GemmKernel& kernel) const {
    return one_part ? 0 : m_tiles * kernel.mr * chunk * kernel.nr;
  }
};

struct ScratchLayout {
  std::vector<uint8_t*> b;
  std::vector<int64_t*> sums;
  uint8_t* a;  // panels that were made: all, or some of each thread
  int64_t bytes;

  ScratchLayout(const GemmKernel& kernel, const Plan& plan, int threads, void* scratch) {
    Arena arena(scratch);
    for (int i = 0; i < threads; i++) {
      b.push_back(arena.take<uint8_t>(plan.chunk_bytes()));
    }
    for (int i = 0; i < threads; i++) sums.push_back(arena.take<int64_t>(plan.sums(kernel)));
    const int64_t a_panels = plan.made == 0 ? 0 : std::max(plan.m_tiles, threads * plan.made);
    a = arena.take<uint8_t>(a_panels * plan.a_panel_bytes);
    bytes = arena.used();
  }
};

class Run {
 public:
  Run(const StripProduct& product, const Plan& plan, const ScratchLayout& scratch, int threads)
      : p_(product),
        kernel_(product.kernel),
        plan_(plan),
        scratch_(scratch),
        threads_(threads),
        strips_(static_cast<int64_t>(product.strips.strips().size())),
        panels_(div_up(strips_, product.kernel.strips())),
        a_(product.a) {}

  void operator()() {
    const int64_t panels_for_all = 8 * threads_;
    const bool few = plan_.one_part && panels_ < panels_for_all;
    const bool one_round = few && panels_ <= plan_.chunk * threads_;
    if (a_ == nullptr && one_round) {
      together();
      return;
    }
    if (a_ == nullptr) make_all();
    if (few && threads_ > 1) {
      together();
    } else {
      each_thread_its_panels();
    }
  }

 private:
  void make_all() {
    parallel_for(threads_, div_up(plan_.m_tiles, plan_.made), [&](int64_t unit, int thread) {
      const int64_t first = unit * plan_.made;
      p_.maker->make(first, std::min(plan_.made, plan_.m_tiles - first), thread,
                     scratch_.a + first * plan_.a_panel_bytes);
    });
    a_ = scratch_.a;
  }

  void each_thread_its_panels() const {
    const int64_t chunks = even_units(div_up(panels_, plan_.chunk), panels_);
    parallel_for(threads_, chunks, [&](int64_t unit, int thread) {
      const int64_t first = share(panels_, chunks, unit);
      const int64_t count = share(panels_, chunks, unit + 1) - first;
      uint8_t* b = scratch_.b[static_cast<size_t>(thread)];
      if (plan_.one_part) {
        for (int64_t i = 0; i < count; i++) pack(first + i, 0, p_.k, b + i * plan_.b_panel_bytes);
        multiply(block(a_, 0, plan_.m_tiles, first, count, b));
        return;
      }
      Block part = block(a_, 0, plan_.m_tiles, first, count, b);
      part.sums = scratch_.sums[static_cast<size_t>(thread)];
      part.sums_row = count * kernel_.mr * kernel_.nr;
      for (int64_t k = 0; k < p_.k; k += plan_.k_part) {
        part.k = std::min(plan_.k_part, p_.k - k);
        for (int64_t i = 0; i < count; i++) {
          pack(first + i, k, part.k, b + i * plan_.b_panel_bytes);
        }
        part.a = a_ + k * kernel_.a_bytes * kernel_.mr;
        part.first = k == 0;
        kernel_.multiply(part);
      }
      kernel_.finish(part);
      if (p_.stream) _mm_sfence();
    });
  }

  void together() const {
    // The threads' shares of the scratch follow one another: one buffer for all panels of a round.
    uint8_t* b = scratch_.b[0];
    const int64_t round = plan_.chunk * threads_;
    const int64_t least = a_ == nullptr ? div_up(plan_.m_tiles, plan_.made) : 1;
    const int64_t groups = even_units(least, plan_.m_tiles);
    for (int64_t first = 0; first < panels_; first += round) {
      const int64_t count = std::min(round, panels_ - first);
      parallel_for(threads_, count,
                   [&](int64_t i, int) { pack(first + i, 0, p_.k, b + i * plan_.b_panel_bytes); });
      parallel_for(threads_, groups, [&](int64_t unit, int thread) {
        const int64_t tile = share(plan_.m_tiles, groups, unit);
        const int64_t tiles = share(plan_.m_tiles, groups, unit + 1) - tile;
        multiply(block(panels_of_a(tile, tiles, thread), tile, tiles, first, count, b));
      });
    }
  }

  const uint8_t* panels_of_a(int64_t tile, int64_t tiles, int thread) const {
    if (a_ != nullptr) return a_ + tile * plan_.a_panel_bytes;
    uint8_t* made = scratch_.a + thread * plan_.made * plan_.a_panel_bytes;
    p_.maker->make(tile, tiles, thread, made);
    return made;
  }

  // Into how many units to cut `count` parts of the work: at least `least` and so many that the
  // threads end together.
  int64_t even_units(int64_t least, int64_t count) const {
    return std::min(count, round_up(std::max<int64_t>(least, 4 * threads_), threads_));
  }

  void multiply(const Block& block) const {
    kernel_.multiply(block);
    if (p_.stream) _mm_sfence();  // before another thread reads the output
  }

  void pack(int64_t panel, int64_t k, int64_t length, uint8_t* to) const {
    const int64_t first = panel * kernel_.strips();
    const int count = static_cast<int>(std::min<int64_t>(kernel_.strips(), strips_ - first));
    kernel_.pack_b(p_.rows + k, length, p_.strips.strips().data() + first, count, to);
  }

  Block block(const uint8_t* a, int64_t tile, int64_t tiles, int64_t panel, int64_t panels,
              const uint8_t* b) const {
    const int64_t row = tile * kernel_.mr, strip = panel * kernel_.strips();
    Block block;
    block.a = a;
    block.a_stride = plan_.a_panel_bytes;
    block.b = b;
    block.b_stride = plan_.b_panel_bytes;
    block.m = std::min(tiles * kernel_.mr, p_.m - row);
    block.panels = panels;
    block.k = p_.k;
    block.out.base = p_.base + row * p_.row_pitch;
    block.out.exponent = p_.exponent;
    block.out.row_pitch = p_.row_pitch;
    block.out.lane_stride = p_.strips.lane_stride();
    block.out.strips = p_.strips.strips().data() + strip;
    block.out.strip_count = strips_ - strip;
    block.out.segments = p_.strips.segments().data();
    block.out.bias = p_.bias == nullptr ? nullptr : p_.bias + row;
    block.out.wide = p_.k >= kExactInDouble;
    block.out.stream = p_.stream;
    return block;
  }

  const StripProduct& p_;
  const GemmKernel& kernel_;
  const Plan& plan_;
  const ScratchLayout& scratch_;
  const int threads_;
  const int64_t strips_, panels_;
  const uint8_t* a_;  // all panels of A; null: a thread makes those that it needs
};

}  // namespace

int64_t strip_product_scratch_bytes(const GemmKernel& kernel, int64_t m, int64_t k, int threads,
                                    int64_t at_a_time) {
  return ScratchLayout(kernel, Plan(kernel, m, k, threads, at_a_time), threads, nullptr).bytes;
}

void strip_product(const StripProduct& product, int threads, void* scratch) {
  const int64_t at_a_time = product.a == nullptr ? product.maker->at_a_time() : 0;
  const Plan plan(product.kernel, product.m, product.k, threads, at_a_time);
  const ScratchLayout layout(product.kernel, plan, threads, scratch);
  Run(product, plan, layout, threads)();
}

}  // namespace dfp
