// Hands out aligned pieces of one buffer. Over a null buffer it only counts: the code that lays out
// the scratch of an operation also tells its size.
#ifndef DFP_BASE_ARENA_H
#define DFP_BASE_ARENA_H

#include <cstdint>

#include "dfp/base/shape.h"

namespace dfp {

class Arena {
 public:
  explicit Arena(void* buffer) : buffer_(static_cast<uint8_t*>(buffer)) {}

  template <class T>
  T* take(int64_t count) {
    uint8_t* at = buffer_ == nullptr ? nullptr : buffer_ + used_;
    used_ += round_up(count * static_cast<int64_t>(sizeof(T)), kAlignment);
    return reinterpret_cast<T*>(at);
  }

  int64_t used() const { return used_; }

 private:
  static constexpr int64_t kAlignment = 64;

  uint8_t* buffer_;
  int64_t used_ = 0;
};

}  // namespace dfp

#endif  // DFP_BASE_ARENA_H
