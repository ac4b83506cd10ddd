package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelProviderTest {

  private static final List<String> ROWS = List.of("amxint8", "avx512vnni", "avx2");

  /** A table whose rows from some place on run, or that has no library. */
  private record FakeTable(List<String> running, String loadError) implements NativeTable {

    @Override
    public void load() {
      if (loadError != null) {
        throw new UnsatisfiedLinkError(loadError);
      }
    }

    @Override
    public String cpu() {
      return "Fake CPU";
    }

    @Override
    public List<String> rows() {
      return ROWS;
    }

    @Override
    public boolean runs(String row) {
      return running.contains(row);
    }

    @Override
    public String select(String cap) {
      int from = cap == null ? 0 : ROWS.indexOf(cap);
      return ROWS.subList(from, ROWS.size()).stream().filter(this::runs).findFirst().orElse(null);
    }

    @Override
    public Kernels kernels(String row) {
      return new FakeKernels(row);
    }
  }

  private static KernelProvider.Choice choose(Map<String, String> properties, FakeTable table) {
    return KernelProvider.choose(KernelSettings.of(properties::get, name -> null), table);
  }

  private static final FakeTable ALL = new FakeTable(ROWS, null);
  private static final FakeTable VNNI = new FakeTable(List.of("avx512vnni", "avx2"), null);
  private static final FakeTable NOTHING_RUNS = new FakeTable(List.of(), null);
  private static final FakeTable NO_LIBRARY = new FakeTable(List.of(), "no library; build it");

  @Test
  void theBestRowIsTheDefault() {
    KernelProvider.Choice choice = choose(Map.of(), VNNI);
    assertEquals("native avx512vnni", choice.kernels().name());
    assertEquals(
        "DFP-16 kernels: native avx512vnni (%d threads); rows of this CPU: avx512vnni avx2"
            .formatted(KernelProvider.report(choice.kernels(), VNNI).threads()),
        choice.message());
    assertNull(choice.warning());
  }

  @ParameterizedTest
  @CsvSource({
    "amxint8, native amxint8",
    "avx512vnni, native avx512vnni",
    "avx2, native avx2",
    "scalar, java"
  })
  void theCapIsObeyed(String cap, String expected) {
    KernelProvider.Choice choice = choose(Map.of("dfp.maxIsa", cap), ALL);
    assertEquals(expected, choice.kernels().name());
    assertTrue(choice.message().contains("dfp.maxIsa=" + cap), choice.message());
    assertNull(choice.warning());
  }

  @Test
  void thePropertyWinsOverTheVariable() {
    Map<String, String> environment = Map.of("DFP_MAX_ISA", "avx512vnni");
    KernelSettings both = KernelSettings.of(Map.of("dfp.maxIsa", "avx2")::get, environment::get);
    assertEquals(new KernelSettings("auto", "avx2", "dfp.maxIsa"), both);
    KernelSettings variable = KernelSettings.of(name -> null, environment::get);
    assertEquals(new KernelSettings("auto", "avx512vnni", "DFP_MAX_ISA"), variable);
    KernelSettings empty = KernelSettings.of(name -> "", name -> " ");
    assertEquals(new KernelSettings("auto", null, null), empty);
  }

  @Test
  void javaIsChosenWithoutAWarningWhenAskedFor() {
    KernelProvider.Choice choice = choose(Map.of("dfp.kernels", "java"), ALL);
    assertInstanceOf(JavaKernels.class, choice.kernels());
    assertTrue(choice.message().startsWith("DFP-16 kernels: java ("), choice.message());
    assertTrue(choice.message().endsWith("reason: dfp.kernels=java"), choice.message());
    assertNull(choice.warning());
  }

  @Test
  void autoWithoutALibraryIsJavaWithTheReasonAndTheRemedy() {
    KernelProvider.Choice choice = choose(Map.of("dfp.kernels", "auto"), NO_LIBRARY);
    assertInstanceOf(JavaKernels.class, choice.kernels());
    assertTrue(choice.warning().contains("no library; build it"), choice.warning());
    assertTrue(choice.warning().contains("-Ddfp.kernels=java"), choice.warning());
  }

  @Test
  void autoWhereNoRowRunsIsJavaWithTheReason() {
    KernelProvider.Choice choice = choose(Map.of(), NOTHING_RUNS);
    assertInstanceOf(JavaKernels.class, choice.kernels());
    assertTrue(
        choice
            .warning()
            .contains(
                "no row of the kernel table (amxint8 avx512vnni avx2) runs on this CPU (Fake CPU)"),
        choice.warning());
  }

  @Test
  void nativeWithoutALibraryIsAnErrorWithItsCause() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> choose(Map.of("dfp.kernels", "native"), NO_LIBRARY));
    assertEquals(
        "dfp.kernels: expected native kernels, got none: no library; build it", e.getMessage());
    assertInstanceOf(UnsatisfiedLinkError.class, e.getCause());
  }

  @Test
  void nativeWhereNoRowRunsIsAnError() {
    Map<String, String> settings = Map.of("dfp.kernels", "native", "dfp.maxIsa", "avx2");
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> choose(settings, NOTHING_RUNS));
    assertEquals(
        "dfp.kernels: expected native kernels, got none: no row of the kernel table (amxint8"
            + " avx512vnni avx2) up to dfp.maxIsa=avx2 runs on this CPU (Fake CPU)",
        e.getMessage());
  }

  @Test
  void nativeAndScalarContradictEachOther() {
    Map<String, String> settings = Map.of("dfp.kernels", "native", "dfp.maxIsa", "scalar");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> choose(settings, ALL));
    assertEquals(
        "dfp.maxIsa: expected a native instruction set with dfp.kernels=native, got scalar",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Java", "fast", "c++"})
  void unknownImplementationsAreErrors(String value) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> choose(Map.of("dfp.kernels", value), ALL));
    assertEquals("dfp.kernels: expected one of auto native java, got " + value, e.getMessage());
  }

  @Test
  void unknownInstructionSetsAreErrorsThatNameTheSource() {
    IllegalArgumentException property =
        assertThrows(
            IllegalArgumentException.class, () -> choose(Map.of("dfp.maxIsa", "sse2"), ALL));
    assertEquals(
        "dfp.maxIsa: expected one of scalar avx2 avx512vnni amxint8, got sse2",
        property.getMessage());
    IllegalArgumentException variable =
        assertThrows(
            IllegalArgumentException.class,
            () -> KernelSettings.of(name -> null, Map.of("DFP_MAX_ISA", "neon")::get));
    assertEquals(
        "DFP_MAX_ISA: expected one of scalar avx2 avx512vnni amxint8, got neon",
        variable.getMessage());
  }

  @Test
  void theReportListsTheRows() {
    KernelReport report = KernelProvider.report(new FakeKernels("avx2"), VNNI);
    assertEquals("Fake CPU", report.cpu());
    assertEquals("native avx2", report.used());
    assertEquals("", report.missing());
    assertEquals(
        List.of(
            new KernelReport.Row("amxint8", false, false),
            new KernelReport.Row("avx512vnni", true, false),
            new KernelReport.Row("avx2", true, true)),
        report.rows());
  }

  @Test
  void theReportSaysWhyThereIsNoLibrary() {
    KernelReport report = KernelProvider.report(new JavaKernels(), NO_LIBRARY);
    assertEquals("no library; build it", report.missing());
    assertEquals(List.of(), report.rows());
    assertEquals("java", report.used());
  }

  @Test
  void theProcessChoosesOnce() {
    Kernels kernels = KernelProvider.kernels();
    assertSame(kernels, KernelProvider.kernels());
    assertEquals(kernels.name(), KernelProvider.report().used());
  }

  @Test
  void theNativeTableHasOnlyKnownRows() {
    NativeRows.assumeLibrary();
    for (String row : NativeTable.PROCESS.rows()) {
      assertEquals(row, new KernelSettings("auto", row, "test").maxIsa());
    }
  }
}
