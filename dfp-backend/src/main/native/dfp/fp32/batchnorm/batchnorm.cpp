// Batch normalization by blocks of channels: what the first pass over a block reads, the second one
// finds in the cache.
#include "dfp/fp32/batchnorm/batchnorm.h"

#include <algorithm>
#include <cmath>

#include "dfp/base/isa.h"
#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"
#include "dfp/quantize/quantize.h"

namespace dfp {

#define DFP_BATCH_NORM_KERNEL(isa, kernel) extern const BatchNormKernel batch_norm_##kernel;
#include "dfp/fp32/batchnorm/kernels.inc"
#undef DFP_BATCH_NORM_KERNEL

const BatchNormKernel& batch_norm_kernel(int isa) {
#define DFP_BATCH_NORM_KERNEL(isa, kernel) &batch_norm_##kernel,
  static const BatchNormKernel* const kTable[] = {
#include "dfp/fp32/batchnorm/kernels.inc"
  };
#undef DFP_BATCH_NORM_KERNEL
  static_assert(sizeof kTable / sizeof kTable[0] == kIsaCount, "one row an instruction set");
  return *kTable[isa];
}

namespace {

constexpr int64_t kMaxBlock = 512;           // channels
constexpr int64_t kBlockElements = 1 << 17;  // of all tensors read: half a megabyte
constexpr int64_t kLine = 16;                // floats of a cache line

// Neighbouring channels that a thread takes at a time.
struct Block {
  int64_t first, count;
};

// Calls body(block) for all channels; `tensors` is how many of x's size are read.
template <class Body>
void for_blocks(const ChannelShape& shape, int threads, int tensors, const Body& body) {
  const int64_t fitting = kBlockElements / (shape.outer * shape.inner * tensors);
  const int64_t share = div_up(shape.channels, 2 * threads);
  int64_t size = std::clamp<int64_t>(std::min(fitting, share), 1, kMaxBlock);
  if (shape.inner == 1) size = round_up(size, kLine);
  parallel_for(threads, div_up(shape.channels, size), [&](int64_t i, int) {
    body(Block{i * size, std::min(size, shape.channels - i * size)});
  });
}

// For each o calls runs(offset), or row(offset) where a run is one element.
template <class Runs, class Row>
void for_runs(const ChannelShape& shape, const Block& block, const Runs& runs, const Row& row) {
  for (int64_t o = 0; o < shape.outer; o++) {
    const int64_t start = (o * shape.channels + block.first) * shape.inner;
    if (shape.inner == 1) {
      row(start);
    } else {
      runs(start);
    }
  }
}

struct BlockSums {
  double sum[kMaxBlock] = {}, product[kMaxBlock] = {};

  BlockSums(const BatchNormKernel& kernel, const ChannelShape& shape, const Block& block,
            const float* a, const float* b) {
    for_runs(
        shape, block,
        [&](int64_t at) {
          kernel.run_sums(a + at, b + at, block.count, shape.inner, sum, product);
        },
        [&](int64_t at) { kernel.row_sums(a + at, b + at, block.count, sum, product); });
  }
};

void block_sums(const BatchNormKernel& kernel, const ChannelShape& shape, const Block& block,
                const float* x, float* sums) {
  const BlockSums of(kernel, shape, block, x, x);
  for (int64_t c = 0; c < block.count; c++) sums[block.first + c] = static_cast<float>(of.sum[c]);
}

void block_statistics(const BatchNormKernel& kernel, const ChannelShape& shape, const Block& block,
                      const float* x, float* mean, float* variance) {
  const BlockSums sums(kernel, shape, block, x, x);
  const auto m = static_cast<double>(shape.outer * shape.inner);
  for (int64_t c = 0; c < block.count; c++) {
    const double average = sums.sum[c] / m;
    const double square = sums.product[c] / m - average * average;
    mean[block.first + c] = static_cast<float>(average);
    // Not max(): NaN stays.
    variance[block.first + c] = square < 0 ? 0.0f : static_cast<float>(square);
  }
}

double inverse_deviation(float variance, double eps) { return 1 / std::sqrt(variance + eps); }

void block_affine(const BatchNormKernel& kernel, const ChannelShape& shape, const Block& block,
                  const float* x, const ChannelStatistics& statistics, const float* gamma,
                  const float* beta, double eps, float* y) {
  const float* mean = statistics.mean + block.first;
  const float* offset = beta + block.first;
  float scale[kMaxBlock];
  for (int64_t c = 0; c < block.count; c++) {
    const double deviation = inverse_deviation(statistics.variance[block.first + c], eps);
    scale[c] = static_cast<float>(gamma[block.first + c] * deviation);
  }
  for_runs(
      shape, block,
      [&](int64_t at) {
        kernel.run_affine(x + at, block.count, shape.inner, {mean, scale, offset}, y + at);
      },
      [&](int64_t at) {
        kernel.row_affine(x + at, block.count, {mean, scale, offset}, y + at);
      });
}

// diff <- f'(y) · diff_dst
void block_through(const BatchNormKernel& kernel, const ActivationKernel& activation,
                   const ChannelShape& shape, const Block& block, const float* x,
                   const float* diff_dst, const Activated& activated, float* diff) {
  const Affine of{activated.y.mean + block.first, activated.y.scale + block.first,
                  activated.y.offset + block.first};
  constexpr int64_t kPiece = 2048;
  static_assert(kPiece >= kMaxBlock, "holds a row");
  float y[kPiece];
  for_runs(
      shape, block,
      [&](int64_t start) {
        for (int64_t c = 0; c < block.count; c++) {
          for (int64_t i = 0; i < shape.inner; i += kPiece) {
            const int64_t at = start + c * shape.inner + i;
            const int64_t count = std::min(kPiece, shape.inner - i);
            kernel.run_affine(x + at, 1, count, {of.mean + c, of.scale + c, of.offset + c}, y);
            activation.backward(activated.f, y, diff_dst + at, count, diff + at);
          }
        }
      },
      [&](int64_t at) {
        kernel.row_affine(x + at, block.count, of, y);
        activation.backward(activated.f, y, diff_dst + at, block.count, diff + at);
      });
}

}  // namespace

void channel_sums(int isa, const ChannelShape& shape, const float* x, int threads, float* sums) {
  const BatchNormKernel& kernel = batch_norm_kernel(isa);
  for_blocks(shape, threads, 1,
             [&](const Block& block) { block_sums(kernel, shape, block, x, sums); });
}

float activation_gradient(int isa, const ChannelShape& shape, const Activation& f, const float* x,
                          const float* diff_dst, int threads, float* diff_src, float* sums) {
  const BatchNormKernel& kernel = batch_norm_kernel(isa);
  LargestBits largest;
  for_blocks(shape, threads, 3, [&](const Block& block) {
    const int64_t count = block.count * shape.inner;
    for (int64_t o = 0; o < shape.outer; o++) {
      const int64_t at = (o * shape.channels + block.first) * shape.inner;
      activation_kernel(isa).backward(f, x + at, diff_dst + at, count, diff_src + at);
      largest.add(quantize_kernel(isa).max_bits(diff_src + at, count));
    }
    if (sums != nullptr) block_sums(kernel, shape, block, diff_src, sums);
  });
  return largest.amax();
}

void batch_norm_statistics(int isa, const ChannelShape& shape, const float* x, int threads,
                           float* mean, float* variance) {
  const BatchNormKernel& kernel = batch_norm_kernel(isa);
  for_blocks(shape, threads, 1, [&](const Block& block) {
    block_statistics(kernel, shape, block, x, mean, variance);
  });
}

void batch_norm_inference(int isa, const ChannelShape& shape, const float* x,
                          const ChannelStatistics& statistics, const float* gamma,
                          const float* beta, double eps, int threads, float* y) {
  const BatchNormKernel& kernel = batch_norm_kernel(isa);
  for_blocks(shape, threads, 1, [&](const Block& block) {
    block_affine(kernel, shape, block, x, statistics, gamma, beta, eps, y);
  });
}

void batch_norm_training(int isa, const ChannelShape& shape, const float* x, const float* gamma,
                         const float* beta, double eps, int threads, float* y, float* mean,
                         float* variance) {
  const BatchNormKernel& kernel = batch_norm_kernel(isa);
  for_blocks(shape, threads, 1, [&](const Block& block) {
    block_statistics(kernel, shape, block, x, mean, variance);
    block_affine(kernel, shape, block, x, {mean, variance}, gamma, beta, eps, y);
  });
}

float batch_norm_backward(int isa, const ChannelShape& shape, const float* x, const float* diff_dst,
                          const std::optional<Activated>& activated, const ChannelStatistics& used,
                          const float* batch_mean, const float* gamma, double eps, int threads,
                          float* diff_src, float* diff_gamma, float* diff_beta, float* sums) {
  const BatchNormKernel& kernel = batch_norm_kernel(isa);
  const auto m = static_cast<double>(shape.outer * shape.inner);
  const float* const diff_y = activated ? diff_src : diff_dst;
  LargestBits largest;
  for_blocks(shape, threads, activated ? 3 : 2, [&](const Block& block) {
    if (activated) {
      block_through(kernel, activation_kernel(isa), shape, block, x, diff_dst, *activated,
                    diff_src);
    }
    const BlockSums of(kernel, shape, block, diff_y, x);
    const float* mean = batch_mean + block.first;
    float a[kMaxBlock], k[kMaxBlock], offset[kMaxBlock];
    for (int64_t c = 0; c < block.count; c++) {
      const int64_t channel = block.first + c;
      const double deviation = inverse_deviation(used.variance[channel], eps);
      const double centred = of.product[c] - used.mean[channel] * of.sum[c];
      const double slope = gamma[channel] * deviation;
      diff_beta[channel] = static_cast<float>(of.sum[c]);
      diff_gamma[channel] = static_cast<float>(centred * deviation);
      a[c] = static_cast<float>(slope);
      k[c] = static_cast<float>(-slope * centred * deviation * deviation / m);
      offset[c] = static_cast<float>(-slope * of.sum[c] / m);
    }
    double total[kMaxBlock] = {};
    double* const its_total = sums == nullptr ? nullptr : total;
    for_runs(
        shape, block,
        [&](int64_t at) {
          largest.add(kernel.run_gradient(x + at, diff_y + at, block.count, shape.inner,
                                          {mean, a, k, offset}, diff_src + at, its_total));
        },
        [&](int64_t at) {
          largest.add(kernel.row_gradient(x + at, diff_y + at, block.count, {mean, a, k, offset},
                                          diff_src + at, its_total));
        });
    for (int64_t c = 0; sums != nullptr && c < block.count; c++) {
      sums[block.first + c] = static_cast<float>(total[c]);
    }
  });
  return largest.amax();
}

}  // namespace dfp
