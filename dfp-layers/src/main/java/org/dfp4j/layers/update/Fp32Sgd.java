package org.dfp4j.layers.update;

import java.util.Map;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.SgdUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

/** {@link Sgd} in one pass. */
final class Fp32Sgd extends Sgd {

  private static final long serialVersionUID = 1L;

  private final Sgd stock;

  Fp32Sgd(Sgd stock) {
    this.stock = stock;
    super.setLrAndSchedule(stock.getLearningRate(), stock.getLearningRateSchedule());
  }

  @Override
  public SgdUpdater instantiate(INDArray view, boolean initialize) {
    GradientUpdater<?> plain = stock.instantiate(view, initialize);
    Step step = new Step(stock);
    step.setState(plain.getState(), false);
    return step;
  }

  @Override
  public SgdUpdater instantiate(Map<String, INDArray> state, boolean initialize) {
    Step step = new Step(stock);
    step.setState(state, initialize);
    return step;
  }

  @Override
  public void setLrAndSchedule(double rate, ISchedule schedule) {
    super.setLrAndSchedule(rate, schedule);
    stock.setLrAndSchedule(rate, schedule);
  }

  @Override
  public Sgd clone() {
    return new Fp32Sgd(stock.clone());
  }

  private static final class Step extends SgdUpdater {

    private static final long serialVersionUID = 1L;

    Step(Sgd config) {
      super(config);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      float rate = (float) getConfig().getLearningRate(iteration, epoch);
      Fp32KernelProvider.updates().sgd(gradient, rate);
    }
  }
}
