package org.dfp4j.layers.impl;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a layer as DL4J's updater asks for them, to clip or to renormalize them by their
 * L2 norm. ND4J's own norm is an FP32 sum, which depends on the number of threads; this one is
 *
 * <pre>
 *   norm2Number() = float_round(√ Σ x²)      summed in double, in an order of its own
 * </pre>
 *
 * with the same bits for any number of threads. All else is the array's.
 */
final class LayerGradients {

  private LayerGradients() {}

  /**
   * A view of the same memory.
   *
   * @param gradients of all parameters of a layer; null before the network has any
   */
  static INDArray of(INDArray gradients) {
    if (gradients == null) {
      return null;
    }
    return (INDArray)
        Proxy.newProxyInstance(
            LayerGradients.class.getClassLoader(),
            new Class<?>[] {INDArray.class},
            (view, method, arguments) ->
                method.getName().equals("norm2Number")
                    ? norm(gradients)
                    : invoke(gradients, method, arguments));
  }

  private static Number norm(INDArray gradients) {
    return (double) (float) Math.sqrt(Fp32KernelProvider.updates().sums(gradients).squares());
  }

  private static Object invoke(INDArray gradients, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(gradients, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
