package org.dfp4j.examples.reproducible;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.reproducible.Trace.Step;
import org.dfp4j.examples.reproducible.Verification.Job;
import org.junit.jupiter.api.Test;

/** Differences are found, and named by where they begin. */
class VerificationTest {

  private static final Setting SETTING = new Setting(Setting.JAVA, 1);

  private static Workload workload(int seed, String policy) {
    return new Workload(Workload.BUILT_IN, 8, 2, 1, seed, policy);
  }

  /** The same seed has the same initial weights; the paper's first convolution is FP32. */
  @Test
  void namesTheFirstIterationAndLayer() {
    Workload workload = workload(1, "dfp16");
    List<Job> jobs =
        List.of(
            new Job(SETTING, workload),
            new Job(SETTING, workload(1, "paper")),
            new Job(SETTING, workload(2, "dfp16")));
    VerificationReport report =
        new Verification(Optional.empty(), workload, jobs).run(Progress.SILENT);
    assertFalse(report.same());
    assertEquals(
        Arrays.asList(
            null,
            new Difference(1, "activations of conv1"),
            new Difference(0, "initial parameters")),
        report.differences());
    String table = ReproducibilityTable.of(report);
    assertTrue(
        table.contains("java, 1 thread: in iteration 1, first in activations of conv1"), table);
    assertTrue(table.contains("No layer stays DL4J's code."), table);
  }

  @Test
  void aTraceFollowsTheComputation() {
    Workload lenet = new Workload("lenet", 8, 2, 1, 3, "dfp16");
    Network network = lenet.network();
    Tracer tracer = new Tracer();
    network.listen(tracer);
    double score = network.fit(lenet.batches(network).batch(1), 1);
    Trace trace = tracer.trace(network, score);
    assertEquals(
        List.of(
            "input",
            "activations of cnn1",
            "activations of maxpool1",
            "activations of cnn2",
            "activations of maxpool2",
            "activations of ffn1",
            "gradient of 5_b",
            "gradient of 5_W"),
        trace.steps().stream().map(Step::what).limit(8).toList());
    assertTrue(trace.steps().stream().map(Step::what).toList().contains("score"));
    network.model().close();
  }

  /** Of FaceNet's layers only the kept one; the others' norms are of this project. */
  @Test
  void normsOfKeptLayersAreNamed() {
    assertEquals(
        List.of("lossLayer"), new Workload("facenetnn4small2", 32, 2, 1, 1, "dfp16").fp32Norms());
    assertEquals(List.of(), new Workload("alexnet", 47, 2, 1, 1, "dfp16").fp32Norms());
  }

  @Test
  void aTraceThatRepeatsMeansThatRunsDiffer() {
    Trace trace = new Trace(List.of(new Step("score", "1")));
    assertEquals("score", trace.firstDifference(new Trace(List.of(new Step("score", "2")))));
    assertTrue(trace.firstDifference(trace).contains("from run to run"));
  }

  @Test
  void settingsAreAllThatRunsHere() {
    KernelReport machine =
        new KernelReport(
            "cpu",
            "native avx2",
            2,
            List.of(
                new KernelReport.Row("amxint8", false, false),
                new KernelReport.Row("avx2", true, true)),
            "");
    assertEquals(
        List.of("java, 1 thread", "java, 2 threads", "avx2, 1 thread", "avx2, 2 threads"),
        Setting.all(machine, 2).stream().map(Setting::toString).toList());
    assertEquals(6, Setting.all(machine, 8).size());
    assertEquals(new Setting("avx2", 3), Setting.parse("avx2:3", machine));
  }

  @Test
  void theFirstDifferenceOfTwoRuns() {
    Fingerprint one = new Fingerprint(0, "p", "u");
    Run run = new Run(SETTING, "s", List.of(one, one), 1);
    assertEquals(-1, run.firstDifference(new Run(SETTING, "s", List.of(one, one), 2)));
    assertEquals(0, run.firstDifference(new Run(SETTING, "t", List.of(one, one), 1)));
    Fingerprint zero = new Fingerprint(-0.0, "p", "u");
    assertEquals(2, run.firstDifference(new Run(SETTING, "s", List.of(one, zero), 1)));
    assertEquals("score", zero.differenceFrom(one));
    assertEquals("updater state", new Fingerprint(0, "p", "v").differenceFrom(one));
  }
}
