package org.dfp4j.examples.reproducible;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** SHA-256 of numbers, in hexadecimal digits. */
final class Digest {

  private Digest() {}

  /** Of the elements' bits in order {@code c}, as they lie in memory; null is no elements. */
  @SuppressWarnings("try") // The scope is there to be closed.
  static String of(INDArray array) {
    if (array == null || array.isEmpty()) {
      return of(ByteBuffer.allocate(0));
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray copy = array.dup('c')) {
      long bytes = copy.length() * copy.dataType().width();
      ByteBuffer memory = copy.data().asNio();
      if (memory.remaining() != bytes) {
        throw new IllegalArgumentException(
            "array: expected less than 2 GiB, got %d bytes".formatted(bytes));
      }
      return of(memory);
    }
  }

  /** Of the numbers' bits. */
  static String of(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return of(bytes);
  }

  private static String of(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: expected in every JDK, got none", e);
    }
  }
}
