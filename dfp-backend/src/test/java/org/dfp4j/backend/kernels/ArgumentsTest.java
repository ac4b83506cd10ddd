package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every wrong argument is an error that names it, what was expected and what came. */
class ArgumentsTest {

  private static final ConvShape SHAPE = ShapeFile.convolution("mb2 ic3 ih5 oc4 kh3");
  private static final ConvShape OTHER = ShapeFile.convolution("mb2 ic3 ih5 oc4 kh3 ph1");
  private static final DenseShape DENSE = new DenseShape(2, 3, 4);

  static List<Kernels> implementations() {
    return Implementations.all();
  }

  private static void assertMessage(String expected, Executable call) {
    assertEquals(
        expected, assertThrows(IllegalArgumentException.class, call, expected).getMessage());
  }

  private static PackedTensor pack(Kernels kernels, LayerShape shape, TensorRole role) {
    return Products.pack(kernels, shape, role, DataSet.RANDOM, Quantizer.DEFAULT);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void packChecksItsArguments(Kernels kernels) {
    INDArray src = DataSet.RANDOM.array(SHAPE, TensorRole.SRC);
    Quantizer q = Quantizer.DEFAULT;
    assertMessage(
        "shape: expected the dimensions of the layer, got null",
        () -> kernels.pack((ConvShape) null, TensorRole.SRC, src, q));
    assertMessage(
        "shape: expected the dimensions of the layer, got null",
        () -> kernels.pack((DenseShape) null, TensorRole.SRC, src, q));
    assertMessage("role: expected a role, got null", () -> kernels.pack(SHAPE, null, src, q));
    assertMessage(
        "quantizer: expected a quantizer, got null",
        () -> kernels.pack(SHAPE, TensorRole.SRC, src, null));
    assertMessage(
        "src: expected an array of shape [2, 3, 5, 5], got null",
        () -> kernels.pack(SHAPE, TensorRole.SRC, null, q));
    assertMessage(
        "weights: expected shape [4, 3, 3, 3], got [2, 3, 5, 5]",
        () -> kernels.pack(SHAPE, TensorRole.WEIGHTS, src, q));
    assertMessage(
        "diffDst: expected shape [2, 4], got [2, 3, 5, 5]",
        () -> kernels.pack(DENSE, TensorRole.DIFF_DST, src, q));
    assertMessage(
        "src: expected shape [2, 3, 5, 5], got [2, 3, 25]",
        () -> kernels.pack(SHAPE, TensorRole.SRC, src.reshape(2, 3, 25), q));
    assertMessage(
        "src: expected data type FLOAT, got DOUBLE",
        () -> kernels.pack(SHAPE, TensorRole.SRC, src.castTo(DataType.DOUBLE), q));
    assertMessage(
        "src: expected shape [2, 3], got []",
        () -> kernels.pack(DENSE, TensorRole.SRC, Nd4j.empty(DataType.FLOAT), q));
    assertMessage(
        "src: expected shape [2, 3], got [0, 3]",
        () -> kernels.pack(DENSE, TensorRole.SRC, Nd4j.create(DataType.FLOAT, 0, 3), q));
    INDArray closed = Nd4j.create(DataType.FLOAT, 2, 3);
    closed.close();
    assertMessage(
        "src: expected an open array, got a closed one",
        () -> kernels.pack(DENSE, TensorRole.SRC, closed, q));
  }

  @Test
  void shapesTooLargeToComputeAreRefused() {
    assertMessage(
        "multiplier: expected ic * multiplier < 2^31, got 65536 * 32768",
        () -> new DepthwiseShape(1, 1 << 16, 1, 1, 1 << 15, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1));
    int pad = (1 << 24) - 1;
    ConvShape padded = new ConvShape(65536, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, pad, pad, 1, 1);
    INDArray src = Nd4j.ones(DataType.FLOAT, padded.srcShape());
    for (String row : NativeRows.running()) {
      assertMessage(
          "shape: expected one that native %s supports, got none for packed src: padded src: expected at most 2^40 elements, got more"
              .formatted(row),
          () -> NativeKernels.forIsa(row).pack(padded, TensorRole.SRC, src, Quantizer.DEFAULT));
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void productsCheckTheirArrays(Kernels kernels) {
    INDArray dst = Products.output(SHAPE.dstShape());
    try (PackedTensor src = pack(kernels, SHAPE, TensorRole.SRC);
        PackedTensor weights = pack(kernels, SHAPE, TensorRole.WEIGHTS);
        PackedTensor diffDst = pack(kernels, SHAPE, TensorRole.DIFF_DST)) {
      assertMessage(
          "dst: expected shape [2, 4, 3, 3], got [2, 4, 3, 2]",
          () -> kernels.forward(SHAPE, src, weights, null, Products.output(2, 4, 3, 2)));
      assertMessage(
          "dst: expected an array of shape [2, 4, 3, 3], got null",
          () -> kernels.forward(SHAPE, src, weights, null, null));
      assertMessage(
          "dst: expected data type FLOAT, got INT",
          () ->
              kernels.forward(
                  SHAPE, src, weights, null, Nd4j.create(DataType.INT32, SHAPE.dstShape())));
      assertMessage(
          "bias: expected 4 elements, got shape [1, 5]",
          () -> kernels.forward(SHAPE, src, weights, Nd4j.zeros(1, 5), dst));
      assertMessage(
          "bias: expected data type FLOAT, got DOUBLE",
          () -> kernels.forward(SHAPE, src, weights, Nd4j.zeros(DataType.DOUBLE, 4), dst));
      assertMessage(
          "diffSrc: expected shape [2, 3, 5, 5], got [2, 4, 3, 3]",
          () -> kernels.backwardData(SHAPE, diffDst, weights, dst));
      assertMessage(
          "diffWeights: expected shape [4, 3, 3, 3], got [2, 4, 3, 3]",
          () -> kernels.backwardWeights(SHAPE, src, diffDst, dst));
      INDArray repeated =
          Nd4j.create(
              Nd4j.create(DataType.FLOAT, 100).data(),
              SHAPE.dstShape(),
              new long[] {0, 9, 3, 1},
              0,
              'c');
      assertMessage(
          "dst: expected an array whose elements are distinct, got strides [0, 9, 3, 1]",
          () -> kernels.forward(SHAPE, src, weights, null, repeated));
      assertMessage(
          "shape: expected the dimensions of the layer, got null",
          () -> kernels.forward((ConvShape) null, src, weights, null, dst));
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void productsCheckTheirPackedTensors(Kernels kernels) {
    INDArray dst = Products.output(SHAPE.dstShape());
    try (PackedTensor src = pack(kernels, SHAPE, TensorRole.SRC);
        PackedTensor otherSrc = pack(kernels, OTHER, TensorRole.SRC);
        PackedTensor denseSrc = pack(kernels, DENSE, TensorRole.SRC);
        PackedTensor weights = pack(kernels, SHAPE, TensorRole.WEIGHTS)) {
      assertMessage(
          "src: expected a packed tensor, got null",
          () -> kernels.forward(SHAPE, null, weights, null, dst));
      assertMessage(
          "src: expected a tensor packed as SRC, got one packed as WEIGHTS",
          () -> kernels.forward(SHAPE, weights, src, null, dst));
      assertMessage(
          "diffDst: expected a tensor packed as DIFF_DST, got one packed as SRC",
          () -> kernels.backwardData(SHAPE, src, weights, Products.output(SHAPE.srcShape())));
      assertMessage(
          "src: expected a tensor packed for " + SHAPE + ", got one for " + OTHER,
          () -> kernels.forward(SHAPE, otherSrc, weights, null, dst));
      assertMessage(
          "src: expected a tensor packed for " + SHAPE + ", got one for " + DENSE,
          () -> kernels.forward(SHAPE, denseSrc, weights, null, dst));
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void closedPackedTensorsAreRefused(Kernels kernels) {
    PackedTensor src = pack(kernels, SHAPE, TensorRole.SRC);
    INDArray dst = Products.output(SHAPE.dstShape());
    try (PackedTensor weights = pack(kernels, SHAPE, TensorRole.WEIGHTS)) {
      src.close();
      src.close();
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> kernels.forward(SHAPE, src, weights, null, dst));
      assertEquals("src: expected an open packed tensor, got a closed one", e.getMessage());
      assertEquals(0, src.bytes());
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void packedTensorsOfAnotherImplementationAreRefused(Kernels kernels) {
    INDArray dst = Products.output(SHAPE.dstShape());
    for (Kernels other : Implementations.all()) {
      if (!other.name().equals(kernels.name())) {
        try (PackedTensor src = pack(other, SHAPE, TensorRole.SRC);
            PackedTensor weights = pack(kernels, SHAPE, TensorRole.WEIGHTS)) {
          assertMessage(
              "src: expected a tensor packed by %s, got a tensor packed by %s"
                  .formatted(kernels.name(), other.name()),
              () -> kernels.forward(SHAPE, src, weights, null, dst));
        }
      }
    }
    try (PackedTensor src = new FakePack();
        PackedTensor weights = pack(kernels, SHAPE, TensorRole.WEIGHTS)) {
      assertMessage(
          "src: expected a tensor packed by %s, got a %s"
              .formatted(kernels.name(), FakePack.class.getName()),
          () -> kernels.forward(SHAPE, src, weights, null, dst));
    }
  }

  /** A packed tensor that no kernels made. */
  private static final class FakePack implements PackedTensor {
    @Override
    public TensorRole role() {
      return TensorRole.SRC;
    }

    @Override
    public Quantizer quantizer() {
      return Quantizer.DEFAULT;
    }

    @Override
    public int exponent() {
      return 0;
    }

    @Override
    public float amax() {
      return 0;
    }

    @Override
    public boolean finite() {
      return true;
    }

    @Override
    public boolean isPackOf(INDArray x) {
      return false;
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
