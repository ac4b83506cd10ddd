package org.dfp4j.layers.update;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** The same gradient updates a converted network and its stock twin alike, bit for bit. */
class NetworkUpdateTest {

  private static final int BATCH = 5;

  private final DataSet data = Nets.images(BATCH, Nets.SEED);

  /** A graph and the policy that converts it. */
  private record Case(ComputationGraphConfiguration conf, PrecisionPolicy policy) {}

  static Stream<Named<Case>> cases() {
    PrecisionPolicy all = PrecisionPolicy.DFP16;
    return Stream.of(
        named(
            "rmsProp, l1, l2", all, b -> b.updater(new RmsProp(0.1, 0.96, 1e-3)).l1(0.01).l2(0.02)),
        named("adam with a schedule", all, b -> b.updater(new Adam(schedule())).l2(0.02)),
        named("nesterovs, weight decay", all, b -> b.updater(new Nesterovs(0.1)).weightDecay(0.1)),
        named("sgd, bias l1", all, b -> b.updater(new Sgd(0.1)).l1Bias(0.1).weightDecayBias(0.1)),
        named(
            "another bias updater",
            all,
            b -> b.updater(new Adam(0.1)).biasUpdater(new RmsProp(0.2)).l1(0.1)),
        named("a stock updater", all, b -> b.updater(new AdaGrad(0.1)).l2(0.1)),
        named(
            "clipping, constraints, no division by the batch",
            all,
            b ->
                b.gradientNormalization(GradientNormalization.ClipElementWiseAbsoluteValue)
                    .gradientNormalizationThreshold(1e-3)
                    .constrainWeights(new MaxNormConstraint(0.5, 1))
                    .miniBatch(false)
                    .l1(0.01)
                    .l2(0.02)),
        named(
            "stock and converted layers in turns",
            PrecisionPolicy.builder().include("left", "output").build(),
            b -> b.updater(new Adam(0.1)).l1(0.01).l2(0.02)),
        Named.of("a frozen layer", new Case(frozen(), all)));
  }

  private static ExponentialSchedule schedule() {
    return new ExponentialSchedule(ScheduleType.ITERATION, 0.1, 0.7);
  }

  private static Named<Case> named(
      String name, PrecisionPolicy policy, UnaryOperator<NeuralNetConfiguration.Builder> settings) {
    NeuralNetConfiguration.Builder defaults = settings.apply(Nets.defaults(new Sgd(0.1)));
    return Named.of(name, new Case(Nets.graph(defaults), policy));
  }

  private static ComputationGraphConfiguration frozen() {
    ComputationGraphConfiguration conf = Nets.graph(Nets.defaults(new Adam(0.1)).l2(0.1));
    NeuralNetConfiguration holder = ((LayerVertex) conf.getVertices().get("left")).getLayerConf();
    holder.setLayer(new FrozenLayer(holder.getLayer()));
    return conf;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void updatesAreThoseOfTheStockTwin(Case each) {
    ComputationGraph network =
        new ComputationGraph(MixedPrecision.of(each.policy()).convert(each.conf()));
    network.init();
    network.fit(data);
    network.fit(data);
    ComputationGraph stock = MixedPrecision.fp32().convert(network);
    assertSameBits(network.params(), stock.params(), "parameters");
    assertEquals(blocks(stock), blocks(network), "blocks of parameters");
    double score = stock.calcRegularizationScore(true);
    // DL4J's sums of n terms are FP32.
    double tolerance = 2 * network.numParams() * 0x1p-24 * score;
    assertEquals(score, network.calcRegularizationScore(true), tolerance);
    for (int i = 0; i < 3; i++) {
      gradient(network);
      gradient(stock);
      stock.getFlattenedGradients().assign(network.getFlattenedGradients());
      update(network);
      update(stock);
      String when = "update " + i;
      assertSameBits(stock.getFlattenedGradients(), network.getFlattenedGradients(), when);
      if (stock.getUpdater().getStateViewArray() != null) {
        assertSameBits(
            stock.getUpdater().getStateViewArray(),
            network.getUpdater().getStateViewArray(),
            "state after " + when);
      }
      assertSameBits(stock.params(), network.params(), "parameters after " + when);
    }
  }

  private void gradient(ComputationGraph network) {
    network.setInputs(data.getFeatures());
    network.setLabels(data.getLabels());
    network.computeGradientAndScore();
  }

  /** What the optimizer does after the gradient. */
  private static void update(ComputationGraph network) {
    int iteration = network.getIterationCount();
    network
        .getUpdater()
        .update(network.gradient(), iteration, 0, BATCH, LayerWorkspaceMgr.noWorkspaces());
    network.params().subi(network.getFlattenedGradients().reshape(network.numParams()));
    network.getConfiguration().setIterationCount(iteration + 1);
    network.applyConstraints(iteration, 0);
  }

  /** Where each block begins and ends in the parameters and in the state. */
  private static List<String> blocks(ComputationGraph network) {
    ComputationGraphUpdater updater = network.getUpdater();
    assertTrue(updater.getUpdaterBlocks().size() > 1, "several blocks");
    return updater.getUpdaterBlocks().stream().map(NetworkUpdateTest::describe).toList();
  }

  private static String describe(UpdaterBlock block) {
    return block.getParamOffsetStart()
        + "-"
        + block.getParamOffsetEnd()
        + " "
        + block.getUpdaterViewOffsetStart()
        + "-"
        + block.getUpdaterViewOffsetEnd();
  }

  @Test
  void convertedLayersUseTheStandIns() {
    NeuralNetConfiguration.Builder defaults = Nets.defaults(new Adam(0.1)).l1(0.1).l2(0.1);
    ComputationGraph network =
        new ComputationGraph(MixedPrecision.dfp16().convert(Nets.graph(defaults)));
    network.init();
    for (String name : List.of("stem", "left", "right", "dense", "output")) {
      TrainingConfig layer = network.getLayer(name).getConfig();
      assertEquals(Fp32Adam.class, layer.getUpdaterByParam("W").getClass(), name);
      assertEquals(1, layer.getRegularizationByParam("W").size(), name);
    }
    TrainingConfig norm = network.getLayer("bn").getConfig();
    assertEquals(Fp32Adam.class, norm.getUpdaterByParam("gamma").getClass());
    assertEquals(NoOp.class, norm.getUpdaterByParam("mean").getClass());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theConfigurationNamesStockClassesOnly(Case each) {
    String json = MixedPrecision.of(each.policy()).convert(each.conf()).toJson();
    assertTrue(!json.contains("org.dfp4j.layers.update"), json);
  }
}
