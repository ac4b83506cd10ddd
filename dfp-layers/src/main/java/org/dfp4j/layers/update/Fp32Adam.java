package org.dfp4j.layers.update;

import java.util.Map;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;

/** {@link Adam} in one pass. */
final class Fp32Adam extends Adam {

  private static final long serialVersionUID = 1L;

  private final Adam stock;

  Fp32Adam(Adam stock) {
    this.stock = stock;
    super.setLrAndSchedule(stock.getLearningRate(), stock.getLearningRateSchedule());
    setBeta1(stock.getBeta1());
    setBeta2(stock.getBeta2());
    setEpsilon(stock.getEpsilon());
  }

  @Override
  public AdamUpdater instantiate(INDArray view, boolean initialize) {
    GradientUpdater<?> plain = stock.instantiate(view, initialize);
    Step step = new Step(stock);
    step.setState(plain.getState(), false);
    return step;
  }

  @Override
  public AdamUpdater instantiate(Map<String, INDArray> state, boolean initialize) {
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
  public Adam clone() {
    return new Fp32Adam(stock.clone());
  }

  private static final class Step extends AdamUpdater {

    private static final long serialVersionUID = 1L;

    Step(Adam config) {
      super(config);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      Adam config = getConfig();
      float beta1 = (float) config.getBeta1();
      float beta2 = (float) config.getBeta2();
      float epsilon = (float) config.getEpsilon();
      float rate = (float) config.getLearningRate(iteration, epoch);
      float corrected = corrected(rate, beta1, beta2, iteration + 1f);
      // Where the correction is no number, DL4J steps by epsilon.
      boolean usable = Float.isFinite(corrected) && corrected != 0;
      Fp32KernelProvider.updates()
          .adam(gradient, getM(), getV(), usable ? corrected : epsilon, beta1, beta2, epsilon);
    }

    /** {@code rate · √(1 - beta2^step) / (1 - beta1^step)}, rounded where DL4J rounds. */
    private static float corrected(float rate, float beta1, float beta2, float step) {
      float power1 = (float) Math.pow(beta1, step);
      float power2 = (float) Math.pow(beta2, step);
      float root = (float) Math.sqrt((float) (1.0 - power2));
      return (float) (rate * root / (1.0 - power1));
    }
  }
}
