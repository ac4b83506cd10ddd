// The C interface of the native kernels: what the Java side calls.
//
// The functions are stateless. The caller owns every buffer: it asks for the size, provides memory
// aligned to 64 bytes, and frees it. Tensors of any layout come in as FP32 with
// strides; results go out as dense FP32 (NCHW, OIHW, [mb, oc] and so on).
//
// `threads` is the most that a function uses; small work runs on fewer.
//
// Every function that returns int gives 0, or a negative code with the reason in dfp_last_error().
#ifndef DFP_DFP_H
#define DFP_DFP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Dimensions of a 2-D convolution, in this order:
//   mb ic ih iw oc oh ow kh kw sh sw ph pw dh dw
enum { DFP_CONV_DIMS = 15 };

// Dimensions of a 3-D convolution: those of one slice, and then
//   id od kd sd pd dd
enum { DFP_CONV3D_DIMS = 21 };

// Dimensions of a depthwise convolution, in this order, with multiplier * ic output channels:
//   mb ic ih iw multiplier oh ow kh kw sh sw ph pw dh dw
enum { DFP_DWCONV_DIMS = 15 };

// Dimensions of a fully connected layer: mb ic oc.
enum { DFP_DENSE_DIMS = 3 };

enum dfp_role { DFP_SRC = 0, DFP_WEIGHTS = 1, DFP_DIFF_DST = 2 };
enum dfp_pass { DFP_FORWARD = 0, DFP_BACKWARD_DATA = 1, DFP_BACKWARD_WEIGHTS = 2 };
enum dfp_rounding {
  DFP_NEAREST_EVEN = 0,
  DFP_STOCHASTIC = 1,
  DFP_NEAREST_AWAY = 2,
  DFP_TRUNCATE = 3
};

// The reason why the last call of this thread failed; never null.
const char* dfp_last_error();

// --- Instruction sets: the rows of the kernel table, best first
// -----------------------------------

int dfp_isa_count();
// Name of a row ("amxint8", "avx512vnni", "avx2"), null where there is no such row.
const char* dfp_isa_name(int isa);
// 1 where this CPU and operating system can run the row, else 0.
int dfp_isa_runs(int isa);
// The best row that runs here and is not above `cap` (a row's name; null or empty: no cap).
// Negative where `cap` names no row, or where nothing runs.
int dfp_isa_select(const char* cap);
// The CPU's model name, for reports.
const char* dfp_cpu_name();

// --- Memory
// ---------------------------------------------------------------------------------------

// Memory aligned to 64 bytes, in huge pages where the size is worth it; null where there is none.
void* dfp_alloc(int64_t bytes);
void dfp_free(void* memory);

// --- Reading an FP32 tensor
// -----------------------------------------------------------------------

// One pass over x[shape] with the given strides (in elements):
//   amax         largest |x|
//   finite       0 where a NaN or an infinity was seen, else 1
//   fingerprint  64-bit hash of the values and of their layout in memory; null: not wanted
int dfp_scan(int isa, const float* x, int rank, const int64_t* shape, const int64_t* strides,
             int threads, float* amax, int* finite, int64_t* fingerprint);

// --- Convolution
// ----------------------------------------------------------------------------------

// Size of a packed tensor in bytes, or negative where the shape is not supported.
int64_t dfp_conv_packed_bytes(int isa, const int* shape, int role);
// Size of the scratch that a pass needs, in bytes.
int64_t dfp_conv_scratch_bytes(int isa, const int* shape, int pass, int threads);

// packed[..] <- clamp(round(x · 2^-exponent), +-(32767 >> headroom)); x is finite and has the
// role's shape (src [mb,ic,ih,iw], weights [oc,ic,kh,kw], diffDst [mb,oc,oh,ow]).
int dfp_conv_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                  int exponent, int rounding, int headroom, int64_t seed, int threads,
                  void* packed);

// dst[mb,oc,oh,ow] <- float_round(2^exponent · Σ src · weights) (+ bias[oc] in FP32; null for
// none). exponent is the sum of the operands' exponents, here and below.
int dfp_conv_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                     const float* bias, float* dst, int threads, void* scratch);
// diffSrc[mb,ic,ih,iw]
int dfp_conv_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                           int exponent, float* diff_src, int threads, void* scratch);
// diffWeights[oc,ic,kh,kw]
int dfp_conv_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                              int exponent, float* diff_weights, int threads, void* scratch);

// --- 3-D convolution
// ------------------------------------------------------------------------------

int64_t dfp_conv3d_packed_bytes(int isa, const int* shape, int role);
int64_t dfp_conv3d_scratch_bytes(int isa, const int* shape, int pass, int threads);
// src [mb,ic,id,ih,iw], weights [oc,ic,kd,kh,kw], diffDst [mb,oc,od,oh,ow]
int dfp_conv3d_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                    int exponent, int rounding, int headroom, int64_t seed, int threads,
                    void* packed);
// dst[mb,oc,od,oh,ow]
int dfp_conv3d_forward(int isa, const int* shape, const void* src, const void* weights,
                       int exponent, const float* bias, float* dst, int threads, void* scratch);
// diffSrc[mb,ic,id,ih,iw]
int dfp_conv3d_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                             int exponent, float* diff_src, int threads, void* scratch);
// diffWeights[oc,ic,kd,kh,kw]
int dfp_conv3d_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                                int exponent, float* diff_weights, int threads, void* scratch);

// --- Depthwise convolution
// ------------------------------------------------------------------------

int64_t dfp_dwconv_packed_bytes(int isa, const int* shape, int role);
int64_t dfp_dwconv_scratch_bytes(int isa, const int* shape, int pass, int threads);
// src [mb,ic,ih,iw], weights [ic,multiplier,kh,kw], diffDst [mb,ic*multiplier,oh,ow]
int dfp_dwconv_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                    int exponent, int rounding, int headroom, int64_t seed, int threads,
                    void* packed);
// dst[mb,ic*multiplier,oh,ow]
int dfp_dwconv_forward(int isa, const int* shape, const void* src, const void* weights,
                       int exponent, const float* bias, float* dst, int threads, void* scratch);
// diffSrc[mb,ic,ih,iw]
int dfp_dwconv_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                             int exponent, float* diff_src, int threads, void* scratch);
// diffWeights[ic,multiplier,kh,kw]
int dfp_dwconv_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                                int exponent, float* diff_weights, int threads, void* scratch);

// --- Fully connected
// ------------------------------------------------------------------------------

int64_t dfp_dense_packed_bytes(int isa, const int* shape, int role);
int64_t dfp_dense_scratch_bytes(int isa, const int* shape, int pass, int threads);
// src [mb,ic], weights [ic,oc], diffDst [mb,oc]
int dfp_dense_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                   int exponent, int rounding, int headroom, int64_t seed, int threads,
                   void* packed);
// dst[mb,oc], rows of oc values
int dfp_dense_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                      const float* bias, float* dst, int threads, void* scratch);
// diffSrc[mb,ic], rows of ic values
int dfp_dense_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                            int exponent, float* diff_src, int threads, void* scratch);
// diffWeights[ic,oc] in F order, as DL4J stores it: columns of ic values
int dfp_dense_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                               int exponent, float* diff_weights, int threads, void* scratch);

#ifdef __cplusplus
}
#endif

#endif  // DFP_DFP_H
