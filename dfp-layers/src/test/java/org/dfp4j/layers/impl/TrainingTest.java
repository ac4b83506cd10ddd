package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.kernels.JavaKernels;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.tensor.Rounding;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Whole training runs of a small network. */
class TrainingTest {

  private static final DataSet TRAINING = Nets.images(64, Nets.SEED);
  private static final DataSet HELD_OUT = Nets.images(128, Nets.SEED + 1);

  private static MultiLayerNetwork net(PrecisionPolicy policy) {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            MixedPrecision.of(policy).convert(Nets.chain(Nets.defaults(new Adam(0.01)))));
    net.init();
    return net;
  }

  /** Trains for some steps; the score of each. */
  private static double[] train(MultiLayerNetwork net, int steps) {
    double[] scores = new double[steps];
    for (int i = 0; i < steps; i++) {
      net.fit(TRAINING.getFeatures(), TRAINING.getLabels());
      scores[i] = net.score();
    }
    return scores;
  }

  private static double accuracy(MultiLayerNetwork net) {
    int[] guesses = net.predict(HELD_OUT.getFeatures());
    int right = 0;
    for (int i = 0; i < guesses.length; i++) {
      right += (int) HELD_OUT.getLabels().getFloat(i, guesses[i]);
    }
    return right / (double) guesses.length;
  }

  @ParameterizedTest
  @ValueSource(strings = {"DFP16", "PAPER", "STOCHASTIC"})
  void theTwinLearnsAsFp32Does(String recipe) {
    PrecisionPolicy policy =
        switch (recipe) {
          case "DFP16" -> PrecisionPolicy.DFP16;
          case "PAPER" -> PrecisionPolicy.PAPER;
          default -> PrecisionPolicy.builder().rounding(Rounding.STOCHASTIC).seed(7).build();
        };
    MultiLayerNetwork fp32 = net(PrecisionPolicy.FP32);
    MultiLayerNetwork dfp = net(policy);
    double[] expected = train(fp32, 40);
    double[] actual = train(dfp, 40);
    assertEquals(expected[0], actual[0], 1e-3 * expected[0], "score at the start");
    assertTrue(expected[39] < 0.5 * expected[0], "FP32 learns: " + expected[39]);
    assertEquals(expected[39], actual[39], 0.05 * expected[0], "score at the end");
    assertTrue(accuracy(fp32) > 0.9, "FP32 accuracy " + accuracy(fp32));
    assertTrue(accuracy(dfp) > accuracy(fp32) - 0.05, "DFP accuracy " + accuracy(dfp));
  }

  private static double[] scoresWith(Kernels kernels) {
    MultiLayerNetwork net = net(PrecisionPolicy.DFP16);
    for (Layer layer : net.getLayers()) {
      if (layer instanceof Dfp16Impl) {
        new CountingKernels(kernels).watch(layer);
      }
    }
    return train(net, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avx2", "avx512vnni", "amxint8"})
  void everyInstructionSetGivesTheBitsOfJava(String isa) {
    Kernels kernels = null;
    try {
      kernels = NativeKernels.forIsa(isa);
    } catch (RuntimeException | LinkageError e) {
      assumeTrue(false, isa + ": " + e.getMessage());
    }
    assertArrayEquals(scoresWith(new JavaKernels()), scoresWith(kernels));
  }

  @Test
  void stochasticRoundingRepeatsByItsSeed() {
    PrecisionPolicy.Builder builder = PrecisionPolicy.builder().rounding(Rounding.STOCHASTIC);
    double[] first = train(net(builder.seed(1).build()), 3);
    MultiLayerNetwork again = net(builder.seed(1).build());
    double[] second = new double[3];
    for (int i = 0; i < 3; i++) {
      again.output(HELD_OUT.getFeatures());
      second[i] = train(again, 1)[0];
    }
    assertArrayEquals(first, second, "inference in between changes nothing");
    assertNotEquals(first[2], train(net(builder.seed(2).build()), 3)[2]);
  }

  @Test
  void twoNetworksTrainInTwoThreads() throws InterruptedException, ExecutionException {
    double[] alone = train(net(PrecisionPolicy.DFP16), 10);
    MultiLayerNetwork[] nets = {net(PrecisionPolicy.DFP16), net(PrecisionPolicy.DFP16)};
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Future<double[]> a = pool.submit(() -> train(nets[0], 10));
      Future<double[]> b = pool.submit(() -> train(nets[1], 10));
      assertArrayEquals(alone, a.get());
      assertArrayEquals(alone, b.get());
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(WorkspaceMode.class)
  void workspacesAndCachesChangeNoBit(WorkspaceMode mode) {
    double[] expected = train(net(PrecisionPolicy.DFP16), 3);
    MultiLayerConfiguration conf =
        MixedPrecision.dfp16().convert(Nets.chain(Nets.defaults(new Adam(0.01))));
    conf.setTrainingWorkspaceMode(mode);
    conf.setInferenceWorkspaceMode(mode);
    conf.setCacheMode(mode == WorkspaceMode.NONE ? CacheMode.NONE : CacheMode.DEVICE);
    MultiLayerNetwork net = new MultiLayerNetwork(conf);
    net.init();
    assertArrayEquals(expected, train(net, 3));
  }
}
