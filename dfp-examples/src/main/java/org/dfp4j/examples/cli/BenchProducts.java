package org.dfp4j.examples.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.bench.BenchReport;
import org.dfp4j.examples.bench.BenchRun;
import org.dfp4j.examples.bench.BenchSettings;
import org.dfp4j.examples.bench.BenchTable;
import org.dfp4j.examples.bench.Direction;
import org.dfp4j.examples.bench.Implementation;
import org.dfp4j.examples.bench.Inputs;
import org.dfp4j.examples.bench.LayerKind;
import org.dfp4j.examples.bench.ProductBench;
import org.dfp4j.examples.bench.ShapeList;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the benchmarks of all kinds of layers share: options, and how they run. */
abstract class BenchProducts implements Callable<Integer> {

  private static final long SEED = 1;

  @Option(
      names = "--layers",
      paramLabel = "NAME",
      split = ",",
      description = "Only the shapes of these names, as the shape list has them. Default: all.")
  private List<String> layers;

  @Option(
      names = "--passes",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "fwd,bwdd,bwdw",
      description = "Some of fwd, bwdd (data), bwdw (weights). Default: all.")
  private List<String> passes;

  @Option(
      names = "--implementations",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "dfp16,fp32,bf16",
      description =
          "dfp16, and fp32 or bf16 of oneDNN beside it. Default: all; bf16 where the CPU has it.")
  private List<String> implementations;

  @Option(
      names = "--inputs",
      paramLabel = "NAME",
      defaultValue = "training",
      description =
          "training: ReLU of a normal distribution, weights and gradients normal; uniform:"
              + " between -1 and 1; full-scale: the largest mantissas. Default: ${DEFAULT-VALUE}.")
  private String inputs;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "2",
      description = "Threads of each implementation; several numbers for a series. Default: 2.")
  private List<Integer> threads;

  @Option(
      names = "--isa",
      paramLabel = "NAME",
      description =
          "amxint8, avx512vnni or avx2, which cap oneDNN likewise. Default: the best that runs"
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
          "Batch size of the comparison with the Java kernels before the timing. Default:"
              + " ${DEFAULT-VALUE}.")
  private int checkBatch;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all numbers as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  abstract LayerKind kind();

  /** A network's name or a file of shapes. */
  abstract String model();

  /** Sizes of the batch. */
  abstract List<Integer> batches();

  @Override
  public final Integer call() throws IOException {
    BenchSettings settings =
        new BenchSettings(
            kind(),
            numbers("--batch", batches()),
            numbers("--threads", threads),
            KernelRows.row("--isa", isa, Machine.kernels()),
            named("--passes", passes, Direction.class, Direction::label),
            implementations(),
            atLeastOne("--repetitions", repetitions),
            atLeastOne("--check-batch", checkBatch),
            inputs(),
            SEED);
    ShapeList shapes = ShapeList.of(kind(), "--model", model());
    if (layers != null) {
      shapes = shapes.only("--layers", layers);
    }
    if (json != null) {
      OutputFiles.checkFile("--json", json);
    }
    BenchReport report = measure(settings, shapes);
    spec.commandLine().getOut().println(BenchTable.of(report));
    if (json != null) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(json.toFile(), report);
    }
    return 0;
  }

  private static BenchReport measure(BenchSettings settings, ShapeList shapes) {
    ProductBench bench = new ProductBench(settings);
    double load = ProductBench.load();
    try (Progress progress = new ConsoleProgress("bench", bench.steps(shapes))) {
      List<BenchRun> runs = bench.run(shapes, progress);
      return bench.report(shapes, Machine.kernels().cpu(), load, runs);
    }
  }

  private Set<Implementation> implementations() {
    Set<Implementation> asked =
        named("--implementations", implementations, Implementation.class, Implementation::key);
    if (!asked.contains(Implementation.DFP16)) {
      throw new UsageException(
          "--implementations", "dfp16 among them", String.join(",", implementations));
    }
    return asked;
  }

  private Inputs inputs() {
    return named("--inputs", List.of(inputs), Inputs.class, Inputs::key).iterator().next();
  }

  private static <E extends Enum<E>> Set<E> named(
      String argument, List<String> names, Class<E> type, Function<E, String> key) {
    Set<E> values = EnumSet.noneOf(type);
    for (String name : names) {
      E[] all = type.getEnumConstants();
      values.add(
          Arrays.stream(all)
              .filter(value -> key.apply(value).equals(name.toLowerCase(Locale.ROOT)))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          argument,
                          "one of " + Arrays.stream(all).map(key).collect(Collectors.joining(", ")),
                          name)));
    }
    return values;
  }

  private static List<Integer> numbers(String argument, List<Integer> values) {
    values.forEach(value -> atLeastOne(argument, value));
    if (new HashSet<>(values).size() < values.size()) {
      throw new UsageException(argument, "each number once", values);
    }
    return values;
  }

  private static int atLeastOne(String argument, int value) {
    if (value < 1) {
      throw new UsageException(argument, ">= 1", value);
    }
    return value;
  }
}
