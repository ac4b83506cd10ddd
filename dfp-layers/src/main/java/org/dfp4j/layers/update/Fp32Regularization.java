package org.dfp4j.layers.update;

import java.util.ArrayList;
import java.util.List;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.fp32.UpdateKernels;
import org.dfp4j.backend.fp32.UpdateKernels.Penalty;
import org.dfp4j.backend.fp32.UpdateKernels.PenaltyTerm;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/**
 * Several of DL4J's regularizations in one pass over the weights:
 *
 * <pre>
 *   gradient += Σ c · sign(x)  (L1)  or  c · x  (L2, weight decay)      with DL4J's bits
 *   score     = Σ c · Σ|x|     (L1)  or  c · 0.5 · Σx²                  summed in double
 * </pre>
 *
 * The score has the same bits with any number of threads; DL4J's own does not.
 */
final class Fp32Regularization implements Regularization {

  private static final long serialVersionUID = 1L;

  private final ArrayList<Regularization> terms;

  /**
   * Joins regularizations of one step.
   *
   * @param terms at least one, each of a supported class; copied
   */
  Fp32Regularization(List<Regularization> terms) {
    this.terms = new ArrayList<>(terms);
  }

  /** Whether the class is one that the kernels know. */
  static boolean supports(Regularization regularization) {
    Class<?> type = regularization.getClass();
    return type == L1Regularization.class
        || type == L2Regularization.class
        || type == WeightDecay.class;
  }

  @Override
  public ApplyStep applyStep() {
    return terms.get(0).applyStep();
  }

  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    List<PenaltyTerm> penalties = new ArrayList<>(terms.size());
    for (Regularization term : terms) {
      double coefficient = coefficient(term, iteration, epoch);
      if (term instanceof WeightDecay decay && decay.isApplyLR()) {
        coefficient *= lr;
      }
      Penalty penalty = term instanceof L1Regularization ? Penalty.L1 : Penalty.L2;
      penalties.add(new PenaltyTerm(penalty, (float) coefficient));
    }
    Fp32KernelProvider.updates().addPenalties(param, penalties, gradView);
  }

  @Override
  public double score(INDArray param, int iteration, int epoch) {
    UpdateKernels.Sums sums = Fp32KernelProvider.updates().sums(param);
    double score = 0;
    for (Regularization term : terms) {
      double sum = term instanceof L1Regularization ? sums.absolute() : 0.5 * sums.squares();
      score += coefficient(term, iteration, epoch) * sum;
    }
    return score;
  }

  private static double coefficient(Regularization term, int iteration, int epoch) {
    if (term instanceof L1Regularization l1) {
      return l1.getL1().valueAt(iteration, epoch);
    }
    return term instanceof L2Regularization l2
        ? l2.getL2().valueAt(iteration, epoch)
        : ((WeightDecay) term).getCoeff().valueAt(iteration, epoch);
  }

  @Override
  public Regularization clone() {
    List<Regularization> clones = new ArrayList<>(terms.size());
    terms.forEach(term -> clones.add(term.clone()));
    return new Fp32Regularization(clones);
  }
}
