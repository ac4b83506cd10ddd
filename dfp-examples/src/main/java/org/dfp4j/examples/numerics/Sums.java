package org.dfp4j.examples.numerics;

/**
 * How values {@code y} relate to exact ones {@code x}.
 *
 * <pre>
 *   cosine        = Σ x·y / √(Σ x² · Σ y²)
 *   relativeError = √(Σ (x - y)² / Σ x²)
 * </pre>
 */
final class Sums {

  private double products;
  private double exactSquares;
  private double squares;
  private double differences;

  void add(double[] exact, double[] values) {
    if (exact.length != values.length) {
      throw new IllegalArgumentException(
          "values: expected " + exact.length + ", got " + values.length);
    }
    for (int i = 0; i < exact.length; i++) {
      double difference = exact[i] - values[i];
      products += exact[i] * values[i];
      exactSquares += exact[i] * exact[i];
      squares += values[i] * values[i];
      differences += difference * difference;
    }
  }

  void add(Sums other) {
    products += other.products;
    exactSquares += other.exactSquares;
    squares += other.squares;
    differences += other.differences;
  }

  double cosine() {
    return products / (Math.sqrt(exactSquares) * Math.sqrt(squares));
  }

  double relativeError() {
    return Math.sqrt(differences / exactSquares);
  }
}
