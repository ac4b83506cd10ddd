package org.dfp4j.backend.ops;

import java.util.Arrays;
import java.util.Objects;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A matrix product over arrays and its gradients, in DFP-16. With {@code A = aᵀ} where a is to be
 * transposed, else a, and B of b alike:
 *
 * <pre>
 *   c     = A · B          [m, n] = [m, k] · [k, n]     forward, A is src, B the weights
 *   diffA = diffC · Bᵀ                                  backward data
 *   diffB = Aᵀ · diffC                                  backward weights
 * </pre>
 *
 * <p>Arrays are FP32, of any order, views included; outputs are written. m, n and k may be 0.
 * Errors are {@link IllegalArgumentException}s that name the argument. Safe for several threads.
 *
 * @param transposeA whether a is {@code [k, m]}
 * @param transposeB whether b is {@code [n, k]}
 * @param precision which products run in DFP-16, and how
 */
public record ArrayMatmul(boolean transposeA, boolean transposeB, OpPrecision precision) {

  private static final String SITE = "matmul";

  public ArrayMatmul {
    Objects.requireNonNull(precision, "precision: expected one, got null");
  }

  /**
   * Shape of c.
   *
   * @param a shape of a
   * @param b shape of b
   */
  public long[] outputShape(long[] a, long[] b) {
    checkRank("a", a);
    checkRank("b", b);
    long k = a[transposeA ? 0 : 1];
    int inner = transposeB ? 1 : 0;
    if (b[inner] != k) {
      throw new IllegalArgumentException(
          "b: expected %d elements in dimension %d, got %s"
              .formatted(k, inner, Arrays.toString(b)));
    }
    return new long[] {a[transposeA ? 1 : 0], b[1 - inner]};
  }

  private static void checkRank(String argument, long[] shape) {
    if (shape.length != 2) {
      throw new IllegalArgumentException(
          "%s: expected a matrix, got shape %s".formatted(argument, Arrays.toString(shape)));
    }
  }

  /**
   * {@code c = A · B}.
   *
   * @param c of shape {@link #outputShape}, written
   */
  public void forward(INDArray a, INDArray b, INDArray c) {
    long[] out = check(a, b);
    Arguments.checkFloat("c", c);
    Arguments.checkShape("c", c, out);
    if (a.isEmpty() || b.isEmpty()) {
      Arguments.zero(c);
      return;
    }
    INDArray left = left(a);
    INDArray right = right(b);
    if (!precision.forward()) {
      Fp32Section.run(() -> c.assign(left.mmul(right)));
      return;
    }
    DenseShape shape = shape(left, right);
    Kernels kernels = KernelProvider.kernels();
    try (PackedTensor src = pack(kernels, shape, TensorRole.SRC, left);
        PackedTensor weights = pack(kernels, shape, TensorRole.WEIGHTS, right)) {
      kernels.forward(shape, src, weights, null, c);
    }
  }

  /**
   * The gradients, each of the shape of its matrix.
   *
   * @param diffC gradient by c
   * @param diffA written; null where it is not wanted
   * @param diffB written; null where it is not wanted
   */
  public void backward(INDArray a, INDArray b, INDArray diffC, INDArray diffA, INDArray diffB) {
    long[] out = check(a, b);
    Arguments.checkFloat("diffC", diffC);
    Arguments.checkShape("diffC", diffC, out);
    if (a.isEmpty() || b.isEmpty() || diffC.isEmpty()) {
      Arguments.zero(diffA);
      Arguments.zero(diffB);
      return;
    }
    boolean data = diffA != null && precision.backwardData();
    boolean weights = diffB != null && precision.backwardWeights();
    if (diffA != null && !data) {
      Fp32Section.run(() -> left(diffA).assign(diffC.mmul(right(b).transpose())));
    }
    if (diffB != null && !weights) {
      Fp32Section.run(() -> right(diffB).assign(left(a).transpose().mmul(diffC)));
    }
    if (data || weights) {
      dfpBackward(left(a), right(b), diffC, data ? diffA : null, weights ? diffB : null);
    }
  }

  private void dfpBackward(
      INDArray left, INDArray right, INDArray diffC, INDArray diffA, INDArray diffB) {
    DenseShape shape = shape(left, right);
    Kernels kernels = KernelProvider.kernels();
    try (PackedTensor diff = pack(kernels, shape, TensorRole.DIFF_DST, diffC)) {
      if (diffB != null) {
        try (PackedTensor src = pack(kernels, shape, TensorRole.SRC, left)) {
          kernels.backwardWeights(shape, src, diff, right(diffB));
        }
      }
      if (diffA != null) {
        try (PackedTensor weights = pack(kernels, shape, TensorRole.WEIGHTS, right)) {
          kernels.backwardData(shape, diff, weights, left(diffA));
        }
      }
    }
  }

  private PackedTensor pack(Kernels kernels, DenseShape shape, TensorRole role, INDArray x) {
    PackedTensor pack = kernels.pack(shape, role, x, precision.quantizer(role));
    NonFinite.check(pack, SITE, precision);
    return pack;
  }

  private long[] check(INDArray a, INDArray b) {
    Arguments.checkFloat("a", a);
    Arguments.checkFloat("b", b);
    return outputShape(a.shape(), b.shape());
  }

  private INDArray left(INDArray a) {
    return transposeA ? a.transpose() : a;
  }

  private INDArray right(INDArray b) {
    return transposeB ? b.transpose() : b;
  }

  private static DenseShape shape(INDArray left, INDArray right) {
    return new DenseShape(
        Math.toIntExact(left.size(0)),
        Math.toIntExact(left.size(1)),
        Math.toIntExact(right.size(1)));
  }
}
