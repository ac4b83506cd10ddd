package org.dfp4j.backend.nd4j;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A process that makes arrays and lets go of them. */
final class Garbage {

  static final int ARRAYS = 180;
  static final long ELEMENTS = 4L << 20;
  static final String PEAK = "VmHWM:";

  private Garbage() {}

  /** Prints the most memory that the process had, in KiB. */
  public static void main(String[] args) throws IOException {
    for (int i = 0; i < ARRAYS; i++) {
      INDArray array = Nd4j.createUninitialized(DataType.FLOAT, ELEMENTS);
      array.assign(i);
    }
    Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.UTF_8).stream()
        .filter(line -> line.startsWith(PEAK))
        .forEach(System.out::println);
  }
}
