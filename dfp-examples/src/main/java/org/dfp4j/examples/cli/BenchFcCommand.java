package org.dfp4j.examples.cli;

import java.util.List;
import org.dfp4j.examples.bench.LayerKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the fully connected layers of a network. */
@Command(
    sortOptions = false,
    name = "fc",
    description = {
      "Measures the fully connected layers of a network, all three passes: DFP-16 beside oneDNN's FP32 and BF16.",
      "DFP-16 is first compared with the Java kernels, bit for bit."
    })
public final class BenchFcCommand extends BenchProducts {

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE",
      defaultValue = "vgg16",
      description = "vgg16, alexnet, resnet50, or a file of shapes. Default: ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "8,64",
      description = "Rows; several numbers for a series. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Override
  LayerKind kind() {
    return LayerKind.FULLY_CONNECTED;
  }

  @Override
  String model() {
    return model;
  }

  @Override
  List<Integer> batches() {
    return batches;
  }
}
