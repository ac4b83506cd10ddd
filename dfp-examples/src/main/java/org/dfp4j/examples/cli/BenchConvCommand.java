package org.dfp4j.examples.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.bench.ConvBench;
import org.dfp4j.examples.bench.ConvReport;
import org.dfp4j.examples.bench.ConvTable;
import org.dfp4j.examples.bench.LayerResult;
import org.dfp4j.examples.bench.OwnProcess;
import org.dfp4j.examples.bench.ShapeList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the convolutions of a network. */
@Command(
    sortOptions = false,
    name = "conv",
    description = {
      "Measures the convolutions of a network, all three passes: DFP-16 beside oneDNN's FP32 and BF16.",
      "DFP-16 is first compared with the Java kernels, bit for bit."
    })
public final class BenchConvCommand implements Callable<Integer> {

  private static final long SEED = 1;

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE",
      defaultValue = "resnet50",
      description =
          "resnet50, resnet50-zoo (as the DL4J zoo builds it), vgg16, alexnet, googlenet, or a file"
              + " of shapes. Default: ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Images. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of each implementation. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--isa",
      paramLabel = "NAME",
      description =
          "amxint8, avx512vnni or avx2, which caps oneDNN at AVX2 too. Default: the best that runs"
              + " here.")
  private String isa;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      defaultValue = "15",
      description = "Repetitions of which the median is taken. Default: ${DEFAULT-VALUE}.")
  private int repetitions;

  @Option(
      names = "--check-batch",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Images that are compared with the Java kernels before the timing. Default:"
              + " ${DEFAULT-VALUE}.")
  private int checkBatch;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all numbers as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    checkAtLeastOne("--batch", batch);
    checkAtLeastOne("--threads", threads);
    checkAtLeastOne("--repetitions", repetitions);
    checkAtLeastOne("--check-batch", checkBatch);
    ShapeList shapes = ShapeList.of("--model", model);
    if (json != null) {
      OutputFiles.checkFile("--json", json);
    }
    KernelReport kernels = Machine.kernels();
    String row = row(kernels);
    if (!OwnProcess.has(threads)) {
      return OwnProcess.run(threads, spec.root().commandLine().getParseResult().originalArgs());
    }
    ConvReport report = measure(shapes, kernels.cpu(), row);
    spec.commandLine().getOut().println(ConvTable.of(report));
    if (json != null) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(json.toFile(), report);
    }
    return 0;
  }

  private ConvReport measure(ShapeList shapes, String cpu, String row) {
    ConvBench.Settings settings =
        new ConvBench.Settings(batch, threads, row, repetitions, checkBatch, SEED);
    ConvBench bench = new ConvBench(settings);
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    try (Progress progress = new ConsoleProgress("bench", ConvBench.steps(shapes))) {
      List<LayerResult> layers = bench.run(shapes, progress);
      return bench.report(shapes, cpu, load, layers);
    }
  }

  private String row(KernelReport kernels) {
    List<String> running =
        kernels.rows().stream().filter(KernelReport.Row::runs).map(KernelReport.Row::isa).toList();
    if (running.isEmpty()) {
      throw new UsageException(
          "--isa", "native kernels that run here", "none: " + kernels.missing());
    }
    String row = isa == null ? running.get(0) : isa;
    if (!running.contains(row)) {
      throw new UsageException("--isa", "one of " + String.join(", ", running), row);
    }
    return row;
  }

  private static void checkAtLeastOne(String argument, int value) {
    if (value < 1) {
      throw new UsageException(argument, ">= 1", value);
    }
  }
}
