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

// packed[..] <- clamp(round(x · 2^-exponent), +-(32767 >> headroom)); x has the role's shape (src
// [mb,ic,ih,iw], weights [oc,ic,kh,kw], diffDst [mb,oc,oh,ow]). Where amax is not null, *amax <-
// the largest |x|, NaN or infinite where a value is: with a guessed exponent one pass may do, and
// where the guess is not the exponent of amax, or a value is not finite, the mantissas are
// worthless. fingerprint: of weights, as of dfp_scan; null: not wanted.
int dfp_conv_pack(int isa, const int* shape, int role, const float* x, const int64_t* strides,
                  int exponent, int rounding, int headroom, int64_t seed, int threads, void* packed,
                  float* amax, int64_t* fingerprint);

// As dfp_conv_pack of src, dense in C order, whose values are f((x - mean[c]) * scale[c] +
// offset[c]); null mean: f(x).
int dfp_conv_pack_deferred(int isa, const int* shape, const float* x, const float* mean,
                           const float* scale, const float* offset, int kind, float parameter,
                           int exponent, int rounding, int headroom, int64_t seed, int threads,
                           void* packed, float* amax);

// dst[mb,oc,oh,ow] <- float_round(2^exponent · Σ src · weights) (+ bias[oc] in FP32; null for
// none). exponent is the sum of the operands' exponents, here and below.
int dfp_conv_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                     const float* bias, float* dst, int threads, void* scratch);
// diffSrc[mb,ic,ih,iw]
int dfp_conv_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                           int exponent, float* diff_src, int threads, void* scratch);
// 1 where a product is faster with weights in FP32, of which it reads each once, than with weights
// that have to be packed for it; 0 where not, or negative where the shape is not supported.
int dfp_conv_takes_fp32_weights(int isa, const int* shape);
// For such shapes, forward and backward data with weights[oc,ic,kh,kw] in FP32, dense in this
// order; everything else as of dfp_dense_forward_fp32.
int dfp_conv_forward_fp32(int isa, const int* shape, const void* src, int src_exponent,
                          const float* weights, const int64_t* strides, int weights_exponent,
                          int rounding, int headroom, int64_t seed, const float* bias, float* dst,
                          int threads, void* scratch, float* amax, int64_t* fingerprint);
int dfp_conv_backward_data_fp32(int isa, const int* shape, const void* diff_dst,
                                int diff_dst_exponent, const float* weights, const int64_t* strides,
                                int weights_exponent, int rounding, int headroom, int64_t seed,
                                float* diff_src, int threads, void* scratch, float* amax,
                                int64_t* fingerprint);
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
                    void* packed, float* amax, int64_t* fingerprint);
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
                    void* packed, float* amax, int64_t* fingerprint);
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
                   void* packed, float* amax, int64_t* fingerprint);
// dst[mb,oc], rows of oc values
int dfp_dense_forward(int isa, const int* shape, const void* src, const void* weights, int exponent,
                      const float* bias, float* dst, int threads, void* scratch);
// diffSrc[mb,ic], rows of ic values
int dfp_dense_backward_data(int isa, const int* shape, const void* diff_dst, const void* weights,
                            int exponent, float* diff_src, int threads, void* scratch);
// The same with weights[ic,oc] in FP32, quantized while they are read, which happens once: the
// other operand's exponent is known, `weights_exponent`, a guess that *amax confirms or not, see
// dfp_conv_pack. Where it does not, the output is worthless. strides[0] is 1, strides[1] at least
// ic. fingerprint: as of dfp_scan; null: not wanted.
int dfp_dense_forward_fp32(int isa, const int* shape, const void* src, int src_exponent,
                           const float* weights, const int64_t* strides, int weights_exponent,
                           int rounding, int headroom, int64_t seed, const float* bias, float* dst,
                           int threads, void* scratch, float* amax, int64_t* fingerprint);
int dfp_dense_backward_data_fp32(int isa, const int* shape, const void* diff_dst,
                                 int diff_dst_exponent, const float* weights,
                                 const int64_t* strides, int weights_exponent, int rounding,
                                 int headroom, int64_t seed, float* diff_src, int threads,
                                 void* scratch, float* amax, int64_t* fingerprint);
// diffWeights[ic,oc] in F order, as DL4J stores it: columns of ic values
int dfp_dense_backward_weights(int isa, const int* shape, const void* src, const void* diff_dst,
                               int exponent, float* diff_weights, int threads, void* scratch);

// --- Layers in FP32
// -------------------------------------------------------------------------------

// Tensors are x[outer, channels, inner], dense; shape holds these three. Sums, statistics and
// gradients by channel are `channels` floats each. dfp/fp32/batchnorm/batchnorm.h has the formulas.

// sums[c] <- Σ x, added in FP64
int dfp_channel_sums(int isa, const int64_t* shape, const float* x, int threads, float* sums);
// Batch normalization
int dfp_batch_norm_statistics(int isa, const int64_t* shape, const float* x, int threads,
                              float* mean, float* variance);
// y from the batch's own statistics, which are written too
int dfp_batch_norm_training(int isa, const int64_t* shape, const float* x, const float* gamma,
                            const float* beta, double eps, int threads, float* y, float* mean,
                            float* variance);
// y from given statistics
int dfp_batch_norm_inference(int isa, const int64_t* shape, const float* x, const float* mean,
                             const float* variance, const float* gamma, const float* beta,
                             double eps, int threads, float* y);
// mean and variance are those that the forward pass used, batch_mean is that of x. Where an
// activation followed, diff_dst is the gradient by f((x - mean) * scale + offset); scale and offset
// are read only then. *amax <- the largest |diff_src|, NaN or infinite where a value is; sums[c] <-
// those of diff_src, as dfp_channel_sums has them; null: not wanted.
int dfp_batch_norm_backward(int isa, const int64_t* shape, const float* x, const float* diff_dst,
                            const float* mean, const float* variance, const float* batch_mean,
                            const float* gamma, double eps, const float* scale, const float* offset,
                            int kind, float parameter, int threads, float* diff_src,
                            float* diff_gamma, float* diff_beta, float* amax, float* sums);

// Activations; dfp/fp32/activation/activation.h says what they compute.
enum dfp_activation {
  DFP_NO_ACTIVATION = -1,
  DFP_RELU = 0,
  DFP_CLIPPED_RELU = 1,
  DFP_LEAKY_RELU = 2
};

// y[outer, channels, inner] <- f(a) or, where b is not null, f(a + b). A term is the tensor itself
// or, where its mean is not null, (x - mean[c]) * scale[c] + offset[c].
int dfp_deferred_sum(int isa, const int64_t* shape, const float* a, const float* a_mean,
                     const float* a_scale, const float* a_offset, const float* b,
                     const float* b_mean, const float* b_scale, const float* b_offset, int kind,
                     float parameter, int threads, float* y);

// y[count] <- f(x)
int dfp_activation_forward(int isa, int kind, float parameter, const float* x, int64_t count,
                           int threads, float* y);
// diff_src[count] <- f'(x) · diff_dst
int dfp_activation_backward(int isa, int kind, float parameter, const float* x,
                            const float* diff_dst, int64_t count, int threads, float* diff_src);
// The same of tensors; amax and sums as of dfp_batch_norm_backward.
int dfp_activation_gradient(int isa, int kind, float parameter, const int64_t* shape,
                            const float* x, const float* diff_dst, int threads, float* diff_src,
                            float* amax, float* sums);

// Pooling of `planes` planes; shape is ih iw oh ow kh kw sh sw ph pw, of which ph and pw, the
// padding above and to the left, may be negative. Every window meets the input.
// dfp/fp32/pool/pool.h has the rules.
enum dfp_pool { DFP_POOL_MAX = 0, DFP_POOL_AVERAGE = 1, DFP_POOL_AVERAGE_OF_WINDOW = 2 };

// dst[planes, oh, ow]
int dfp_pool_forward(int isa, int kind, const int* shape, int64_t planes, const float* src,
                     int threads, float* dst);
// diff_src[planes, ih, iw]
int dfp_pool_backward(int isa, int kind, const int* shape, int64_t planes, const float* src,
                      const float* diff_dst, int threads, float* diff_src);

// Local response normalization of x[images, channels, pixels]; shape holds these three.
// dfp/fp32/lrn/lrn.h has the formulas.
int dfp_lrn_forward(int isa, const int64_t* shape, int half, float k, float alpha, float slope,
                    int quarters, const float* x, int threads, float* dst);
int dfp_lrn_backward(int isa, const int64_t* shape, int half, float k, float alpha, float slope,
                     int quarters, const float* x, const float* diff_dst, int threads,
                     float* diff_src);

// --- Updates of parameters
// ------------------------------------------------------------------------

// Over `count` FP32 values that lie one after the other; dfp/fp32/update/update.h has the formulas
// and the order of the sums. Every function but the first modifies its last array or arrays.
enum dfp_penalty { DFP_L1 = 0, DFP_L2 = 1 };
enum { DFP_MAX_PENALTIES = 16 };

// sums[2] <- sum |x|, sum x * x
int dfp_update_sums(int isa, const float* x, int64_t count, int threads, double* sums);
// For each term in order: gradient += coefficient * (DFP_L1: sign(x), DFP_L2: x).
int dfp_update_penalties(int isa, const float* x, int64_t count, int terms, const int* kinds,
                         const float* coefficients, int threads, float* gradient);
int dfp_update_sgd(int isa, float rate, int64_t count, int threads, float* gradient);
int dfp_update_nesterovs(int isa, float rate, float momentum, int64_t count, int threads,
                         float* gradient, float* v);
int dfp_update_rms_prop(int isa, float rate, float decay, float epsilon, int64_t count, int threads,
                        float* gradient, float* s);
int dfp_update_adam(int isa, float rate, float beta1, float beta2, float epsilon, int64_t count,
                    int threads, float* gradient, float* m, float* s);

#ifdef __cplusplus
}
#endif

#endif  // DFP_DFP_H
