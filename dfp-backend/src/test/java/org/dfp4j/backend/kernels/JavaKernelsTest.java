package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The specification against its definition. */
class JavaKernelsTest {

  private final Kernels kernels = new JavaKernels();

  static Stream<ShapeFile.Named> smallShapes() {
    return Stream.of(
            ShapeFile.convolutions("one", "kernels", "strides", "padding", "small-maps"),
            ShapeFile.volumes("small"),
            ShapeFile.depthwise("one", "kernels", "strides", "padding"),
            ShapeFile.dense("small"))
        .flatMap(List::stream);
  }

  static Stream<ShapeFile.Named> largerShapes() {
    return ShapeFile.convolutions("tiles", "channels").stream();
  }

  static Stream<ShapeFile.Named> longSums() {
    return Stream.of(
            ShapeFile.convolutions("long-sums"),
            ShapeFile.depthwise("depthwise-long-sums"),
            ShapeFile.dense("long-sums"))
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("smallShapes")
  void productsFollowTheDefinition(ShapeFile.Named layer) {
    for (DataSet data : DataSet.values()) {
      compare(layer, data);
    }
  }

  @ParameterizedTest
  @MethodSource("largerShapes")
  void largerProductsFollowTheDefinition(ShapeFile.Named layer) {
    compare(layer, DataSet.EDGES);
    compare(layer, DataSet.RANDOM);
  }

  @ParameterizedTest
  @MethodSource("longSums")
  void longSumsFollowTheDefinition(ShapeFile.Named layer) {
    compare(layer, DataSet.MAX);
  }

  private void compare(ShapeFile.Named layer, DataSet data) {
    Products expected = Oracle.products(layer.shape(), data);
    Products actual = Products.of(kernels, layer.shape(), data, Quantizer.DEFAULT);
    Products.assertSame(expected, actual, layer + " " + data);
  }

  @Test
  void aSumByHand() {
    // src = (1, 2, 3) and weights = (4, 5, 6): exponents -13 and -12, dst = 32.
    DenseShape shape = new DenseShape(1, 3, 1);
    INDArray dst = Products.output(1, 1);
    try (PackedTensor src = pack(shape, TensorRole.SRC, Quantizer.DEFAULT, 1, 2, 3);
        PackedTensor weights = pack(shape, TensorRole.WEIGHTS, Quantizer.DEFAULT, 4, 5, 6)) {
      assertEquals(-13, src.exponent());
      assertEquals(-12, weights.exponent());
      kernels.forward(shape, src, weights, null, dst);
    }
    assertEquals(32f, dst.getFloat(0));
  }

  @Test
  void roundingAndHeadroomReachTheMantissas() {
    // amax = 32767 has exponent headroom; 2.75 becomes 3, 3, 2 and with headroom 2: 1 · 2^2 = 4.
    DenseShape shape = new DenseShape(1, 2, 2);
    assertEquals(3f, identity(shape, new Quantizer(Rounding.NEAREST_EVEN, 0, 0), 2.75f));
    assertEquals(2f, identity(shape, new Quantizer(Rounding.NEAREST_EVEN, 0, 0), 2.5f));
    assertEquals(3f, identity(shape, new Quantizer(Rounding.NEAREST_AWAY, 0, 0), 2.5f));
    assertEquals(2f, identity(shape, new Quantizer(Rounding.TRUNCATE, 0, 0), 2.75f));
    assertEquals(4f, identity(shape, new Quantizer(Rounding.NEAREST_EVEN, 2, 0), 2.75f));
  }

  /** The first element of (x, 32767) · identity. */
  private float identity(DenseShape shape, Quantizer quantizer, float x) {
    INDArray dst = Products.output(1, 2);
    try (PackedTensor src = pack(shape, TensorRole.SRC, quantizer, x, 32767);
        PackedTensor weights = pack(shape, TensorRole.WEIGHTS, Quantizer.DEFAULT, 1, 0, 0, 1)) {
      kernels.forward(shape, src, weights, null, dst);
    }
    return dst.getFloat(0);
  }

  private PackedTensor pack(
      DenseShape shape, TensorRole role, Quantizer quantizer, float... values) {
    INDArray x = Nd4j.createFromArray(values).reshape('c', shape.shapeOf(role));
    return kernels.pack(shape, role, x, quantizer);
  }

  @Test
  void refusesTensorsThatAnArrayCannotHold() {
    ConvShape shape = ShapeFile.convolution("mb1024 ic1 ih1 oc2097152");
    INDArray src = Nd4j.zeros(1024, 1, 1, 1);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> kernels.pack(shape, TensorRole.SRC, src, Quantizer.DEFAULT));
    assertEquals(
        "diffDst: expected at most 2147483639 elements, got shape [1024, 2097152, 1, 1]",
        e.getMessage());
  }
}
