package org.dfp4j.examples.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures kernels. */
@Command(
    sortOptions = false,
    name = "bench",
    description = "Measures the DFP-16 kernels beside oneDNN's.",
    subcommands = {BenchConvCommand.class, BenchFcCommand.class})
public final class BenchCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "command: expected one of "
            + String.join(", ", spec.subcommands().keySet())
            + ", got none");
  }
}
