package org.dfp4j.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.memory.MemoryStatistics;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.bench.LayerKind;
import org.dfp4j.examples.bench.ShapeList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what DFP-16 runs on. */
@Command(
    sortOptions = false,
    name = "info",
    description = "Shows the CPU, the kernels and which are used, threads, libraries and memory.")
public final class InfoCommand implements Callable<Integer> {

  private static final double MIB = 1 << 20;
  private static final String NETWORK = "resnet50";
  private static final int BATCH = 8;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  /**
   * What the command shows.
   *
   * @param kernels the DFP-16 kernels
   * @param isa instruction set in use
   * @param nd4jBackend ND4J's backend
   * @param nd4jClassifier classifier of ND4J's native jar
   * @param nd4jThreads threads of ND4J
   * @param fp32 what FP32 layers run on
   * @param versions of the libraries
   * @param memoryPool of packed tensors and scratch; null without native kernels, which alone use
   *     it, here and below
   * @param scratchBound bytes that a convolution of ResNet-50 takes at most
   */
  record Info(
      KernelReport kernels,
      String isa,
      String nd4jBackend,
      String nd4jClassifier,
      int nd4jThreads,
      String fp32,
      Map<String, String> versions,
      MemoryStatistics memoryPool,
      Long scratchBound) {}

  @Override
  public Integer call() throws JsonProcessingException {
    KernelReport kernels = Machine.kernels();
    Info info =
        new Info(
            kernels,
            Machine.isa(),
            Machine.backend(),
            Machine.nd4jClassifier(),
            Machine.threads(),
            Machine.baseline(),
            Versions.all(),
            kernels.missing().isEmpty() ? MemoryPool.shared().statistics() : null,
            scratchBound());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
      out.println(mapper.writeValueAsString(info));
    } else {
      print(info, out);
    }
    return 0;
  }

  private static Long scratchBound() {
    if (!(KernelProvider.kernels() instanceof NativeKernels kernels)) {
      return null;
    }
    return ShapeList.of(LayerKind.CONVOLUTION, "network", NETWORK).shapes(BATCH).stream()
        .mapToLong(kernels::scratchBytes)
        .max()
        .orElseThrow();
  }

  private static void print(Info info, PrintWriter out) {
    KernelReport kernels = info.kernels();
    line(out, "CPU", kernels.cpu());
    line(out, "DFP-16 kernels", kernels.used() + ", " + kernels.threads() + " threads");
    if (kernels.missing().isEmpty()) {
      line(
          out,
          "kernel rows",
          kernels.rows().stream().map(InfoCommand::row).collect(Collectors.joining(", ")));
    } else {
      line(out, "no native kernels", kernels.missing());
    }
    line(
        out,
        "ND4J",
        "%s, %s, %d threads"
            .formatted(info.nd4jBackend(), info.nd4jClassifier(), info.nd4jThreads()));
    line(out, "FP32 layers", info.fp32());
    line(
        out,
        "versions",
        info.versions().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", ")));
    if (info.memoryPool() != null) {
      printPool(info.memoryPool(), out);
    }
    if (info.scratchBound() != null) {
      printScratch(info, out);
    }
  }

  private static void printPool(MemoryStatistics pool, PrintWriter out) {
    line(
        out,
        "memory pool",
        "%s in use in %d blocks, %s cached, %s at most so far, limit %s"
            .formatted(
                mebibytes(pool.inUse()),
                pool.blocks(),
                mebibytes(pool.cached()),
                mebibytes(pool.peak()),
                mebibytes(pool.limit())));
  }

  private static void printScratch(Info info, PrintWriter out) {
    line(
        out,
        "scratch",
        "%s in use, %s at most so far; a convolution of %s at batch %d takes at most %s until it ends"
            .formatted(
                mebibytes(info.memoryPool().scratch()),
                mebibytes(info.memoryPool().scratchPeak()),
                NETWORK,
                BATCH,
                mebibytes(info.scratchBound())));
  }

  private static String row(KernelReport.Row row) {
    String state = row.used() ? "used" : row.runs() ? "runs here" : "does not run here";
    return row.isa() + " (" + state + ")";
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.0f MiB", bytes / MIB);
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf(Locale.ROOT, "%-18s %s%n", name, value);
  }
}
