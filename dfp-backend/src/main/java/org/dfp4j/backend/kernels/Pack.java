package org.dfp4j.backend.kernels;

import java.util.Arrays;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What all packed tensors have in common: what they hold and for how long. */
abstract class Pack implements PackedTensor {

  /** What a pass over the FP32 values found; the fingerprint is of weights only, else 0. */
  record Scan(float amax, boolean finite, long fingerprint) {}

  private final String kernels;
  private final LayerShape shape;
  private final TensorRole role;
  private final Quantizer quantizer;
  private final Scan scan;

  private int users;
  private boolean closed;

  Pack(String kernels, LayerShape shape, TensorRole role, Quantizer quantizer, Scan scan) {
    this.kernels = kernels;
    this.shape = shape;
    this.role = role;
    this.quantizer = quantizer;
    this.scan = scan;
  }

  /** Gives the memory back; called once, when closed and no longer in use. */
  abstract void free();

  /** Memory held while open. */
  abstract long size();

  /** False where some of the values of {@code x} already tell that it was not packed. */
  boolean mayBePackOf(INDArray x) {
    return true;
  }

  /** What is known without the memory: good after this is closed too. */
  final Quantized digest() {
    return new Digest(this);
  }

  /** The fingerprint that a pack of {@code x} would have. */
  abstract long fingerprintOf(INDArray x);

  /** The name of the implementation whose layout this is. */
  final String kernels() {
    return kernels;
  }

  final LayerShape shape() {
    return shape;
  }

  @Override
  public final TensorRole role() {
    return role;
  }

  @Override
  public final Quantizer quantizer() {
    return quantizer;
  }

  @Override
  public final int exponent() {
    if (!scan.finite()) {
      throw new IllegalStateException(
          "exponent: expected a finite tensor, got one with amax " + scan.amax());
    }
    return quantizer.exponent(scan.amax());
  }

  @Override
  public final float amax() {
    return scan.amax();
  }

  @Override
  public final boolean finite() {
    return scan.finite();
  }

  @Override
  public final boolean isPackOf(INDArray x) {
    if (role != TensorRole.WEIGHTS) {
      throw new IllegalStateException("isPackOf: expected packed weights, got packed " + role);
    }
    checkOpen(x);
    acquire("isPackOf");
    try {
      return hasValuesOf(x);
    } finally {
      release();
    }
  }

  private static void checkOpen(INDArray x) {
    if (x == null || x.wasClosed()) {
      throw new IllegalArgumentException(
          "x: expected an open array, got " + (x == null ? "null" : "a closed one"));
    }
  }

  private boolean hasValuesOf(INDArray x) {
    return x.dataType() == DataType.FLOAT
        && Arrays.equals(x.shape(), shape.shapeOf(role))
        && mayBePackOf(x)
        && fingerprintOf(x) == scan.fingerprint();
  }

  @Override
  public final synchronized long bytes() {
    return closed ? 0 : size();
  }

  /** Keeps the memory until {@link #release}, even where another thread closes this meanwhile. */
  final synchronized void acquire(String argument) {
    if (closed) {
      throw new IllegalStateException(
          argument + ": expected an open packed tensor, got a closed one");
    }
    users++;
  }

  final synchronized void release() {
    users--;
    if (closed && users == 0) {
      free();
    }
  }

  @Override
  public final synchronized void close() {
    if (!closed) {
      closed = true;
      if (users == 0) {
        free();
      }
    }
  }

  /** Of weights; keeps the object, not its memory. */
  private record Digest(Pack pack) implements Quantized {

    @Override
    public TensorRole role() {
      return pack.role();
    }

    @Override
    public Quantizer quantizer() {
      return pack.quantizer();
    }

    @Override
    public int exponent() {
      return pack.exponent();
    }

    @Override
    public float amax() {
      return pack.amax();
    }

    @Override
    public boolean finite() {
      return pack.finite();
    }

    @Override
    public boolean isPackOf(INDArray x) {
      checkOpen(x);
      return pack.hasValuesOf(x);
    }
  }
}
