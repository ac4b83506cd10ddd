package org.dfp4j.examples.cli;

import java.util.List;
import org.dfp4j.examples.bench.LayerKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the convolutions of a network. */
@Command(
    sortOptions = false,
    name = "conv",
    description = {
      "Measures the convolutions of a network, all three passes: DFP-16 beside oneDNN's FP32 and BF16.",
      "DFP-16 is first compared with the Java kernels, bit for bit."
    })
public final class BenchConvCommand extends BenchProducts {

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE",
      defaultValue = "resnet50",
      description =
          "resnet50, resnet50-zoo (as the DL4J zoo builds it), vgg16, alexnet, googlenet, edge"
              + " (small maps, few channels, odd strides), or a file of shapes. Default:"
              + " ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "8",
      description = "Images; several numbers for a series. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Override
  LayerKind kind() {
    return LayerKind.CONVOLUTION;
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
