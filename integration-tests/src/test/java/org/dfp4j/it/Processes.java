package org.dfp4j.it;

/** What a test that starts a process or a compiler needs to know of its own process. */
final class Processes {

  private Processes() {}

  /** The class path of the tests. Surefire starts this process with a jar that only names it. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
