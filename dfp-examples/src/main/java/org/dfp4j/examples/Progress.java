package org.dfp4j.examples;

/** Where a long run says how far it is. */
public interface Progress extends AutoCloseable {

  /** Says nothing. */
  Progress SILENT =
      new Progress() {
        @Override
        public void step(String message) {
          // Nobody listens.
        }

        @Override
        public void close() {
          // Nothing is open.
        }
      };

  /** One more step is done; {@code message} is the latest news. */
  void step(String message);

  /** So many of the steps will not be done here. */
  default void leaveOut(int steps) {
    // Only matters where the number of steps is shown.
  }

  @Override
  void close();
}
