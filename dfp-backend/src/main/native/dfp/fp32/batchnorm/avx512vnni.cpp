// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
//
// Batch norm with 512-bit vectors.
#include "dfp/fp32/batchnorm/loops.h"

namespace dfp {

extern const BatchNormKernel batch_norm_avx512vnni;
const BatchNormKernel batch_norm_avx512vnni = kernel_named<16>("avx512vnni");

}  // namespace dfp
