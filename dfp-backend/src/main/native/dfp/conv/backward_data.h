// The ways of backward data, for the files that choose one.
#ifndef DFP_CONV_BACKWARD_DATA_H
#define DFP_CONV_BACKWARD_DATA_H

#include <cstdint>

#include "dfp/conv/grid.h"
#include "dfp/gemm/gemm.h"

namespace dfp {

// Whether there is one product, of the only phase that has taps.
bool has_one_phase(const GemmKernel& kernel, const ConvShape& shape);

// Whether one product of all phases is faster than one a phase.
bool merges_phases(const GemmKernel& kernel, const Grid& grid);

int64_t merged_backward_data_scratch_bytes(const GemmKernel& kernel, const Grid& grid, int threads);
// `planes` is the packed diffDst, `weights` are mantissas [oc][ic * kh * kw].
void merged_backward_data(const GemmKernel& kernel, const Grid& grid, const int16_t* planes,
                          const int16_t* weights, int exponent, float* diff_src, int threads,
                          void* scratch);

}  // namespace dfp

#endif  // DFP_CONV_BACKWARD_DATA_H
