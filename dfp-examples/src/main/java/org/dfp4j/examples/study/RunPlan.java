package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.LinearDecay;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.Precision;
import org.dfp4j.examples.models.Task;

/**
 * One run of a study: a model, a seed, a precision.
 *
 * @param settings what both precisions share
 * @param precision of the convolution and fully connected layers
 * @param arithmetic what computes these: {@code dl4j-stock} or {@code dl4j-onednn} in FP32, the
 *     name of the {@link Conversion} in DFP-16
 * @param epochs passes over the training images
 * @param trainImages number of training images, the first of the data set
 * @param testImages number of held-out images
 */
public record RunPlan(
    RunSettings settings,
    Precision precision,
    String arithmetic,
    int epochs,
    int trainImages,
    int testImages) {

  /** DL4J as it is shipped. */
  public static final String STOCK = "dl4j-stock";

  /** DL4J with its oneDNN helpers. */
  public static final String ONEDNN = "dl4j-onednn";

  /** Checks each setting; a {@link UsageException} names the option that is wrong. */
  public RunPlan {
    if (settings.entry().task() != Task.CLASSIFICATION) {
      throw new UsageException(
          "--models",
          "models that classify images",
          settings.model() + ", which " + settings.entry().task().words());
    }
    if (precision == Precision.DFP16) {
      Conversion.byName(arithmetic);
    } else if (!arithmetic.equals(STOCK) && !arithmetic.equals(ONEDNN)) {
      throw new UsageException("--fp32", "stock or onednn", arithmetic.replaceFirst("^dl4j-", ""));
    }
    check("--epochs", 1, epochs);
    check("--train-images", settings.batch(), trainImages);
    check("--test-images", 1, testImages);
  }

  private static void check(String argument, int least, int got) {
    if (got < least) {
      String batch = argument.equals("--train-images") ? ", the batch" : "";
      throw new UsageException(argument, ">= " + least + batch, got);
    }
  }

  /** The name of the run and of its files. */
  @JsonIgnore
  public String name() {
    return settings.model() + "-seed" + settings.seed() + "-" + precision.key();
  }

  /** The run for people. */
  @JsonIgnore
  public String title() {
    return settings.model() + " seed " + settings.seed() + " " + precision.title();
  }

  /** Iterations an epoch; images that fill no batch are left out of it. */
  @JsonIgnore
  public int perEpoch() {
    return trainImages / settings.batch();
  }

  /** Iterations of the whole run. */
  @JsonIgnore
  public int iterations() {
    return Math.multiplyExact(epochs, perEpoch());
  }

  /** The network with the seed's initial weights; its learning rates fall to 0 by the end. */
  Network newNetwork(int classes) {
    Architecture architecture = settings.architecture(classes);
    LinearDecay.apply(architecture, iterations());
    Network fp32 = architecture.initialize();
    if (precision == Precision.FP32) {
      return fp32;
    }
    Network twin = Conversion.byName(arithmetic).toDfp16(fp32);
    fp32.close();
    return twin;
  }

  /**
   * What keeps this run and another one of the same model from being compared, seeds and precisions
   * aside.
   */
  Optional<String> difference(RunPlan other) {
    RunSettings a = settings;
    RunSettings b = other.settings;
    if (precision == other.precision && !arithmetic.equals(other.arithmetic)) {
      return different("arithmetic", arithmetic, other.arithmetic);
    }
    return different("--data", a.data(), b.data())
        .or(() -> different("--size", a.size(), b.size()))
        .or(() -> different("--batch", a.batch(), b.batch()))
        .or(() -> different("--updater", a.updater(), b.updater()))
        .or(() -> different("--learning-rate", a.learningRate(), b.learningRate()))
        .or(() -> different("--epochs", epochs, other.epochs))
        .or(() -> different("--train-images", trainImages, other.trainImages))
        .or(() -> different("--test-images", testImages, other.testImages));
  }

  private static Optional<String> different(String name, Object a, Object b) {
    return a.equals(b) ? Optional.empty() : Optional.of(name + " " + a + ", not " + b);
  }
}
