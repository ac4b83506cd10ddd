// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
//
// Pooling with 512-bit vectors.
#include "dfp/fp32/pool/loops.h"

namespace dfp {

extern const PoolKernel pool_avx512vnni;
const PoolKernel pool_avx512vnni = {"avx512vnni", forward, backward};

}  // namespace dfp
