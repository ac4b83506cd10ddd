// The three products of a fully connected layer.
//
//   forward           dst[mb, oc]         = src[mb, ic] * weights          K = ic, B columns o
//   backward data     diffSrc[mb, ic]     = diffDst[mb, oc] * weights^T    K = oc, B rows o
//   backward weights  diffWeights[oc][ic] = diffDst^T * src                K = mb, B rows n
//
// DL4J keeps weights [ic, oc] in F order: in memory a row of ic values for each output. The
// mantissas are kept the same way, so that the two larger operands, weights and src, are read in
// place. Forward and backward data also take the weights in FP32 and quantize them on their way
// through the caches (weights_pass.h): they are read once, and never written.
#include "dfp/dense/dense.h"

#include <algorithm>
#include <vector>

#include "dfp/base/arena.h"
#include "dfp/base/parallel.h"
#include "dfp/dense/weights_pass.h"
#include "dfp/gemm/strip_product.h"

namespace dfp {
namespace {

// A matrix of mantissas, rows one after the other, and what a strip may read behind them.
int64_t matrix_elements(int64_t rows, int64_t columns) { return rows * columns + kStripSpan; }

struct WeightsLayout {
  int16_t* mantissas;  // [oc][ic]
  uint8_t* panels;     // of the forward product
  int64_t panel_bytes, panel_count, bytes;

  WeightsLayout(const GemmKernel& kernel, const DenseShape& shape, void* packed) {
    Arena arena(packed);
    mantissas = arena.take<int16_t>(matrix_elements(shape.oc, shape.ic));
    panel_bytes = kernel.b_panel_bytes(shape.ic);
    panel_count = div_up(shape.oc, kernel.nr);
    panels = arena.take<uint8_t>(panel_count * panel_bytes);
    bytes = arena.used();
  }
};

// The logical order of weights is [ic, oc], and stochastic rounding draws by logical index, so a
// row o of the mantissas has the indices o, o + oc, ...
float pack_weights(int isa, const DenseShape& shape, const Strided& x, const Quantization& how,
                   int threads, void* packed) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const WeightsLayout layout(kernel, shape, packed);
  LargestBits largest;
  // Rows of a panel share cache lines where the weights are in C order.
  parallel_for(threads, layout.panel_count, [&](int64_t panel, int) {
    const int16_t* columns[64];
    const int64_t first = panel * kernel.nr;
    const int count = static_cast<int>(std::min<int64_t>(kernel.nr, shape.oc - first));
    uint32_t max = 0;
    for (int j = 0; j < count; j++) {
      const int64_t o = first + j;
      int16_t* row = layout.mantissas + o * shape.ic;
      const uint32_t row_max =
          quantize_run(quantize_kernel(isa), x.data + o * x.strides[1], x.strides[0], shape.ic, how,
                       static_cast<uint64_t>(o), static_cast<uint64_t>(shape.oc), row);
      max = std::max(max, row_max);
      columns[j] = row;
    }
    largest.add(max);
    kernel.pack_b_columns(columns, count, shape.ic, nullptr,
                          layout.panels + panel * layout.panel_bytes);
  });
  return largest.amax();
}

// Packs the rows of a matrix [rows][k] into panels of A.
void pack_rows(const GemmKernel& kernel, const int16_t* matrix, int64_t rows, int64_t k,
               int threads, uint8_t* panels) {
  const int64_t panel_bytes = kernel.a_panel_bytes(k);
  parallel_for(threads, div_up(rows, kernel.mr), [&](int64_t panel, int) {
    const int16_t* from[64];
    const int64_t first = panel * kernel.mr;
    const int count = static_cast<int>(std::min<int64_t>(kernel.mr, rows - first));
    for (int i = 0; i < count; i++) from[i] = matrix + (first + i) * k;
    kernel.pack_a(from, count, k, nullptr, panels + panel * panel_bytes);
  });
}

std::vector<const int16_t*> rows_of(const int16_t* matrix, int64_t rows, int64_t columns) {
  std::vector<const int16_t*> pointers(static_cast<std::size_t>(rows));
  for (int64_t i = 0; i < rows; i++) pointers[static_cast<std::size_t>(i)] = matrix + i * columns;
  return pointers;
}

// `lines` as for StripList.
StripList contiguous_strips(int64_t columns, const float* lines = nullptr) {
  StripList strips(1, lines);
  strips.add(0, columns, 0);
  return strips;
}

struct ForwardScratch {
  uint8_t* a;
  std::vector<int64_t*> sums;  // a thread's, where k needs several calls of the kernel
  int64_t m_tiles, bytes;

  ForwardScratch(const GemmKernel& kernel, const DenseShape& shape, int threads, void* scratch)
      : m_tiles(div_up(shape.mb, kernel.mr)) {
    Arena arena(scratch);
    a = arena.take<uint8_t>(m_tiles * kernel.a_panel_bytes(shape.ic));
    const int64_t count = shape.ic <= kernel.max_k ? 0 : m_tiles * kernel.mr * kernel.nr;
    for (int i = 0; i < threads; i++) sums.push_back(arena.take<int64_t>(count));
    bytes = arena.used();
  }
};

// Rows of the batch that pass the weights together: more would need more sums at a time than caches
// hold. A multiple of every mr.
constexpr int64_t kBatchRows = 1008;

int64_t weights_pass_bytes(const GemmKernel& kernel, const DenseShape& shape, Pass pass,
                           int threads) {
  const bool forward = pass == Pass::kForward;
  return weights_pass_scratch_bytes(kernel, std::min<int64_t>(shape.mb, kBatchRows),
                                    forward ? shape.ic : shape.oc, forward, threads);
}

// out[mb, n] <- the product of the batch with the weights.
void run_weights_pass(int isa, const DenseShape& shape, Pass pass, const void* batch,
                      WeightsRows& rows, int exponent, float* out, int threads, void* scratch) {
  const bool forward = pass == Pass::kForward;
  const int64_t k = forward ? shape.ic : shape.oc, n = forward ? shape.oc : shape.ic;
  for (int64_t m = 0; m < shape.mb; m += kBatchRows) {
    if (m > 0) rows.again();
    run({gemm_kernel(isa), static_cast<const int16_t*>(batch) + m * k,
         std::min(kBatchRows, shape.mb - m), n, k, rows, forward, exponent, out + m * n},
        threads, scratch);
  }
}

void add_bias(const DenseShape& shape, const float* bias, float* dst) {
  if (bias == nullptr) return;
  const FloatEnvironment environment;
  for (int64_t n = 0; n < shape.mb; n++) {
    for (int64_t o = 0; o < shape.oc; o++) dst[n * shape.oc + o] += bias[o];
  }
}

struct BackwardWeightsScratch {
  int16_t* transposed;  // diffDst as [oc][mb]
  uint8_t* a;
  void* product;
  int64_t bytes;

  BackwardWeightsScratch(const GemmKernel& kernel, const DenseShape& shape, int threads,
                         void* scratch) {
    Arena arena(scratch);
    transposed = arena.take<int16_t>(static_cast<int64_t>(shape.oc) * shape.mb);
    a = arena.take<uint8_t>(div_up(shape.oc, kernel.mr) * kernel.a_panel_bytes(shape.mb));
    product = arena.take<uint8_t>(strip_product_scratch_bytes(kernel, shape.oc, shape.mb, threads));
    bytes = arena.used();
  }
};

}  // namespace

int64_t dense_packed_bytes(int isa, const DenseShape& shape, Role role) {
  if (role == Role::kWeights) return WeightsLayout(gemm_kernel(isa), shape, nullptr).bytes;
  const int64_t columns = role == Role::kSrc ? shape.ic : shape.oc;
  return matrix_elements(shape.mb, columns) * static_cast<int64_t>(sizeof(int16_t));
}

float dense_pack(int isa, const DenseShape& shape, Role role, const Strided& x,
                 const Quantization& how, int threads, void* packed) {
  return role == Role::kWeights
             ? pack_weights(isa, shape, x, how, threads, packed)
             : quantize_dense(isa, x, how, threads, static_cast<int16_t*>(packed));
}

int64_t dense_scratch_bytes(int isa, const DenseShape& shape, Pass pass, int threads) {
  const GemmKernel& kernel = gemm_kernel(isa);
  switch (pass) {
    case Pass::kForward:
      return std::max(ForwardScratch(kernel, shape, threads, nullptr).bytes,
                      weights_pass_bytes(kernel, shape, pass, threads));
    case Pass::kBackwardData:
      return weights_pass_bytes(kernel, shape, pass, threads);
    default:
      return BackwardWeightsScratch(kernel, shape, threads, nullptr).bytes;
  }
}

void dense_forward(int isa, const DenseShape& shape, const void* src, const void* weights,
                   int exponent, const float* bias, float* dst, int threads, void* scratch) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const ForwardScratch layout(kernel, shape, threads, scratch);
  const WeightsLayout packed(kernel, shape, const_cast<void*>(weights));
  pack_rows(kernel, static_cast<const int16_t*>(src), shape.mb, shape.ic, threads, layout.a);
  const StripList strips = contiguous_strips(shape.oc);
  const auto strip_count = static_cast<int64_t>(strips.strips().size());
  parallel_for(threads, packed.panel_count, [&](int64_t panel, int thread) {
    const int64_t strip = panel * kernel.strips();
    Block block;
    block.a_stride = kernel.a_panel_bytes(shape.ic);
    block.b_stride = packed.panel_bytes;
    block.m = shape.mb;
    block.panels = 1;
    block.out.base = dst;
    block.out.exponent = exponent;
    block.out.row_pitch = shape.oc;
    block.out.strips = strips.strips().data() + strip;
    block.out.strip_count = strip_count - strip;
    block.out.segments = strips.segments().data();
    block.out.wide = shape.ic >= kExactInDouble;
    if (shape.ic > kernel.max_k) {
      block.sums = layout.sums[static_cast<std::size_t>(thread)];
      block.sums_row = static_cast<int64_t>(kernel.mr) * kernel.nr;
    }
    for (int64_t k = 0; k < shape.ic; k += block.k) {
      block.k = std::min<int64_t>(kernel.max_k, shape.ic - k);
      block.a = layout.a + k * kernel.a_bytes * kernel.mr;
      block.b = packed.panels + panel * packed.panel_bytes + k * kernel.b_bytes * kernel.nr;
      block.first = k == 0;
      kernel.multiply(block);
    }
    if (block.sums != nullptr) kernel.finish(block);
  });
  add_bias(shape, bias, dst);
}

void dense_backward_data(int isa, const DenseShape& shape, const void* diff_dst,
                         const void* weights, int exponent, float* diff_src, int threads,
                         void* scratch) {
  const WeightsLayout packed(gemm_kernel(isa), shape, const_cast<void*>(weights));
  QuantizedRows rows(packed.mantissas, shape.ic);
  dense_backward_data(isa, shape, diff_dst, rows, exponent, diff_src, threads, scratch);
}

void dense_forward(int isa, const DenseShape& shape, const void* src, WeightsRows& weights,
                   int exponent, const float* bias, float* dst, int threads, void* scratch) {
  run_weights_pass(isa, shape, Pass::kForward, src, weights, exponent, dst, threads, scratch);
  add_bias(shape, bias, dst);
}

void dense_backward_data(int isa, const DenseShape& shape, const void* diff_dst,
                         WeightsRows& weights, int exponent, float* diff_src, int threads,
                         void* scratch) {
  run_weights_pass(isa, shape, Pass::kBackwardData, diff_dst, weights, exponent, diff_src, threads,
                   scratch);
}

void dense_backward_weights(int isa, const DenseShape& shape, const void* src, const void* diff_dst,
                            int exponent, float* diff_weights, int threads, void* scratch) {
  const GemmKernel& kernel = gemm_kernel(isa);
  const BackwardWeightsScratch layout(kernel, shape, threads, scratch);
  const auto* gradient = static_cast<const int16_t*>(diff_dst);
  constexpr int64_t kUnit = 64;
  parallel_for(threads, div_up(shape.oc, kUnit), [&](int64_t unit, int) {
    const int64_t end = std::min<int64_t>(shape.oc, (unit + 1) * kUnit);
    for (int64_t n = 0; n < shape.mb; n++) {
      for (int64_t o = unit * kUnit; o < end; o++) {
        layout.transposed[o * shape.mb + n] = gradient[n * shape.oc + o];
      }
    }
  });
  pack_rows(kernel, layout.transposed, shape.oc, shape.mb, threads, layout.a);
  const auto rows = rows_of(static_cast<const int16_t*>(src), shape.mb, shape.ic);
  const bool stream = larger_than_caches(static_cast<int64_t>(shape.oc) * shape.ic);
  const StripList strips = contiguous_strips(shape.ic, stream ? diff_weights : nullptr);
  const StripProduct product{kernel,       layout.a, shape.oc, shape.mb, rows.data(), strips,
                             diff_weights, shape.ic, exponent, nullptr,  stream};
  strip_product(product, threads, layout.product);
}

}  // namespace dfp
