package org.dfp4j.backend.ops;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.dfp4j.backend.kernels.PackedTensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names operands that hold a NaN or an infinity: once a tensor in the log, or by an exception. */
final class NonFinite {

  private static final Logger LOG = LoggerFactory.getLogger(NonFinite.class);
  private static final Set<String> NAMED = ConcurrentHashMap.newKeySet();

  private NonFinite() {}

  /**
   * Looks at an operand; closes it where it throws.
   *
   * @throws ArithmeticException where the operand is not finite and the precision is strict
   */
  static void check(PackedTensor pack, String site, OpPrecision precision) {
    if (pack.finite()) {
      return;
    }
    String message =
        "%s: expected finite numbers, got a NaN or an infinity (%s)"
            .formatted(pack.role().argument(), site);
    if (precision.strict()) {
      pack.close();
      throw new ArithmeticException(message);
    }
    if (NAMED.add(message)) {
      LOG.warn("{}; the products with it are NaN; not logged again", message);
    }
  }
}
