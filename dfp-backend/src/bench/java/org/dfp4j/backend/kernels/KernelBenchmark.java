package org.dfp4j.backend.kernels;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Microseconds of one native kernel on one layer: the scan for amax, the packing of each tensor,
 * and the three products of tensors that are packed already. The README of the native kernels has
 * the command.
 *
 * <p>Inputs are as in training: src is the ReLU of a standard normal, the others are normal.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelBenchmark {

  private static final long SEED = 1;

  /** Row of the kernel table; one that does not run here fails, and the others go on. */
  @Param({"amxint8", "avx512vnni", "avx2"})
  public String isa;

  /** Dimensions as in the shape files, with _ between them; without ih, fully connected. */
  @Param({"mb8_ic256_ih14_oc256_kh3_ph1", "mb8_ic256_ih56_oc64", "mb64_ic4096_oc1000"})
  public String shape;

  /** Threads of the kernel. */
  @Param("1")
  public int threads;

  private NativeKernels kernels;
  private int row;
  private LayerShape layer;
  private INDArray src;
  private INDArray weights;
  private INDArray diffDst;
  private INDArray dst;
  private INDArray diffSrc;
  private INDArray diffWeights;
  private PackedTensor packedSrc;
  private PackedTensor packedWeights;
  private PackedTensor packedDiffDst;

  @Setup(Level.Trial)
  public void prepare() {
    kernels = NativeKernels.forIsa(isa, threads);
    while (!DfpNative.dfp_isa_name(row).equals(isa)) {
      row++;
    }
    layer = ShapeFile.layer(shape.replace('_', ' '));
    SplittableRandom random = new SplittableRandom(SEED);
    src = normal(random, TensorRole.SRC);
    weights = normal(random, TensorRole.WEIGHTS);
    diffDst = normal(random, TensorRole.DIFF_DST);
    dst = output(Pass.FORWARD);
    diffSrc = output(Pass.BACKWARD_DATA);
    diffWeights = output(Pass.BACKWARD_WEIGHTS);
    packedSrc = pack(TensorRole.SRC, src);
    packedWeights = pack(TensorRole.WEIGHTS, weights);
    packedDiffDst = pack(TensorRole.DIFF_DST, diffDst);
  }

  private INDArray normal(SplittableRandom random, TensorRole role) {
    char order = role == TensorRole.WEIGHTS ? Pass.BACKWARD_WEIGHTS.outputOrder(layer) : 'c';
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, layer.shapeOf(role), order);
    for (long i = 0; i < array.length(); i++) {
      double value = random.nextGaussian();
      array.data().put(i, role == TensorRole.SRC ? Math.max(0, value) : value);
    }
    return array;
  }

  private INDArray output(Pass pass) {
    return Nd4j.createUninitialized(
        DataType.FLOAT, pass.outputShape(layer), pass.outputOrder(layer));
  }

  private PackedTensor pack(TensorRole role, INDArray x) {
    return layer instanceof ConvShape conv
        ? kernels.pack(conv, role, x, Quantizer.DEFAULT)
        : kernels.pack((DenseShape) layer, role, x, Quantizer.DEFAULT);
  }

  @TearDown(Level.Trial)
  public void free() {
    packedSrc.close();
    packedWeights.close();
    packedDiffDst.close();
  }

  /** The scan of src for amax. */
  @Benchmark
  public float scan() {
    float[] amax = new float[1];
    int code =
        DfpNative.dfp_scan(
            row,
            FloatArrays.pointer(src),
            src.rank(),
            src.shape(),
            src.stride(),
            threads,
            amax,
            new int[1],
            null);
    if (code != 0) {
      throw new IllegalStateException("scan: expected code 0, got " + code);
    }
    return amax[0];
  }

  /** Scan and quantization of src. */
  @Benchmark
  public void packSrc() {
    pack(TensorRole.SRC, src).close();
  }

  /** Scan, fingerprint and quantization of the weights. */
  @Benchmark
  public void packWeights() {
    pack(TensorRole.WEIGHTS, weights).close();
  }

  /** Scan and quantization of diffDst. */
  @Benchmark
  public void packDiffDst() {
    pack(TensorRole.DIFF_DST, diffDst).close();
  }

  /** The product forward. */
  @Benchmark
  public void forward() {
    if (layer instanceof ConvShape conv) {
      kernels.forward(conv, packedSrc, packedWeights, null, dst);
    } else {
      kernels.forward((DenseShape) layer, packedSrc, packedWeights, null, dst);
    }
  }

  /** The product backward by the data. */
  @Benchmark
  public void backwardData() {
    if (layer instanceof ConvShape conv) {
      kernels.backwardData(conv, packedDiffDst, packedWeights, diffSrc);
    } else {
      kernels.backwardData((DenseShape) layer, packedDiffDst, packedWeights, diffSrc);
    }
  }

  /** The product backward by the weights. */
  @Benchmark
  public void backwardWeights() {
    if (layer instanceof ConvShape conv) {
      kernels.backwardWeights(conv, packedSrc, packedDiffDst, diffWeights);
    } else {
      kernels.backwardWeights((DenseShape) layer, packedSrc, packedDiffDst, diffWeights);
    }
  }
}
