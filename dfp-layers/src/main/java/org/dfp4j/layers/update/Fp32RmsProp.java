package org.dfp4j.layers.update;

import java.util.Map;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.RmsPropUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.schedule.ISchedule;

/** {@link RmsProp} in one pass. */
final class Fp32RmsProp extends RmsProp {

  private static final long serialVersionUID = 1L;

  private final RmsProp stock;

  Fp32RmsProp(RmsProp stock) {
    this.stock = stock;
    super.setLrAndSchedule(stock.getLearningRate(), stock.getLearningRateSchedule());
    setRmsDecay(stock.getRmsDecay());
    setEpsilon(stock.getEpsilon());
  }

  @Override
  public RmsPropUpdater instantiate(INDArray view, boolean initialize) {
    GradientUpdater<?> plain = stock.instantiate(view, initialize);
    Step step = new Step(stock);
    step.setState(plain.getState(), false);
    return step;
  }

  @Override
  public RmsPropUpdater instantiate(Map<String, INDArray> state, boolean initialize) {
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
  public RmsProp clone() {
    return new Fp32RmsProp(stock.clone());
  }

  private static final class Step extends RmsPropUpdater {

    private static final long serialVersionUID = 1L;

    Step(RmsProp config) {
      super(config);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      RmsProp config = getConfig();
      float rate = (float) config.getLearningRate(iteration, epoch);
      Fp32KernelProvider.updates()
          .rmsProp(
              gradient,
              getLastGradient(),
              rate,
              (float) config.getRmsDecay(),
              (float) config.getEpsilon());
    }
  }
}
