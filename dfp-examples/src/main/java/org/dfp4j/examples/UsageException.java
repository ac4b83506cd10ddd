package org.dfp4j.examples;

import java.io.Serial;

/** A mistake in what the user asked for: shown as one line, exit status 2. */
public final class UsageException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  /** The message is {@code argument: expected X, got Y}. */
  public UsageException(String argument, String expected, Object got) {
    super(argument + ": expected " + expected + ", got " + got);
  }

  /** As the other one, with the reason why. */
  public UsageException(String argument, String expected, Object got, Throwable cause) {
    super(argument + ": expected " + expected + ", got " + got, cause);
  }

  /** For messages that already have this form. */
  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
