package org.dfp4j.examples.models;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** The updaters that a command can name, with the learning rate of each where none is given. */
public enum UpdaterName {
  SGD(0.01, Sgd::new),
  NESTEROVS(0.01, rate -> new Nesterovs(rate, Nesterovs.DEFAULT_NESTEROV_MOMENTUM)),
  ADAM(0.001, Adam::new),
  AMSGRAD(0.001, AMSGrad::new),
  ADAMAX(0.001, AdaMax::new),
  NADAM(0.001, Nadam::new),
  ADAGRAD(0.01, AdaGrad::new),
  ADADELTA(Double.NaN, rate -> new AdaDelta()),
  RMSPROP(0.001, RmsProp::new);

  private final double defaultRate;
  private final DoubleFunction<IUpdater> factory;

  UpdaterName(double defaultRate, DoubleFunction<IUpdater> factory) {
    this.defaultRate = defaultRate;
    this.factory = factory;
  }

  /** The learning rate where the user gives none; NaN for AdaDelta, which has none. */
  public double defaultRate() {
    return defaultRate;
  }

  /** All names in lower case, separated by commas. */
  public static String names() {
    return Arrays.stream(values()).map(UpdaterName::key).collect(Collectors.joining(", "));
  }

  /** The name in options. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The updater with this learning rate. */
  public IUpdater create(double rate) {
    return factory.apply(rate);
  }
}
