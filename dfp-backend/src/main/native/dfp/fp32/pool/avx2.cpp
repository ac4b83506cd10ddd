// flags: -mavx2 -mprefer-vector-width=256
//
// Pooling with 256-bit vectors.
#include "dfp/fp32/pool/loops.h"

namespace dfp {

extern const PoolKernel pool_avx2;
const PoolKernel pool_avx2 = {"avx2", forward, backward};

}  // namespace dfp
