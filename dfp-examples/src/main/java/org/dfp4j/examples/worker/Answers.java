package org.dfp4j.examples.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/** The child's end of a {@link ChildProcess}: answers are lines of JSON on standard output. */
public final class Answers {

  private final ObjectMapper json = new ObjectMapper();
  private final PrintStream lines;

  private Answers(PrintStream lines) {
    this.lines = lines;
  }

  /** Takes standard output for answers; what libraries print goes to standard error from now on. */
  public static Answers takeOverStandardOutput() {
    PrintStream lines = System.out;
    System.setOut(System.err);
    return new Answers(lines);
  }

  /** Sends a value, which the parent reads with {@link ChildProcess#answer}. */
  public void send(Object value) {
    write(new Answer(json.valueToTree(value), null));
  }

  /** Sends the message of an error, with which the parent's {@code answer} fails. */
  public void fail(Throwable e) {
    write(new Answer(null, e.getMessage() == null ? e.toString() : e.getMessage()));
  }

  private void write(Answer answer) {
    try {
      lines.println(json.writeValueAsString(answer));
      lines.flush();
    } catch (JsonProcessingException unlikely) {
      throw new UncheckedIOException("cannot answer: " + unlikely.getMessage(), unlikely);
    }
  }
}
