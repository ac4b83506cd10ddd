package org.dfp4j.examples.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures kernels and networks. */
@Command(
    sortOptions = false,
    name = "bench",
    description = "Measures products of layers and whole steps: DFP-16 beside FP32.",
    subcommands = {BenchConvCommand.class, BenchFcCommand.class, BenchStepCommand.class})
public final class BenchCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "command: expected conv, fc or step, got none");
  }
}
