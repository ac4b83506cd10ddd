package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
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
    List<Part> parts = new ArrayList<>();
    for (long from = 0; from < array.length(); from += Part.LENGTH) {
      int length = (int) Math.min(Part.LENGTH, array.length() - from);
      parts.add(new Part(from, length, random.split()));
    }
    FloatPointer values = pointer(array);
    List<Drawn> drawn =
        parts.parallelStream().map(part -> part.draw(inputs, role, values)).toList();
    double amax = drawn.stream().mapToDouble(Drawn::amax).max().orElseThrow();
    double squares = drawn.stream().mapToDouble(Drawn::squares).sum();
    return new Tensor(array, (float) amax, Math.sqrt(squares / array.length()));
  }

  /** The largest magnitude and the sum of the squares of a part of a tensor. */
  private record Drawn(float amax, double squares) {}

  /** Elements that are drawn from one generator, so that the parts can be drawn in parallel. */
  private record Part(long from, int length, SplittableRandom random) {

    static final int LENGTH = 1 << 16;

    Drawn draw(Inputs inputs, TensorRole role, FloatPointer to) {
      float[] values = new float[length];
      float amax = 0;
      double squares = 0;
      for (int i = 0; i < length; i++) {
        values[i] = inputs.next(random, role);
        amax = Math.max(amax, Math.abs(values[i]));
        squares += (double) values[i] * values[i];
      }
      new FloatPointer(to).position(from).put(values);
      return new Drawn(amax, squares);
    }
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
