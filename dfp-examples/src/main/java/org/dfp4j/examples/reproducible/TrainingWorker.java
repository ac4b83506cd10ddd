package org.dfp4j.examples.reproducible;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.examples.data.NoiseBatches;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.OffHeap;
import org.dfp4j.examples.worker.Answers;

/**
 * The process of one setting: trains, and answers with {@link Start} and with a {@link Fingerprint}
 * for each iteration. Where one iteration is to be traced, it trains up to that one, and its last
 * answer is the {@link Trace}.
 */
public final class TrainingWorker {

  /**
   * The first answer.
   *
   * @param kernels that run
   * @param parameters SHA-256 of the initial ones
   */
  record Start(String kernels, String parameters) {}

  private TrainingWorker() {}

  /** Takes a {@link Workload} as JSON, and the iteration to trace, 0 for none. */
  public static void main(String[] args) {
    Answers answers = Answers.takeOverStandardOutput();
    int status = 0;
    try {
      Workload workload = new ObjectMapper().readValue(args[0], Workload.class);
      run(workload, Integer.parseInt(args[1]), answers);
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      e.printStackTrace();
      status = 1;
      answers.fail(e);
    }
    System.exit(status);
  }

  private static void run(Workload workload, int traced, Answers answers) {
    Network network = workload.network();
    NoiseBatches batches = workload.batches(network);
    String kernels = KernelProvider.kernels().name();
    answers.send(new Start(kernels, Digest.of(network.parameters())));
    int last = traced == 0 ? workload.iterations() : traced;
    for (int i = 1; i <= last; i++) {
      Tracer tracer = new Tracer();
      if (i == traced) {
        network.listen(tracer);
      }
      double score = network.fit(batches.batch(i), workload.seedOf(i));
      if (!Double.isFinite(score)) {
        throw new IllegalStateException(
            "score: expected a finite one, got %s in iteration %d".formatted(score, i));
      }
      String parameters = Digest.of(network.parameters());
      answers.send(new Fingerprint(score, parameters, Digest.of(network.updaterState())));
      if (i == traced) {
        answers.send(tracer.trace(network, score));
      }
      OffHeap.tidy(i);
    }
  }
}
