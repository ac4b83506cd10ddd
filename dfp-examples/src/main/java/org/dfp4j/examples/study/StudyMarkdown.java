package org.dfp4j.examples.study;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.dfp4j.examples.RunSettings;

/**
 * A study's result for people.
 *
 * @param result what to say
 */
record StudyMarkdown(StudyResult result) {

  private static final double PERCENT = 100;
  private static final int FASHION_MNIST_TRAIN = 60_000;
  private static final int FASHION_MNIST_TEST = 10_000;
  private static final String NONE = "–";

  String text() {
    StringBuilder text = new StringBuilder("# FP32 and DFP-16 trained to the end\n\n");
    if (result.models().isEmpty()) {
      text.append("No seed is complete in both precisions yet.\n\n");
    } else {
      results(text);
    }
    if (!result.notComplete().isEmpty()) {
      text.append("## Not complete\n\n");
      result.notComplete().forEach(run -> text.append("- ").append(run).append('\n'));
      text.append('\n');
    }
    return text.toString().stripTrailing() + "\n";
  }

  private void results(StringBuilder text) {
    result.models().forEach(model -> text.append("- ").append(model.conclusion()).append('\n'));
    text.append(
        """

        Twins start from the same weights and see the same batches with the same hyper-parameters.
        "Not distinguishable" says that 0 is in the interval, not that both are equal: its lower end is
        the largest loss of accuracy that these runs leave likely. Where there is no difference at all,
        one interval in 20 leaves out 0 all the same.

        An interval over seeds is Student's, for the mean difference over all seeds on these held-out
        images. One over images (Bonett and Price, from the images that only one of the two networks
        classifies right) is for these two networks on all such images. It does not say how far
        another seed moves either of them, so one seed proves little. Where there are several seeds,
        it is the mean of theirs, and the wider of both intervals is given: a few seeds may happen to
        differ alike, and then Student's is too narrow.

        """);
    accuracy(text);
    charts(text);
    reached(text);
    seeds(text);
    training(text);
    paper(text);
    machines(text);
  }

  private void accuracy(StringBuilder text) {
    text.append("## Accuracy\n\n");
    text.append(
        """
        After the last epoch, on held-out images. Accuracies in %, mean ± standard deviation over the
        seeds; the difference is DFP-16's less FP32's. The loss is the mean of -ln(probability of the
        right class), in which a few confident mistakes weigh much.

        """);
    row(
        text,
        "model",
        "seeds",
        "FP32",
        "DFP-16",
        "difference, points",
        "95 % interval",
        "over",
        "loss FP32",
        "loss DFP-16");
    line(text, 9);
    for (ModelResult model : result.models()) {
      PairedDifference d = model.difference();
      row(
          text,
          model.model(),
          Integer.toString(model.seeds().size()),
          spread("%.2f", PERCENT, model.fp32().accuracy()),
          spread("%.2f", PERCENT, model.dfp16().accuracy()),
          points(d.difference()),
          points(d.low()) + " to " + points(d.high()),
          d.pairs() + " " + d.basis().words(),
          spread("%.4f", 1, model.fp32().loss()),
          spread("%.4f", 1, model.dfp16().loss()));
    }
    text.append(
        """

        Whether the accuracy still rises: the mean of the last two epochs less that of the two before,
        in points. "Settled" is less than the standard error of the accuracy over the held-out images.
        The learning rate falls to 0 in the last epoch, so this says that the schedule is done, not
        that a longer one would end at the same accuracy.

        """);
    row(text, "model", "FP32", "DFP-16");
    line(text, 3);
    for (ModelResult model : result.models()) {
      int images = model.plan().testImages();
      row(text, model.model(), rise(model.fp32(), images), rise(model.dfp16(), images));
    }
    text.append('\n');
  }

  private static String rise(PrecisionResult precision, int images) {
    if (precision.rise() == null) {
      return "fewer than 4 epochs";
    }
    return points(precision.rise()) + (precision.settled(images) ? ", settled" : ", still rising");
  }

  private void charts(StringBuilder text) {
    text.append("Thin lines are seeds, strong lines their means.\n\n");
    for (ModelResult model : result.models()) {
      text.append(
          "![Score and accuracy of %s by epoch](%s)%n"
              .formatted(model.model(), StudyReport.chart(model.model())));
    }
    text.append('\n');
  }

  private void reached(StringBuilder text) {
    text.append("## Iterations to an accuracy\n\n");
    text.append(
        """
        Until the end of the first epoch with so many percent of the best accuracy that FP32 has with
        the same seed. Where a network does not get there with every seed, its mean is over those with
        which it does.

        """);
    row(text, "model", "% of FP32's best", "FP32", "DFP-16");
    line(text, 4);
    for (ModelResult model : result.models()) {
      int seeds = model.seeds().size();
      for (Reached reached : model.reached()) {
        row(
            text,
            model.model(),
            number("%.0f", PERCENT * reached.share()),
            iterations(reached.fp32(), reached.fp32Seeds(), seeds),
            iterations(reached.dfp16(), reached.dfp16Seeds(), seeds));
      }
    }
    text.append('\n');
  }

  private static String iterations(Double mean, int reached, int seeds) {
    String some = reached == seeds ? "" : " (%d of %d seeds)".formatted(reached, seeds);
    return (mean == null ? NONE : number("%.0f", mean)) + some;
  }

  private void seeds(StringBuilder text) {
    text.append("## Seed by seed\n\n");
    text.append("The last epoch's accuracy in %, the images that only one network classifies");
    text.append(" right,\nand the difference's interval over the images in points.\n\n");
    row(text, "model", "seed", "FP32", "DFP-16", "only FP32", "only DFP-16", "95 % interval");
    line(text, 7);
    for (ModelResult model : result.models()) {
      for (ModelResult.SeedResult seed : model.seeds()) {
        row(
            text,
            model.model(),
            Long.toString(seed.seed()),
            number("%.2f", PERCENT * seed.fp32()),
            number("%.2f", PERCENT * seed.dfp16()),
            Integer.toString(seed.onlyFp32()),
            Integer.toString(seed.onlyDfp16()),
            points(seed.difference().low()) + " to " + points(seed.difference().high()));
      }
    }
    text.append('\n');
  }

  private void training(StringBuilder text) {
    text.append("## What was trained, and what is less than usual\n\n");
    for (ModelResult model : result.models()) {
      text.append("- ").append(training(model)).append('\n');
    }
    text.append("\nTo repeat it, or to add seeds:\n\n```sh\n");
    for (ModelResult model : result.models()) {
      text.append(command(model)).append('\n');
    }
    text.append("```\n\n");
  }

  private static String training(ModelResult model) {
    RunPlan plan = model.plan();
    RunSettings settings = plan.settings();
    String note = settings.entry().note();
    boolean fashion = settings.data().equals(RunSettings.FASHION_MNIST);
    String rate =
        Double.isNaN(settings.learningRate())
            ? ""
            : " with a rate of " + plain(settings.learningRate()) + " falling to 0";
    return "%s: %s; %d×%d pixels%s; batch %d, %d epochs of %d iterations, %s%s%s"
        .formatted(
            model.model(),
            fashion
                ? "Fashion-MNIST, %s training images, tested on %s"
                    .formatted(
                        part(plan.trainImages(), FASHION_MNIST_TRAIN),
                        part(plan.testImages(), FASHION_MNIST_TEST))
                : "%s, %d training images, tested on %d"
                    .formatted(dataName(settings), plan.trainImages(), plan.testImages()),
            settings.size(),
            settings.size(),
            fashion && settings.size() != 28 ? ", enlarged from 28×28" : "",
            settings.batch(),
            plan.epochs(),
            plan.perEpoch(),
            settings.updater(),
            rate,
            note.isEmpty() ? "" : " (" + note + ")");
  }

  /** A folder's last name: the rest of a path is of one machine. */
  private static String dataName(RunSettings settings) {
    return Path.of(settings.data()).getFileName().toString();
  }

  private static String part(int images, int all) {
    return images == all ? "all " + all : "%d of %d".formatted(images, all);
  }

  private static String command(ModelResult model) {
    RunPlan plan = model.plan();
    RunSettings settings = plan.settings();
    long seeds = model.seeds().stream().mapToLong(ModelResult.SeedResult::seed).max().orElseThrow();
    String rate =
        Double.isNaN(settings.learningRate())
            ? ""
            : " --learning-rate " + plain(settings.learningRate());
    return ("./dfp study --models %s --seeds %d --data %s --size %d --batch %d --updater %s%s"
            + " --epochs %d --train-images %d --test-images %d --fp32 %s --policy %s --out DIR")
        .formatted(
            model.model(),
            seeds,
            dataName(settings),
            settings.size(),
            settings.batch(),
            settings.updater(),
            rate,
            plan.epochs(),
            plan.trainImages(),
            plan.testImages(),
            model.fp32().arithmetic().substring("dl4j-".length()),
            model.dfp16().arithmetic());
  }

  private static void paper(StringBuilder text) {
    text.append(
        """
        ## The paper

        Das et al., "Mixed Precision Training of Convolutional Neural Networks using Integer
        Operations", ICLR 2018 ([arXiv:1802.00930](https://arxiv.org/abs/1802.00930)), trained
        ResNet-50, GoogLeNet-v1, VGG-16 and AlexNet on ImageNet-1K. Its abstract says that they reach
        or exceed state-of-the-art accuracy in as many iterations as FP32, with unchanged
        hyper-parameters. Here the images are far smaller, and so are the data: the question is the
        same, the accuracies cannot be compared.

        """);
  }

  private void machines(StringBuilder text) {
    text.append("## Machine\n\n");
    text.append("Seconds a training iteration, mean of the runs. Other programs may have run");
    text.append(" meanwhile:\nspeeds are compared in `dfp-examples/BENCHMARKS.md`.\n\n");
    row(text, "model", "FP32", "DFP-16", "FP32 is", "DFP-16 is");
    line(text, 5);
    for (ModelResult model : result.models()) {
      row(
          text,
          model.model(),
          number("%.3f", model.fp32().secondsAnIteration()),
          number("%.3f", model.dfp16().secondsAnIteration()),
          String.join("; ", model.fp32().libraries()),
          String.join("; ", model.dfp16().libraries()));
    }
    List<Environment> all = result.environments();
    text.append('\n');
    text.append(distinct(all, Environment::cpu)).append("; threads: ");
    text.append(distinct(all, e -> Integer.toString(e.threads()))).append("; ");
    text.append(
        distinct(
            all,
            e ->
                e.versions().entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining(", "))));
    text.append(".\n\n");
  }

  private static String distinct(List<Environment> all, Function<Environment, String> part) {
    return all.stream().map(part).distinct().collect(Collectors.joining(" or "));
  }

  private static void row(StringBuilder text, String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static void line(StringBuilder text, int columns) {
    text.append("|---").append("|---:".repeat(columns - 1)).append("|\n");
  }

  private static String spread(String format, double unit, Sample sample) {
    String mean = number(format, unit * sample.mean());
    return sample.deviation() == null
        ? mean
        : mean + " ± " + number(format, unit * sample.deviation());
  }

  private static String points(double difference) {
    return number("%+.2f", PERCENT * difference);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
