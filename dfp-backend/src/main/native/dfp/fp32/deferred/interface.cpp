// The part of the C interface for sums of deferred tensors.
#include "dfp/dfp.h"
#include "dfp/fp32/arguments.h"
#include "dfp/fp32/deferred/deferred.h"

extern "C" int dfp_deferred_sum(int isa, const int64_t* shape, const float* a, const float* a_mean,
                                const float* a_scale, const float* a_offset, const float* b,
                                const float* b_mean, const float* b_scale, const float* b_offset,
                                int kind, float parameter, int threads, float* y) {
  using namespace dfp::arguments;
  return guarded([&] {
    check_isa(isa);
    check_pointer("y", y);
    const dfp::ChannelShape dims = channel_shape(shape);
    std::optional<dfp::Deferred> second;
    if (b != nullptr) second = deferred(b, b_mean, b_scale, b_offset, std::nullopt);
    dfp::deferred_sum(isa, dims, deferred(a, a_mean, a_scale, a_offset, std::nullopt), second,
                      activation_or_none(kind, parameter), channel_threads(dims, threads), y);
    return 0;
  });
}
