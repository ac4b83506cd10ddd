// Parallel loops on OpenMP threads, each in a defined floating-point environment.
#ifndef DFP_BASE_PARALLEL_H
#define DFP_BASE_PARALLEL_H

#include <omp.h>
#include <xmmintrin.h>

#include <atomic>
#include <cstdint>

namespace dfp {

// Rounds to nearest even and keeps subnormals while it lives: another library may have set the
// thread to flush them, and results must not depend on that.
class FloatEnvironment {
 public:
  FloatEnvironment() : saved_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ~FloatEnvironment() { _mm_setcsr(saved_); }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
  unsigned saved_;
};

// Runs body(thread) on `threads` threads at once. The body must not throw.
template <class Body>
void parallel(int threads, const Body& body) {
#pragma omp parallel num_threads(threads)
  {
    const FloatEnvironment environment;
    body(omp_get_thread_num());
  }
}

// Runs body(index, thread) for 0 <= index < count, in any order. The body must not throw.
template <class Body>
void parallel_for(int threads, int64_t count, const Body& body) {
  if (threads <= 1 || count <= 1) {
    const FloatEnvironment environment;
    for (int64_t i = 0; i < count; i++) body(i, 0);
    return;
  }
  std::atomic<int64_t> next{0};
  parallel(threads, [&](int thread) {
    for (int64_t i = next++; i < count; i = next++) body(i, thread);
  });
}

// Cuts [0, count) into parts whose lengths differ by at most one: where part `index` of `parts`
// begins.
constexpr int64_t share(int64_t count, int64_t parts, int64_t index) {
  return count * index / parts;
}

}  // namespace dfp

#endif  // DFP_BASE_PARALLEL_H
