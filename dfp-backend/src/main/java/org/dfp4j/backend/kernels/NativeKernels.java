package org.dfp4j.backend.kernels;

import java.util.OptionalInt;
import java.util.function.IntSupplier;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One row of the native kernel table: the products of {@link JavaKernels}, bit for bit, with vector
 * instructions and as many threads as ND4J uses. {@code NativePacker} quantizes, {@code
 * NativeProducts} multiplies.
 *
 * <p>Packed tensors and scratch come from a {@link MemoryPool}; where it is full, {@code pack} and
 * the products throw its {@link IllegalStateException}.
 */
public final class NativeKernels extends AbstractKernels<NativePack> {

  private final NativeRow row;
  private final NativePacker packer;
  private final NativeProducts products;

  private NativeKernels(NativeRow row) {
    super(NativePack.class);
    this.row = row;
    this.packer = new NativePacker(row);
    this.products = new NativeProducts(row);
  }

  /**
   * The kernels of one instruction set, whatever the process uses otherwise.
   *
   * @param isa {@code avx2}, {@code avx512vnni} or {@code amxint8}; {@link
   *     IllegalArgumentException} where there is no such row or this machine cannot run it
   * @throws UnsatisfiedLinkError where there is no native library
   */
  public static NativeKernels forIsa(String isa) {
    return forIsa(isa, NativeKernels::nd4jThreads);
  }

  /** As {@link #forIsa(String)}, with at most so many threads, at least 1. */
  public static NativeKernels forIsa(String isa, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected >= 1, got " + threads);
    }
    return forIsa(isa, () -> threads);
  }

  /** As {@link #forIsa(String)}, with the number of threads for each product. */
  static NativeKernels forIsa(String isa, IntSupplier threads) {
    DfpNative.load();
    return forIsa(isa, threads, MemoryPool.shared());
  }

  /** As {@link #forIsa(String)}, with memory from another pool. */
  static NativeKernels forIsa(String isa, IntSupplier threads, MemoryPool pool) {
    return new NativeKernels(new NativeRow(rowOf(isa), isa, pool, threads));
  }

  /**
   * The row of an instruction set in the native tables, which {@code dfp.h} numbers.
   *
   * @param isa {@code avx2}, {@code avx512vnni} or {@code amxint8}; {@link
   *     IllegalArgumentException} where there is no such row or this machine cannot run it
   * @throws UnsatisfiedLinkError where there is no native library
   */
  public static int rowOf(String isa) {
    DfpNative.load();
    StringBuilder rows = new StringBuilder();
    for (int row = 0; row < DfpNative.dfp_isa_count(); row++) {
      String name = DfpNative.dfp_isa_name(row);
      boolean runs = DfpNative.dfp_isa_runs(row) == 1;
      if (runs && name.equals(isa)) {
        return row;
      }
      rows.append(runs ? " " + name : "");
    }
    throw new IllegalArgumentException(
        "isa: expected one that this machine runs (" + rows.toString().trim() + "), got " + isa);
  }

  /** Threads that ND4J's native operations use: OMP_NUM_THREADS, or else the number of cores. */
  public static int nd4jThreads() {
    return Math.max(1, Nd4j.getEnvironment().maxMasterThreads());
  }

  @Override
  public String name() {
    return row.kernels();
  }

  @Override
  public String isa() {
    return row.isa();
  }

  /** Threads that a product uses now. */
  int threads() {
    return row.threads();
  }

  /**
   * The most scratch that one of the three products of a layer takes, in bytes, with the threads
   * that a product uses now. It is given back when the product ends, and reused.
   */
  public long scratchBytes(LayerShape shape) {
    return products.scratchBytes(shape);
  }

  @Override
  public boolean takesFp32Weights(LayerShape shape) {
    return products.takesFp32Weights(shape);
  }

  @Override
  NativePack quantize(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    return packer.pack(shape, role, x, quantizer, guess);
  }

  @Override
  NativePack quantize(
      LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    return shape instanceof ConvShape conv && FloatArrays.isDense(src.x(), 'c')
        ? packer.packDeferred(conv, src, quantizer, guess)
        : super.quantize(shape, src, quantizer, guess);
  }

  @Override
  void multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      NativePack second,
      float[] bias,
      INDArray out) {
    products.multiply(pass, shape, first, second, bias, out);
  }

  @Override
  NativePack multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      Fp32Weights weights,
      float[] bias,
      INDArray out) {
    return products.takes(shape, weights.values())
        ? products.multiply(pass, shape, first, weights, bias, out)
        : super.multiply(pass, shape, first, weights, bias, out);
  }
}
