package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Graphs with the ops that train, are saved in both of SameDiff's formats, and go on. */
class SameDiffGraphTest {

  private static final long SEED = 5;

  /** Every setting differs from its default. */
  private static final ConvolutionSpec SPEC =
      new ConvolutionSpec(3, 2, 2, 1, 0, 0, 1, 2, PaddingMode.SAME, true, WeightsFormat.OYXI);

  private static final OpPrecision PRECISION =
      new OpPrecision(
          true,
          false,
          true,
          Rounding.TRUNCATE,
          Rounding.NEAREST_AWAY,
          Rounding.NEAREST_EVEN,
          1,
          -5_000_000_000L,
          true);

  @TempDir Path directory;

  @Test
  void savedAndLoaded() throws IOException {
    File file = directory.resolve("graph.sd").toFile();
    SameDiff sd = graph();
    fit(sd);
    sd.save(file, true);
    check(sd, SameDiff.load(file, true));
  }

  @Test
  void flatBuffers() throws IOException {
    File file = directory.resolve("graph.fb").toFile();
    SameDiff sd = graph();
    fit(sd);
    sd.asFlatFile(file, true);
    check(sd, SameDiff.fromFlatFile(file, true));
  }

  @Test
  void copied() {
    SameDiff sd = graph();
    check(sd, sd.dup());
  }

  @Test
  void twoGraphsInTwoThreadsTrainAsOneDoes() throws Exception {
    SameDiff alone = graph();
    fit(alone);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Callable<SameDiff> work =
          () -> {
            SameDiff sd = graph();
            fit(sd);
            return sd;
          };
      for (Future<SameDiff> trained : threads.invokeAll(List.of(work, work))) {
        checkParameters(alone, trained.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static SameDiff graph() {
    Random random = new Random(SEED);
    SameDiff sd = SameDiff.create();
    SDVariable input = sd.placeHolder("input", DataType.FLOAT, -1, 6, 5, 2);
    SDVariable labels = sd.placeHolder("labels", DataType.FLOAT, -1, 3);
    SDVariable w = sd.var("w", ConvolutionCases.normal(random, 4, 3, 2, 2));
    SDVariable b = sd.var("b", ConvolutionCases.normal(random, 4));
    SDVariable z = DfpOps.conv2d(sd, "z", input, w, b, SPEC.toConfig(), PRECISION);
    SDVariable[] q =
        DfpOps.quantize(sd, new String[] {"m", "e"}, z, new Quantizer(Rounding.TRUNCATE, 2, 7));
    DfpOps.dequantize(sd, "back", q[0], q[1]);
    SDVariable flat = sd.nn.relu(z, 0).reshape(-1, 60);
    SDVariable v = sd.var("v", ConvolutionCases.normal(random, 3, 60));
    SDVariable y = DfpOps.matmul(sd, "y", flat, v, false, true, PRECISION);
    sd.loss.softmaxCrossEntropy("loss", labels, y, null);
    sd.setLossVariables("loss");
    sd.setTrainingConfig(
        TrainingConfig.builder()
            .updater(new Adam(0.01))
            .dataSetFeatureMapping("input")
            .dataSetLabelMapping("labels")
            .build());
    return sd;
  }

  private static DataSet data() {
    Random random = new Random(SEED + 1);
    INDArray labels = ConvolutionCases.zeros(4, 3);
    for (int i = 0; i < 4; i++) {
      labels.putScalar(i, i % 3, 1);
    }
    return new DataSet(ConvolutionCases.normal(random, 4, 6, 5, 2), labels);
  }

  private static void fit(SameDiff sd) {
    for (int i = 0; i < 3; i++) {
      sd.fit(data());
    }
  }

  /** The copy has the same settings, computes the same bits and goes on with the same bits. */
  private static void check(SameDiff original, SameDiff copy) {
    for (DifferentialFunction op : original.ops()) {
      if (op instanceof DfpOp) {
        DifferentialFunction same = copy.getOpById(op.getOwnName());
        assertEquals(op.getClass(), same.getClass());
        assertEquals(op.propertiesForFunction(), same.propertiesForFunction());
      }
    }
    Map<String, INDArray> inputs = Map.of("input", data().getFeatures());
    for (String name : new String[] {"z", "back", "y"}) {
      ConvolutionCases.assertSameBits(
          original.output(inputs, name).get(name), copy.output(inputs, name).get(name));
    }
    fit(original);
    fit(copy);
    checkParameters(original, copy);
  }

  private static void checkParameters(SameDiff original, SameDiff copy) {
    for (String name : new String[] {"w", "b", "v"}) {
      ConvolutionCases.assertSameBits(original.getArrForVarName(name), copy.getArrForVarName(name));
    }
  }
}
