// The part of the C interface for batch norm and the sums of channels.
#include "dfp/dfp.h"
#include "dfp/fp32/arguments.h"
#include "dfp/fp32/batchnorm/batchnorm.h"

namespace {

using namespace dfp::arguments;
using dfp::ChannelShape;

// The arguments that all batch norm functions share.
ChannelShape batch_norm_shape(int isa, const int64_t* dims, const float* x, const float* mean,
                              const float* variance) {
  check_isa(isa);
  check_pointer("x", x);
  check_pointer("mean", mean);
  check_pointer("variance", variance);
  return channel_shape(dims);
}

}  // namespace

extern "C" {

int dfp_channel_sums(int isa, const int64_t* shape, const float* x, int threads, float* sums) {
  return guarded([&] {
    check_isa(isa);
    check_pointer("x", x);
    check_pointer("sums", sums);
    const ChannelShape dims = channel_shape(shape);
    dfp::channel_sums(isa, dims, x, channel_threads(dims, threads), sums);
    return 0;
  });
}

int dfp_activation_gradient(int isa, int kind, float parameter, const int64_t* shape,
                            const float* x, const float* diff_dst, int threads, float* diff_src,
                            float* amax, float* sums) {
  return guarded([&] {
    check_isa(isa);
    check_pointer("x", x);
    check_pointer("diff_dst", diff_dst);
    check_pointer("diff_src", diff_src);
    check_pointer("amax", amax);
    check_range("kind", kind, DFP_RELU, DFP_LEAKY_RELU);
    const ChannelShape dims = channel_shape(shape);
    const dfp::Activation f{static_cast<dfp::ActivationKind>(kind), parameter};
    *amax = dfp::activation_gradient(isa, dims, f, x, diff_dst, channel_threads(dims, threads),
                                     diff_src, sums);
    return 0;
  });
}

int dfp_batch_norm_statistics(int isa, const int64_t* shape, const float* x, int threads,
                              float* mean, float* variance) {
  return guarded([&] {
    const auto dims = batch_norm_shape(isa, shape, x, mean, variance);
    dfp::batch_norm_statistics(isa, dims, x, channel_threads(dims, threads), mean, variance);
    return 0;
  });
}

int dfp_batch_norm_training(int isa, const int64_t* shape, const float* x, const float* gamma,
                            const float* beta, double eps, int threads, float* y, float* mean,
                            float* variance) {
  return guarded([&] {
    const auto dims = batch_norm_shape(isa, shape, x, mean, variance);
    check_pointer("gamma", gamma);
    check_pointer("beta", beta);
    check_pointer("y", y);
    dfp::batch_norm_training(isa, dims, x, gamma, beta, eps, channel_threads(dims, threads), y,
                             mean, variance);
    return 0;
  });
}

int dfp_batch_norm_inference(int isa, const int64_t* shape, const float* x, const float* mean,
                             const float* variance, const float* gamma, const float* beta,
                             double eps, int threads, float* y) {
  return guarded([&] {
    const auto dims = batch_norm_shape(isa, shape, x, mean, variance);
    check_pointer("gamma", gamma);
    check_pointer("beta", beta);
    check_pointer("y", y);
    dfp::batch_norm_inference(isa, dims, x, {mean, variance}, gamma, beta, eps,
                              channel_threads(dims, threads), y);
    return 0;
  });
}

int dfp_batch_norm_backward(int isa, const int64_t* shape, const float* x, const float* diff_dst,
                            const float* mean, const float* variance, const float* batch_mean,
                            const float* gamma, double eps, const float* scale, const float* offset,
                            int kind, float parameter, int threads, float* diff_src,
                            float* diff_gamma, float* diff_beta, float* amax, float* sums) {
  return guarded([&] {
    const auto dims = batch_norm_shape(isa, shape, x, mean, variance);
    check_pointer("diff_dst", diff_dst);
    check_pointer("batch_mean", batch_mean);
    check_pointer("gamma", gamma);
    check_pointer("diff_src", diff_src);
    check_pointer("diff_gamma", diff_gamma);
    check_pointer("diff_beta", diff_beta);
    check_pointer("amax", amax);
    std::optional<dfp::Activated> activated;
    if (const auto f = activation_or_none(kind, parameter)) {
      check_pointer("scale", scale);
      check_pointer("offset", offset);
      activated = {{mean, scale, offset}, *f};
    }
    *amax = dfp::batch_norm_backward(isa, dims, x, diff_dst, activated, {mean, variance},
                                     batch_mean, gamma, eps, channel_threads(dims, threads),
                                     diff_src, diff_gamma, diff_beta, sums);
    return 0;
  });
}

}  // extern "C"
