package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Inputs and outputs that are views, permuted, F-ordered or in a workspace. */
class LayoutTest {

  private static final float GUARD = -12345.678f;

  private static final ConvShape CONV =
      ShapeFile.convolution("mb3 ic5 ih7 iw6 oc4 kh3 kw2 sh2 sw1 ph1");
  private static final LayerShape VOLUME =
      new Conv3dShape(
          ShapeFile.convolution("mb2 ic3 ih5 iw4 oc2 kh3 kw2 sh2 sw1 ph1"), 4, 3, 2, 1, 0, 1);
  private static final LayerShape DEPTHWISE =
      new DepthwiseShape(3, 5, 7, 6, 2, 4, 5, 3, 2, 2, 1, 1, 0, 1, 1);
  private static final DenseShape DENSE = new DenseShape(3, 7, 5);
  private static final List<LayerShape> SHAPES = List.of(CONV, VOLUME, DEPTHWISE, DENSE);

  /** An array of some layout, and all the memory that belongs to it. */
  private record Placed(String layout, INDArray array, INDArray memory) {}

  static List<Kernels> implementations() {
    return Implementations.all();
  }

  /** Uninitialised arrays of the shape, in every layout. */
  private static List<Placed> layouts(long... shape) {
    int rank = shape.length;
    long length = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    List<Placed> all = new ArrayList<>();
    INDArray c = filled('c', shape);
    all.add(new Placed("C order", c, c));
    INDArray f = filled('f', shape);
    all.add(new Placed("F order", f, f));
    for (char order : new char[] {'c', 'f'}) {
      INDArray flat = filled('c', 1, length + 23);
      INDArray part = flat.get(NDArrayIndex.point(0), NDArrayIndex.interval(11, 11 + length));
      all.add(new Placed("part of a flat " + order, part.reshape(order, shape), flat));
    }
    int[] lastToSecond = new int[rank];
    long[] rotated = new long[rank];
    for (int i = 0; i < rank; i++) {
      lastToSecond[i] = i == 0 ? 0 : i == 1 ? rank - 1 : i - 1;
    }
    for (int i = 0; i < rank; i++) {
      rotated[lastToSecond[i]] = shape[i];
    }
    INDArray channelsLast = filled('c', rotated);
    all.add(new Placed("channels last", channelsLast.permute(lastToSecond), channelsLast));
    INDArray reversed = filled('c', reverse(shape));
    int[] reverse = new int[rank];
    Arrays.setAll(reverse, i -> rank - 1 - i);
    all.add(new Placed("reversed", reversed.permute(reverse), reversed));
    long[] larger = Arrays.stream(shape).map(size -> size + 3).toArray();
    INDArrayIndex[] middle = new INDArrayIndex[rank];
    Arrays.setAll(middle, i -> NDArrayIndex.interval(1 + i % 2, 1 + i % 2 + shape[i]));
    INDArray around = filled('c', larger);
    all.add(new Placed("middle", around.get(middle), around));
    INDArray aroundF = filled('f', larger);
    all.add(new Placed("middle of F order", aroundF.get(middle), aroundF));
    INDArrayIndex[] everySecond = new INDArrayIndex[rank];
    Arrays.setAll(everySecond, i -> NDArrayIndex.interval(0, 2, 2 * shape[i]));
    INDArray doubled = filled('c', Arrays.stream(shape).map(size -> 2 * size).toArray());
    all.add(new Placed("every second", doubled.get(everySecond), doubled));
    for (Placed placed : all) {
      assertEquals(Arrays.toString(shape), Arrays.toString(placed.array.shape()), placed.layout);
    }
    return all;
  }

  private static long[] reverse(long[] shape) {
    long[] reversed = new long[shape.length];
    Arrays.setAll(reversed, i -> shape[shape.length - 1 - i]);
    return reversed;
  }

  private static INDArray filled(char order, long... shape) {
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, order);
    array.assign(GUARD);
    return array;
  }

  private static long guards(INDArray memory) {
    long count = 0;
    for (float value : FloatArrays.read(memory)) {
      count += value == GUARD ? 1 : 0;
    }
    return count;
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void inputsOfAnyLayout(Kernels kernels) {
    for (LayerShape shape : SHAPES) {
      Products expected = Products.of(kernels, shape, DataSet.RANDOM, Quantizer.DEFAULT);
      for (TensorRole role : TensorRole.values()) {
        for (Placed placed : layouts(shape.shapeOf(role))) {
          placed.array.assign(DataSet.RANDOM.array(shape, role));
          Products actual = productsWith(kernels, shape, role, placed.array);
          String what = kernels + " " + role + " " + placed.layout;
          Products.assertSame(expected, actual, what);
        }
      }
    }
  }

  /** The products where one input is the given array. */
  private static Products productsWith(
      Kernels kernels, LayerShape shape, TensorRole role, INDArray x) {
    Quantizer quantizer = Quantizer.DEFAULT;
    Map<TensorRole, PackedTensor> packs = new EnumMap<>(TensorRole.class);
    for (TensorRole each : TensorRole.values()) {
      packs.put(
          each,
          each == role
              ? Products.pack(kernels, shape, each, x, quantizer)
              : Products.pack(kernels, shape, each, DataSet.RANDOM, quantizer));
    }
    try (PackedTensor src = packs.get(TensorRole.SRC);
        PackedTensor weights = packs.get(TensorRole.WEIGHTS);
        PackedTensor diffDst = packs.get(TensorRole.DIFF_DST)) {
      INDArray dst = Products.output(shape.dstShape());
      INDArray biased = Products.output(shape.dstShape());
      INDArray diffSrc = Products.output(shape.srcShape());
      INDArray diffWeights = Products.output(shape.weightsShape());
      kernels.forward(shape, src, weights, null, dst);
      kernels.forward(shape, src, weights, Products.bias(shape), biased);
      kernels.backwardData(shape, diffDst, weights, diffSrc);
      kernels.backwardWeights(shape, src, diffDst, diffWeights);
      return new Products(
          FloatArrays.read(dst),
          FloatArrays.read(biased),
          FloatArrays.read(diffSrc),
          FloatArrays.read(diffWeights));
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void outputsOfAnyLayoutAndNothingAroundThem(Kernels kernels) {
    for (LayerShape shape : SHAPES) {
      Products expected = Products.of(kernels, shape, DataSet.RANDOM, Quantizer.DEFAULT);
      try (PackedTensor src = random(kernels, shape, TensorRole.SRC);
          PackedTensor weights = random(kernels, shape, TensorRole.WEIGHTS);
          PackedTensor diffDst = random(kernels, shape, TensorRole.DIFF_DST)) {
        for (Placed out : layouts(shape.dstShape())) {
          kernels.forward(shape, src, weights, null, out.array);
          assertWritten(expected.dst(), out, kernels + " dst ");
          kernels.forward(shape, src, weights, Products.bias(shape), out.array);
          assertWritten(expected.biased(), out, kernels + " dst with bias ");
        }
        for (Placed out : layouts(shape.srcShape())) {
          kernels.backwardData(shape, diffDst, weights, out.array);
          assertWritten(expected.diffSrc(), out, kernels + " diffSrc ");
        }
        for (Placed out : layouts(shape.weightsShape())) {
          kernels.backwardWeights(shape, src, diffDst, out.array);
          assertWritten(expected.diffWeights(), out, kernels + " diffWeights ");
        }
      }
    }
  }

  private static PackedTensor random(Kernels kernels, LayerShape shape, TensorRole role) {
    return Products.pack(kernels, shape, role, DataSet.RANDOM, Quantizer.DEFAULT);
  }

  private static void assertWritten(float[] expected, Placed out, String what) {
    Products.assertSame(expected, FloatArrays.read(out.array), what + out.layout);
    assertEquals(
        out.memory.length() - expected.length, guards(out.memory), what + out.layout + " guards");
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void nanFillsTheOutputAndNothingAround(Kernels kernels) {
    INDArray bad = DataSet.RANDOM.array(CONV, TensorRole.SRC);
    bad.putScalar(17, Float.NaN);
    try (PackedTensor src = kernels.pack(CONV, TensorRole.SRC, bad, Quantizer.DEFAULT);
        PackedTensor weights = random(kernels, CONV, TensorRole.WEIGHTS)) {
      for (Placed out : layouts(CONV.dstShape())) {
        kernels.forward(CONV, src, weights, null, out.array);
        for (float value : FloatArrays.read(out.array)) {
          assertTrue(Float.isNaN(value), kernels + " " + out.layout + ": " + value);
        }
        assertEquals(out.memory.length() - out.array.length(), guards(out.memory), out.layout);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void biasesOfAnyShape(Kernels kernels) {
    float[] values = Products.biasValues(CONV.oc());
    Products expected = Products.of(kernels, CONV, DataSet.RANDOM, Quantizer.DEFAULT);
    try (PackedTensor src = random(kernels, CONV, TensorRole.SRC);
        PackedTensor weights = random(kernels, CONV, TensorRole.WEIGHTS)) {
      for (long[] shape : new long[][] {{4}, {1, 4}, {4, 1}, {1, 4, 1, 1}, {2, 2}}) {
        for (Placed bias : layouts(shape)) {
          bias.array.assign(Nd4j.createFromArray(values).reshape('c', shape));
          INDArray dst = Products.output(CONV.dstShape());
          kernels.forward(CONV, src, weights, bias.array, dst);
          String what = kernels + " bias " + Arrays.toString(shape) + " " + bias.layout;
          Products.assertSame(expected.biased(), FloatArrays.read(dst), what);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void aBroadcastInput(Kernels kernels) {
    DenseShape shape = new DenseShape(4, 3, 2);
    INDArray row = Nd4j.createFromArray(1f, -2f, 3f);
    INDArray repeated = Nd4j.create(row.data(), new long[] {4, 3}, new long[] {0, 1}, 0, 'c');
    INDArray copied =
        Nd4j.createFromArray(new float[][] {{1, -2, 3}, {1, -2, 3}, {1, -2, 3}, {1, -2, 3}});
    INDArray expected = Products.output(4, 2);
    INDArray actual = Products.output(4, 2);
    try (PackedTensor weights = random(kernels, shape, TensorRole.WEIGHTS);
        PackedTensor a = kernels.pack(shape, TensorRole.SRC, copied, Quantizer.DEFAULT);
        PackedTensor b = kernels.pack(shape, TensorRole.SRC, repeated, Quantizer.DEFAULT)) {
      kernels.forward(shape, a, weights, null, expected);
      kernels.forward(shape, b, weights, null, actual);
    }
    Products.assertSame(FloatArrays.read(expected), FloatArrays.read(actual), kernels.name());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void arraysInAWorkspace(Kernels kernels) {
    Products expected = Products.of(kernels, CONV, DataSet.RANDOM, Quantizer.DEFAULT);
    WorkspaceConfiguration configuration =
        WorkspaceConfiguration.builder().initialSize(1 << 20).build();
    for (int cycle = 0; cycle < 3; cycle++) {
      try (MemoryWorkspace workspace =
          Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "LAYOUT_TEST")) {
        assertTrue(Nd4j.create(1).isAttached());
        long before = workspace.getPrimaryOffset();
        INDArray dst = filled('f', CONV.dstShape());
        long own = workspace.getPrimaryOffset() - before;
        try (PackedTensor src = random(kernels, CONV, TensorRole.SRC);
            PackedTensor weights = random(kernels, CONV, TensorRole.WEIGHTS)) {
          before = workspace.getPrimaryOffset();
          kernels.forward(CONV, src, weights, null, dst);
          assertTrue(own > 0 && workspace.getPrimaryOffset() - before < own, "no copy of dst");
          Products.assertSame(expected.dst(), FloatArrays.read(dst), kernels.name());
        }
      }
    }
  }

  @Test
  void aDensePartOfAFlatArrayNeedsNoCopy() {
    for (Placed placed : layouts(CONV.weightsShape())) {
      boolean c = placed.layout.equals("C order") || placed.layout.equals("part of a flat c");
      boolean f = placed.layout.equals("F order") || placed.layout.equals("part of a flat f");
      assertEquals(c, FloatArrays.isDense(placed.array, 'c'), placed.layout);
      // A permutation to reversed dimensions is F order.
      assertEquals(
          f || placed.layout.equals("reversed"),
          FloatArrays.isDense(placed.array, 'f'),
          placed.layout);
    }
  }

  @Test
  void dimensionsOfOneDoNotCountForDensity() {
    INDArray column =
        Nd4j.create(DataType.FLOAT, 5, 3).get(NDArrayIndex.all(), NDArrayIndex.point(1));
    assertFalse(FloatArrays.isDense(column.reshape(5), 'c'));
    INDArray odd =
        Nd4j.create(Nd4j.create(6).data(), new long[] {1, 6}, new long[] {99, 1}, 0, 'c');
    assertTrue(FloatArrays.isDense(odd, 'c'));
    assertTrue(FloatArrays.isDense(odd, 'f'));
  }

  @Test
  void thePointerOfAViewIsItsFirstElement() {
    INDArray x = Nd4j.arange(0, 100).castTo(DataType.FLOAT).reshape(10, 10);
    INDArray view = x.get(NDArrayIndex.interval(2, 5), NDArrayIndex.interval(3, 7));
    INDArray inner = view.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(1, 3));
    assertEquals(23f, FloatArrays.pointer(view).get(0));
    assertEquals(34f, FloatArrays.pointer(inner).get(0));
    assertEquals(40f, FloatArrays.pointer(x.getRow(4)).get(0));
    assertEquals("[34.0, 35.0, 44.0, 45.0]", Arrays.toString(FloatArrays.read(inner)));
    assertEquals("[34.0, 44.0, 35.0, 45.0]", Arrays.toString(FloatArrays.read(inner.transpose())));
  }
}
