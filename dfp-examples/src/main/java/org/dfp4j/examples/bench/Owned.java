package org.dfp4j.examples.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Pointer;

/** Native objects that are closed together, the latest first. */
final class Owned implements AutoCloseable {

  private final Deque<Pointer> pointers = new ArrayDeque<>();

  <P extends Pointer> P keep(P pointer) {
    pointers.push(pointer);
    return pointer;
  }

  @Override
  public void close() {
    while (!pointers.isEmpty()) {
      pointers.pop().close();
    }
  }
}
