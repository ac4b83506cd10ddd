package org.dfp4j.examples.study;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.bench.step.OneDnnHelpers;
import org.dfp4j.examples.data.Batches;
import org.dfp4j.examples.data.FirstImages;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.OffHeap;
import org.dfp4j.examples.train.NetworkFile;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Trains one run, from its checkpoint where there is one, and writes down how it goes.
 *
 * @param folder of the study
 * @param plan what to train
 * @param data of which it takes the first training images
 */
record RunTrainer(StudyFolder folder, RunPlan plan, ImageData data) {

  private static final double NANOS = 1e9;

  /** A checkpoint of a large network takes many seconds, so not each epoch gets one. */
  private static final double SECONDS_BETWEEN_CHECKPOINTS = 900;

  /** Trains to the end; {@code stop} ends it after the running iteration, with a checkpoint. */
  RunRecord train(BooleanSupplier stop, Progress progress) throws IOException {
    Environment now = Environment.now(plan.precision());
    Optional<NetworkFile<RunRecord>> saved = folder.checkpoint(plan);
    RunRecord start =
        saved.map(file -> file.about().on(now)).orElseGet(() -> RunRecord.start(plan, now));
    folder.write(start);
    Network network =
        saved.map(NetworkFile::network).orElseGet(() -> plan.newNetwork(data.labels().size()));
    try {
      if (plan.arithmetic().equals(RunPlan.ONEDNN)) {
        OneDnnHelpers.checkLoaded(network.model());
      }
      return train(network, start, stop, progress);
    } finally {
      network.close();
    }
  }

  private RunRecord train(Network network, RunRecord start, BooleanSupplier stop, Progress progress)
      throws IOException {
    RunSettings settings = plan.settings();
    ImageData images = new FirstImages(data, plan.trainImages());
    RunRecord run = start;
    long saved = System.nanoTime();
    int first = network.iteration();
    try (Batches batches = new Batches(images, settings.batch(), settings.seed(), first)) {
      for (int i = first; !run.complete() && !stop.getAsBoolean(); i++) {
        DataSet batch = batches.next();
        long begin = System.nanoTime();
        double score = network.fit(batch, settings.seedOf(i));
        run = run.plus(score, secondsSince(begin));
        OffHeap.tidy(i);
        progress.step(news(run, score));
        if ((i + 1) % plan.perEpoch() == 0) {
          network.nextEpoch();
          run = test(network, run);
          folder.write(run);
          if (!run.complete() && secondsSince(saved) > SECONDS_BETWEEN_CHECKPOINTS) {
            folder.save(new NetworkFile<>(network, run));
            saved = System.nanoTime();
          }
        }
      }
    }
    if (run.complete()) {
      folder.deleteCheckpoint(plan);
    } else {
      folder.save(new NetworkFile<>(network, run));
    }
    return run;
  }

  private RunRecord test(Network network, RunRecord run) {
    if (plan.arithmetic().equals(RunPlan.ONEDNN)) {
      OneDnnHelpers.checkRan(network.model());
    }
    long begin = System.nanoTime();
    HeldOutTest test = HeldOutTest.of(network, data, plan.settings().batch(), plan.testImages());
    return run.plusEpoch(test, secondsSince(begin));
  }

  private static double secondsSince(long begin) {
    return (System.nanoTime() - begin) / NANOS;
  }

  private static String news(RunRecord run, double score) {
    String accuracy =
        run.epochs().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                ", accuracy %.1f %%",
                100 * run.epochs().get(run.epochs().size() - 1).accuracy());
    int epoch = Math.min(run.epochs().size() + 1, run.plan().epochs());
    return String.format(
        Locale.ROOT,
        "%s, epoch %d of %d, score %.3f%s",
        run.plan().title(),
        epoch,
        run.plan().epochs(),
        score,
        accuracy);
  }
}
