// Quantizes src and diffDst into the planes of the grid.
#ifndef DFP_CONV_PLANES_H
#define DFP_CONV_PLANES_H

#include "dfp/base/strided.h"
#include "dfp/conv/grid.h"
#include "dfp/fp32/deferred/deferred.h"
#include "dfp/quantize/quantize.h"

namespace dfp {

// From a tensor [mb, channels, depth, height, width]; returns its amax, NaN or infinite where a
// value is.
float pack_src(int isa, const Grid& grid, const Strided& x, const Quantization& how, int threads,
               int16_t* planes);
// The same of values that are computed on the way, from a tensor in C order.
float pack_src(int isa, const Grid& grid, const Strided& x, const Deferred& values,
               const Quantization& how, int threads, int16_t* planes);
float pack_diff_dst(int isa, const Grid& grid, const Strided& x, const Quantization& how,
                    int threads, int16_t* planes);

}  // namespace dfp

#endif  // DFP_CONV_PLANES_H
