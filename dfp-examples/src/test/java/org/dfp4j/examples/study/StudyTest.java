package org.dfp4j.examples.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.data.Shapes;
import org.dfp4j.examples.models.Precision;
import org.dfp4j.examples.models.Task;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training the runs of a study, stopping and going on. */
class StudyTest {

  private static final int EPOCHS = 2;
  private static final ImageData IMAGES = new Shapes(Task.CLASSIFICATION, 1, 12, 1);

  @TempDir Path temporary;
  private StudyFolder folder;

  @BeforeEach
  void createFolder() throws IOException {
    folder = folder("study");
  }

  private StudyFolder folder(String name) throws IOException {
    StudyFolder created = new StudyFolder(temporary.resolve(name));
    created.create();
    return created;
  }

  private static RunPlan plan(long seed, Precision precision) {
    return Runs.plan(seed, precision, EPOCHS, 20);
  }

  private static Study study(StudyFolder folder, RunPlan... plans) {
    return new Study(folder, List.of(plans), plan -> IMAGES);
  }

  private static List<RunPlan> train(Study study) throws IOException {
    return study.train(() -> false, Progress.SILENT, run -> assertTrue(run.complete()));
  }

  /** What training decides: everything but times. */
  private static List<Object> outcome(StudyFolder folder, RunPlan plan) {
    RunRecord run = folder.record(plan).orElseThrow();
    List<Object> outcome = new ArrayList<>(List.of(run.right()));
    for (EpochResult epoch : run.epochs()) {
      outcome.add(List.of(epoch.iterations(), epoch.score(), epoch.accuracy(), epoch.loss()));
    }
    return outcome;
  }

  @Test
  void stoppedStudyGoesOnWithTheSameBits() throws IOException {
    RunPlan fp32 = plan(1, Precision.FP32);
    RunPlan dfp16 = plan(1, Precision.DFP16);
    Study whole = study(folder("whole"), fp32, dfp16);
    assertEquals(2 * EPOCHS * Runs.PER_EPOCH, whole.remaining());
    assertEquals(List.of(), train(whole));
    assertEquals(0, whole.remaining());

    // In the middle of the first epoch of FP32, of its second, and of the first of DFP-16.
    Study parts = study(folder, fp32, dfp16);
    for (int steps : new int[] {5, 16, 20}) {
      AtomicInteger asked = new AtomicInteger();
      // Once more before each run than there are iterations.
      parts.train(
          () -> asked.incrementAndGet() > steps + 1,
          Progress.SILENT,
          run -> assertEquals(fp32, run.plan()));
    }
    assertTrue(Files.exists(folder.folder().resolve("runs/lenet-seed1-dfp16.zip")));
    train(parts);
    for (RunPlan plan : List.of(fp32, dfp16)) {
      assertEquals(outcome(whole.folder(), plan), outcome(folder, plan));
      assertEquals(20, folder.record(plan).orElseThrow().right().length());
      assertFalse(Files.exists(folder.folder().resolve("runs/" + plan.name() + ".zip")));
    }
  }

  @Test
  void seedsAndPrecisionsDiffer() throws IOException {
    RunPlan[] plans = {plan(1, Precision.FP32), plan(1, Precision.DFP16), plan(2, Precision.FP32)};
    train(study(folder, plans));
    List<Double> scores = new ArrayList<>();
    for (RunPlan plan : plans) {
      scores.add(Curves.last(folder.record(plan).orElseThrow()).score());
    }
    assertEquals(3, scores.stream().distinct().count(), scores.toString());
    // Twins start alike: a first score each would be the same in its first digits.
    assertEquals(scores.get(0), scores.get(1), 0.05 * scores.get(0));
  }

  @Test
  void lockedRunIsLeftOut() throws IOException {
    RunPlan locked = plan(1, Precision.FP32);
    RunPlan free = plan(1, Precision.DFP16);
    StudyFolder.Lock lock = folder.lock(locked).orElseThrow();
    try (lock) {
      assertTrue(folder.lock(locked).isEmpty());
      assertEquals(List.of(locked), train(study(folder, locked, free)));
    }
    assertTrue(folder.record(locked).isEmpty());
    assertTrue(folder.record(free).orElseThrow().complete());
    assertTrue(folder.lock(locked).isPresent());
  }

  @Test
  void completeRunIsNotRepeated() throws IOException {
    RunPlan plan = plan(1, Precision.FP32);
    train(study(folder, plan));
    RunRecord first = folder.record(plan).orElseThrow();
    train(study(folder, plan));
    assertEquals(first, folder.record(plan).orElseThrow());
  }

  @Test
  void folderKeepsItsSettings() throws IOException {
    RunPlan plan = plan(1, Precision.FP32);
    folder.write(RunRecord.start(plan, Environment.now(Precision.FP32)));
    folder.check(List.of(plan(2, Precision.DFP16)));
    List<RunPlan> longer = List.of(Runs.plan(2, Precision.FP32, 3, 20));
    String message = assertThrows(UsageException.class, () -> folder.check(longer)).getMessage();
    assertTrue(message.startsWith("--out: expected a folder whose runs have the same"), message);
    assertTrue(message.endsWith("lenet-seed1-fp32.json with --epochs 2, not 3"), message);
    RunPlan oneDnn = new RunPlan(plan.settings(), Precision.FP32, RunPlan.ONEDNN, 2, 67, 20);
    assertThrows(UsageException.class, () -> folder.check(List.of(oneDnn)));
  }

  @Test
  void reportIsWritten() throws IOException {
    StudyReport.write(folder);
    folder.write(Runs.run(1, Precision.FP32, "1100", 0.2, 0.5));
    folder.write(Runs.run(1, Precision.DFP16, "1010", 0.3, 0.5));
    StudyResult result = StudyReport.write(folder);
    assertEquals(1, result.models().size());
    for (String name : List.of("study.json", "study.md", "study-lenet.png")) {
      assertTrue(Files.size(folder.folder().resolve(name)) > 0, name);
    }
  }
}
