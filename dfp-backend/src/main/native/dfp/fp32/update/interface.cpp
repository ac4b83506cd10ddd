// The part of the C interface for updates of parameters.
#include "dfp/base/arguments.h"
#include "dfp/dfp.h"
#include "dfp/fp32/update/update.h"

namespace {

using namespace dfp::arguments;

int update_threads(int isa, int64_t count, int threads) {
  check_isa(isa);
  check_range("count", count, 1, kMaxElements);
  return useful_threads(threads, count, kElementsPerThread);
}

}  // namespace

extern "C" {

int dfp_update_sums(int isa, const float* x, int64_t count, int threads, double* sums) {
  return guarded([&] {
    const int used = update_threads(isa, count, threads);
    check_pointer("x", x);
    check_pointer("sums", sums);
    const dfp::Sums result = dfp::sums(isa, x, count, used);
    sums[0] = result.absolute;
    sums[1] = result.squares;
    return 0;
  });
}

int dfp_update_penalties(int isa, const float* x, int64_t count, int terms, const int* kinds,
                         const float* coefficients, int threads, float* gradient) {
  return guarded([&] {
    const int used = update_threads(isa, count, threads);
    check_pointer("x", x);
    check_range("terms", terms, 0, DFP_MAX_PENALTIES);
    check_pointer("kinds", kinds);
    check_pointer("coefficients", coefficients);
    check_pointer("gradient", gradient);
    dfp::PenaltyTerm list[DFP_MAX_PENALTIES];
    for (int i = 0; i < terms; i++) {
      check_range("kinds", kinds[i], DFP_L1, DFP_L2);
      list[i] = {static_cast<dfp::Penalty>(kinds[i]), coefficients[i]};
    }
    dfp::add_penalties(isa, x, count, list, terms, used, gradient);
    return 0;
  });
}

int dfp_update_sgd(int isa, float rate, int64_t count, int threads, float* gradient) {
  return guarded([&] {
    const int used = update_threads(isa, count, threads);
    check_pointer("gradient", gradient);
    const dfp::UpdateKernel& kernel = dfp::update_kernel(isa);
    dfp::for_blocks(count, used,
                    [&](int64_t at, int64_t length) { kernel.sgd(rate, length, gradient + at); });
    return 0;
  });
}

int dfp_update_nesterovs(int isa, float rate, float momentum, int64_t count, int threads,
                         float* gradient, float* v) {
  return guarded([&] {
    const int used = update_threads(isa, count, threads);
    check_pointer("gradient", gradient);
    check_pointer("v", v);
    const dfp::UpdateKernel& kernel = dfp::update_kernel(isa);
    dfp::for_blocks(count, used, [&](int64_t at, int64_t length) {
      kernel.nesterovs(rate, momentum, length, gradient + at, v + at);
    });
    return 0;
  });
}

int dfp_update_rms_prop(int isa, float rate, float decay, float epsilon, int64_t count, int threads,
                        float* gradient, float* s) {
  return guarded([&] {
    const int used = update_threads(isa, count, threads);
    check_pointer("gradient", gradient);
    check_pointer("s", s);
    const dfp::UpdateKernel& kernel = dfp::update_kernel(isa);
    const dfp::RmsProp how{rate, decay, epsilon};
    dfp::for_blocks(count, used, [&](int64_t at, int64_t length) {
      kernel.rms_prop(how, length, gradient + at, s + at);
    });
    return 0;
  });
}

int dfp_update_adam(int isa, float rate, float beta1, float beta2, float epsilon, int64_t count,
                    int threads, float* gradient, float* m, float* s) {
  return guarded([&] {
    const int used = update_threads(isa, count, threads);
    check_pointer("gradient", gradient);
    check_pointer("m", m);
    check_pointer("s", s);
    const dfp::UpdateKernel& kernel = dfp::update_kernel(isa);
    const dfp::Adam how{rate, beta1, beta2, epsilon};
    dfp::for_blocks(count, used, [&](int64_t at, int64_t length) {
      kernel.adam(how, length, gradient + at, m + at, s + at);
    });
    return 0;
  });
}

}  // extern "C"
