package org.dfp4j.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.DirectShapeInfoProvider;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Descriptions of shapes are ND4J's, and each is made once. */
class ShapeCacheTest {

  private final ShapeCache cache = new ShapeCache();

  /** The arguments of one description. */
  private record Shape(
      List<Long> shape,
      List<Long> stride,
      long elementWiseStride,
      char order,
      DataType type,
      boolean empty) {

    Pair<DataBuffer, long[]> of(DirectShapeInfoProvider provider) {
      return provider.createShapeInformation(
          longs(shape), longs(stride), elementWiseStride, order, type, empty);
    }

    private static long[] longs(List<Long> values) {
      return values.stream().mapToLong(Long::longValue).toArray();
    }
  }

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(List.of(2L, 3L), List.of(3L, 1L), 1, 'c', DataType.FLOAT, false),
          new Shape(List.of(3L, 2L), List.of(3L, 1L), 1, 'c', DataType.FLOAT, false),
          new Shape(List.of(2L, 3L), List.of(1L, 2L), 1, 'c', DataType.FLOAT, false),
          new Shape(List.of(2L, 3L), List.of(3L, 1L), 0, 'c', DataType.FLOAT, false),
          new Shape(List.of(2L, 3L), List.of(3L, 1L), 1, 'f', DataType.FLOAT, false),
          new Shape(List.of(2L, 3L), List.of(3L, 1L), 1, 'c', DataType.DOUBLE, false),
          new Shape(List.of(2L, 3L), List.of(3L, 1L), 1, 'c', DataType.INT32, false),
          new Shape(List.of(2L, 3L), List.of(3L, 1L), 1, 'c', DataType.INT64, false),
          new Shape(List.of(2L, 3L, 1L), List.of(3L, 1L, 1L), 1, 'c', DataType.FLOAT, false),
          new Shape(List.of(0L, 3L), List.of(3L, 1L), 1, 'c', DataType.FLOAT, true),
          new Shape(List.of(6L), List.of(1L), 1, 'c', DataType.FLOAT, false),
          new Shape(List.of(), List.of(), 1, 'c', DataType.FLOAT, false),
          new Shape(List.of(), List.of(), 1, 'c', DataType.FLOAT, true));

  @Test
  void isTheProviderOfTheProcess() {
    assertInstanceOf(ShapeCache.class, Nd4j.getShapeInfoProvider());
  }

  @Test
  void describesAsNd4jDoes() {
    for (Shape shape : SHAPES) {
      Pair<DataBuffer, long[]> expected = shape.of(new DirectShapeInfoProvider());
      Pair<DataBuffer, long[]> got = shape.of(cache);
      assertArrayEquals(expected.getSecond(), got.getSecond(), shape.toString());
      assertArrayEquals(expected.getFirst().asLong(), got.getFirst().asLong(), shape.toString());
      assertTrue(got.getFirst().isConstant(), shape.toString());
    }
  }

  @Test
  void makesEachOnceAndTellsAllApart() {
    List<DataBuffer> made = new ArrayList<>();
    SHAPES.forEach(shape -> made.add(shape.of(cache).getFirst()));
    for (int i = 0; i < SHAPES.size(); i++) {
      assertSame(made.get(i), SHAPES.get(i).of(cache).getFirst(), SHAPES.get(i).toString());
      for (int j = 0; j < i; j++) {
        assertNotSame(made.get(i), made.get(j), SHAPES.get(i) + " and " + SHAPES.get(j));
      }
    }
  }

  @Test
  void viewsOfOneShapeShareTheirDescription() {
    INDArray x = Nd4j.rand(DataType.FLOAT, 40);
    INDArray first = x.get(NDArrayIndex.interval(3, 17));
    INDArray second = x.get(NDArrayIndex.interval(20, 34));
    assertSame(first.shapeInfoDataBuffer(), second.shapeInfoDataBuffer());
    second.assign(first);
    assertEquals(first, second);
    assertArrayEquals(first.toFloatVector(), x.get(NDArrayIndex.interval(20, 34)).toFloatVector());
  }

  @Test
  void anArrayThatIsReshapedLeavesOthersAlone() {
    INDArray x = Nd4j.rand(DataType.FLOAT, 2, 3);
    INDArray y = Nd4j.rand(DataType.FLOAT, 2, 3);
    assertSame(x.shapeInfoDataBuffer(), y.shapeInfoDataBuffer());
    x.setOrder('f');
    x.setShapeAndStride(new int[] {3, 2}, new int[] {2, 1});
    assertArrayEquals(new long[] {2, 3}, y.shape());
    assertArrayEquals(new long[] {3, 1}, y.stride());
    assertEquals('c', y.ordering());
    assertArrayEquals(new long[] {3, 2}, x.shape());
  }

  @Test
  void beginsAgainWhenItIsFull() {
    Pair<DataBuffer, long[]> first = SHAPES.get(0).of(cache);
    for (long i = 1; i <= ShapeCache.MAX_SHAPES; i++) {
      new Shape(List.of(i), List.of(1L), 1, 'c', DataType.FLOAT, false).of(cache);
    }
    assertTrue(cache.size() <= ShapeCache.MAX_SHAPES, "size " + cache.size());
    Pair<DataBuffer, long[]> again = SHAPES.get(0).of(cache);
    assertNotSame(first.getFirst(), again.getFirst());
    assertArrayEquals(first.getSecond(), again.getSecond());
  }

  @Test
  void threadsGetTheSameDescriptions() {
    IntStream.range(0, 2000)
        .parallel()
        .forEach(
            i -> {
              Shape shape =
                  new Shape(
                      List.of(i % 50 + 1L, 2L), List.of(2L, 1L), 1, 'c', DataType.FLOAT, false);
              assertEquals(i % 50 + 1L, shape.of(cache).getSecond()[1]);
            });
    assertEquals(50, cache.size());
  }
}
