package org.dfp4j.backend.nd4j;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.cpu.nativecpu.DirectShapeInfoProvider;

/**
 * ND4J's descriptions of shapes, each made once. ND4J 1.0.0-M2.1 looks up only those that are asked
 * for with {@code extras}; those of new arrays and views it makes anew every time, by native calls,
 * about 3600 of them in a training step of ResNet-50. The native memory that they describe is
 * constant and never freed, in ND4J as here.
 */
public final class ShapeCache extends DirectShapeInfoProvider {

  /** Where it begins again. ResNet-50 has 150. */
  static final int MAX_SHAPES = 1 << 12;

  private final ConcurrentMap<Key, Pair<DataBuffer, long[]>> shapes = new ConcurrentHashMap<>();
  private final MemoryLimit memory = new MemoryLimit();

  @Override
  public Pair<DataBuffer, long[]> createShapeInformation(
      long[] shape,
      long[] stride,
      long elementWiseStride,
      char order,
      DataType dataType,
      boolean empty) {
    Key key = Key.of(shape, stride, elementWiseStride, order, dataType, empty);
    Pair<DataBuffer, long[]> known = shapes.get(key);
    if (known != null) {
      memory.check();
      return known;
    }
    if (shapes.size() >= MAX_SHAPES) {
      shapes.clear();
    }
    Pair<DataBuffer, long[]> made =
        super.createShapeInformation(shape, stride, elementWiseStride, order, dataType, empty);
    shapes.put(key, made);
    return made;
  }

  @Override
  public void purgeCache() {
    super.purgeCache();
    shapes.clear();
  }

  int size() {
    return shapes.size();
  }

  /** All that a description depends on. */
  private static final class Key {

    private final long[] values;
    private final int hash;

    private Key(long[] values) {
      this.values = values;
      this.hash = Arrays.hashCode(values);
    }

    static Key of(
        long[] shape,
        long[] stride,
        long elementWiseStride,
        char order,
        DataType type,
        boolean empty) {
      long[] values = new long[5 + shape.length + stride.length];
      values[0] = elementWiseStride;
      values[1] = order;
      values[2] = type.toInt();
      values[3] = empty ? 1 : 0;
      values[4] = shape.length;
      System.arraycopy(shape, 0, values, 5, shape.length);
      System.arraycopy(stride, 0, values, 5 + shape.length, stride.length);
      return new Key(values);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(values, key.values);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
