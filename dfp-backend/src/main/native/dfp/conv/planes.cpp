// Each value is read once, whatever the stride: rows are quantized in the order of memory, many
// short ones in one run, and dealt out from there to the phases that a tap reads. Values of other
// phases are in no plane, but in the tensor's amax.
#include "dfp/conv/planes.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"

namespace dfp {
namespace {

// Where the elements of one axis go: element i to cell (i + pad) / stride of phase
// (i + pad) % stride.
struct Placement {
  const int stride;
  int slots = 0;          // phases that have planes
  bool padded;            // whether there are other cells or phases
  std::vector<int> cell;  // of each element
  std::vector<int> slot;  // of its phase among those that have planes, or -1

  static Placement of_src(const Axis& axis) {
    return {axis, axis.in, axis.stride, axis.pad, axis.slot};
  }
  static Placement of_diff_dst(const Axis& axis) { return {axis, axis.out, 1, 0, {0}}; }

 private:
  Placement(const Axis& axis, int length, int step, int pad, const std::vector<int>& slot_of_phase)
      : stride(step), padded(step > 1 || axis.size > length) {
    for (const int each : slot_of_phase) slots = std::max(slots, each + 1);
    for (int i = 0; i < length; i++) {
      cell.push_back((i + pad) / stride);
      slot.push_back(slot_of_phase[static_cast<std::size_t>((i + pad) % stride)]);
    }
  }
};

std::size_t at(int64_t index) { return static_cast<std::size_t>(index); }
std::size_t bytes(int64_t elements) { return at(elements) * sizeof(int16_t); }

// to[i] <- from[i * stride].
inline void copy_every(int stride, const int16_t* from, int64_t count, int16_t* to) {
  if (stride == 1) {
    std::memcpy(to, from, bytes(count));
  } else if (stride == 2) {
    for (int64_t i = 0; i < count; i++) to[i] = from[2 * i];
  } else {
    for (int64_t i = 0; i < count; i++) to[i] = from[i * stride];
  }
}

// One tensor [mb, channels, depth, height, width] and its planes.
class PlaneWriter {
 public:
  // `values`: what the tensor's stand for; null: themselves.
  PlaneWriter(int isa, const Grid& grid, const Strided& x, const DeferredValues* values,
              const Quantization& how, Placement depths, Placement rows, Placement cols,
              int16_t* planes)
      : kernel_(quantize_kernel(isa)),
        grid_(grid),
        x_(x),
        values_(values),
        how_(how),
        depths_(std::move(depths)),
        rows_(std::move(rows)),
        cols_(std::move(cols)),
        planes_(planes),
        planes_of_channel_(int64_t{depths_.slots} * rows_.slots * cols_.slots),
        width_(x.shape[4]),
        rows_are_one_run_(x.strides[4] == 1 && (x.shape[3] == 1 || x.strides[3] == width_)),
        in_place_(rows_are_one_run_ && !rows_.padded && !cols_.padded) {}

  float write_all(int threads) const {
    clear_margins();
    const int channels = static_cast<int>(x_.shape[1]), examples = static_cast<int>(x_.shape[0]);
    // Channels-last input shares its cache lines between channels.
    constexpr int64_t kUnit = 16384, kSharingChannels = 16;  // that a thread takes at a time
    const int64_t volume = x_.shape[2] * x_.shape[3] * width_;
    const int group = static_cast<int>(
        x_.strides[4] == 1 ? std::clamp<int64_t>(kUnit / volume, 1, channels) : kSharingChannels);
    LargestBits largest;
    parallel_for(threads, div_up(channels, group) * examples, [&](int64_t unit, int) {
      const int n = static_cast<int>(unit % examples);
      const int begin = static_cast<int>(unit / examples) * group;
      largest.add(write(n, begin, std::min(begin + group, channels)));
    });
    return largest.amax();
  }

 private:
  static constexpr int kBuffer = 2048;  // values that are quantized before they are dealt out

  void clear_margins() const {
    std::memset(planes_, 0, bytes(grid_.margin));
    for (int64_t i = 0; i < x_.shape[1] * planes_of_channel_; i++) {
      std::memset(grid_.plane(planes_, i) + grid_.positions, 0,
                  bytes(grid_.pitch - grid_.positions));
    }
  }

  // Channels [begin, end) of an example; returns their max_bits, as the functions below do.
  uint32_t write(int n, int begin, int end) const {
    const int64_t depth = x_.shape[2], height = x_.shape[3];
    uint32_t max = 0;
    if (x_.strides[4] == 1) {
      for (int c = begin; c < end; c++) {
        clear(n, c);
        for (int64_t z = 0; z < depth; z++) max = std::max(max, write_rows(n, c, z, 0, height));
      }
      return max;
    }
    for (int c = begin; c < end; c++) clear(n, c);
    for (int64_t z = 0; z < depth; z++) {
      for (int64_t y = 0; y < height; y++) {
        for (int c = begin; c < end; c++) max = std::max(max, write_rows(n, c, z, y, y + 1));
      }
    }
    return max;
  }

  // Zeros to all cells of channel c of example n, where some keep them.
  void clear(int n, int c) const {
    if (in_place_ && !depths_.padded) return;
    const int64_t cells = int64_t{grid_.depths.size} * grid_.rows.size * grid_.cols.size;
    for (int64_t i = 0; i < planes_of_channel_; i++) {
      int16_t* plane = grid_.plane(planes_, c * planes_of_channel_ + i);
      std::memset(plane + grid_.position(grid_.image(n, 0), 0, 0), 0, bytes(cells));
    }
  }

  uint32_t write_rows(int n, int c, int64_t z, int64_t first, int64_t end) const {
    if (in_place_ && depths_.slot[at(z)] >= 0) {
      return quantize(n, c, z, first, 0, (end - first) * width_,
                      row(n, c, z, first, 0) + cols_.cell[0]);
    }
    int16_t values[kBuffer];
    const int64_t rows = rows_are_one_run_ ? std::max<int64_t>(1, kBuffer / width_) : 1;
    const int64_t length = std::min<int64_t>(width_, kBuffer);
    uint32_t max = 0;
    for (int64_t y = first; y < end; y += rows) {
      const int64_t count = std::min(rows, end - y);
      for (int64_t x = 0; x < width_; x += length) {
        const int64_t part = std::min(length, width_ - x);
        max = std::max(max, quantize(n, c, z, y, x, count * part, values));
        for (int64_t i = 0; i < count; i++) deal_out(n, c, z, y + i, x, part, values + i * part);
      }
    }
    return max;
  }

  // `count` values in the order of memory, from element (n, c, z, y, x) on.
  uint32_t quantize(int64_t n, int64_t c, int64_t z, int64_t y, int64_t x, int64_t count,
                    int16_t* to) const {
    const int64_t element[] = {n, c, z, y, x};
    int64_t offset = 0, index = 0;
    for (int i = 0; i < x_.rank; i++) {
      offset += element[i] * x_.strides[i];
      index = index * x_.shape[i] + element[i];
    }
    if (values_ == nullptr) {
      return quantize_run(kernel_, x_.data + offset, x_.strides[4], count, how_,
                          static_cast<uint64_t>(index), 1, to);
    }
    uint32_t max = 0;
    alignas(64) float buffer[DeferredValues::kMaxRun];
    for (int64_t i = 0; i < count; i += DeferredValues::kMaxRun) {
      const int64_t part = std::min(DeferredValues::kMaxRun, count - i);
      const float* values = (*values_)(offset + i, c, part, buffer);
      max = std::max(max, kernel_.quantize(values, part, how_, static_cast<uint64_t>(index + i), 1,
                                           to + i));
    }
    return max;
  }

  // Elements [x, x + count) of a row to their cells.
  void deal_out(int n, int c, int64_t z, int64_t y, int64_t x, int64_t count,
                const int16_t* values) const {
    if (depths_.slot[at(z)] < 0 || rows_.slot[at(y)] < 0) return;
    for (int64_t i = 0; i < std::min<int64_t>(cols_.stride, count); i++) {
      const int slot = cols_.slot[at(x + i)];
      if (slot < 0) continue;
      copy_every(cols_.stride, values + i, div_up(count - i, cols_.stride),
                 row(n, c, z, y, slot) + cols_.cell[at(x + i)]);
    }
  }

  // Cell 0 of a row's cells of one phase of the columns.
  int16_t* row(int n, int c, int64_t z, int64_t y, int col_slot) const {
    const int64_t slots = int64_t{depths_.slot[at(z)]} * rows_.slots + rows_.slot[at(y)];
    return grid_.plane(planes_, c * planes_of_channel_ + slots * cols_.slots + col_slot) +
           grid_.position(grid_.image(n, depths_.cell[at(z)]), rows_.cell[at(y)], 0);
  }

  const QuantizeKernel& kernel_;
  const Grid& grid_;
  const Strided& x_;
  const DeferredValues* const values_;
  const Quantization& how_;
  const Placement depths_, rows_, cols_;
  int16_t* const planes_;
  const int64_t planes_of_channel_, width_;
  const bool rows_are_one_run_;  // in memory
  const bool in_place_;          // an image's elements are its cells, in one run on both sides
};

}  // namespace

float pack_src(int isa, const Grid& grid, const Strided& x, const Quantization& how, int threads,
               int16_t* planes) {
  return PlaneWriter(isa, grid, x, nullptr, how, Placement::of_src(grid.depths),
                     Placement::of_src(grid.rows), Placement::of_src(grid.cols), planes)
      .write_all(threads);
}

float pack_src(int isa, const Grid& grid, const Strided& x, const Deferred& values,
               const Quantization& how, int threads, int16_t* planes) {
  const DeferredValues computed(isa, values);
  return PlaneWriter(isa, grid, x, &computed, how, Placement::of_src(grid.depths),
                     Placement::of_src(grid.rows), Placement::of_src(grid.cols), planes)
      .write_all(threads);
}

float pack_diff_dst(int isa, const Grid& grid, const Strided& x, const Quantization& how,
                    int threads, int16_t* planes) {
  return PlaneWriter(isa, grid, x, nullptr, how, Placement::of_diff_dst(grid.depths),
                     Placement::of_diff_dst(grid.rows), Placement::of_diff_dst(grid.cols), planes)
      .write_all(threads);
}

}  // namespace dfp
