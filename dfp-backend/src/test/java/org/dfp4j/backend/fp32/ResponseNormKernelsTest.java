package org.dfp4j.backend.fp32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.dfp4j.backend.kernels.NativeRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Native local response normalization against the Java one, bit for bit. */
class ResponseNormKernelsTest {

  private final ResponseNormKernels reference = new JavaResponseNormKernels();

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 0, 0.25",
    "2, 7, 5, 4, 2, 0.75",
    "1, 64, 7, 9, 2, 0.75",
    "1, 5, 8, 8, 4, 0.5",
    "2, 3, 5, 13, 9, 1",
    "3, 4, 1, 65, 1, 1.25",
    "2, 96, 27, 27, 2, 0.75"
  })
  void nativeNormalizationGivesTheBitsOfJava(
      long mb, long channels, long h, long w, int half, double beta) {
    NativeRows.assumeLibrary();
    ResponseNorm norm = new ResponseNorm(half, 1.5, 0.3, beta);
    int length = (int) (mb * channels * h * w);
    for (Values values : Values.values()) {
      INDArray x = values.array(length, 1).reshape(mb, channels, h, w);
      INDArray diffDst = Values.RANDOM.array(length, 2).reshape(mb, channels, h, w);
      float[][] expected = run(reference, norm, x, diffDst);
      for (String row : NativeRows.running()) {
        for (int threads = 1; threads <= 3; threads++) {
          float[][] got = run(NativeResponseNormKernels.forIsa(row, threads), norm, x, diffDst);
          String what = values + ", " + row + ", " + threads + " threads, seed " + Values.SEED;
          assertArrayEquals(expected[0], got[0], what + ", dst");
          assertArrayEquals(expected[1], got[1], what + ", diffSrc");
        }
      }
    }
  }

  private static float[][] run(
      ResponseNormKernels kernels, ResponseNorm norm, INDArray x, INDArray diffDst) {
    INDArray dst = x.ulike();
    INDArray diffSrc = x.ulike();
    kernels.normalize(norm, x, dst);
    kernels.backward(norm, x, diffDst, diffSrc);
    return new float[][] {dst.dup('c').data().asFloat(), diffSrc.dup('c').data().asFloat()};
  }

  @Test
  void badArgumentsAreNamed() {
    ResponseNorm norm = new ResponseNorm(2, 2, 1e-4, 0.75);
    INDArray x = Nd4j.ones(DataType.FLOAT, 1, 2, 3, 3);
    INDArray other = Nd4j.ones(DataType.FLOAT, 1, 3, 3, 3);
    refused("half: expected 0 to", () -> new ResponseNorm(-1, 2, 1e-4, 0.75));
    refused("beta: expected a multiple of 0.25", () -> new ResponseNorm(2, 2, 1e-4, 0.7));
    refused("k: expected a value that is", () -> new ResponseNorm(2, Double.NaN, 1e-4, 0.75));
    refused("alpha: expected a value that is", () -> new ResponseNorm(2, 2, 1e300, 0.75));
    refused("norm: expected a normalization", () -> reference.normalize(null, x, x.ulike()));
    refused("x: expected 4 dimensions", () -> reference.normalize(norm, x.ravel(), x.ulike()));
    refused("dst: expected shape [1, 2, 3, 3]", () -> reference.normalize(norm, x, other));
    refused("diffDst: expected shape", () -> reference.backward(norm, x, other, x.ulike()));
    refused("diffSrc: expected shape", () -> reference.backward(norm, x, x, other));
    assertEquals("java", reference.name());
  }

  @Test
  void inPlaceIsRefused() {
    ResponseNorm norm = new ResponseNorm(2, 2, 1e-4, 0.75);
    INDArray x = Nd4j.ones(DataType.FLOAT, 1, 2, 3, 3);
    INDArray y = x.dup();
    String expected = ": expected memory of its own, got that of ";
    refused("dst" + expected + "x", () -> reference.normalize(norm, x, x));
    refused("diffSrc" + expected + "x", () -> reference.backward(norm, x, y, x));
    refused("diffSrc" + expected + "diffDst", () -> reference.backward(norm, x, y, y));
  }

  private static void refused(String message, Executable call) {
    String got = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(got.contains(message), () -> "expected: " + message + "; got: " + got);
  }
}
