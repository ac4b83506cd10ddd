// How runs of columns are cut into strips.
#include "dfp/gemm/strips.h"

#include <algorithm>
#include <cstring>

namespace dfp {

Strip Strip::run(int64_t position) {
  return {position, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 0, 0};
}

void StripList::reserve(int64_t columns) {
  const auto count = static_cast<std::size_t>(columns / kStripLanes + 1);
  strips_.reserve(count);
  segments_.reserve(count);
}

void StripList::add(int64_t position, int64_t length, int64_t offset) {
  while (length > 0) {
    int64_t lanes;
    if (continues(position, offset)) {
      if (in_place_) lanes_ = position - strips_.back().position;
      lanes = extend(position, length, offset);
    } else if (capacity_at(offset) == kStripLanes && length >= kStripLanes) {
      lanes = length / kStripLanes * kStripLanes;
      add_whole(position, lanes / kStripLanes, offset);
      lanes_ = capacity_ = 0;
    } else {
      lanes = begin(position, length, offset);
    }
    lanes_ += lanes;
    position += lanes;
    length -= lanes;
    offset += lanes * lane_stride_;
    end_ = offset;
  }
}

// Whether the last strip has room for a column.
bool StripList::continues(int64_t position, int64_t offset) const {
  if (strips_.empty() || (lines_ != nullptr && offset != end_)) return false;
  const int64_t cell = position - strips_.back().position;
  if (!in_place_) return lanes_ < capacity_ && cell < kStripSpan;
  return cell < capacity_ && (lines_ == nullptr || cell == lanes_);
}

// Lanes that a strip may have whose first goes to `offset`.
int64_t StripList::capacity_at(int64_t offset) const {
  if (lines_ == nullptr) return kStripLanes;
  const auto address = reinterpret_cast<uintptr_t>(lines_ + offset) / sizeof(float);
  return kStripLanes - static_cast<int64_t>(address % kStripLanes);
}

// Adds `count` strips of 16 neighbours: nearly all of a large map.
void StripList::add_whole(int64_t position, int64_t count, int64_t offset) {
  const auto first = segments_.size(), strip = strips_.size(),
             added = static_cast<std::size_t>(count);
  segments_.resize(first + added);
  strips_.resize(strip + added);
  for (std::size_t i = 0; i < added; i++) {
    const auto lanes = static_cast<int64_t>(i) * kStripLanes;
    segments_[first + i] = {offset + lanes * lane_stride_, 0xffff};
    strips_[strip + i] = Strip::run(position + lanes);
    strips_[strip + i].first = static_cast<int32_t>(first + i);
    strips_[strip + i].count = 1;
  }
}

// A new strip of up to `length` lanes; returns how many.
int64_t StripList::begin(int64_t position, int64_t length, int64_t offset) {
  capacity_ = capacity_at(offset);
  lanes_ = 0;
  Strip strip = Strip::run(position);
  const int64_t lanes = std::min(length, capacity_);
  if (lanes < kStripLanes) {
    std::memset(strip.cell + lanes, Strip::kNone, static_cast<std::size_t>(kStripLanes - lanes));
  }
  strip.first = static_cast<int32_t>(segments_.size());
  strips_.push_back(strip);
  add_segment(lanes, offset);
  return lanes;
}

// Adds up to `length` lanes to the last strip; returns how many.
int64_t StripList::extend(int64_t position, int64_t length, int64_t offset) {
  Strip& strip = strips_.back();
  const int64_t cell = position - strip.position;
  const int64_t lanes = std::min({length, capacity_ - lanes_, kStripSpan - cell});
  for (int64_t i = 0; i < lanes; i++) strip.cell[lanes_ + i] = static_cast<int8_t>(cell + i);
  if (offset == end_) {
    segments_.back().mask |= mask_of(lanes);
  } else {
    add_segment(lanes, offset);
  }
  return lanes;
}

void StripList::add_segment(int64_t lanes, int64_t offset) {
  segments_.push_back({offset, mask_of(lanes)});
  strips_.back().count++;
}

uint16_t StripList::mask_of(int64_t lanes) const {
  return static_cast<uint16_t>(((1u << lanes) - 1) << lanes_);
}

}  // namespace dfp
