// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
//
// Activations with 512-bit vectors.
#include "dfp/fp32/activation/loops.h"

namespace dfp {

extern const ActivationKernel activation_avx512vnni;
const ActivationKernel activation_avx512vnni = {"avx512vnni", forward, backward};

}  // namespace dfp
