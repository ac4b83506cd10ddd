// flags: -mavx2 -mfma
//
// Batch norm with 256-bit vectors.
#include "dfp/fp32/batchnorm/loops.h"

namespace dfp {

extern const BatchNormKernel batch_norm_avx2;
const BatchNormKernel batch_norm_avx2 = kernel_named<8>("avx2");

}  // namespace dfp
