package org.dfp4j.backend.fp32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.NativeRows;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every instruction set that runs here against the Java kernels, tolerance 0. A NaN counts as
 * another NaN.
 */
class NativeFp32KernelsTest {

  private static final int[] THREADS = {1, 2, 3};

  private final Fp32Kernels reference = new JavaFp32Kernels();

  @BeforeAll
  static void assumeLibrary() {
    NativeRows.assumeLibrary();
  }

  /** All that a batch normalization computes, by name. */
  private static Map<String, float[]> results(Fp32Kernels kernels, BatchNorm norm, Values values) {
    int length = Math.toIntExact(norm.shape().length());
    int channels = norm.channels();
    INDArray x = values.array(length, 1);
    INDArray diffDst = Values.RANDOM.array(length, 2).muli(1e-3);
    float[] gamma = Values.RANDOM.floats(channels, 3);
    float[] beta = Values.RANDOM.floats(channels, 4);
    float[] other = Values.RANDOM.floats(channels, 5);
    INDArray y = Nd4j.zeros(DataType.FLOAT, length);
    Map<String, float[]> results = new LinkedHashMap<>();
    ChannelStatistics statistics = kernels.statistics(norm.shape(), x);
    results.put("mean", statistics.mean());
    results.put("variance", statistics.variance());
    ChannelStatistics training = kernels.batchNormTraining(norm, x, gamma, beta, y);
    results.put("mean in training", training.mean());
    results.put("variance in training", training.variance());
    results.put("y in training", y.toFloatVector());
    kernels.batchNormInference(norm, x, training, beta, other, y);
    results.put("y in inference", y.toFloatVector());
    INDArray diffSrc = Nd4j.zeros(DataType.FLOAT, length);
    BatchNormGradient gradient =
        kernels.batchNormBackward(norm, x, diffDst, training, other, gamma, diffSrc);
    put(results, "", gradient, diffSrc);
    for (Rectifier f : new Rectifier[] {Rectifier.RELU, Rectifier.leaky(0.1)}) {
      Pointwise forward = new Pointwise(norm.affine(training, gamma, beta), f);
      gradient =
          kernels.batchNormBackward(
              norm, x, diffDst, forward, training, other, gamma, diffSrc, true);
      put(results, f + " ", gradient, diffSrc);
    }
    ChannelShape shape = norm.shape();
    INDArray tensor = x.reshape(shape.outer(), channels, shape.inner());
    results.put("channel sums", kernels.channelSums(tensor));
    INDArray sum = Nd4j.zeros(DataType.FLOAT, tensor.shape());
    DeferredTensor a =
        new DeferredTensor(tensor, new Pointwise(norm.affine(training, gamma, beta), null));
    DeferredTensor b = DeferredTensor.of(diffDst.reshape(tensor.shape()));
    kernels.write(a.then(Rectifier.RELU), sum);
    results.put("relu of y", FloatArrays.read(sum));
    kernels.write(b, sum);
    results.put("copy", FloatArrays.read(sum));
    kernels.sum(a, b, Rectifier.RELU, sum);
    results.put("relu of y + x", FloatArrays.read(sum));
    kernels.sum(b, a, null, sum);
    results.put("x + y", FloatArrays.read(sum));
    kernels.sum(a, a, Rectifier.clipped(0.5), sum);
    results.put("clipped relu of y + y", FloatArrays.read(sum));
    return results;
  }

  private static void put(
      Map<String, float[]> results, String what, BatchNormGradient gradient, INDArray diffSrc) {
    results.put(what + "diffSrc", diffSrc.toFloatVector());
    results.put(what + "diffGamma", gradient.gamma());
    results.put(what + "diffBeta", gradient.beta());
    results.put(what + "amax of diffSrc", new float[] {gradient.diffSrc().amax()});
    results.put(what + "sums of diffSrc", gradient.diffSrc().sums());
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/shapes/batchnorm/shapes.csv", numLinesToSkip = 1)
  void batchNormOfAllShapes(String name, long outer, int channels, long inner) {
    compare(name, new BatchNorm(new ChannelShape(outer, channels, inner), 1e-5), Values.RANDOM);
  }

  @ParameterizedTest
  @EnumSource
  void batchNormOfAllValues(Values values) {
    for (double eps : new double[] {0, 1e-5, 1e-3}) {
      compare(values + " in runs", new BatchNorm(new ChannelShape(4, 5, 37), eps), values);
      compare(values + " in rows", new BatchNorm(new ChannelShape(91, 37, 1), eps), values);
    }
  }

  private void compare(String name, BatchNorm norm, Values values) {
    Map<String, float[]> expected = results(reference, norm, values);
    for (String row : NativeRows.running()) {
      for (int threads : THREADS) {
        String what = "%s, %s, %d threads, seed %d: ".formatted(name, row, threads, Values.SEED);
        Fp32Kernels kernels = NativeFp32Kernels.forIsa(row, threads);
        Map<String, float[]> actual = results(kernels, norm, values);
        expected.forEach((key, floats) -> assertArrayEquals(floats, actual.get(key), what + key));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void activationsOfAllValues(Values values) {
    Rectifier[] functions = {
      Rectifier.RELU, Rectifier.clipped(6), Rectifier.leaky(0.01), Rectifier.leaky(1)
    };
    for (Rectifier f : functions) {
      for (int length : new int[] {1, 7, 16, 33, 100_001}) {
        float[][] expected = activation(reference, f, values, length);
        for (String row : NativeRows.running()) {
          for (int threads : THREADS) {
            String what = "%s, %s, %d, %s, %d threads".formatted(f, values, length, row, threads);
            Fp32Kernels kernels = NativeFp32Kernels.forIsa(row, threads);
            float[][] actual = activation(kernels, f, values, length);
            assertArrayEquals(expected[0], actual[0], what + " forward");
            assertArrayEquals(expected[1], actual[1], what + " backward");
          }
        }
      }
    }
  }

  private static float[][] activation(Fp32Kernels kernels, Rectifier f, Values values, int length) {
    INDArray x = values.array(length, 1);
    INDArray y = Nd4j.zeros(DataType.FLOAT, length);
    INDArray diffSrc = Nd4j.zeros(DataType.FLOAT, length);
    kernels.activation(f, x, y);
    kernels.activationBackward(f, x, Values.RANDOM.array(length, 2), diffSrc);
    return new float[][] {y.toFloatVector(), diffSrc.toFloatVector()};
  }

  /** What is computed at once has the bits of the steps one after the other. */
  @ParameterizedTest
  @EnumSource
  void oneStepGivesWhatSeveralGive(Values values) {
    for (ChannelShape shape : List.of(new ChannelShape(3, 5, 2500), new ChannelShape(91, 37, 1))) {
      BatchNorm norm = new BatchNorm(shape, 1e-5);
      int length = Math.toIntExact(shape.length());
      INDArray x = values.array(length, 1).reshape(shape.outer(), shape.channels(), shape.inner());
      INDArray other = Values.RANDOM.array(length, 2).reshape(x.shape());
      float[] gamma = Values.RANDOM.floats(shape.channels(), 3);
      float[] beta = Values.RANDOM.floats(shape.channels(), 4);
      compareSteps(reference, norm, x, other, gamma, beta, values + ", java, " + shape);
      for (String row : NativeRows.running()) {
        Fp32Kernels kernels = NativeFp32Kernels.forIsa(row, 2);
        compareSteps(kernels, norm, x, other, gamma, beta, values + ", " + row + ", " + shape);
      }
    }
  }

  private static void compareSteps(
      Fp32Kernels kernels,
      BatchNorm norm,
      INDArray x,
      INDArray other,
      float[] gamma,
      float[] beta,
      String what) {
    INDArray y = Nd4j.zeros(DataType.FLOAT, x.shape());
    ChannelStatistics statistics = kernels.batchNormTraining(norm, x, gamma, beta, y);
    Pointwise affine = new Pointwise(norm.affine(statistics, gamma, beta), null);
    INDArray expected = Nd4j.zeros(DataType.FLOAT, x.shape());
    INDArray actual = Nd4j.zeros(DataType.FLOAT, x.shape());
    for (Rectifier f :
        List.of(Rectifier.RELU, Rectifier.clipped(0.7), Rectifier.leaky(0.1), Rectifier.leaky(1))) {
      kernels.activation(f, y, expected);
      kernels.write(new DeferredTensor(x, affine.then(f)), actual);
      assertArrayEquals(FloatArrays.read(expected), FloatArrays.read(actual), what + f);
      kernels.activation(f, y.add(other), expected);
      kernels.sum(new DeferredTensor(x, affine), DeferredTensor.of(other), f, actual);
      assertArrayEquals(FloatArrays.read(expected), FloatArrays.read(actual), what + " sum " + f);

      INDArray diffY = Nd4j.zeros(DataType.FLOAT, x.shape());
      kernels.activationBackward(f, y, other, diffY);
      float[] mean = statistics.mean();
      BatchNormGradient separate =
          kernels.batchNormBackward(norm, x, diffY, statistics, mean, gamma, expected);
      BatchNormGradient atOnce =
          kernels.batchNormBackward(
              norm, x, other, affine.then(f), statistics, mean, gamma, actual, true);
      assertArrayEquals(FloatArrays.read(expected), FloatArrays.read(actual), what + " back " + f);
      assertArrayEquals(separate.gamma(), atOnce.gamma(), what + " diffGamma " + f);
      assertArrayEquals(separate.beta(), atOnce.beta(), what + " diffBeta " + f);
      assertSummaryOf(kernels, actual, atOnce.diffSrc(), what + " back " + f);

      TensorSummary ofDiffY = kernels.activationGradient(f, y, other, actual, true);
      assertArrayEquals(FloatArrays.read(diffY), FloatArrays.read(actual), what + " gradient " + f);
      assertSummaryOf(kernels, diffY, ofDiffY, what + " gradient " + f);
      assertNull(kernels.activationGradient(f, y, other, actual, false).sums(), what);
    }
  }

  private static void assertSummaryOf(
      Fp32Kernels kernels, INDArray x, TensorSummary summary, String what) {
    assertArrayEquals(kernels.channelSums(x), summary.sums(), what + " sums");
    assertEquals(Quantizer.amax(FloatArrays.read(x)), summary.amax(), what + " amax");
  }

  @Test
  void theNameSaysWhatRuns() {
    for (String row : NativeRows.running()) {
      assertEquals("native " + row, NativeFp32Kernels.forIsa(row).name());
    }
    assertThrows(IllegalArgumentException.class, () -> NativeFp32Kernels.forIsa("sse2"));
    assertThrows(IllegalArgumentException.class, () -> NativeFp32Kernels.forIsa("avx2", 0));
  }
}
