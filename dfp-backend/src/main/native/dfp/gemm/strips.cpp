// How runs of columns are cut into strips.
#include "dfp/gemm/strips.h"

#include <algorithm>
#include <cstring>

namespace dfp {
namespace {

constexpr int8_t kRun[kStripLanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

}  // namespace

Strip Strip::run(int64_t position) {
  Strip strip{position, {}, 0, 0};
  std::memcpy(strip.cell, kRun, sizeof kRun);
  return strip;
}

void StripList::begin(int64_t position, int64_t offset) {
  Strip strip{position, {}, static_cast<int32_t>(segments_.size()), 0};
  std::memset(strip.cell, Strip::kNone, sizeof strip.cell);
  strips_.push_back(strip);
  lanes_ = 0;
  capacity_ = kStripLanes;
  if (lines_ != nullptr) {
    const auto address = reinterpret_cast<uintptr_t>(lines_ + offset) / sizeof(float);
    capacity_ -= static_cast<int64_t>(address % kStripLanes);
  }
}

// Whether the last strip has room for a column.
bool StripList::continues(int64_t position, int64_t offset) const {
  return lanes_ < capacity_ && position < strips_.back().position + kStripSpan &&
         (lines_ == nullptr || offset == end_);
}

void StripList::add_segment(Strip& strip, int64_t lanes, int64_t offset) {
  const auto mask = static_cast<uint16_t>(((1u << lanes) - 1) << lanes_);
  if (strip.count > 0 && offset == end_) {
    Segment& last = segments_.back();
    last.mask = static_cast<uint16_t>(last.mask | mask);
  } else {
    segments_.push_back({offset, mask});
    strip.count++;
  }
}

void StripList::add(int64_t position, int64_t length, int64_t offset) {
  while (length > 0) {
    if (!continues(position, offset)) begin(position, offset);
    Strip& strip = strips_.back();
    const int64_t cell = position - strip.position;
    const int64_t lanes = std::min({length, capacity_ - lanes_, kStripSpan - cell});
    if (lanes == kStripLanes) {
      std::memcpy(strip.cell, kRun, sizeof kRun);
    } else {
      for (int64_t i = 0; i < lanes; i++) strip.cell[lanes_ + i] = static_cast<int8_t>(cell + i);
    }
    add_segment(strip, lanes, offset);
    lanes_ += lanes;
    position += lanes;
    offset += lanes * lane_stride_;
    length -= lanes;
    end_ = offset;
  }
}

}  // namespace dfp
