package org.dfp4j.examples.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The FP32 tensors of a layer: dense and random, in NCHW and OIHW, or in [mb, c] and with the
 * weights [ic, oc] in F order, as DL4J stores them. All implementations read the same memory; each
 * pass writes an output of its own.
 */
final class Operands implements AutoCloseable {

  private final LayerShape shape;
  private final Map<TensorRole, Tensor> tensors = new EnumMap<>(TensorRole.class);

  /** An operand with its largest magnitude and its root mean square. */
  private record Tensor(INDArray array, float amax, double rms) {}

  private Operands(LayerShape shape) {
    this.shape = shape;
  }

  static Operands random(LayerShape shape, Inputs inputs, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Operands operands = new Operands(shape);
    for (TensorRole role : TensorRole.values()) {
      operands.tensors.put(role, random(random, inputs, role, empty(shape, role)));
    }
    return operands;
  }

  private static INDArray empty(LayerShape shape, TensorRole role) {
    char order = role == TensorRole.WEIGHTS && !(shape instanceof ConvShape) ? 'f' : 'c';
    return Nd4j.createUninitialized(DataType.FLOAT, shape.shapeOf(role), order);
  }

  private static Tensor random(
      SplittableRandom random, Inputs inputs, TensorRole role, INDArray array) {
    FloatPointer values = pointer(array);
    float[] part = new float[1 << 12];
    float amax = 0;
    double squares = 0;
    for (long from = 0; from < array.length(); from += part.length) {
      int count = (int) Math.min(part.length, array.length() - from);
      for (int i = 0; i < count; i++) {
        part[i] = inputs.next(random, role);
        amax = Math.max(amax, Math.abs(part[i]));
        squares += (double) part[i] * part[i];
      }
      values.position(from).put(part, 0, count);
    }
    return new Tensor(array, amax, Math.sqrt(squares / array.length()));
  }

  /** The first element; valid as long as the array is open. */
  static FloatPointer pointer(INDArray array) {
    return new FloatPointer(array.data().addressPointer());
  }

  LayerShape shape() {
    return shape;
  }

  INDArray of(TensorRole role) {
    return tensors.get(role).array();
  }

  /** The most that quantization moves an element, half a step, over the root mean square. */
  double relativeHalfStep(TensorRole role) {
    Tensor tensor = tensors.get(role);
    return Math.scalb(0.5, Quantizer.DEFAULT.exponent(tensor.amax())) / tensor.rms();
  }

  /** An array for the output of a pass; all NaN. */
  INDArray output(Direction direction) {
    return empty(shape, direction.outputLike()).assign(Float.NaN);
  }

  @Override
  public void close() {
    tensors.values().forEach(tensor -> tensor.array().close());
  }
}
