package org.dfp4j.examples.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Writes small files in the format of MNIST. */
public final class IdxFiles {

  private static final int IMAGES = 2051;
  private static final int LABELS = 2049;

  private IdxFiles() {}

  /** Images of {@code side × side} pixels; image i is all {@code 10 · i}, and of class i. */
  static void write(Path folder, String prefix, int count, int side) throws IOException {
    byte[] pixels = new byte[count * side * side];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      Arrays.fill(pixels, i * side * side, (i + 1) * side * side, (byte) (10 * i));
      labels[i] = (byte) i;
    }
    images(folder.resolve(prefix + "-images-idx3-ubyte.gz"), count, side, pixels);
    labels(folder.resolve(prefix + "-labels-idx1-ubyte.gz"), labels);
  }

  /** Images of {@code side × side} pixels. */
  public static void images(Path file, int count, int side, byte[] pixels) throws IOException {
    gzip(file, pixels, IMAGES, count, side, side);
  }

  /** A class for each image. */
  public static void labels(Path file, byte[] labels) throws IOException {
    gzip(file, labels, LABELS, labels.length);
  }

  private static void gzip(Path file, byte[] content, int... header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
      for (int number : header) {
        out.writeInt(number);
      }
      out.write(content);
    }
    Files.write(file, bytes.toByteArray());
  }
}
