// flags: -mavx2 -mfma
//
// Activations with 256-bit vectors.
#include "dfp/fp32/activation/loops.h"

namespace dfp {

extern const ActivationKernel activation_avx2;
const ActivationKernel activation_avx2 = {"avx2", forward, backward};

}  // namespace dfp
