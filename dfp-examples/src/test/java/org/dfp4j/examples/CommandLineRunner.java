package org.dfp4j.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** Runs commands as {@code main} does, with their output caught. */
final class CommandLineRunner {

  /**
   * What a command did.
   *
   * @param status exit status
   * @param out standard output
   * @param err standard error
   */
  record Outcome(int status, String out, String err) {

    List<String> errorLines() {
      return err.lines().toList();
    }
  }

  private CommandLineRunner() {}

  static Outcome run(String... args) {
    return run(Dfp.commandLine(), args);
  }

  static Outcome run(CommandLine command, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = Dfp.run(command, args);
    return new Outcome(status, out.toString(), err.toString());
  }
}
