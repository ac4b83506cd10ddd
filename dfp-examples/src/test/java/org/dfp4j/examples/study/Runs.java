package org.dfp4j.examples.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.models.Precision;
import org.dfp4j.examples.study.RunRecord.Begun;

/** Runs made up for tests. */
final class Runs {

  static final int PER_EPOCH = 16;

  private Runs() {}

  static RunPlan plan(long seed, Precision precision, int epochs, int testImages) {
    RunSettings settings = new RunSettings("lenet", "synthetic", 12, 4, seed, "adam", 0.01);
    String arithmetic = precision == Precision.FP32 ? RunPlan.STOCK : "dfp16";
    return new RunPlan(settings, precision, arithmetic, epochs, 4 * PER_EPOCH + 3, testImages);
  }

  /** A complete run with these accuracies after its epochs. */
  static RunRecord run(long seed, Precision precision, String right, double... accuracies) {
    List<EpochResult> epochs = new ArrayList<>();
    for (double accuracy : accuracies) {
      int number = epochs.size() + 1;
      epochs.add(
          new EpochResult(number, PER_EPOCH * number, 2.0 / number, accuracy, 1.0 / number, 8, 1));
    }
    return new RunRecord(
        plan(seed, precision, accuracies.length, right.length()),
        new Environment("a CPU", 2, precision.title(), Map.of("java", "17")),
        epochs,
        new Begun(0, 0),
        right);
  }
}
