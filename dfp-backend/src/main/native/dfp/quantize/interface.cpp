// The part of the C interface for scans.
#include "dfp/base/product_arguments.h"
#include "dfp/dfp.h"

namespace {

using namespace dfp::arguments;
using dfp::Strided;

}  // namespace

extern "C" {

int dfp_scan(int isa, const float* x, int rank, const int64_t* shape, const int64_t* strides,
             int threads, float* amax, int* finite, int64_t* fingerprint) {
  return guarded([&] {
    check_isa(isa);
    check_pointer("x", x);
    check_range("rank", rank, 1, dfp::kMaxRank);
    check_pointer("shape", shape);
    check_pointer("strides", strides);
    check_range("threads", threads, 1, kMaxThreads);
    check_pointer("amax", amax);
    check_pointer("finite", finite);
    Strided tensor{x, rank, {}, {}};
    for (int i = 0; i < rank; i++) {
      check_range("shape", shape[i], 1, kMaxElements);
      tensor.shape[i] = shape[i];
      tensor.strides[i] = strides[i];
    }
    const dfp::Scan scan =
        dfp::scan(isa, tensor, pack_threads(tensor, threads), fingerprint != nullptr);
    *amax = scan.amax;
    *finite = scan.finite ? 1 : 0;
    if (fingerprint != nullptr) *fingerprint = static_cast<int64_t>(scan.fingerprint);
    return 0;
  });
}

}  // extern "C"
