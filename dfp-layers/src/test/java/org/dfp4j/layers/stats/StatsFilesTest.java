package org.dfp4j.layers.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.impl.Nets;
import org.dfp4j.layers.impl.QuantizationSample;
import org.dfp4j.layers.impl.TensorNumerics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Statistics in files, and sketches. */
class StatsFilesTest {

  @TempDir private Path folder;

  @Test
  void jsonLinesHoldPointsAndTensors() throws IOException {
    Path file = folder.resolve("stats.jsonl");
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    try (DfpStatsListener listener =
        DfpStatsListener.to(StatsSink.jsonLines(file)).frequency(2).attach(net)) {
      for (int i = 0; i < 3; i++) {
        net.fit(Nets.images(4, i));
      }
      listener.heldOut(new HeldOut(3, 0.5, 4));
    }
    ObjectMapper mapper = new ObjectMapper();
    int points = 0;
    int tensors = 0;
    int accuracies = 0;
    for (String line : Files.readAllLines(file)) {
      JsonNode row = mapper.readTree(line);
      points += row.has("score") ? 1 : 0;
      tensors += row.has("exponent") && row.has("sqnr") && row.has("forwardMs") ? 1 : 0;
      accuracies += row.has("heldOutAccuracy") ? 1 : 0;
    }
    assertEquals(3, points);
    assertEquals(2 * 4 * 3, tensors);
    assertEquals(1, accuracies);
  }

  @Test
  void csvHasOneLineForEachAndQuotesNames() throws IOException {
    Path file = folder.resolve("stats.csv");
    TensorNumerics tensor =
        new TensorNumerics(
            TensorRole.SRC, -14, 1.5f, true, 0, 1, 0, new QuantizationSample(4, 0.5, 0, 0, 80));
    TensorNumerics broken =
        new TensorNumerics(TensorRole.WEIGHTS, 0, Float.NaN, false, 0, 2, 1, null);
    LayerNumerics layer =
        new LayerNumerics("a,\"b\"", 0, null, List.of(tensor, broken), Map.of(), null, null);
    try (StatsSink sink = StatsSink.csv(file)) {
      sink.write(
          new StatsRecord(
              List.of(new TrainingPoint(0, 2.5, Double.NaN, 8)),
              new IterationNumerics(0, List.of(layer)),
              null));
    }
    assertEquals(
        List.of(
            "iteration,score,seconds,examples,heldOutAccuracy,layer,tensor,exponent,amax,nonFinite,"
                + "bitsUsed,underflow,saturated,sqnr,kernels,forwardMs,backwardDataMs,"
                + "backwardWeightsMs",
            "0,2.5,NaN,8,,,,,,,,,,,,,,",
            "0,,,,,\"a,\"\"b\"\"\",src,-14,1.5,0,0.5,0.0,0.0,80.0,,,,",
            "0,,,,,\"a,\"\"b\"\"\",weights,,NaN,1,,,,,,,,"),
        Files.readAllLines(file));
  }

  @Test
  void sketchesTellAnglesAndSurviveText() {
    INDArray x = Nd4j.rand(3, 1000);
    INDArray y = Nd4j.rand(500);
    Sketch sketch = Sketch.of(List.of(x, y), 256);
    assertEquals(256, sketch.size());
    assertEquals(1, sketch.cosine(sketch), 1e-12);
    assertEquals(-1, sketch.cosine(Sketch.of(List.of(x.neg(), y.neg()), 256)), 1e-12);
    assertEquals(sketch, Sketch.decode(sketch.encoded()));
    assertFalse(sketch.equals(Sketch.of(List.of(x, y.mul(2)), 256)));
    assertTrue(Double.isNaN(sketch.cosine(Sketch.of(List.of(y), 100))));
    INDArray few = Nd4j.createFromArray(3f, 4f);
    assertEquals(2, Sketch.of(List.of(few), 256).size());
    double cosine =
        Sketch.of(List.of(few), 9).cosine(Sketch.of(List.of(Nd4j.createFromArray(4f, 3f)), 9));
    assertEquals(24.0 / 25, cosine, 1e-12);
  }
}
