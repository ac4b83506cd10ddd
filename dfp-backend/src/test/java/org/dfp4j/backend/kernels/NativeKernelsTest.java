package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every row of the native kernel table against the Java kernels, tolerance 0. The reference is
 * computed once for all rows. Rows that this machine does not run are left out, and {@link
 * #everyRowRunsHere} is skipped for them.
 */
class NativeKernelsTest {

  private final Kernels reference = new JavaKernels();

  static Stream<ShapeFile.Named> smallShapes() {
    return Stream.of(
            ShapeFile.convolutions(
                "one", "tiles", "kernels", "strides", "padding", "small-maps", "channels"),
            ShapeFile.volumes("small"),
            ShapeFile.depthwise("one", "kernels", "strides", "padding"),
            ShapeFile.dense("small"))
        .flatMap(List::stream);
  }

  static Stream<ShapeFile.Named> longSums() {
    return Stream.of(
            ShapeFile.convolutions("long-sums"),
            ShapeFile.depthwise("depthwise-long-sums"),
            ShapeFile.dense("long-sums"))
        .flatMap(List::stream);
  }

  static Stream<ShapeFile.Named> networks() {
    return Stream.of(
            ShapeFile.convolutions("networks"),
            ShapeFile.depthwise("depthwise-networks"),
            ShapeFile.dense("networks"))
        .flatMap(List::stream);
  }

  static List<String> rows() {
    List<String> rows = NativeRows.all();
    return rows.isEmpty() ? List.of("none: no native library") : rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyRowRunsHere(String row) {
    NativeRows.assumeRuns(row);
    Kernels kernels = NativeKernels.forIsa(row);
    assertEquals("native " + row, kernels.name());
    assertEquals(row, kernels.isa());
  }

  @ParameterizedTest
  @MethodSource("smallShapes")
  void smallShapesOfAllData(ShapeFile.Named layer) {
    NativeRows.assumeLibrary();
    for (DataSet data : DataSet.values()) {
      compare(layer, data, Quantizer.DEFAULT, 1);
    }
  }

  @ParameterizedTest
  @MethodSource("smallShapes")
  void smallShapesOnSeveralThreads(ShapeFile.Named layer) {
    NativeRows.assumeLibrary();
    compare(layer, DataSet.RANDOM, Quantizer.DEFAULT, 2, 3);
  }

  @ParameterizedTest
  @MethodSource("smallShapes")
  void smallShapesOfAllQuantizers(ShapeFile.Named layer) {
    NativeRows.assumeLibrary();
    int headroom = layer.shape().hashCode() & 1;
    for (Rounding rounding : Rounding.values()) {
      compare(layer, DataSet.RANDOM, new Quantizer(rounding, headroom, 1234), 1);
      compare(layer, DataSet.RANDOM, new Quantizer(rounding, 2, -5), 1);
    }
    compare(layer, DataSet.SUBNORMAL, new Quantizer(Rounding.STOCHASTIC, 0, Long.MAX_VALUE), 1);
  }

  @ParameterizedTest
  @MethodSource("longSums")
  void longSumsOfExtremes(ShapeFile.Named layer) {
    NativeRows.assumeLibrary();
    for (DataSet data : List.of(DataSet.MAX, DataSet.MIN, DataSet.BYTES)) {
      compare(layer, data, Quantizer.DEFAULT, 2);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void layersOfNetworks(ShapeFile.Named layer) {
    NativeRows.assumeLibrary();
    compare(layer, DataSet.EDGES, Quantizer.DEFAULT, 2);
  }

  private void compare(ShapeFile.Named layer, DataSet data, Quantizer quantizer, int... threads) {
    Products expected = Products.of(reference, layer.shape(), data, quantizer);
    for (String row : NativeRows.running()) {
      for (int count : threads) {
        Kernels kernels = NativeKernels.forIsa(row, () -> count);
        Products actual = Products.of(kernels, layer.shape(), data, quantizer);
        Products.assertSame(
            expected,
            actual,
            "%s: %s, %s, %s, %d threads".formatted(row, layer, data, quantizer, count));
      }
    }
  }

  @Test
  void theNumberOfThreadsIsAskedForEachProduct() {
    NativeRows.assumeLibrary();
    String row = NativeTable.PROCESS.select(null);
    AtomicInteger threads = new AtomicInteger(1);
    NativeKernels kernels = NativeKernels.forIsa(row, threads::get);
    assertEquals(1, kernels.threads());
    threads.set(3);
    assertEquals(3, kernels.threads());
    assertEquals(NativeKernels.nd4jThreads(), NativeKernels.forIsa(row).threads());
  }

  @Test
  void anUnknownRowIsAnErrorThatNamesTheRowsThatRun() {
    NativeRows.assumeLibrary();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> NativeKernels.forIsa("sse2"));
    assertEquals(
        "isa: expected one that this machine runs ("
            + String.join(" ", NativeRows.running())
            + "), got sse2",
        e.getMessage());
  }
}
