package org.dfp4j.backend.fp32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.dfp4j.backend.fp32.Pooling.Kind;
import org.dfp4j.backend.kernels.NativeRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Native pooling against the Java one, bit for bit; the layers' tests compare with DL4J. */
class PoolKernelsTest {

  private static final long SEED = Long.getLong("dfp.test.seed", 20180201);

  @ParameterizedTest
  @CsvFileSource(resources = "/shapes/pool/shapes.csv", numLinesToSkip = 1)
  void nativePoolingGivesTheBitsOfJava(ArgumentsAccessor line) {
    NativeRows.assumeLibrary();
    for (Kind kind : Kind.values()) {
      Pooling how = pooling(kind, line);
      // Few values, so that many are equal; any; and those that are no numbers.
      for (int values : new int[] {3, 0, -1}) {
        INDArray src = array(values, line.getInteger(1), line.getInteger(2), how.ih(), how.iw());
        INDArray diffDst = array(0, line.getInteger(1), line.getInteger(2), how.oh(), how.ow());
        float[][] expected = run(new JavaPoolKernels(), how, src, diffDst);
        for (PoolKernels kernels : natives()) {
          float[][] got = run(kernels, how, src, diffDst);
          String what = how + ", " + kernels + ", seed " + SEED + ", ";
          assertArrayEquals(bits(expected[0]), bits(got[0]), what + "dst");
          assertArrayEquals(bits(expected[1]), bits(got[1]), what + "diffSrc");
        }
      }
    }
  }

  private static Pooling pooling(Kind kind, ArgumentsAccessor line) {
    int[] d = new int[10];
    Arrays.setAll(d, i -> line.getInteger(3 + i));
    return new Pooling(kind, d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9]);
  }

  private static List<PoolKernels> natives() {
    List<PoolKernels> natives = new ArrayList<>();
    for (String row : NativeRows.running()) {
      for (int threads = 1; threads <= 3; threads++) {
        natives.add(NativePoolKernels.forIsa(row, threads));
      }
    }
    return natives;
  }

  private static INDArray array(int values, long... shape) {
    float[] odd = {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, -0f, 0f, 1e-42f};
    Random random = new Random(SEED);
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    float[] data = new float[(int) x.length()];
    for (int i = 0; i < data.length; i++) {
      data[i] = values > 0 ? random.nextInt(values) : (float) random.nextGaussian();
      if (values < 0 && random.nextInt(3) > 0) {
        data[i] = odd[random.nextInt(odd.length)];
      }
    }
    return x.assign(Nd4j.createFromArray(data).reshape(shape));
  }

  private static float[][] run(PoolKernels kernels, Pooling how, INDArray src, INDArray diffDst) {
    INDArray dst = diffDst.ulike();
    INDArray diffSrc = src.ulike();
    kernels.pool(how, src, dst);
    kernels.poolBackward(how, src, diffDst, diffSrc);
    return new float[][] {dst.data().asFloat(), diffSrc.data().asFloat()};
  }

  /** One pattern for all NaN. */
  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }

  @Test
  void theFirstOfEqualCellsGetsTheGradient() {
    Pooling how = new Pooling(Kind.MAX, 2, 2, 1, 1, 2, 2, 1, 1, 0, 0);
    INDArray src = Nd4j.createFromArray(1f, 5f, 5f, 5f).reshape(1, 1, 2, 2);
    INDArray diffSrc = src.ulike();
    new JavaPoolKernels().poolBackward(how, src, Nd4j.ones(DataType.FLOAT, 1, 1, 1, 1), diffSrc);
    assertEquals(Nd4j.createFromArray(0f, 1f, 0f, 0f).reshape(1, 1, 2, 2), diffSrc);
  }

  @Test
  void anAverageDividesByCellsOrByTheWindow() {
    INDArray src = Nd4j.ones(DataType.FLOAT, 1, 1, 2, 2);
    INDArray dst = src.ulike();
    new JavaPoolKernels().pool(new Pooling(Kind.AVERAGE, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0), src, dst);
    assertEquals(Nd4j.createFromArray(1f, 1f, 1f, 1f).reshape(1, 1, 2, 2), dst);
    Pooling window = new Pooling(Kind.AVERAGE_OF_WINDOW, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0);
    new JavaPoolKernels().pool(window, src, dst);
    assertEquals(Nd4j.createFromArray(1f, .5f, .5f, .25f).reshape(1, 1, 2, 2), dst);
  }

  static Stream<PoolKernels> implementations() {
    return Stream.concat(Stream.of(new JavaPoolKernels()), natives().stream().limit(1));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void viewsAreRight(PoolKernels kernels) {
    Pooling how = new Pooling(Kind.MAX, 6, 6, 3, 3, 2, 2, 2, 2, 0, 0);
    INDArray src = array(0, 2, 3, 6, 6);
    INDArray diffDst = array(0, 2, 3, 3, 3);
    float[][] expected = run(kernels, how, src, diffDst);
    INDArray channelsLast = Nd4j.create(DataType.FLOAT, 2, 3, 3, 3).permute(0, 3, 1, 2);
    kernels.pool(how, src.dup('f'), channelsLast);
    assertArrayEquals(expected[0], channelsLast.dup('c').data().asFloat());
    INDArray diffSrc = Nd4j.create(DataType.FLOAT, 2, 6, 6, 3).permute(0, 3, 1, 2);
    kernels.poolBackward(how, src.dup('f'), diffDst.dup('f'), diffSrc);
    assertArrayEquals(expected[1], diffSrc.dup('c').data().asFloat());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void badArgumentsAreNamed(PoolKernels kernels) {
    Pooling how = new Pooling(Kind.MAX, 6, 6, 3, 3, 2, 2, 2, 2, 0, 0);
    INDArray src = array(0, 2, 3, 6, 6);
    INDArray dst = array(0, 2, 3, 3, 3);
    refused("how: expected a pooling, got null", () -> kernels.pool(null, src, dst));
    refused("src: expected an open array of FLOAT", () -> kernels.pool(how, null, dst));
    refused(
        "src: expected shape [2, 3, 6, 6], got [2, 3, 3, 3]", () -> kernels.pool(how, dst, dst));
    refused("dst: expected shape [2, 3, 3, 3]", () -> kernels.pool(how, src, src));
    INDArray doubles = dst.castTo(DataType.DOUBLE);
    refused("got DOUBLE", () -> kernels.pool(how, src, doubles));
    refused("diffDst: expected shape", () -> kernels.poolBackward(how, src, src, src.ulike()));
    refused("diffSrc: expected shape", () -> kernels.poolBackward(how, src, dst, dst.ulike()));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void inPlaceIsRefused(PoolKernels kernels) {
    Pooling how = new Pooling(Kind.MAX, 6, 6, 6, 6, 3, 3, 1, 1, 1, 1);
    INDArray x = array(0, 2, 3, 6, 6);
    INDArray y = array(0, 2, 3, 6, 6);
    refused("dst: expected memory of its own, got that of src", () -> kernels.pool(how, x, x));
    refused(
        "diffSrc: expected memory of its own, got that of src",
        () -> kernels.poolBackward(how, x, y, x));
    refused(
        "diffSrc: expected memory of its own, got that of diffDst",
        () -> kernels.poolBackward(how, x, y, y));
  }

  @Test
  void aWindowOutsideIsRefused() {
    refused("padding 2", () -> new Pooling(Kind.MAX, 6, 6, 3, 3, 2, 2, 2, 2, 2, 0));
    refused("width 4 of 6", () -> new Pooling(Kind.MAX, 6, 6, 3, 4, 2, 2, 2, 2, 0, 0));
    refused("height 0 of 6", () -> new Pooling(Kind.MAX, 6, 6, 0, 3, 2, 2, 2, 2, 0, 0));
    refused("2^31", () -> new Pooling(Kind.MAX, 1 << 20, 1 << 20, 1, 1, 1, 1, 1, 1, 0, 0));
    refused(
        "kernel: expected fewer than 2^31 cells in a window, got 65536 x 65536",
        () -> new Pooling(Kind.AVERAGE, 6, 6, 1, 1, 1 << 16, 1 << 16, 1, 1, 0, 0));
  }

  private static void refused(String message, Executable call) {
    String got = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(got.contains(message), () -> "expected: " + message + "; got: " + got);
  }
}
