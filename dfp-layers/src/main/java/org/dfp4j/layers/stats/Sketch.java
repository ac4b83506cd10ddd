package org.dfp4j.layers.stats;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.dfp4j.layers.impl.SampledIndices;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonValue;

/**
 * A few values of a long vector, always the same ones, so that two runs can be compared by what
 * each has stored. In JSON: Base64 of the floats, big-endian.
 */
public final class Sketch {

  private final float[] values;

  private Sketch(float[] values) {
    this.values = values;
  }

  /**
   * Takes values from arrays as if they were one, in the order of their memory.
   *
   * @param parts FP32 arrays
   * @param most at most so many values
   */
  static Sketch of(List<INDArray> parts, int most) {
    long length = parts.stream().mapToLong(INDArray::length).sum();
    float[] values = new float[SampledIndices.count(most, length)];
    long start = 0;
    int i = 0;
    for (INDArray given : parts) {
      INDArray part = SampledIndices.span(given) == given.length() ? given : given.dup();
      FloatPointer memory = new FloatPointer(part.data().addressPointer());
      try (FloatIndexer indexer = FloatIndexer.create(memory.capacity(part.length()))) {
        while (i < values.length) {
          long index = SampledIndices.index(i, values.length, length);
          if (index >= start + part.length()) {
            break;
          }
          values[i++] = indexer.get(index - start);
        }
      } finally {
        Reference.reachabilityFence(part);
      }
      start += part.length();
    }
    return new Sketch(values);
  }

  /** Reads what {@link #encoded} gives. */
  @JsonCreator
  public static Sketch decode(String base64) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64));
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return new Sketch(values);
  }

  /** The values as text. */
  @JsonValue
  public String encoded() {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** How many values it holds. */
  public int size() {
    return values.length;
  }

  /**
   * Cosine of the angle to the sketch of another vector of the same length, an estimate of that
   * between the vectors; NaN where one of them is zero or not finite, or of another length.
   */
  public double cosine(Sketch other) {
    if (values.length != other.values.length) {
      return Double.NaN;
    }
    double dot = 0;
    double a = 0;
    double b = 0;
    for (int i = 0; i < values.length; i++) {
      dot += (double) values[i] * other.values[i];
      a += (double) values[i] * values[i];
      b += (double) other.values[i] * other.values[i];
    }
    return dot / Math.sqrt(a) / Math.sqrt(b);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sketch sketch && Arrays.equals(values, sketch.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Sketch[" + values.length + "]";
  }
}
