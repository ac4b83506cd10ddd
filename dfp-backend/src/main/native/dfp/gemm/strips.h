// Which columns of a matrix product are wanted, where they lie in the rows of its B operand, and
// where they go in the output.
//
// Columns come in strips of 16 lanes. The lanes of a strip lie, in ascending order, among 32
// neighbouring values of a row: so a convolution on small maps computes none of the padding between
// their rows, and a kernel still reads a strip with one load and one permutation.
#ifndef DFP_GEMM_STRIPS_H
#define DFP_GEMM_STRIPS_H

#include <cstdint>
#include <vector>

namespace dfp {

constexpr int kStripLanes = 16;
// Readers of a strip may read so many values from its position on, wanted or not.
constexpr int kStripSpan = 32;

struct Strip {
  static constexpr int8_t kNone = -1;

  int64_t position;  // in the rows
  // Lane j is the value at position + cell[j]; kNone behind the last lane.
  int8_t cell[kStripLanes];
  int32_t first;  // index of its first segment
  int32_t count;  // of its segments

  // Whether the lanes are 16 neighbours.
  bool is_run() const { return cell[kStripLanes - 1] == kStripLanes - 1; }
  static Strip run(int64_t position);
};

// Lanes of a strip that lie evenly spaced in the output: the lanes of `mask`, in ascending order,
// go to out[offset], out[offset + lane_stride], ...
struct Segment {
  int64_t offset;
  uint16_t mask;
};

// Builds strips from runs of columns that are neighbours in the rows and evenly spaced in the
// output.
class StripList {
 public:
  // Which of the 32 values from its position on are lanes of a strip: those that are wanted, or the
  // first 16, of which some go nowhere.
  enum class Lanes { kWanted, kNeighbours };

  // A strip ends where a cache line of `lines` does, an output with lane stride 1: then the others
  // are whole lines, in all rows of the output if these are whole lines apart. Null: no matter
  // where.
  explicit StripList(int64_t lane_stride, const float* lines = nullptr,
                     Lanes lanes = Lanes::kWanted)
      : lane_stride_(lane_stride), lines_(lines), in_place_(lanes == Lanes::kNeighbours) {}

  // Makes room for so many columns.
  void reserve(int64_t columns);
  // Columns at `position` and the `length` - 1 behind it go to `offset`, offset + lane_stride, ...
  // Positions must ascend from call to call.
  void add(int64_t position, int64_t length, int64_t offset);

  const std::vector<Strip>& strips() const { return strips_; }
  const std::vector<Segment>& segments() const { return segments_; }
  int64_t lane_stride() const { return lane_stride_; }

 private:
  bool continues(int64_t position, int64_t offset) const;
  int64_t capacity_at(int64_t offset) const;
  void add_whole(int64_t position, int64_t count, int64_t offset);
  int64_t begin(int64_t position, int64_t length, int64_t offset);
  int64_t extend(int64_t position, int64_t length, int64_t offset);
  void add_segment(int64_t lanes, int64_t offset);
  uint16_t mask_of(int64_t lanes) const;

  int64_t lane_stride_;
  const float* lines_;
  bool in_place_;         // lanes are neighbours
  int64_t lanes_ = 0;     // of the last strip
  int64_t capacity_ = 0;  // lanes that it may have
  int64_t end_ = 0;       // offset behind its last lane
  std::vector<Strip> strips_;
  std::vector<Segment> segments_;
};

}  // namespace dfp

#endif  // DFP_GEMM_STRIPS_H
