package org.dfp4j.layers.update;

import java.util.Map;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NesterovsUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ISchedule;

/** {@link Nesterovs} in one pass. */
final class Fp32Nesterovs extends Nesterovs {

  private static final long serialVersionUID = 1L;

  private final Nesterovs stock;

  Fp32Nesterovs(Nesterovs stock) {
    this.stock = stock;
    super.setLrAndSchedule(stock.getLearningRate(), stock.getLearningRateSchedule());
    setMomentum(stock.getMomentum());
    setMomentumISchedule(stock.getMomentumISchedule());
  }

  @Override
  public NesterovsUpdater instantiate(INDArray view, boolean initialize) {
    GradientUpdater<?> plain = stock.instantiate(view, initialize);
    Step step = new Step(stock);
    step.setState(plain.getState(), false);
    return step;
  }

  @Override
  public NesterovsUpdater instantiate(Map<String, INDArray> state, boolean initialize) {
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
  public Nesterovs clone() {
    return new Fp32Nesterovs(stock.clone());
  }

  private static final class Step extends NesterovsUpdater {

    private static final long serialVersionUID = 1L;

    Step(Nesterovs config) {
      super(config);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      float rate = (float) getConfig().getLearningRate(iteration, epoch);
      float momentum = (float) getConfig().currentMomentum(iteration, epoch);
      Fp32KernelProvider.updates().nesterovs(gradient, getV(), rate, momentum);
    }
  }
}
