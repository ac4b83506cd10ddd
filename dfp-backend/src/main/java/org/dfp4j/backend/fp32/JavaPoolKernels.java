package org.dfp4j.backend.fp32;

import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.dfp4j.backend.fp32.Pooling.Kind;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pooling in plain Java: the specification that the native kernels follow bit for bit. */
public final class JavaPoolKernels extends AbstractPoolKernels {

  public JavaPoolKernels() {}

  /** Takes one window, by its plane and place in it. */
  @FunctionalInterface
  private interface WindowConsumer {
    void accept(long plane, int y, int x);
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  void densePool(Pooling how, long planes, INDArray src, INDArray dst) {
    try (FloatIndexer from = Vectors.indexer(src);
        FloatIndexer to = Vectors.indexer(dst)) {
      forEachWindow(
          how,
          planes,
          (plane, y, x) -> {
            float value =
                how.kind() == Kind.MAX
                    ? max(how, from, plane, y, x)
                    : sum(how, from, plane, y, x) / divisor(how, y, x);
            to.put(dstIndex(how, plane, y, x), value);
          });
    }
  }

  @Override
  void densePoolBackward(
      Pooling how, long planes, INDArray src, INDArray diffDst, INDArray diffSrc) {
    diffSrc.assign(0);
    try (FloatIndexer values = Vectors.indexer(src);
        FloatIndexer from = Vectors.indexer(diffDst);
        FloatIndexer to = Vectors.indexer(diffSrc)) {
      forEachWindow(
          how,
          planes,
          (plane, y, x) -> {
            float value = from.get(dstIndex(how, plane, y, x));
            if (how.kind() == Kind.MAX) {
              add(to, cellOfMax(how, values, plane, y, x), value);
            } else {
              float share = value / divisor(how, y, x);
              forEachCell(how, plane, y, x, cell -> add(to, cell, share));
            }
          });
    }
  }

  private static float max(Pooling how, FloatIndexer values, long plane, int y, int x) {
    float[] best = {-Float.MAX_VALUE};
    forEachCell(
        how,
        plane,
        y,
        x,
        cell -> best[0] = values.get(cell) > best[0] ? values.get(cell) : best[0]);
    return best[0];
  }

  private static float sum(Pooling how, FloatIndexer values, long plane, int y, int x) {
    float[] sum = new float[1];
    forEachCell(how, plane, y, x, cell -> sum[0] += values.get(cell));
    return sum[0];
  }

  /** The first cell that holds the maximum; the first of all where none does. */
  private static long cellOfMax(Pooling how, FloatIndexer values, long plane, int y, int x) {
    float max = max(how, values, plane, y, x);
    long[] cells = {-1, -1};
    forEachCell(
        how,
        plane,
        y,
        x,
        cell -> {
          cells[0] = cells[0] < 0 ? cell : cells[0];
          boolean first = cells[1] < 0 && values.get(cell) == max && max > -Float.MAX_VALUE;
          cells[1] = first ? cell : cells[1];
        });
    return cells[1] < 0 ? cells[0] : cells[1];
  }

  private static int divisor(Pooling how, int y, int x) {
    if (how.kind() == Kind.AVERAGE_OF_WINDOW) {
      return how.kh() * how.kw();
    }
    int[] count = new int[1];
    forEachCell(how, 0, y, x, cell -> count[0]++);
    return count[0];
  }

  private static long dstIndex(Pooling how, long plane, int y, int x) {
    return (plane * how.oh() + y) * how.ow() + x;
  }

  private static void add(FloatIndexer to, long cell, float value) {
    to.put(cell, to.get(cell) + value);
  }

  /** Planes in parallel, windows of a plane in row order. */
  private static void forEachWindow(Pooling how, long planes, WindowConsumer consumer) {
    IntStream.range(0, Math.toIntExact(planes))
        .parallel()
        .forEach(
            plane -> {
              for (int y = 0; y < how.oh(); y++) {
                for (int x = 0; x < how.ow(); x++) {
                  consumer.accept(plane, y, x);
                }
              }
            });
  }

  /** Indices in the array of the cells of a window, in row order. */
  private static void forEachCell(Pooling how, long plane, int y, int x, LongConsumer consumer) {
    int top = y * how.sh() - how.ph();
    int left = x * how.sw() - how.pw();
    for (int row = Math.max(top, 0); row < Math.min(top + how.kh(), how.ih()); row++) {
      for (int column = Math.max(left, 0); column < Math.min(left + how.kw(), how.iw()); column++) {
        consumer.accept((plane * how.ih() + row) * how.iw() + column);
      }
    }
  }
}
