package org.dfp4j.backend.ops;

import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.DfpTensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The three products of a convolution by their definition, over arrays in ND4J's formats. */
final class ExactConvolution {

  final INDArray output;
  final INDArray diffInput;
  final INDArray diffWeights;

  /** All three, without bias. */
  ExactConvolution(
      ConvolutionSpec spec,
      OpPrecision precision,
      INDArray input,
      INDArray weights,
      INDArray diffDst) {
    INDArray x = input.permute(spec.activationAxes());
    INDArray w = weights.permute(spec.weightsAxes());
    INDArray d = diffDst.permute(spec.activationAxes());
    ConvShape s = spec.shape(input.shape(), weights.shape());
    Exact exact = new Exact(precision);
    // The rows that SAME skips are not read: they count neither for the exponent.
    int top = (int) x.size(2) - s.ih();
    int left = (int) x.size(3) - s.iw();
    INDArray read = ConvolutionCases.part(x, top, left);
    DfpTensor src = exact.quantize(TensorRole.SRC, read);
    DfpTensor filters = exact.quantize(TensorRole.WEIGHTS, w);
    DfpTensor diff = exact.quantize(TensorRole.DIFF_DST, d);
    long[] dst = new long[(int) diffDst.length()];
    long[] diffSrc = new long[(int) read.length()];
    long[] diffFilters = new long[(int) weights.length()];
    for (int n = 0; n < s.mb(); n++) {
      for (int o = 0; o < s.oc(); o++) {
        for (int y = 0; y < s.oh(); y++) {
          for (int z = 0; z < s.ow(); z++) {
            int to = ((n * s.oc() + o) * s.oh() + y) * s.ow() + z;
            for (int c = 0; c < s.ic(); c++) {
              for (int i = 0; i < s.kh(); i++) {
                for (int j = 0; j < s.kw(); j++) {
                  int row = y * s.sh() - s.ph() + i * s.dh();
                  int column = z * s.sw() - s.pw() + j * s.dw();
                  if (row < 0 || row >= s.ih() || column < 0 || column >= s.iw()) {
                    continue;
                  }
                  int from = ((n * s.ic() + c) * s.ih() + row) * s.iw() + column;
                  int tap = ((o * s.ic() + c) * s.kh() + i) * s.kw() + j;
                  dst[to] += (long) src.mantissa(from) * filters.mantissa(tap);
                  diffSrc[from] += (long) diff.mantissa(to) * filters.mantissa(tap);
                  diffFilters[tap] += (long) src.mantissa(from) * diff.mantissa(to);
                }
              }
            }
          }
        }
      }
    }
    output = Exact.rounded(dst, src, filters, d.shape()).permute(inverse(spec.activationAxes()));
    INDArray gradient = ConvolutionCases.zeros(x.shape());
    INDArray readGradient = Exact.rounded(diffSrc, diff, filters, read.shape());
    ConvolutionCases.part(gradient, top, left).assign(readGradient);
    diffInput = gradient.permute(inverse(spec.activationAxes()));
    diffWeights =
        Exact.rounded(diffFilters, src, diff, w.shape()).permute(inverse(spec.weightsAxes()));
  }

  private static int[] inverse(int[] axes) {
    int[] inverse = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      inverse[axes[i]] = i;
    }
    return inverse;
  }
}
