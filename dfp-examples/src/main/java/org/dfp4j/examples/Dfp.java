package org.dfp4j.examples;

import java.io.PrintWriter;
import org.dfp4j.examples.cli.BenchCommand;
import org.dfp4j.examples.cli.CompareCommand;
import org.dfp4j.examples.cli.FidelityCommand;
import org.dfp4j.examples.cli.GradientsCommand;
import org.dfp4j.examples.cli.InfoCommand;
import org.dfp4j.examples.cli.PlanCommand;
import org.dfp4j.examples.cli.StudyCommand;
import org.dfp4j.examples.cli.TrainCommand;
import org.dfp4j.examples.cli.VerifyReproducibleCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line.
 *
 * <p>Exit status: 0; 1 where something failed; 2 where the input is wrong; 130 after Ctrl-C.
 */
@Command(
    name = "dfp",
    description = "Trains Deeplearning4j networks in DFP-16 integer arithmetic and in FP32.",
    mixinStandardHelpOptions = true,
    versionProvider = Dfp.Version.class,
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    subcommands = {
      CompareCommand.class,
      TrainCommand.class,
      StudyCommand.class,
      PlanCommand.class,
      BenchCommand.class,
      FidelityCommand.class,
      GradientsCommand.class,
      VerifyReproducibleCommand.class,
      InfoCommand.class
    })
public final class Dfp implements Runnable {

  /** Exit status where something failed. */
  static final int FAILED = 1;

  /** Exit status where the input is wrong. */
  static final int WRONG_INPUT = 2;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where an error came from.")
  private boolean stacktrace;

  @Spec private CommandSpec spec;

  /** Prints {@code dfp4j} and the version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"dfp4j " + Versions.own()};
    }
  }

  /** Runs a command and ends the process with its exit status. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    System.exit(run(commandLine(), args));
  }

  /** Runs a command. */
  static int run(CommandLine command, String... args) {
    try {
      return command.execute(args);
    } catch (Error e) {
      return ((Dfp) command.getCommand()).failed(e, command);
    }
  }

  /** The parser with its error handling. */
  static CommandLine commandLine() {
    Dfp dfp = new Dfp();
    return new CommandLine(dfp)
        .setParameterExceptionHandler(Dfp::wrongParameter)
        .setExecutionExceptionHandler((e, command, parsed) -> dfp.failed(e, command))
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "command: expected one of "
            + String.join(", ", spec.subcommands().keySet())
            + ", got none");
  }

  private static int wrongParameter(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    say(command, name, e.getMessage() + "; see " + name + " --help");
    return WRONG_INPUT;
  }

  private int failed(Throwable e, CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    UsageException usage = usageException(e);
    if (usage != null) {
      say(command, name, usage.getMessage());
    } else {
      String hint = stacktrace ? "" : " (--stacktrace shows where)";
      say(command, name, "failed: " + e + hint);
    }
    if (stacktrace) {
      e.printStackTrace(command.getErr());
    }
    return usage != null ? WRONG_INPUT : FAILED;
  }

  private static UsageException usageException(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UsageException usage) {
        return usage;
      }
    }
    return null;
  }

  private static void say(CommandLine command, String name, String message) {
    PrintWriter err = command.getErr();
    err.println(name + ": " + message.replaceAll("\\s*\\R\\s*", " "));
    err.flush();
  }
}
