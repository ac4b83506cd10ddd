// flags: -mavx2 -mprefer-vector-width=256
//
// Local response normalization with 256-bit vectors.
#include "dfp/fp32/lrn/loops.h"

namespace dfp {

extern const LrnKernel lrn_avx2;
const LrnKernel lrn_avx2 = {"avx2", forward, backward};

}  // namespace dfp
