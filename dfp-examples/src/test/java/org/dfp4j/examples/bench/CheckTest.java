package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.JavaKernels;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.NativeKernels;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is compared before the timing, and with what. */
class CheckTest {

  /** Uneven in all axes: padding below smaller than above, and a border that nothing reads. */
  private static final ConvShape SHAPE =
      new ConvShape(2, 5, 9, 14, 7, 4, 6, 3, 4, 2, 2, 1, 0, 1, 1);

  /** oneDNN and the Java kernels compute the same three products. */
  @Test
  void oneDnnAgreesWithTheJavaKernels() {
    try (OneDnn library = OneDnn.open("avx512vnni");
        Operands operands = Operands.random(SHAPE, 7)) {
      for (Direction direction : Direction.values()) {
        try (INDArray dfp = operands.output(direction);
            INDArray fp32 = operands.output(direction);
            OneDnnConvolution convolution =
                OneDnnConvolution.fp32(library, direction, operands, fp32)) {
          new DfpConvolution(new JavaKernels(), direction, operands, dfp).run();
          OneDnnConvolution.Times times = convolution.run();
          assertTrue(times.kernel() > 0, times.toString());
          assertTrue(times.total() >= times.kernel(), times.toString());
          Check.close("layer", direction, dfp, fp32, Check.FP32_TOLERANCE);
        }
      }
    }
  }

  @Test
  void distanceIsBounded() {
    INDArray one = Nd4j.createFromArray(3f, 4f);
    INDArray off = Nd4j.createFromArray(3f, 4.005f);
    INDArray nan = Nd4j.createFromArray(3f, Float.NaN);
    assertDoesNotThrow(() -> Check.close("layer", Direction.FORWARD, one, one, 0));
    assertDoesNotThrow(() -> Check.close("layer", Direction.FORWARD, one, off, 1.1e-3));
    for (INDArray wrong : List.of(off, nan)) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> Check.close("layer", Direction.FORWARD, one, wrong, 0.9e-3));
      assertTrue(e.getMessage().startsWith("layer fwd: expected"), e.getMessage());
    }
  }

  /** Else two thread pools would wait for one another's cores. */
  @Test
  void oneLibraryOfThreadsServesAll() throws IOException {
    assumeTrue(KernelProvider.report().missing().isEmpty(), "no native kernels");
    NativeKernels.forIsa(KernelProvider.kernels().isa(), 2);
    OneDnn.open("avx512vnni").close();
    long loaded =
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .map(line -> line.replaceFirst("^[^/]*", ""))
            .filter(file -> file.contains("libgomp"))
            .distinct()
            .count();
    assertEquals(1, loaded);
  }
}
