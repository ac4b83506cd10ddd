package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.JavaKernels;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.examples.bench.OneDnnProduct.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is compared before the timing, and with what. */
class CheckTest {

  private static final String ISA = "avx512vnni";

  /** Uneven in all axes: padding below smaller than above, and a border that nothing reads. */
  private static final ConvShape CONV = new ConvShape(2, 5, 9, 14, 7, 4, 6, 3, 4, 2, 2, 1, 0, 1, 1);

  private static final DenseShape DENSE = new DenseShape(5, 70, 33);

  /** oneDNN and the Java kernels compute the same three products. */
  @ParameterizedTest
  @EnumSource(Inputs.class)
  void oneDnnAgreesWithTheJavaKernels(Inputs inputs) {
    try (OneDnn library = OneDnn.open(ISA)) {
      Set<Variant> variants = EnumSet.allOf(Variant.class);
      if (!library.hasBf16()) {
        variants.remove(Variant.BF16);
      }
      agrees(library, DENSE, 5.0 * 70 * 33, inputs, variants);
      variants.remove(Variant.FP32_PLAIN);
      agrees(library, CONV, 2.0 * 7 * 4 * 6 * 5 * 3 * 4, inputs, variants);
    }
  }

  private static void agrees(
      OneDnn library, LayerShape shape, double macs, Inputs inputs, Set<Variant> variants) {
    try (Operands operands = Operands.random(shape, inputs, 7)) {
      for (Direction direction : Direction.values()) {
        for (Variant variant : variants) {
          agrees(library, operands, macs, direction, variant);
        }
      }
    }
  }

  private static void agrees(
      OneDnn library, Operands operands, double macs, Direction direction, Variant variant) {
    try (INDArray dfp = operands.output(direction);
        INDArray other = operands.output(direction);
        OneDnnProduct product = new OneDnnProduct(library, variant, direction, operands, other)) {
      new DfpProduct(new JavaKernels(), direction, operands, dfp).run();
      OneDnnProduct.Times times = product.run();
      assertTrue(times.kernel() > 0, times.toString());
      assertTrue(times.total() >= times.kernel(), times.toString());
      double tolerance = Check.tolerance(operands, direction, variant, macs / dfp.length());
      Check.close(variant + " " + direction.label(), dfp, other, tolerance);
    }
  }

  @Test
  void distanceIsBounded() {
    INDArray one = Nd4j.createFromArray(3f, 4f);
    INDArray off = Nd4j.createFromArray(3f, 4.005f);
    INDArray nan = Nd4j.createFromArray(3f, Float.NaN);
    assertDoesNotThrow(() -> Check.close("layer fwd", one, one, 0));
    assertDoesNotThrow(() -> Check.close("layer fwd", one, off, 1.1e-3));
    for (INDArray wrong : List.of(off, nan)) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> Check.close("layer fwd", one, wrong, 0.9e-3));
      assertTrue(e.getMessage().startsWith("layer fwd: expected"), e.getMessage());
    }
  }

  /** Of normal inputs, far below what a wrong product is off by. */
  @Test
  void toleranceIsSmall() {
    try (Operands operands = Operands.random(DENSE, Inputs.TRAINING, 7)) {
      for (Direction direction : Direction.values()) {
        assertTrue(Check.tolerance(operands, direction, Variant.FP32, 70) < 5e-4);
        assertTrue(Check.tolerance(operands, direction, Variant.BF16, 70) < 1e-2);
      }
    }
  }

  @Test
  void oneDnnTakesTheThreadsItIsGiven() {
    try (OneDnn library = OneDnn.open(ISA)) {
      for (int threads : new int[] {2, 1}) {
        assertDoesNotThrow(() -> library.useThreads(threads));
      }
    }
  }

  /** Else two thread pools would wait for one another's cores. */
  @Test
  void oneLibraryOfThreadsServesAll() throws IOException {
    assumeTrue(KernelProvider.report().missing().isEmpty(), "no native kernels");
    NativeKernels.forIsa(KernelProvider.kernels().isa(), 2);
    OneDnn.open(ISA).close();
    long loaded =
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .map(line -> line.replaceFirst("^[^/]*", ""))
            .filter(file -> file.contains("libgomp"))
            .distinct()
            .count();
    assertEquals(1, loaded);
  }
}
