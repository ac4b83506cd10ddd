// Quantizes the tensors of a convolution into the layouts that its products read.
#include <algorithm>
#include <atomic>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/backward_data.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/filters.h"
#include "dfp/conv/grid.h"
#include "dfp/conv/planes.h"
#include "dfp/dense/dense.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

struct WeightsLayout {
  int16_t* mantissas;
  uint8_t* panels;
  int64_t panel_bytes, panel_count, bytes;

  WeightsLayout(int isa, const Filters& filters, void* packed) {
    const GemmKernel& kernel = gemm_kernel(isa);
    const ConvShape& shape = filters.shape;
    Arena arena(packed);
    mantissas = arena.take<int16_t>(shape.oc * shape.weights_row() + kStripSpan);
    panel_bytes = kernel.a_panel_bytes(shape.weights_row());
    panel_count = div_up(shape.oc, kernel.mr);
    // The products of fully connected layers read mantissas.
    panels = arena.take<uint8_t>(filters.are_dense() ? 0 : panel_count * panel_bytes);
    bytes = arena.used();
  }
};

float pack_weights(int isa, const Filters& filters, const Strided& x, const Quantization& how,
                   int threads, void* packed, uint64_t* fingerprint) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const ConvShape& shape = filters.shape;
  const WeightsLayout layout(isa, filters, packed);
  const int64_t k = shape.weights_row();
  // A fingerprint counts the values in the order of memory.
  const bool with_fingerprint = fingerprint != nullptr && x.is_dense();
  // A row of each thread, where only some of its taps are kept.
  const int64_t row = filters.keep_all() ? 0 : filters.row();
  std::vector<int16_t> whole_rows(static_cast<std::size_t>(threads * row));
  LargestBits largest;
  std::atomic<uint64_t> sum{0};
  // The mantissas of a panel are still in the cache when it is packed from them.
  parallel_for(threads, layout.panel_count, [&](int64_t panel, int thread) {
    const int16_t* rows[64];
    const int64_t first = panel * kernel.mr;
    const int count = static_cast<int>(std::min<int64_t>(kernel.mr, shape.oc - first));
    for (int i = 0; i < count; i++) rows[i] = layout.mantissas + (first + i) * k;
    const auto quantize = [&](int64_t begin, int64_t end, int16_t* to) {
      const Seen seen =
          quantize_rows(quantize_kernel(isa), x, how, begin, end, with_fingerprint, to);
      largest.add(seen.max_bits);
      sum.fetch_add(seen.fingerprint, std::memory_order_relaxed);
    };
    if (filters.keep_all()) {
      quantize(first * k, (first + count) * k, layout.mantissas + first * k);
    }
    for (int64_t o = first; !filters.keep_all() && o < first + count; o++) {
      int16_t* whole = whole_rows.data() + thread * row;
      quantize(o * row, (o + 1) * row, whole);
      filters.keep(whole, shape.ic, layout.mantissas + o * k);
    }
    if (filters.are_dense()) return;
    kernel.pack_a(rows, count, k, nullptr, layout.panels + panel * layout.panel_bytes);
  });
  if (fingerprint != nullptr) {
    *fingerprint =
        with_fingerprint ? sum.load() ^ mix_layout(x) : scan(isa, x, threads, true).fingerprint;
  }
  return largest.amax();
}

// Products with fewer columns have less to do than packing has.
constexpr int64_t kFewColumns = 128;

}  // namespace

PackedWeights::PackedWeights(int isa, const Filters& filters, const void* packed) {
  const WeightsLayout layout(isa, filters, const_cast<void*>(packed));
  mantissas = layout.mantissas;
  panels = layout.panels;
}

bool conv_takes_fp32_weights(int isa, const ConvShape& shape) {
  const Filters filters(shape);
  if (filters.are_dense()) return true;
  const int64_t strides = int64_t{shape.sd} * shape.sh * shape.sw;
  const int64_t columns = shape.mb * std::max(shape.dst_plane(), shape.src_plane() / strides);
  return columns <= kFewColumns && has_one_phase(gemm_kernel(isa), filters.shape);
}

int64_t planes_bytes(const ConvShape& shape, Role role) {
  const Grid grid(shape);
  return grid.bytes(role == Role::kSrc ? grid.src_planes() : shape.oc);
}

float pack_planes(int isa, const ConvShape& shape, Role role, const Strided& x,
                  const Quantization& how, int threads, void* packed) {
  const Grid grid(shape);
  const auto planes = static_cast<int16_t*>(packed);
  return role == Role::kSrc ? pack_src(isa, grid, x, how, threads, planes)
                            : pack_diff_dst(isa, grid, x, how, threads, planes);
}

int64_t conv_packed_bytes(int isa, const ConvShape& shape, Role role) {
  const Filters filters(shape);
  if (role == Role::kWeights) return WeightsLayout(isa, filters, nullptr).bytes;
  return filters.are_dense() ? dense_packed_bytes(isa, filters.dense(), role)
                             : planes_bytes(filters.shape, role);
}

float conv_pack(int isa, const ConvShape& shape, Role role, const Strided& x,
                const Quantization& how, int threads, void* packed, uint64_t* fingerprint) {
  const Filters filters(shape);
  if (role == Role::kWeights) {
    return pack_weights(isa, filters, x, how, threads, packed, fingerprint);
  }
  return filters.are_dense() ? quantize_dense(isa, x, how, threads, static_cast<int16_t*>(packed))
                             : pack_planes(isa, filters.shape, role, x, how, threads, packed);
}

float conv_pack_src(int isa, const ConvShape& shape, const Strided& x, const Deferred& values,
                    const Quantization& how, int threads, void* packed) {
  const Filters filters(shape);
  const auto mantissas = static_cast<int16_t*>(packed);
  if (!filters.are_dense()) {
    return pack_src(isa, Grid(filters.shape), x, values, how, threads, mantissas);
  }
  std::vector<float> computed(static_cast<std::size_t>(x.elements()));
  deferred_sum(isa, {shape.mb, shape.ic, x.elements() / shape.mb / shape.ic}, values, std::nullopt,
               std::nullopt, threads, computed.data());
  Strided of_computed = x;
  of_computed.data = computed.data();
  return quantize_dense(isa, of_computed, how, threads, mantissas);
}

int64_t conv_scratch_bytes(int isa, const ConvShape& whole, Pass pass, int threads) {
  const Filters filters(whole);
  switch (pass) {
    case Pass::kForward:
      return forward_scratch_bytes(isa, filters, threads);
    case Pass::kBackwardData:
      return backward_data_scratch_bytes(isa, filters, threads);
    default:
      return backward_weights_scratch_bytes(isa, filters, threads);
  }
}

}  // namespace dfp
