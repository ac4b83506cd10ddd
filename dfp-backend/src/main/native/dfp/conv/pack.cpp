// Quantizes the tensors of a convolution into the layouts that its products read.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/conv/conv.h"
#include "dfp/conv/grid.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

// --- Weights
// --------------------------------------------------------------------------------------

struct WeightsLayout {
  int16_t* mantissas;
  uint8_t* panels;
  int64_t panel_bytes, panel_count, bytes;

  WeightsLayout(int isa, const ConvShape& shape, void* packed) {
    const GemmKernel& kernel = gemm_kernel(isa);
    Arena arena(packed);
    mantissas = arena.take<int16_t>(shape.oc * shape.weights_row());
    panel_bytes = kernel.a_panel_bytes(shape.weights_row());
    panel_count = div_up(shape.oc, kernel.mr);
    panels = arena.take<uint8_t>(panel_count * panel_bytes);
    bytes = arena.used();
  }
};

float pack_weights(int isa, const ConvShape& shape, const Strided& x, const Quantization& how,
                   int threads, void* packed, uint64_t* fingerprint) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const WeightsLayout layout(isa, shape, packed);
  const int64_t k = shape.weights_row();
  // A fingerprint counts the values in the order of memory.
  const bool with_fingerprint = fingerprint != nullptr && x.is_dense();
  LargestBits largest;
  std::atomic<uint64_t> sum{0};
  // The mantissas of a panel are still in the cache when it is packed from them.
  parallel_for(threads, layout.panel_count, [&](int64_t panel, int) {
    const int16_t* rows[64];
    const int64_t first = panel * kernel.mr;
    const int count = static_cast<int>(std::min<int64_t>(kernel.mr, shape.oc - first));
    for (int i = 0; i < count; i++) rows[i] = layout.mantissas + (first + i) * k;
    const Seen seen = quantize_rows(quantize_kernel(isa), x, how, first * k, (first + count) * k,
                                    with_fingerprint, layout.mantissas + first * k);
    largest.add(seen.max_bits);
    sum.fetch_add(seen.fingerprint, std::memory_order_relaxed);
    kernel.pack_a(rows, count, k, layout.panels + panel * layout.panel_bytes);
  });
  if (fingerprint != nullptr) {
    *fingerprint =
        with_fingerprint ? sum.load() ^ mix_layout(x) : scan(isa, x, threads, true).fingerprint;
  }
  return largest.amax();
}

// --- src and diffDst
// ------------------------------------------------------------------------------

// What one phase of one axis holds: elements begin, begin + step, ... in cells [first, end).
struct Span {
  int first, end, begin, step;

  Span(const Axis& axis, int phase)
      : first(axis.first(phase)),
        end(axis.end(phase)),
        begin(axis.index(first, phase)),
        step(axis.stride) {}
  // An axis of diffDst.
  explicit Span(const Axis& axis) : first(0), end(axis.out), begin(0), step(1) {}

  int64_t count() const { return end - first; }
  int element(int cell) const { return begin + (cell - first) * step; }
};

// Writes one phase of a tensor [mb, channels, depth, height, width] into its planes.
class PlaneWriter {
 public:
  PlaneWriter(const QuantizeKernel& kernel, const Grid& grid, const Strided& x,
              const Quantization& how, const Span& depths, const Span& rows, const Span& cols)
      : kernel_(kernel), grid_(grid), x_(x), how_(how), depths_(depths), rows_(rows), cols_(cols) {}

  // All cells of an image of the plane whose cell 0 is `plane`, from channel c; returns the values'
  // max_bits, as the other functions that write do.
  uint32_t write_image(int image, int c, int16_t* plane) const {
    if (has_elements(image) && has_no_padding()) {
      return write_cells(image, c, 0, static_cast<int64_t>(rows_.end) * cols_.end, plane);
    }
    clear_image(image, plane);
    if (!has_elements(image)) return 0;
    uint32_t max = 0;
    for (int u = rows_.first; u < rows_.end; u++) {
      max = std::max(max, write_row(image, c, u, plane));
    }
    return max;
  }

  void clear_image(int image, int16_t* plane) const {
    const int64_t cells = static_cast<int64_t>(grid_.rows.size) * grid_.cols.size;
    std::memset(plane + grid_.position(image, 0, 0), 0, static_cast<size_t>(cells) * sizeof *plane);
  }

  // The elements of row u of an image that has some.
  uint32_t write_row(int image, int c, int u, int16_t* plane) const {
    return write_cells(image, c, u, cols_.end - cols_.first, plane);
  }

  // False where an image is padding.
  bool has_elements(int image) const {
    const int t = image % grid_.depths.size;
    return t >= depths_.first && t < depths_.end;
  }
  int first_row() const { return rows_.first; }
  int end_row() const { return rows_.end; }

 private:
  // True where an image's cells are its elements, in one piece on both sides.
  bool has_no_padding() const {
    return rows_.first == 0 && cols_.first == 0 && rows_.end == grid_.rows.size &&
           cols_.end == grid_.cols.size && rows_.step == 1 && cols_.step == 1 &&
           cols_.end == x_.shape[4] && x_.strides[4] == 1 && x_.strides[3] == x_.shape[4];
  }

  // `count` elements from the first one of row u.
  uint32_t write_cells(int image, int c, int u, int64_t count, int16_t* plane) const {
    const int64_t at[] = {image / grid_.depths.size, c, depths_.element(image % grid_.depths.size),
                          rows_.element(u), cols_.begin};
    int64_t offset = 0, index = 0;
    for (int i = 0; i < x_.rank; i++) {
      offset += at[i] * x_.strides[i];
      index = index * x_.shape[i] + at[i];
    }
    return quantize_run(kernel_, x_.data + offset, x_.strides[4] * cols_.step, count, how_,
                        static_cast<uint64_t>(index), static_cast<uint64_t>(cols_.step),
                        plane + grid_.position(image, u, cols_.first));
  }

  const QuantizeKernel& kernel_;
  const Grid& grid_;
  const Strided& x_;
  const Quantization& how_;
  const Span depths_, rows_, cols_;
};

// Fills one plane a channel, at `first_plane` and every `plane_step` from there.
void fill_planes(const Grid& grid, const PlaneWriter& writer, const Strided& x, int64_t first_plane,
                 int64_t plane_step, int threads, int16_t* buffer, LargestBits& largest) {
  const auto plane = [&](int c) { return grid.plane(buffer, first_plane + c * plane_step); };
  const int channels = static_cast<int>(x.shape[1]), images = grid.images();
  if (x.strides[4] == 1) {
    constexpr int64_t kUnit = 16384;  // elements that a thread takes at a time
    const int group =
        static_cast<int>(std::clamp<int64_t>(kUnit / (x.shape[3] * x.shape[4]), 1, channels));
    parallel_for(threads, div_up(channels, group) * images, [&](int64_t unit, int) {
      const int image = static_cast<int>(unit % images);
      const int begin = static_cast<int>(unit / images) * group;
      const int end = std::min(begin + group, channels);
      uint32_t max = 0;
      for (int c = begin; c < end; c++) max = std::max(max, writer.write_image(image, c, plane(c)));
      largest.add(max);
    });
    return;
  }
  // Channels-last input shares its cache lines between channels: a few channels at a time, row by
  // row.
  constexpr int kGroup = 16;
  parallel_for(threads, div_up(channels, kGroup) * images, [&](int64_t unit, int) {
    const int image = static_cast<int>(unit % images);
    const int begin = static_cast<int>(unit / images) * kGroup;
    const int end = std::min(begin + kGroup, channels);
    for (int c = begin; c < end; c++) writer.clear_image(image, plane(c));
    if (!writer.has_elements(image)) return;
    uint32_t max = 0;
    for (int u = writer.first_row(); u < writer.end_row(); u++) {
      for (int c = begin; c < end; c++) {
        max = std::max(max, writer.write_row(image, c, u, plane(c)));
      }
    }
    largest.add(max);
  });
}

void clear_margins(const Grid& grid, int64_t planes, int16_t* buffer) {
  std::memset(buffer, 0, static_cast<size_t>(grid.margin) * sizeof *buffer);
  for (int64_t i = 0; i < planes; i++) {
    std::memset(grid.plane(buffer, i) + grid.positions, 0,
                static_cast<size_t>(grid.pitch - grid.positions) * sizeof *buffer);
  }
}

float pack_src(int isa, const ConvShape& shape, const Strided& x, const Quantization& how,
               int threads, int16_t* buffer) {
  const Grid grid(shape);
  LargestBits largest;
  int64_t written = 0;  // elements of one channel of one image
  clear_margins(grid, grid.src_planes(), buffer);
  for (const Phase& phase : grid.read_phases()) {
    const Span depths(grid.depths, phase.depth), rows(grid.rows, phase.row);
    const Span cols(grid.cols, phase.col);
    const PlaneWriter writer(quantize_kernel(isa), grid, x, how, depths, rows, cols);
    fill_planes(grid, writer, x, grid.src_plane(0, phase), grid.phases(), threads, buffer, largest);
    written += depths.count() * rows.count() * cols.count();
  }
  // Elements that no output reads are in no plane, but in the tensor's amax.
  const bool complete = written == shape.src_plane();
  return complete ? largest.amax() : scan(isa, x, threads, false).amax;
}

float pack_diff_dst(int isa, const ConvShape& shape, const Strided& x, const Quantization& how,
                    int threads, int16_t* buffer) {
  const Grid grid(shape);
  clear_margins(grid, shape.oc, buffer);
  const PlaneWriter writer(quantize_kernel(isa), grid, x, how, Span(grid.depths), Span(grid.rows),
                           Span(grid.cols));
  LargestBits largest;
  fill_planes(grid, writer, x, 0, 1, threads, buffer, largest);
  return largest.amax();
}

}  // namespace

PackedWeights::PackedWeights(int isa, const ConvShape& shape, const void* packed) {
  const WeightsLayout layout(isa, shape, const_cast<void*>(packed));
  mantissas = layout.mantissas;
  panels = layout.panels;
}

int64_t conv_packed_bytes(int isa, const ConvShape& shape, Role role) {
  switch (role) {
    case Role::kWeights:
      return WeightsLayout(isa, shape, nullptr).bytes;
    case Role::kSrc: {
      const Grid grid(shape);
      return grid.bytes(grid.src_planes());
    }
    default:
      return Grid(shape).bytes(shape.oc);
  }
}

float conv_pack(int isa, const ConvShape& shape, Role role, const Strided& x,
                const Quantization& how, int threads, void* packed, uint64_t* fingerprint) {
  switch (role) {
    case Role::kWeights:
      return pack_weights(isa, shape, x, how, threads, packed, fingerprint);
    case Role::kSrc:
      return pack_src(isa, shape, x, how, threads, static_cast<int16_t*>(packed));
    default:
      return pack_diff_dst(isa, shape, x, how, threads, static_cast<int16_t*>(packed));
  }
}

int64_t conv_scratch_bytes(int isa, const ConvShape& shape, Pass pass, int threads) {
  switch (pass) {
    case Pass::kForward:
      return forward_scratch_bytes(isa, shape, threads);
    case Pass::kBackwardData:
      return backward_data_scratch_bytes(isa, shape, threads);
    default:
      return backward_weights_scratch_bytes(isa, shape, threads);
  }
}

}  // namespace dfp
