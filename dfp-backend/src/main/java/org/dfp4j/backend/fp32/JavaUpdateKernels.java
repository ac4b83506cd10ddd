package org.dfp4j.backend.fp32;

import java.lang.ref.Reference;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The updates in plain Java: the specification that the native ones follow bit for bit. */
public final class JavaUpdateKernels implements UpdateKernels {

  private static final int BLOCK = 16384;
  private static final int LANES = 16;

  /** Computes one element. */
  @FunctionalInterface
  private interface Element {
    void update(long index);
  }

  public JavaUpdateKernels() {}

  @Override
  public String name() {
    return "java";
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public Sums sums(INDArray x) {
    long count = Vectors.check("x", x);
    try (FloatIndexer values = Vectors.indexer(x)) {
      return IntStream.range(0, blocks(count))
          .parallel()
          .mapToObj(block -> sums(values, block, count))
          .toList()
          .stream()
          .reduce(new Sums(0, 0), JavaUpdateKernels::add);
    } finally {
      Reference.reachabilityFence(x);
    }
  }

  private static Sums sums(FloatIndexer values, int block, long count) {
    double[] absolute = new double[LANES];
    double[] squares = new double[LANES];
    long from = (long) block * BLOCK;
    for (int i = 0; i < Math.min(BLOCK, count - from); i++) {
      double value = values.get(from + i);
      absolute[i % LANES] += Math.abs(value);
      squares[i % LANES] += value * value;
    }
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int lane = 0; lane < width; lane++) {
        absolute[lane] += absolute[lane + width];
        squares[lane] += squares[lane + width];
      }
    }
    return new Sums(absolute[0], squares[0]);
  }

  private static Sums add(Sums a, Sums b) {
    return new Sums(a.absolute() + b.absolute(), a.squares() + b.squares());
  }

  @Override
  public void addPenalties(INDArray x, List<PenaltyTerm> terms, INDArray gradient) {
    long count = Vectors.check("x", x);
    Vectors.checkPair("gradient", gradient, x);
    try (FloatIndexer values = Vectors.indexer(x);
        FloatIndexer g = Vectors.indexer(gradient)) {
      forEach(
          count,
          i -> {
            float value = values.get(i);
            float sum = g.get(i);
            for (PenaltyTerm term : terms) {
              sum = term.coefficient() * (term.penalty() == Penalty.L1 ? sign(value) : value) + sum;
            }
            g.put(i, sum);
          },
          x,
          gradient);
    }
  }

  /** 0 for NaN. */
  private static float sign(float value) {
    return (value > 0 ? 1f : 0f) - (value < 0 ? 1f : 0f);
  }

  @Override
  public void sgd(INDArray gradient, float rate) {
    long count = Vectors.check("gradient", gradient);
    try (FloatIndexer g = Vectors.indexer(gradient)) {
      forEach(count, i -> g.put(i, g.get(i) * rate), gradient);
    }
  }

  @Override
  public void nesterovs(INDArray gradient, INDArray v, float rate, float momentum) {
    long count = Vectors.check("gradient", gradient);
    Vectors.checkPair("v", v, gradient);
    float lookAhead = -momentum - 1f;
    try (FloatIndexer g = Vectors.indexer(gradient);
        FloatIndexer velocity = Vectors.indexer(v)) {
      forEach(
          count,
          i -> {
            float previous = momentum * velocity.get(i);
            float next = previous - rate * g.get(i);
            velocity.put(i, next);
            g.put(i, previous + lookAhead * next);
          },
          gradient,
          v);
    }
  }

  @Override
  public void rmsProp(INDArray gradient, INDArray s, float rate, float decay, float epsilon) {
    long count = Vectors.check("gradient", gradient);
    Vectors.checkPair("s", s, gradient);
    float rest = 1f - decay;
    try (FloatIndexer g = Vectors.indexer(gradient);
        FloatIndexer squares = Vectors.indexer(s)) {
      forEach(
          count,
          i -> {
            float value = g.get(i);
            float next = squares.get(i) * decay + value * value * rest;
            squares.put(i, next);
            g.put(i, rate * value / (sqrt(next) + epsilon));
          },
          gradient,
          s);
    }
  }

  @Override
  public void adam(
      INDArray gradient,
      INDArray m,
      INDArray s,
      float rate,
      float beta1,
      float beta2,
      float epsilon) {
    long count = Vectors.check("gradient", gradient);
    Vectors.checkPair("m", m, gradient);
    Vectors.checkPair("s", s, gradient);
    float rest1 = 1f - beta1;
    float rest2 = 1f - beta2;
    try (FloatIndexer g = Vectors.indexer(gradient);
        FloatIndexer means = Vectors.indexer(m);
        FloatIndexer squares = Vectors.indexer(s)) {
      forEach(
          count,
          i -> {
            float value = g.get(i);
            float mean = beta1 * means.get(i) + value * rest1;
            float square = beta2 * squares.get(i) + value * value * rest2;
            means.put(i, mean);
            squares.put(i, square);
            g.put(i, mean * rate / (sqrt(square) + epsilon));
          },
          gradient,
          m,
          s);
    }
  }

  /** The nearest float: a square root in double, rounded again, is that. */
  private static float sqrt(float value) {
    return (float) Math.sqrt(value);
  }

  private static int blocks(long count) {
    return Math.toIntExact((count + BLOCK - 1) / BLOCK);
  }

  private static void forEach(long count, Element element, INDArray... arrays) {
    try {
      forEach(count, element);
    } finally {
      Reference.reachabilityFence(arrays);
    }
  }

  private static void forEach(long count, Element element) {
    IntStream.range(0, blocks(count))
        .parallel()
        .forEach(
            block -> {
              long from = (long) block * BLOCK;
              for (long i = from; i < Math.min(count, from + BLOCK); i++) {
                element.update(i);
              }
            });
  }
}
