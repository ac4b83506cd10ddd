package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.NetworkShape;
import org.dfp4j.examples.models.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Sgd;

/** The shape files have the networks' convolutions, and others are read or refused. */
class ShapeListTest {

  private static final int SIZE = 224;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"resnet50-zoo, resnet50", "vgg16, vgg16", "googlenet, googlenet"})
  void areTheConvolutionsOfTheZoo(String shapes, String model) {
    assertEquals(
        convolutionsOfZoo(model), counts(ShapeList.of(LayerKind.CONVOLUTION, "--model", shapes)));
  }

  /** The published ResNet-50 has the zoo's channels, and maps of 56, 28, 14 and 7. */
  @Test
  void resNet50IsThePublishedOne() {
    ShapeList published = ShapeList.of(LayerKind.CONVOLUTION, "--model", "resnet50");
    assertEquals(
        channels(ShapeList.of(LayerKind.CONVOLUTION, "--model", "resnet50-zoo")),
        channels(published),
        "channels");
    for (Layer layer : published.layers()) {
      int stage = layer.name().equals("conv1") ? 1 : layer.name().charAt(3) - '0';
      ConvShape shape = (ConvShape) layer.shape(1);
      assertEquals(SIZE >> stage, shape.oh(), layer.name());
      assertEquals(shape.oh(), shape.ow(), layer.name());
    }
  }

  @Test
  void vgg16EndsWithThreeFullyConnectedLayers() {
    ShapeList shapes = ShapeList.of(LayerKind.FULLY_CONNECTED, "--model", "vgg16");
    List<LayerShape> expected =
        List.of(
            new DenseShape(8, 25088, 4096),
            new DenseShape(8, 4096, 4096),
            new DenseShape(8, 4096, 1000));
    assertEquals(expected, shapes.layers().stream().map(layer -> layer.shape(8)).toList());
    assertEquals(8.0 * 25088 * 4096, shapes.layers().get(0).macs(8));
  }

  /** What other lists lack: maps of 7, 3 and 1, few channels, strides, dilation. */
  @Test
  void edgeCasesAreThere() {
    List<ConvShape> shapes =
        ShapeList.of(LayerKind.CONVOLUTION, "--model", "edge").layers().stream()
            .map(layer -> (ConvShape) layer.shape(1))
            .toList();
    for (int map : new int[] {7, 3, 1}) {
      assertTrue(shapes.stream().anyMatch(s -> s.ih() == map && s.kh() == 3), "map " + map);
    }
    for (int kernel : new int[] {3, 5, 7}) {
      assertTrue(
          shapes.stream().anyMatch(s -> s.kh() == kernel && s.sh() == 2 && s.ic() > 3),
          "kernel " + kernel);
    }
    assertTrue(shapes.stream().anyMatch(s -> s.ic() == 3 && s.kh() == 11 && s.sh() == 4));
    assertTrue(shapes.stream().anyMatch(s -> s.dh() > 1));
  }

  @Test
  void someLayersByName() {
    ShapeList shapes = ShapeList.of(LayerKind.CONVOLUTION, "--model", "alexnet");
    List<String> names =
        shapes.only("--layers", List.of("conv3", "conv1")).layers().stream()
            .map(Layer::name)
            .toList();
    assertEquals(List.of("conv1", "conv3"), names);
    UsageException e =
        assertThrows(UsageException.class, () -> shapes.only("--layers", List.of("conv9")));
    assertEquals(
        "--layers: expected names among conv1, conv2, conv3, conv4, conv5, got conv9",
        e.getMessage());
  }

  /** Krizhevsky et al. 2012, section 3.5, with its groups joined. */
  @Test
  void alexNetIsThePublishedOne() {
    List<LayerShape> expected =
        List.of(
            new ConvShape(1, 3, 227, 227, 96, 55, 55, 11, 11, 4, 4, 0, 0, 1, 1),
            new ConvShape(1, 96, 27, 27, 256, 27, 27, 5, 5, 1, 1, 2, 2, 1, 1),
            new ConvShape(1, 256, 13, 13, 384, 13, 13, 3, 3, 1, 1, 1, 1, 1, 1),
            new ConvShape(1, 384, 13, 13, 384, 13, 13, 3, 3, 1, 1, 1, 1, 1, 1),
            new ConvShape(1, 384, 13, 13, 256, 13, 13, 3, 3, 1, 1, 1, 1, 1, 1));
    ShapeList actual = ShapeList.of(LayerKind.CONVOLUTION, "--model", "alexnet");
    assertEquals(expected, actual.layers().stream().map(layer -> layer.shape(1)).toList());
  }

  /**
   * Szegedy et al. 2014, Table 1: columns #1×1 to pool proj of the nine modules, and the two
   * convolutions before them.
   */
  @Test
  void googLeNetIsThePublishedOne() {
    int[][] modules = {
      {28, 192, 64, 96, 128, 16, 32, 32},
      {28, 256, 128, 128, 192, 32, 96, 64},
      {14, 480, 192, 96, 208, 16, 48, 64},
      {14, 512, 160, 112, 224, 24, 64, 64},
      {14, 512, 128, 128, 256, 24, 64, 64},
      {14, 512, 112, 144, 288, 32, 64, 64},
      {14, 528, 256, 160, 320, 32, 128, 128},
      {7, 832, 256, 160, 320, 32, 128, 128},
      {7, 832, 384, 192, 384, 48, 128, 128},
    };
    Map<LayerShape, Integer> expected = new HashMap<>();
    expected.put(new ConvShape(1, 3, 224, 224, 64, 112, 112, 7, 7, 2, 2, 3, 3, 1, 1), 1);
    count(expected, 56, 64, 64, 1);
    count(expected, 56, 64, 192, 3);
    for (int[] m : modules) {
      count(expected, m[0], m[1], m[2], 1);
      count(expected, m[0], m[1], m[3], 1);
      count(expected, m[0], m[3], m[4], 3);
      count(expected, m[0], m[1], m[5], 1);
      count(expected, m[0], m[5], m[6], 5);
      count(expected, m[0], m[1], m[7], 1);
    }
    assertEquals(expected, counts(ShapeList.of(LayerKind.CONVOLUTION, "--model", "googlenet")));
  }

  private static void count(Map<LayerShape, Integer> counts, int map, int ic, int oc, int k) {
    ConvShape shape = new ConvShape(1, ic, map, map, oc, map, map, k, k, 1, 1, k / 2, k / 2, 1, 1);
    counts.merge(shape, 1, Integer::sum);
  }

  static Stream<Arguments> networks() {
    return Arrays.stream(LayerKind.values())
        .flatMap(kind -> kind.networks().stream().map(network -> Arguments.of(kind, network)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void eachShapeIsThereOnce(LayerKind kind, String network) {
    ShapeList shapes = ShapeList.of(kind, "--model", network);
    assertEquals(shapes.layers().size(), counts(shapes).size());
    assertEquals(network, shapes.name());
    assertFalse(shapes.layers().isEmpty());
  }

  @Test
  void whatIsLeftOutFollows() throws IOException {
    Path file = write("# comment\n\nodd ic3 ih9 iw7 oc4 kh3 kw2 sw2 ph1 pw0 # more\n");
    Layer layer = ShapeList.of(LayerKind.CONVOLUTION, "--model", file.toString()).layers().get(0);
    assertEquals(1, layer.count());
    assertEquals(
        new ConvShape(5, 3, 9, 7, 4, 9, 3, 3, 2, 1, 2, 1, 0, 1, 1), layer.shape(5), layer.name());
    assertEquals(5.0 * 4 * 9 * 3 * 3 * 3 * 2, layer.macs(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a ic3 ih4               | line 1: expected dimension oc, got none",
        "a ic3 ih4 oc4 zz3       | line 1: expected letters and a number such as ic3, got zz3",
        "a ic3 ih4 oc4 kh        | line 1: expected letters and a number such as ic3, got kh",
        "a ic3 ih4 oc4 kh3 kh5   | line 1: expected each dimension once, got kh5 again",
        "a ic3 ih4 oc4 x0        | line 1: expected x >= 1, got x0",
        "a ic3 ih4 oc4 sh0       | line 1: sh: expected >= 1, got 0",
        "a ic3 ih4 oc4 kh9       | line 1: oh: expected >= 1, got",
        "# nothing               | expected a file with at least one layer, got",
      })
  void isRefused(String line, String message) throws IOException {
    String file = write(line).toString();
    UsageException e =
        assertThrows(
            UsageException.class, () -> ShapeList.of(LayerKind.CONVOLUTION, "--model", file));
    assertTrue(e.getMessage().startsWith("--model: "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void namesAreDistinct() throws IOException {
    String file = write("a ic3 ih4 oc4\na ic3 ih5 oc4\n").toString();
    UsageException e =
        assertThrows(
            UsageException.class, () -> ShapeList.of(LayerKind.CONVOLUTION, "--model", file));
    assertTrue(
        e.getMessage().endsWith("line 2: expected a name that is not used above, got a"),
        e.getMessage());
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("shapes.txt"), text);
  }

  private static Map<LayerShape, Integer> counts(ShapeList shapes) {
    return shapes.layers().stream()
        .collect(Collectors.toMap(l -> l.shape(1), Layer::count, Integer::sum));
  }

  private static Map<String, Integer> channels(ShapeList shapes) {
    return shapes.layers().stream()
        .collect(
            Collectors.toMap(
                l -> channels((ConvShape) l.shape(1)), Layer::count, Integer::sum, TreeMap::new));
  }

  private static String channels(ConvShape shape) {
    return shape.ic() + " " + shape.oc() + " " + shape.kh();
  }

  /** Each convolution's input is a layer's output or the image. */
  private static Map<LayerShape, Integer> convolutionsOfZoo(String model) {
    NetworkShape image = new NetworkShape(3, SIZE, 10, 1, new Sgd());
    Architecture.Graph graph = (Architecture.Graph) Zoo.byName(model).build(image);
    ComputationGraphConfiguration conf = graph.configuration();
    InputType input = InputType.convolutional(SIZE, SIZE, 3, CNN2DFormat.NCHW);
    Map<String, InputType> types = new HashMap<>(conf.getLayerActivationTypes(input));
    types.put(conf.getNetworkInputs().get(0), input);
    List<LayerShape> shapes = new ArrayList<>();
    conf.getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex v
                  && v.getLayerConf().getLayer() instanceof ConvolutionLayer layer) {
                String from = conf.getVertexInputs().get(name).get(0);
                shapes.add(shape(layer, types.get(from), types.get(name)));
              }
            });
    return shapes.stream()
        .collect(Collectors.toMap(s -> s, s -> Collections.frequency(shapes, s), (a, b) -> a));
  }

  private static ConvShape shape(ConvolutionLayer layer, InputType from, InputType to) {
    InputTypeConvolutional in = (InputTypeConvolutional) from;
    InputTypeConvolutional out = (InputTypeConvolutional) to;
    int oh = (int) out.getHeight();
    int ow = (int) out.getWidth();
    int[] k = layer.getKernelSize();
    int[] s = layer.getStride();
    int[] d = layer.getDilation();
    int[] pad =
        layer.getConvolutionMode() == ConvolutionMode.Same
            ? ConvolutionUtils.getSameModeTopLeftPadding(
                new int[] {oh, ow}, new int[] {(int) in.getHeight(), (int) in.getWidth()}, k, s, d)
            : layer.getPadding();
    return new ConvShape(
        1,
        (int) in.getChannels(),
        (int) in.getHeight(),
        (int) in.getWidth(),
        (int) out.getChannels(),
        oh,
        ow,
        k[0],
        k[1],
        s[0],
        s[1],
        pad[0],
        pad[1],
        d[0],
        d[1]);
  }
}
