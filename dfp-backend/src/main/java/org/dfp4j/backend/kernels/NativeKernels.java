package org.dfp4j.backend.kernels;

import java.lang.ref.Reference;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.memory.MemoryBlock;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.pointwise.ChannelAffine;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.presets.NativeRectifiers;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One row of the native kernel table: the products of {@link JavaKernels}, bit for bit, with vector
 * instructions and as many threads as ND4J uses.
 *
 * <p>Packed tensors and scratch come from a {@link MemoryPool}; where it is full, {@code pack} and
 * the products throw its {@link IllegalStateException}.
 */
public final class NativeKernels extends AbstractKernels<NativeKernels.NativePack> {

  /** Where there is no guess. */
  private static final int ANY_EXPONENT = 0;

  private final int row;
  private final String isa;
  private final MemoryPool pool;
  private final IntSupplier threads;

  private NativeKernels(int row, String isa, MemoryPool pool, IntSupplier threads) {
    super(NativePack.class);
    this.row = row;
    this.isa = isa;
    this.pool = pool;
    this.threads = threads;
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
    return new NativeKernels(rowOf(isa), isa, pool, threads);
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
    return "native " + isa;
  }

  @Override
  public String isa() {
    return isa;
  }

  /** Threads that a product uses now. */
  int threads() {
    return threads.getAsInt();
  }

  @Override
  NativePack quantize(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    Packing packing =
        (exponent, withFingerprint, memory) ->
            pack(shape, role, x, quantizer, exponent, withFingerprint, memory);
    if (guess.isPresent()) {
      long slice = fingerprintOfSlice(role, x);
      return quantizeByGuess(shape, role, packing, quantizer, guess.getAsInt(), slice);
    }
    Pack.Scan scan = scan(role, x);
    MemoryBlock memory = null;
    if (scan.finite()) {
      memory = takePacked(shape, role);
      packing.pack(quantizer.exponent(scan.amax()), false, memory);
    }
    return new NativePack(this, shape, role, quantizer, scan, fingerprintOfSlice(role, x), memory);
  }

  @Override
  NativePack quantize(
      LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    if (!(shape instanceof ConvShape) || !FloatArrays.isDense(src.x(), 'c')) {
      return super.quantize(shape, src, quantizer, guess);
    }
    Packing packing =
        (exponent, withFingerprint, memory) -> pack(shape, src, quantizer, exponent, memory);
    return quantizeByGuess(
        shape, TensorRole.SRC, packing, quantizer, guess.orElse(ANY_EXPONENT), 0);
  }

  /** Packs with an exponent and returns what the values are; closes the memory where it fails. */
  @FunctionalInterface
  private interface Packing {
    Pack.Scan pack(int exponent, boolean withFingerprint, MemoryBlock memory);
  }

  /** Quantizes by the guess and, where that was not the exponent, once more. */
  private NativePack quantizeByGuess(
      LayerShape shape,
      TensorRole role,
      Packing packing,
      Quantizer quantizer,
      int guess,
      long fingerprintOfSlice) {
    int first = clampExponent(guess);
    MemoryBlock memory = takePacked(shape, role);
    Pack.Scan scan = packing.pack(first, role == TensorRole.WEIGHTS, memory);
    if (!scan.finite()) {
      memory.close();
      memory = null;
    } else if (quantizer.exponent(scan.amax()) != first) {
      packing.pack(quantizer.exponent(scan.amax()), false, memory);
    }
    return new NativePack(this, shape, role, quantizer, scan, fingerprintOfSlice, memory);
  }

  private static int clampExponent(int guess) {
    return Math.max(Quantizer.MIN_EXPONENT, Math.min(guess, Quantizer.MAX_EXPONENT));
  }

  private MemoryBlock takePacked(LayerShape shape, TensorRole role) {
    return pool.take(
        size("packed " + role.argument(), NativeOperation.of(shape).packedBytes(row, shape, role)));
  }

  private Pack.Scan scan(TensorRole role, INDArray x) {
    return scan(x, x.shape(), role == TensorRole.WEIGHTS);
  }

  private long fingerprintOfSlice(TensorRole role, INDArray x) {
    return role == TensorRole.WEIGHTS ? fingerprintOfSlice(x) : 0;
  }

  /** The fingerprint of that slice of the weights whose index varies slowest in memory. */
  private long fingerprintOfSlice(INDArray weights) {
    long[] dims = weights.shape().clone();
    int slowest = 0;
    for (int axis = 1; axis < dims.length; axis++) {
      if (weights.stride(axis) > weights.stride(slowest)) {
        slowest = axis;
      }
    }
    dims[slowest] = 1;
    return scan(weights, dims, true).fingerprint();
  }

  /** Scans the elements of {@code x} whose indices are below {@code dims}. */
  private Pack.Scan scan(INDArray x, long[] dims, boolean withFingerprint) {
    float[] amax = new float[1];
    int[] finite = new int[1];
    long[] fingerprint = withFingerprint ? new long[1] : null;
    try {
      check(
          "scan",
          DfpNative.dfp_scan(
              row,
              FloatArrays.pointer(x),
              dims.length,
              dims,
              x.stride(),
              threads(),
              amax,
              finite,
              fingerprint));
    } finally {
      Reference.reachabilityFence(x);
    }
    return new Pack.Scan(amax[0], finite[0] == 1, fingerprint == null ? 0 : fingerprint[0]);
  }

  /**
   * Packs with an exponent and returns what the values are; closes the memory where that fails.
   *
   * @param withFingerprint only of weights
   */
  private Pack.Scan pack(
      LayerShape shape,
      TensorRole role,
      INDArray x,
      Quantizer quantizer,
      int exponent,
      boolean withFingerprint,
      MemoryBlock memory) {
    FloatPointer values = FloatArrays.pointer(x);
    int rounding = code(quantizer.rounding());
    int headroom = quantizer.headroom();
    long seed = quantizer.seed();
    float[] amax = new float[1];
    long[] fingerprint = withFingerprint ? new long[1] : null;
    try {
      int result =
          NativeOperation.of(shape)
              .pack()
              .call(
                  row,
                  NativeOperation.dimensions(shape),
                  NativeOperation.code(role),
                  values,
                  x.stride(),
                  exponent,
                  rounding,
                  headroom,
                  seed,
                  threads(),
                  memory.pointer(),
                  amax,
                  fingerprint);
      check("pack", result);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    } finally {
      Reference.reachabilityFence(x);
    }
    return new Pack.Scan(
        amax[0], Float.isFinite(amax[0]), fingerprint == null ? 0 : fingerprint[0]);
  }

  /** As the other {@code pack}, of values that are computed on the way. */
  private Pack.Scan pack(
      LayerShape shape, DeferredTensor src, Quantizer quantizer, int exponent, MemoryBlock memory) {
    ChannelAffine affine = src.function().affine();
    Rectifier f = src.function().f();
    float[] amax = new float[1];
    try {
      int result =
          DfpNative.dfp_conv_pack_deferred(
              row,
              NativeOperation.dimensions(shape),
              FloatArrays.pointer(src.x()),
              affine == null ? null : affine.mean(),
              affine == null ? null : affine.scale(),
              affine == null ? null : affine.offset(),
              NativeRectifiers.kind(f),
              NativeRectifiers.parameter(f),
              exponent,
              code(quantizer.rounding()),
              quantizer.headroom(),
              quantizer.seed(),
              threads(),
              memory.pointer(),
              amax);
      check("pack", result);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    } finally {
      Reference.reachabilityFence(src);
    }
    return new Pack.Scan(amax[0], Float.isFinite(amax[0]), 0);
  }

  @Override
  void multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      NativePack second,
      float[] bias,
      INDArray out) {
    int count = threads();
    long scratchBytes = size("scratch", scratchBytes(pass, shape, count));
    try (MemoryBlock scratch = pool.takeScratch(scratchBytes);
        MemoryBlock biasBlock = copyOf(bias)) {
      int code =
          NativeOperation.of(shape)
              .multiply(
                  pass,
                  row,
                  NativeOperation.dimensions(shape),
                  first.pointer(),
                  second.pointer(),
                  first.exponent() + second.exponent(),
                  biasBlock == null ? null : new FloatPointer(biasBlock.pointer()),
                  FloatArrays.pointer(out),
                  count,
                  scratch.pointer());
      check(pass.output, code);
    } finally {
      Reference.reachabilityFence(first);
      Reference.reachabilityFence(second);
      Reference.reachabilityFence(out);
    }
  }

  @Override
  public boolean takesFp32Weights(LayerShape shape) {
    return shape instanceof DenseShape
        || (shape instanceof ConvShape conv
            && size(
                    "FP32 weights",
                    DfpNative.dfp_conv_takes_fp32_weights(row, NativeOperation.dimensions(conv)))
                == 1);
  }

  /**
   * Passes the weights through the caches, quantizing them by the guess, and once more where that
   * was not the exponent.
   */
  @Override
  NativePack multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      Fp32Weights weights,
      float[] bias,
      INDArray out) {
    if (!takesFp32Weights(shape) || !hasRows(shape, weights.values())) {
      return super.multiply(pass, shape, first, weights, bias, out);
    }
    int exponent =
        weights.guess().isPresent() ? clampExponent(weights.guess().getAsInt()) : scanned(weights);
    Pack.Scan scan = multiply(pass, shape, first, weights, exponent, bias, out);
    if (scan.finite() && weights.quantizer().exponent(scan.amax()) != exponent) {
      exponent = weights.quantizer().exponent(scan.amax());
      scan = multiply(pass, shape, first, weights, exponent, bias, out);
    }
    long slice = weights.fingerprint() ? fingerprintOfSlice(weights.values()) : 0;
    NativePack seen =
        new NativePack(this, shape, TensorRole.WEIGHTS, weights.quantizer(), scan, slice, null);
    seen.close();
    return seen;
  }

  /** The exponent by a pass over the weights; any where they are not finite. */
  private int scanned(Fp32Weights weights) {
    Pack.Scan scan = scan(weights.values(), weights.values().shape(), false);
    return scan.finite() ? weights.quantizer().exponent(scan.amax()) : 0;
  }

  /** Whether the weights are a row of values for each output in memory, as DL4J's are. */
  private static boolean hasRows(LayerShape shape, INDArray weights) {
    return shape instanceof DenseShape
        ? weights.stride(0) == 1 && weights.stride(1) >= weights.size(0)
        : FloatArrays.isDense(weights, 'c');
  }

  /** A product by an exponent; worthless where that is not the one of the amax found. */
  private Pack.Scan multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      Fp32Weights weights,
      int exponent,
      float[] bias,
      INDArray out) {
    int count = threads();
    long scratchBytes = size("scratch", scratchBytes(pass, shape, count));
    float[] amax = new float[1];
    long[] fingerprint = weights.fingerprint() ? new long[1] : null;
    Quantizer quantizer = weights.quantizer();
    try (MemoryBlock scratch = pool.takeScratch(scratchBytes);
        MemoryBlock biasBlock = copyOf(bias)) {
      int code =
          NativeOperation.of(shape)
              .multiplyFp32(
                  pass,
                  row,
                  NativeOperation.dimensions(shape),
                  first.pointer(),
                  first.exponent(),
                  FloatArrays.pointer(weights.values()),
                  weights.values().stride(),
                  exponent,
                  code(quantizer.rounding()),
                  quantizer.headroom(),
                  quantizer.seed(),
                  biasBlock == null ? null : new FloatPointer(biasBlock.pointer()),
                  FloatArrays.pointer(out),
                  count,
                  scratch.pointer(),
                  amax,
                  fingerprint);
      check(pass.output, code);
    } finally {
      Reference.reachabilityFence(first);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(out);
    }
    return new Pack.Scan(
        amax[0], Float.isFinite(amax[0]), fingerprint == null ? 0 : fingerprint[0]);
  }

  /**
   * The most scratch that one of the three products of a layer takes, in bytes, with the threads
   * that a product uses now. It is given back when the product ends, and reused.
   */
  public long scratchBytes(LayerShape shape) {
    long most = 0;
    for (Pass pass : Pass.values()) {
      most = Math.max(most, size("scratch", scratchBytes(pass, shape, threads())));
    }
    return most;
  }

  private long scratchBytes(Pass pass, LayerShape shape, int count) {
    return NativeOperation.of(shape).scratchBytes(row, shape, pass, count);
  }

  private MemoryBlock copyOf(float[] bias) {
    if (bias == null) {
      return null;
    }
    MemoryBlock block = pool.take((long) Float.BYTES * bias.length);
    new FloatPointer(block.pointer()).put(bias);
    return block;
  }

  private long size(String what, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "shape: expected one that "
              + name()
              + " supports, got none for "
              + what
              + ": "
              + DfpNative.dfp_last_error());
    }
    return bytes;
  }

  private void check(String what, int code) {
    if (code != 0) {
      throw new IllegalStateException(
          what
              + ": expected code 0 of "
              + name()
              + ", got "
              + code
              + ": "
              + DfpNative.dfp_last_error());
    }
  }

  private static int code(Rounding rounding) {
    return switch (rounding) {
      case NEAREST_EVEN -> 0;
      case STOCHASTIC -> 1;
      case NEAREST_AWAY -> 2;
      case TRUNCATE -> 3;
    };
  }

  /** A tensor in the layout of one row; no memory where the tensor is not finite. */
  static final class NativePack extends Pack {

    private final NativeKernels owner;
    private final long fingerprintOfSlice;
    private final MemoryBlock memory;

    NativePack(
        NativeKernels owner,
        LayerShape shape,
        TensorRole role,
        Quantizer quantizer,
        Scan scan,
        long fingerprintOfSlice,
        MemoryBlock memory) {
      super(owner.name(), shape, role, quantizer, scan);
      this.owner = owner;
      this.fingerprintOfSlice = fingerprintOfSlice;
      this.memory = memory;
    }

    Pointer pointer() {
      return memory.pointer();
    }

    @Override
    long size() {
      return memory == null ? 0 : memory.capacity();
    }

    @Override
    void free() {
      if (memory != null) {
        memory.close();
      }
    }

    /** In training nearly every weight changes, so that one slice spares the scan of all. */
    @Override
    boolean mayBePackOf(INDArray x) {
      return owner.fingerprintOfSlice(x) == fingerprintOfSlice;
    }

    @Override
    long fingerprintOf(INDArray x) {
      return owner.scan(TensorRole.WEIGHTS, x).fingerprint();
    }
  }
}
