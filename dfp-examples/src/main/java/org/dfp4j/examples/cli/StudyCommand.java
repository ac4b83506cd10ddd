package org.dfp4j.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Interrupt;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.models.Precision;
import org.dfp4j.examples.study.EpochResult;
import org.dfp4j.examples.study.RunPlan;
import org.dfp4j.examples.study.RunRecord;
import org.dfp4j.examples.study.Study;
import org.dfp4j.examples.study.StudyFolder;
import org.dfp4j.examples.study.StudyReport;
import org.dfp4j.examples.study.StudyResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains FP32 and DFP-16 twins to the end, and compares their accuracies. */
@Command(
    sortOptions = false,
    name = "study",
    description = {
      "Trains FP32 and DFP-16 twins of models with several seeds, from the same initial weights on"
          + " the same batches with the same hyper-parameters, and reports their accuracies on"
          + " held-out images.",
      "Ctrl-C stops it; the same command goes on and gives the bits of a study that was never"
          + " stopped. Several processes may work on one folder side by side."
    })
public final class StudyCommand implements Callable<Integer> {

  private static final String ONLY = "--only";

  @Mixin private StudyOptions options;

  @Option(
      names = ONLY,
      hidden = true,
      description = "Of the precisions, that which this process trains.")
  private String only;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<RunPlan> plans = options.plans();
    Machine.kernels();
    OutputFiles.prepareFolder("--out", options.out);
    StudyFolder folder = new StudyFolder(options.out);
    folder.create();
    folder.check(plans);
    PrintWriter out = spec.commandLine().getOut();
    String stopping = "Stopping after this iteration; once more Ctrl-C quits at once.";
    try (Interrupt interrupt = new Interrupt(out, stopping)) {
      if (only == null && oneDnnRuns(plans) && !OneDnnProcess.isThis()) {
        List<String> same =
            new ArrayList<>(spec.commandLine().getParent().getParseResult().originalArgs());
        same.addAll(List.of(ONLY, Precision.FP32.key()));
        int status = OneDnnProcess.run("--fp32", same, interrupt);
        if (status != 0) {
          return status;
        }
        plans = plans.stream().filter(plan -> plan.precision() == Precision.DFP16).toList();
      }
      return train(
          new Study(folder, mine(plans), plan -> options.images(plan.settings())), interrupt, out);
    }
  }

  private static boolean oneDnnRuns(List<RunPlan> plans) {
    return plans.stream().anyMatch(plan -> plan.arithmetic().equals(RunPlan.ONEDNN));
  }

  private List<RunPlan> mine(List<RunPlan> plans) {
    return only == null
        ? plans
        : plans.stream().filter(plan -> plan.precision() == Precision.byName(only)).toList();
  }

  private static int train(Study study, Interrupt interrupt, PrintWriter out) throws IOException {
    List<RunPlan> elsewhere;
    try (ConsoleProgress progress = new ConsoleProgress("Study", study.remaining())) {
      elsewhere =
          study.train(
              interrupt::requested,
              progress,
              run -> {
                print(run, out);
                StudyReport.write(study.folder());
              });
    }
    StudyResult result = StudyReport.write(study.folder());
    result.models().forEach(model -> out.println(model.conclusion()));
    out.println("Report: " + study.folder().folder().resolve("study.md"));
    if (!elsewhere.isEmpty()) {
      out.println("Runs that other processes are training: " + elsewhere.size() + ".");
    }
    if (interrupt.requested()) {
      out.println("Stopped. The same command goes on from there.");
    }
    out.flush();
    return interrupt.requested() ? Interrupt.EXIT_STATUS : 0;
  }

  private static void print(RunRecord run, PrintWriter out) {
    EpochResult last = run.epochs().get(run.epochs().size() - 1);
    out.printf(
        Locale.ROOT,
        "%s: %.2f %% of %d held-out images after epoch %d%n",
        run.plan().title(),
        100 * last.accuracy(),
        run.plan().testImages(),
        run.plan().epochs());
    out.flush();
  }
}
