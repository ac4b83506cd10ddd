package org.dfp4j.examples.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The architecture of Szegedy et al. 2014; its convolutions are checked with the shape lists. */
class GoogLeNetTest {

  private static final int CLASSES = 4;

  private static GoogLeNet.Builder small() {
    return GoogLeNet.builder().numClasses(CLASSES).seed(1).updater(new Sgd(0.01));
  }

  /** 5.98 million in convolutions, 1.03 million in the classifier. */
  @Test
  void hasThePublishedNumberOfParameters() {
    ComputationGraph network = GoogLeNet.builder().inputShape(new int[] {3, 32, 32}).build().init();
    assertEquals(6_998_552, network.numParams());
    network.close();
  }

  @Test
  void normalizesTwice() {
    List<Layer> layers =
        small().build().conf().getVertices().values().stream()
            .filter(LayerVertex.class::isInstance)
            .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
            .toList();
    assertEquals(2, layers.stream().filter(LocalResponseNormalization.class::isInstance).count());
  }

  @Test
  void auxiliaryHeadsTrainToo() {
    GoogLeNet model = small().inputShape(new int[] {3, 65, 65}).auxiliaryHeads(true).build();
    ComputationGraph network = model.init();
    assertEquals(List.of("output", "aux1", "aux2"), network.getConfiguration().getNetworkOutputs());
    INDArray weights = network.getLayer("aux1").getParam("W").dup();
    INDArray images = Nd4j.rand(DataType.FLOAT, 2, 3, 65, 65);
    INDArray labels = Nd4j.eye(CLASSES).castTo(DataType.FLOAT).getRows(0, 1);
    INDArray[] all = {labels, labels.dup(), labels.dup()};
    network.fit(new MultiDataSet(new INDArray[] {images}, all));
    assertTrue(Double.isFinite(network.score()), "score");
    assertNotEquals(weights, network.getLayer("aux1").getParam("W"));
    network.close();
  }

  @Test
  void imagesTooSmallForTheHeadsAreRefused() {
    GoogLeNet.Builder builder = small().inputShape(new int[] {3, 65, 64}).auxiliaryHeads(true);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
    assertEquals(
        "inputShape: expected height and width >= 65 with auxiliary heads, got 65 and 64",
        e.getMessage());
  }

  @Test
  @SuppressWarnings("deprecation") // as the zoo's models have it
  void isAModelOfTheZoosKind() {
    GoogLeNet model = small().build();
    assertEquals(ComputationGraph.class, model.modelType());
    assertArrayEquals(new int[] {3, 224, 224}, model.metaData().getInputShape()[0]);
    model.setInputShape(new int[][] {{3, 40, 48}});
    assertArrayEquals(new int[] {3, 40, 48}, model.metaData().getInputShape()[0]);
    assertThrows(UnsupportedOperationException.class, model::initPretrained);
  }
}
