package org.dfp4j.backend.fp32;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a training step does to parameters, in FP32: penalties on weights, their score, and
 * updaters.
 *
 * <p>Arrays are FP32, and their elements follow one another in memory; those of one call have the
 * same length and are paired as they lie in memory; two of the same shape must have the same
 * strides. All methods but {@link #sums} go element by element, with one rounding an operation and
 * in the order of the formulas. So every implementation gives the same bits on every instruction
 * set and with any number of threads. {@link JavaUpdateKernels} is the specification.
 *
 * <p>Errors: an {@link IllegalArgumentException} names the argument, what was expected and what
 * came.
 */
public interface UpdateKernels {

  /** What {@link #addPenalties} adds to a gradient. */
  enum Penalty {
    /** {@code coefficient · sign(x)}. */
    L1,
    /** {@code coefficient · x}. */
    L2
  }

  /** A penalty and the coefficient that it is multiplied by. */
  record PenaltyTerm(Penalty penalty, float coefficient) {}

  /**
   * Sums over one array.
   *
   * @param absolute {@code Σ |x|}
   * @param squares {@code Σ x²}
   */
  record Sums(double absolute, double squares) {}

  /** Short name for logs, {@code java} or {@code native avx2}. */
  String name();

  /**
   * Both sums in one pass, in double. Their order is fixed: blocks of 16384 elements; in a block,
   * 16 lanes that take every 16th element; the lanes added as a tree, lane {@code l} to lane {@code
   * l + 8}, then 4, 2, 1; the blocks one after the other.
   *
   * @param x in any order of its dimensions; summed as it lies in memory
   */
  Sums sums(INDArray x);

  /**
   * Adds the terms one after the other: {@code gradient = coefficient · sign(x) + gradient} or
   * {@code gradient = coefficient · x + gradient}.
   *
   * @param gradient modified
   */
  void addPenalties(INDArray x, List<PenaltyTerm> terms, INDArray gradient);

  /**
   * {@code gradient = gradient · rate}.
   *
   * @param gradient replaced by the update
   */
  void sgd(INDArray gradient, float rate);

  /**
   * {@code p = momentum · v}, {@code v = p - rate · gradient}, {@code gradient = p + (-momentum -
   * 1) · v}.
   *
   * @param gradient replaced by the update
   * @param v state, modified
   */
  void nesterovs(INDArray gradient, INDArray v, float rate, float momentum);

  /**
   * {@code s = s · decay + gradient² · (1 - decay)}, {@code gradient = rate · gradient / (√s +
   * epsilon)}.
   *
   * @param gradient replaced by the update
   * @param s state, modified
   */
  void rmsProp(INDArray gradient, INDArray s, float rate, float decay, float epsilon);

  /**
   * {@code m = beta1 · m + gradient · (1 - beta1)}, {@code s = beta2 · s + gradient² · (1 -
   * beta2)}, {@code gradient = m · rate / (√s + epsilon)}.
   *
   * @param gradient replaced by the update
   * @param m state, modified
   * @param s state, modified
   * @param rate with the correction of the bias of {@code m} and {@code s}
   */
  void adam(
      INDArray gradient,
      INDArray m,
      INDArray s,
      float rate,
      float beta1,
      float beta2,
      float epsilon);
}
