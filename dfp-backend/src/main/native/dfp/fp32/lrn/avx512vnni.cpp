// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
//
// Local response normalization with 512-bit vectors.
#include "dfp/fp32/lrn/loops.h"

namespace dfp {

extern const LrnKernel lrn_avx512vnni;
const LrnKernel lrn_avx512vnni = {"avx512vnni", forward, backward};

}  // namespace dfp
