package org.dfp4j.examples.cli;

import picocli.CommandLine.Option;

/** The option that says which layers run in DFP-16, and how. */
final class PolicyOption {

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      defaultValue = "dfp16",
      description =
          "dfp16: all convolution, fully connected and output layers, 15 magnitude bits; paper: 13"
              + " bits, first convolution and classifier in FP32. Default: ${DEFAULT-VALUE}.")
  String name;
}
