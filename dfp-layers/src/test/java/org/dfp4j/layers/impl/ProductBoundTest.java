package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.dfp4j.layers.Dfp16;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.conf.LayerPrecision;
import org.dfp4j.layers.impl.Kinds.Case;
import org.dfp4j.layers.impl.Kinds.Run;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The three products against FP64, each element within its own bound.
 *
 * <p>Quantization moves a value a by at most {@code da}: half a step {@code 2^E} when rounding to
 * nearest, less than one step in the other modes and where the largest mantissa saturates, and
 * nothing where a is 0. A sum of products {@code P(a, b)}, linear in both, is then off by
 *
 * <pre>
 *   |P(a', b') - P(a, b)| ≤ P(|a|, db) + P(da, |b|) + P(da, db)
 * </pre>
 *
 * where P runs over the sizes instead of the values; FP64 computes it like the product itself. The
 * result is rounded to FP32 once: at most {@code 2^-24} of it.
 */
class ProductBoundTest {

  private static final double U = Math.scalb(1.0, -24);

  /** A product computed in FP64 from FP64 numbers has an error too, of a few 2^-53. */
  private static final double FP64 = Math.scalb(1.0, -45);

  /** A layer and how it rounds. */
  private record Setting(Case layer, LayerPrecision precision) {
    @Override
    public String toString() {
      return layer.name() + ", " + precision.src() + ", headroom " + precision.headroom();
    }
  }

  /** The tensors of a layer, or the errors of their elements. */
  private record Tensors(INDArray weights, INDArray src, INDArray diffDst) {

    Tensors map(UnaryOperator<INDArray> change) {
      return new Tensors(change.apply(weights), change.apply(src), change.apply(diffDst));
    }
  }

  /** An array for each product. */
  private record Products(INDArray dst, INDArray diffSrc, INDArray diffWeights) {

    static Products of(ConvolutionLayer conf, Tensors x, DataType type) {
      Run run = Run.of(conf, x.weights(), x.src(), x.diffDst(), type);
      return new Products(
          run.output().castTo(DataType.DOUBLE),
          run.diffSrc().castTo(DataType.DOUBLE),
          run.gradients().castTo(DataType.DOUBLE));
    }

    Products scaled(double factor) {
      return new Products(dst.mul(factor), diffSrc.mul(factor), diffWeights.mul(factor));
    }

    List<INDArray> all() {
      return List.of(dst, diffSrc, diffWeights);
    }
  }

  static List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (Case layer : Kinds.all()) {
      // A separable convolution is two products, whose errors add up.
      boolean one =
          layer.name().contains("no bias")
              && (layer.name().contains(" k3 s2") || layer.name().contains(" k2 s2"))
              && !layer.name().startsWith("separable")
              && !layer.name().contains("NHWC")
              && !layer.name().contains("NDHWC");
      if (one) {
        settings.add(new Setting(layer, LayerPrecision.DEFAULT));
      }
    }
    Case first = settings.get(0).layer();
    for (Rounding rounding : Rounding.values()) {
      for (int headroom = 0; headroom <= 2; headroom++) {
        settings.add(
            new Setting(
                first,
                PrecisionPolicy.builder()
                    .rounding(rounding)
                    .headroom(headroom)
                    .seed(Nets.SEED)
                    .build()
                    .precision()));
      }
    }
    return settings;
  }

  private static Tensors random(Case layer) {
    Random random = new Random(Nets.SEED);
    return new Tensors(
        Kinds.gaussian(random, 1, Kinds.parameters(layer.conf())),
        Kinds.gaussian(random, layer.src()),
        Kinds.gaussian(random, Kinds.outputShape(layer)));
  }

  /** Changes each element, in FP64. */
  private static INDArray each(INDArray x, UnaryOperator<Double> change) {
    INDArray changed = Nd4j.create(DataType.DOUBLE, x.shape());
    for (long i = 0; i < x.length(); i++) {
      changed.putScalar(i, change.apply(x.getDouble(i)));
    }
    return changed;
  }

  private static Quantizer quantizer(LayerPrecision precision) {
    return new Quantizer(precision.src(), precision.headroom(), 0);
  }

  private static int exponent(INDArray x, LayerPrecision precision) {
    return quantizer(precision).exponent(x.amaxNumber().floatValue());
  }

  /** By how much quantization moves each element at most. */
  private static INDArray errors(INDArray x, LayerPrecision precision) {
    double step = Math.scalb(1.0, exponent(x, precision));
    double limit = (quantizer(precision).limit() + 0.5) * step;
    boolean nearest =
        precision.src() == Rounding.NEAREST_EVEN || precision.src() == Rounding.NEAREST_AWAY;
    return each(x, v -> v == 0 ? 0.0 : nearest && Math.abs(v) < limit ? step / 2 : step);
  }

  private static Products bounds(Setting setting, Tensors x, Products exact) {
    ConvolutionLayer conf = setting.layer().conf();
    Tensors sizes = x.map(t -> each(t, Math::abs));
    Tensors errors = x.map(t -> errors(t, setting.precision()));
    Products weightErrors = fp64(conf, new Tensors(errors.weights(), sizes.src(), sizes.diffDst()));
    Products dataErrors = fp64(conf, new Tensors(sizes.weights(), errors.src(), errors.diffDst()));
    Products both = fp64(conf, errors);
    Products srcErrors = fp64(conf, new Tensors(sizes.weights(), errors.src(), sizes.diffDst()));
    Products diffDstErrors =
        fp64(conf, new Tensors(sizes.weights(), sizes.src(), errors.diffDst()));
    return new Products(
        rounded(weightErrors.dst().add(dataErrors.dst()).add(both.dst()), exact.dst()),
        rounded(
            weightErrors.diffSrc().add(dataErrors.diffSrc()).add(both.diffSrc()), exact.diffSrc()),
        rounded(
            srcErrors.diffWeights().add(diffDstErrors.diffWeights()).add(both.diffWeights()),
            exact.diffWeights()));
  }

  private static Products fp64(ConvolutionLayer conf, Tensors x) {
    return Products.of(conf, x, DataType.DOUBLE);
  }

  private static INDArray rounded(INDArray bound, INDArray exact) {
    INDArray largest = each(exact, Math::abs).add(bound);
    return bound.add(largest.mul(U)).add(largest.amaxNumber().doubleValue() * FP64);
  }

  /** The largest error over its bound. */
  private static double worst(INDArray exact, INDArray actual, INDArray bound) {
    double worst = 0;
    for (long i = 0; i < exact.length(); i++) {
      double error = Math.abs(actual.getDouble(i) - exact.getDouble(i));
      worst = Math.max(worst, error / bound.getDouble(i));
    }
    return worst;
  }

  private static List<Double> worst(Products exact, Products actual, Products bounds) {
    List<Double> worst = new ArrayList<>();
    for (int i = 0; i < exact.all().size(); i++) {
      worst.add(worst(exact.all().get(i), actual.all().get(i), bounds.all().get(i)));
    }
    return worst;
  }

  private static Products dfp16(Setting setting, Tensors x) {
    return Products.of(Dfp16.layer(setting.layer().conf(), setting.precision()), x, DataType.FLOAT);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everyElementIsWithinItsBound(Setting setting) {
    Tensors x = random(setting.layer());
    Products exact = fp64(setting.layer().conf(), x);
    Products bounds = bounds(setting, x, exact);
    List<Double> worst = worst(exact, dfp16(setting, x), bounds);
    assertTrue(
        worst.stream().allMatch(w -> w <= 1),
        setting + ", seed " + Nets.SEED + ": errors over bounds " + worst);
  }

  /** What the bound is for: these mistakes go beyond it, each in the products that it is in. */
  @ParameterizedTest
  @MethodSource("settings")
  void theBoundIsTightEnoughForMistakes(Setting setting) {
    Tensors x = random(setting.layer());
    Products exact = fp64(setting.layer().conf(), x);
    Products bounds = bounds(setting, x, exact);
    Products actual = dfp16(setting, x);
    UnaryOperator<INDArray> dropLowByte = t -> withoutLowByte(t, setting.precision());
    assertNoticed("exponent + 1", worst(exact, actual.scaled(2), bounds), 0, 1, 2);
    assertNoticed("exponent - 1", worst(exact, actual.scaled(0.5), bounds), 0, 1, 2);
    assertNoticed(
        "low byte of weights",
        worst(
            exact,
            dfp16(setting, new Tensors(dropLowByte.apply(x.weights()), x.src(), x.diffDst())),
            bounds),
        0,
        1);
    assertNoticed(
        "low byte of src",
        worst(
            exact,
            dfp16(setting, new Tensors(x.weights(), dropLowByte.apply(x.src()), x.diffDst())),
            bounds),
        0,
        2);
    assertNoticed(
        "low byte of diffDst",
        worst(
            exact,
            dfp16(setting, new Tensors(x.weights(), x.src(), dropLowByte.apply(x.diffDst()))),
            bounds),
        1,
        2);
  }

  private static INDArray withoutLowByte(INDArray x, LayerPrecision precision) {
    Quantizer quantizer = quantizer(precision);
    int exponent = exponent(x, precision);
    INDArray changed =
        each(
            x,
            v ->
                Math.scalb(
                    (double) (quantizer.mantissa(v.floatValue(), exponent, 0) & ~0xff), exponent));
    return changed.castTo(DataType.FLOAT);
  }

  private static void assertNoticed(String mistake, List<Double> worst, int... products) {
    for (int product : products) {
      assertFalse(worst.get(product) <= 1, mistake + ": errors over bounds " + worst);
    }
  }
}
