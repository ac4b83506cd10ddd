package org.dfp4j.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.dfp4j.layers.conf.Dfp16Convolution;
import org.dfp4j.layers.conf.Dfp16Dense;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.conf.Dfp16Output;
import org.dfp4j.layers.conf.LayerPrecision;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which layers a policy picks, what the report says, and the flag for one layer. */
class PolicyTest {

  private static Map<String, LayerDecision> plan(PrecisionPolicy policy) {
    return MixedPrecision.of(policy).plan(Nets.graph()).layers().stream()
        .collect(Collectors.toMap(LayerDecision::name, decision -> decision));
  }

  private static List<String> swapped(PrecisionPolicy policy) {
    return MixedPrecision.of(policy).plan(Nets.graph()).layers().stream()
        .filter(layer -> layer.decision() == Decision.SWAPPED)
        .map(LayerDecision::name)
        .toList();
  }

  @Test
  void recipes() {
    assertEquals(
        List.of("stem", "left", "right", "dense", "output"), swapped(PrecisionPolicy.DFP16));
    assertEquals(List.of(), swapped(PrecisionPolicy.FP32));
    assertEquals(List.of("left", "right", "dense"), swapped(PrecisionPolicy.PAPER));
    Map<String, LayerDecision> paper = plan(PrecisionPolicy.PAPER);
    assertEquals("policy PAPER: excluded, first convolution", paper.get("stem").reason());
    assertEquals("policy PAPER: excluded, classifier", paper.get("output").reason());
    assertEquals("FP32, own kernels", paper.get("bn").reason());
    assertEquals(Decision.ACCELERATED, paper.get("bn").decision());
    LayerDecision stock = plan(PrecisionPolicy.builder().fp32Kernels(false).build()).get("bn");
    assertEquals("batch normalization stays FP32", stock.reason());
    assertEquals(Decision.KEPT, stock.decision());
    assertEquals(
        "forward, backward data, backward weights; 13 magnitude bits", paper.get("left").reason());
    ComputationGraphConfiguration conf = MixedPrecision.paper().convert(Nets.graph());
    Layer left =
        ((org.deeplearning4j.nn.conf.graph.LayerVertex) conf.getVertices().get("left"))
            .getLayerConf()
            .getLayer();
    assertEquals(2, ((Dfp16Layer) left).getPrecision().headroom());
  }

  @Test
  void rulesPickByNameAndPredicate() {
    assertEquals(
        List.of("left", "right"),
        swapped(PrecisionPolicy.builder().include("l*", "?ight").build()));
    assertEquals(
        List.of("stem", "dense", "output"),
        swapped(PrecisionPolicy.builder().exclude("regex:(lef|righ)t").build()));
    assertEquals(
        List.of("dense"),
        swapped(
            PrecisionPolicy.builder()
                .include("dense only", site -> site.layer() instanceof DenseLayer)
                .build()));
    PrecisionPolicy both = PrecisionPolicy.builder().include("*e*").exclude("left").build();
    assertEquals(List.of("stem", "dense"), swapped(both));
    assertEquals("policy custom: not included", plan(both).get("right").reason());
    assertEquals("policy custom: excluded, name pattern left", plan(both).get("left").reason());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> LayerRule.name("regex:("));
    assertTrue(e.getMessage().startsWith("pattern: expected a regular expression, got regex:("));
  }

  @Test
  void theReportIsAnAlignedTable() {
    ConversionReport report = MixedPrecision.dfp16().plan(Nets.graph());
    String[] lines = report.toString().lines().toArray(String[]::new);
    assertEquals(report.layers().size() + 2, lines.length);
    int column = lines[0].indexOf("decision");
    for (int i = 0; i < report.layers().size(); i++) {
      String decision = report.layers().get(i).decision().name();
      assertTrue(lines[i + 1].startsWith(decision, column), lines[i + 1]);
    }
    assertEquals(
        "DFP16: 5 of 6 layers in DFP-16, with 3,267 of 3,291 parameters; 1 in FP32 on own kernels",
        lines[lines.length - 1]);
    ConversionReport back =
        MixedPrecision.fp32().plan(MixedPrecision.dfp16().convert(Nets.graph()));
    assertEquals(6, back.count(Decision.RESTORED));
    assertEquals("ConvolutionLayer", back.layers().get(0).type());
  }

  static List<Arguments> kept() {
    return List.of(
        Arguments.of(new LSTM.Builder().build(), "recurrent layers have no DFP-16 form"),
        Arguments.of(
            new Bidirectional(new LSTM.Builder().build()), "recurrent layers have no DFP-16 form"),
        Arguments.of(new SubsamplingLayer.Builder().build(), "has no weights, no product"),
        Arguments.of(new EmbeddingLayer.Builder().build(), "looks up rows, no product"),
        Arguments.of(new LossLayer.Builder().build(), "loss stays FP32"),
        Arguments.of(
            new PReLULayer.Builder().inputShape(3).build(), "works element by element, no product"),
        Arguments.of(
            new CenterLossOutputLayer.Builder().build(),
            "its output product and its class centers are one step of DL4J's, in FP32"),
        Arguments.of(
            new RnnOutputLayer.Builder().build(), "head of recurrent layers, which stay FP32"),
        Arguments.of(new CnnLossLayer.Builder().build(), "loss stays FP32"),
        Arguments.of(new Deconvolution3D.Builder().build(), "Deconvolution3D has no DFP-16 form"),
        Arguments.of(
            new MaskZeroLayer(new LSTM.Builder().build(), 0), "wraps LSTM in a way not known here"),
        Arguments.of(
            new Mine(),
            "subclass of ConvolutionLayer; may compute something else, so only that class is"
                + " swapped"));
  }

  private static Layer negativePadding() {
    return new Deconvolution2D.Builder(2, 2)
        .stride(2, 4)
        .convolutionMode(ConvolutionMode.Same)
        .nOut(3)
        .build();
  }

  /** A user's layer. */
  private static final class Mine extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;
  }

  @ParameterizedTest
  @MethodSource("kept")
  void theReportSaysWhyALayerIsKept(Layer layer, String reason) {
    assertEquals(reason, Reasons.of(layer));
  }

  @Test
  void wrappersKeepTheirNames() {
    Layer dense = new DenseLayer.Builder().nIn(2).nOut(3).name("inner").build();
    Layer wrapped = new FrozenLayer(new TimeDistributed(dense));
    assertEquals("FrozenLayer(TimeDistributed(DenseLayer))", Wrappers.typeOf(wrapped));
    Layer replaced = Wrappers.replace(wrapped.clone(), Dfp16.layer(dense));
    assertSame(Dfp16Dense.class, Wrappers.unwrap(replaced).getClass());
    assertSame(dense, Wrappers.unwrap(wrapped));
    assertEquals("FrozenLayer(TimeDistributed(DenseLayer))", Wrappers.typeOf(replaced));
  }

  @Test
  void theFlagSwapsOneLayer() {
    ConvolutionLayer stock = new ConvolutionLayer.Builder(3, 3).nOut(64).build();
    String before = stock.toString();
    ConvolutionLayer dfp = Dfp16.layer(stock);
    assertSame(Dfp16Convolution.class, dfp.getClass());
    assertEquals(before, stock.toString());
    assertEquals(stock, ((Dfp16Layer) dfp).toStock());
    assertTrue(!stock.equals(dfp) && !dfp.equals(stock), "not equal either way");
    assertEquals(dfp, dfp.clone());
    assertEquals(dfp.hashCode(), dfp.clone().hashCode());
    assertTrue(dfp.toString().contains("precision=LayerPrecision["), dfp.toString());
    assertSame(Dfp16Dense.class, Dfp16.layer(new DenseLayer.Builder().nOut(3).build()).getClass());
    assertSame(
        Dfp16Output.class, Dfp16.layer(new OutputLayer.Builder().nOut(3).build()).getClass());
  }

  static List<Layer> unsupported() {
    return List.of(
        new Deconvolution3D.Builder().nOut(3).build(),
        negativePadding(),
        new LSTM.Builder().nOut(3).build(),
        new ConvolutionLayer() {
          private static final long serialVersionUID = 1L;
        });
  }

  @ParameterizedTest
  @MethodSource("unsupported")
  void otherClassesAreRefused(Layer layer) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Dfp16.layer(layer));
    assertEquals(
        "layer: expected one of [ConvolutionLayer, Convolution2D, DenseLayer, OutputLayer,"
            + " Convolution1DLayer, Convolution1D, Convolution3D, Deconvolution2D,"
            + " DepthwiseConvolution2D, SeparableConvolution2D], got "
            + layer.getClass().getName()
            + " (layer null)",
        e.getMessage());
  }

  @Test
  void precisionChecksItself() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> PrecisionPolicy.builder().headroom(3).build());
    assertEquals("headroom: expected 0 to 2, got 3", e.getMessage());
    assertThrows(
        NullPointerException.class,
        () -> new LayerPrecision(true, true, true, null, null, null, 0, 0, false));
  }

  @Test
  void onlyStochasticRoundingDependsOnTheIteration() {
    LayerPrecision precision =
        PrecisionPolicy.builder()
            .rounding(TensorRole.DIFF_DST, Rounding.STOCHASTIC)
            .headroom(1)
            .build()
            .precision();
    assertEquals(
        new Quantizer(Rounding.NEAREST_EVEN, 1, 0), precision.quantizer(TensorRole.SRC, 3, 9));
    long distinct =
        Arrays.stream(new int[] {0, 1, 2, 3})
            .mapToObj(i -> precision.quantizer(TensorRole.DIFF_DST, i % 2, i / 2))
            .distinct()
            .count();
    assertEquals(4, distinct);
    assertEquals(
        precision.quantizer(TensorRole.DIFF_DST, 1, 5),
        precision.quantizer(TensorRole.DIFF_DST, 1, 5));
  }
}
