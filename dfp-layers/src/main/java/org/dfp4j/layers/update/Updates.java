package org.dfp4j.layers.update;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * What stands in for stock updaters and regularization while a network trains.
 *
 * <p>A stand-in is {@code equal} to the stock object and reads its settings from it, so that DL4J
 * joins parameters of converted and stock layers to one block as before, the state keeps its
 * layout, and a changed learning rate takes effect. Other classes, subclasses among them, are
 * returned as they are.
 */
public final class Updates {

  private Updates() {}

  /**
   * The stand-in of an updater.
   *
   * @param stock may be null, as a frozen layer's is
   */
  public static IUpdater of(IUpdater stock) {
    IUpdater standIn = standIn(stock);
    // A setting that the stand-in does not know, such as the deprecated momentum schedule.
    return standIn != null && stock.equals(standIn) ? standIn : stock;
  }

  private static IUpdater standIn(IUpdater stock) {
    Class<?> type = stock == null ? null : stock.getClass();
    if (type == Sgd.class) {
      return new Fp32Sgd((Sgd) stock);
    }
    if (type == Nesterovs.class) {
      return new Fp32Nesterovs((Nesterovs) stock);
    }
    if (type == RmsProp.class) {
      return new Fp32RmsProp((RmsProp) stock);
    }
    return type == Adam.class ? new Fp32Adam((Adam) stock) : null;
  }

  /**
   * Regularization with L1, L2 and weight decay that follow one another joined, so that both the
   * gradient and the score take one pass.
   *
   * @param stock in the order in which it is applied; may be null
   */
  public static List<Regularization> of(List<Regularization> stock) {
    if (stock == null) {
      return null;
    }
    List<Regularization> result = new ArrayList<>();
    List<Regularization> joined = new ArrayList<>();
    for (Regularization each : stock) {
      boolean joins =
          Fp32Regularization.supports(each)
              && (joined.isEmpty() || joined.get(0).applyStep() == each.applyStep());
      if (!joins && !joined.isEmpty()) {
        result.add(new Fp32Regularization(joined));
        joined.clear();
      }
      if (Fp32Regularization.supports(each)) {
        joined.add(each);
      } else {
        result.add(each);
      }
    }
    if (!joined.isEmpty()) {
      result.add(new Fp32Regularization(joined));
    }
    return result;
  }
}
