// Batch normalization in FP32, with sums in FP64 of one fixed order.
//
// A tensor is x[outer, channels, inner], dense: NCHW is [mb, c, h * w], NHWC [mb * h * w, c, 1] and
// a matrix [mb, c, 1]. A channel has m = outer * inner elements. The sum over them is
//
//   for each o: a run x[o, c, ...] in 16 lanes, element i in lane i mod 16; then the lanes are
//   added in halves (l and l + 8, l and l + 4, ...); then the run's sum is added to the channel's.
//
// Products of two floats are exact in FP64, and nothing else is multiplied before it is added, so a
// fused multiply-add gives the same bits. Elements are normalized in FP32 without fusing.
#ifndef DFP_FP32_BATCHNORM_BATCHNORM_H
#define DFP_FP32_BATCHNORM_BATCHNORM_H

#include <cstdint>
#include <optional>

#include "dfp/fp32/activation/activation.h"

namespace dfp {

struct ChannelShape {
  int64_t outer, channels, inner;

  int64_t elements() const { return outer * channels * inner; }
};

// What each channel was, or is to be, normalized with.
struct ChannelStatistics {
  const float* mean;
  const float* variance;
};

// Coefficients of one channel or, in a row, of each.
//   y = (x - mean) * scale + offset
struct Affine {
  const float *mean, *scale, *offset;
};

// A forward pass that went on: f(y), and how y was computed.
struct Activated {
  Affine y;
  Activation f;
};

// sums[c] = Σ x
void channel_sums(int isa, const ChannelShape& shape, const float* x, int threads, float* sums);

// diff_src = f'(x) · diff_dst; sums, where not null, are those of diff_src. Returns the largest
// |diff_src|; NaN or infinite where a value is.
float activation_gradient(int isa, const ChannelShape& shape, const Activation& f, const float* x,
                          const float* diff_dst, int threads, float* diff_src, float* sums);

// mean[c] = Σ x / m, variance[c] = max(0, Σ x² / m - (Σ x / m)²)
void batch_norm_statistics(int isa, const ChannelShape& shape, const float* x, int threads,
                           float* mean, float* variance);

// y = (x - mean) * (gamma / sqrt(variance + eps)) + beta
void batch_norm_inference(int isa, const ChannelShape& shape, const float* x,
                          const ChannelStatistics& statistics, const float* gamma,
                          const float* beta, double eps, int threads, float* y);

// Both of them, by channels: x is read from memory once where a channel fits the cache.
void batch_norm_training(int isa, const ChannelShape& shape, const float* x, const float* gamma,
                         const float* beta, double eps, int threads, float* y, float* mean,
                         float* variance);

// With `used` for what the forward pass normalized with, and batch_mean, the mean of x itself:
//   diff_beta  = Σ diff_dst
//   diff_gamma = Σ diff_dst · (x - used.mean) / sqrt(used.variance + eps)
//   diff_src   = a · diff_dst + k · (x - batch_mean) - a · diff_beta / m
//   a = gamma / sqrt(used.variance + eps)
//   k = -a · diff_gamma / (m · sqrt(used.variance + eps))
// Where an activation followed, diff_dst is the gradient by its output, and f'(y) · diff_dst takes
// its place above. What reads diff_src next would read it once more to know these:
//   sums       Σ diff_src of each channel, as of channel_sums; null: not wanted
//   returned   the largest |diff_src|; NaN or infinite where a value is
float batch_norm_backward(int isa, const ChannelShape& shape, const float* x, const float* diff_dst,
                          const std::optional<Activated>& activated, const ChannelStatistics& used,
                          const float* batch_mean, const float* gamma, double eps, int threads,
                          float* diff_src, float* diff_gamma, float* diff_beta, float* sums);

//   diff_src = (diff_dst * a + (x - mean) * k) + offset
struct Gradient {
  const float *mean, *a, *k, *offset;
};

// The kernels of one instruction set; diff_src may be where diff_dst is. A run has one channel, and
// the runs of neighbouring channels follow one another; a row has one element of each channel.
struct BatchNormKernel {
  const char* name;
  // sum[c] += Σ a, product[c] += Σ a · b over the run of each channel
  void (*run_sums)(const float* a, const float* b, int64_t channels, int64_t count, double* sum,
                   double* product);
  void (*run_affine)(const float* x, int64_t channels, int64_t count, const Affine& of, float* y);
  // sum[c] += Σ diff_src, where sum is not null; returns the largest |diff_src| as the bits of a
  // float, 0x7f800000 or above where a value is not finite
  uint32_t (*run_gradient)(const float* x, const float* diff_dst, int64_t channels, int64_t count,
                           const Gradient& of, float* diff_src, double* sum);
  // sum[c] += a[c], product[c] += a[c] · b[c]
  void (*row_sums)(const float* a, const float* b, int64_t channels, double* sum, double* product);
  void (*row_affine)(const float* x, int64_t channels, const Affine& of, float* y);
  uint32_t (*row_gradient)(const float* x, const float* diff_dst, int64_t channels,
                           const Gradient& of, float* diff_src, double* sum);
};

const BatchNormKernel& batch_norm_kernel(int isa);

}  // namespace dfp

#endif  // DFP_FP32_BATCHNORM_BATCHNORM_H
