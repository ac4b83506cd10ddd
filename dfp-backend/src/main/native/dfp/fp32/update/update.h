// What a training step does to parameters: penalties on weights, and updaters.
//
// All arrays are dense FP32 vectors of one length. Every function but `sums` goes element by
// element, with one rounding an operation and in the order that is written here: the bits do not
// depend on the instruction set or on the number of threads.
#ifndef DFP_FP32_UPDATE_UPDATE_H
#define DFP_FP32_UPDATE_UPDATE_H

#include <cstdint>

#include "dfp/base/parallel.h"

namespace dfp {

// Sums are taken over blocks of so many elements, each by 16 lanes (lane = index mod 16) in double:
// |x| and x * x are exact there. The lanes of a block are added as a tree (l + 8, l + 4, l + 2,
// l + 1), and the blocks in order.
constexpr int64_t kSumBlock = 16384;
constexpr int kSumLanes = 16;

struct Sums {
  double absolute;  // sum |x|
  double squares;   // sum x * x
};

// kL1: gradient += coefficient * sign(x); kL2: gradient += coefficient * x.
enum class Penalty : int { kL1 = 0, kL2 = 1 };

struct PenaltyTerm {
  Penalty kind;
  float coefficient;
};

struct RmsProp {
  float rate, decay, epsilon;
};

struct Adam {
  float rate, beta1, beta2, epsilon;
};

// The kernels of one instruction set, on runs of elements.
struct UpdateKernel {
  const char* name;
  // At most kSumBlock elements.
  Sums (*sums)(const float* x, int64_t count);
  void (*add_penalty)(const float* x, int64_t count, PenaltyTerm term, float* gradient);
  // gradient <- rate * gradient
  void (*sgd)(float rate, int64_t count, float* gradient);
  // p = momentum * v;  v <- p - rate * gradient;  gradient <- p + (-momentum - 1) * v
  void (*nesterovs)(float rate, float momentum, int64_t count, float* gradient, float* v);
  // s <- s * decay + gradient * gradient * (1 - decay)
  // gradient <- rate * gradient / (sqrt(s) + epsilon)
  void (*rms_prop)(const RmsProp& how, int64_t count, float* gradient, float* s);
  // m <- beta1 * m + gradient * (1 - beta1)
  // s <- beta2 * s + gradient * gradient * (1 - beta2)
  // gradient <- m * rate / (sqrt(s) + epsilon)
  void (*adam)(const Adam& how, int64_t count, float* gradient, float* m, float* s);
};

const UpdateKernel& update_kernel(int isa);

// Calls body(first element, elements) for each block of kSumBlock elements, on several threads.
template <class Body>
void for_blocks(int64_t count, int threads, const Body& body) {
  parallel_for(threads, (count + kSumBlock - 1) / kSumBlock, [&](int64_t block, int) {
    const int64_t at = block * kSumBlock;
    body(at, count - at < kSumBlock ? count - at : kSumBlock);
  });
}

Sums sums(int isa, const float* x, int64_t count, int threads);

// Adds the terms in order, in one pass over memory.
void add_penalties(int isa, const float* x, int64_t count, const PenaltyTerm* terms, int term_count,
                   int threads, float* gradient);

}  // namespace dfp

#endif  // DFP_FP32_UPDATE_UPDATE_H
