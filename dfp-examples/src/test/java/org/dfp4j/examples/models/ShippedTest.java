package org.dfp4j.examples.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.distribution.TruncatedNormalDistribution;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Architecture.Graph;
import org.dfp4j.examples.models.Architecture.Layers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/** Models with the settings of their authors. */
class ShippedTest {

  private static final Set<String> STATISTICS =
      Set.of(
          BatchNormalizationParamInitializer.GLOBAL_MEAN,
          BatchNormalizationParamInitializer.GLOBAL_VAR,
          BatchNormalizationParamInitializer.GLOBAL_LOG_STD);

  @Test
  void resNetKeepsUpdaterRegularizationAndWeights() {
    Architecture shipped = Shipped.architecture("resnet50", 96, 1000, 1);
    ComputationGraphConfiguration graph = ((Graph) shipped).configuration();
    BaseLayer layer =
        (BaseLayer)
            ((LayerVertex) graph.getVertices().get("res2a_branch2a")).getLayerConf().getLayer();
    assertEquals(new RmsProp(0.1, 0.96, 0.001), layer.getIUpdater());
    assertEquals(
        List.of(L1Regularization.class, L2Regularization.class),
        layer.getRegularization().stream().map(Object::getClass).toList());
    assertEquals(
        new WeightInitDistribution(new TruncatedNormalDistribution(0, 0.5)),
        layer.getWeightInitFn());
  }

  @Test
  void trainsWithAnotherUpdaterAndNothingElse() {
    Architecture shipped = Shipped.architecture("resnet50", 96, 1000, 1);
    shipped.trainWith(new Sgd(0.5));
    List<BaseLayer> layers =
        shipped.layers().filter(BaseLayer.class::isInstance).map(BaseLayer.class::cast).toList();
    assertFalse(layers.isEmpty());
    for (BaseLayer layer : layers) {
      for (String parameter : layer.initializer().paramKeys(layer)) {
        List<Regularization> regularization = layer.getRegularizationByParam(parameter);
        assertTrue(regularization == null || regularization.isEmpty(), layer.getLayerName());
        boolean statistic = STATISTICS.contains(parameter);
        assertEquals(statistic ? new NoOp() : new Sgd(0.5), layer.getUpdaterByParam(parameter));
      }
    }
  }

  @Test
  void leNetKeepsItsUpdater() {
    Layers shipped = (Layers) Shipped.architecture("lenet", 28, 10, 1);
    BaseLayer layer = (BaseLayer) shipped.configuration().getConf(0).getLayer();
    assertEquals(new AdaDelta(), layer.getIUpdater());
  }

  @ParameterizedTest
  @ValueSource(strings = {"darknet19", "facenetnn4small2", "squeezenet", "xception", "simplecnn"})
  void buildsAtTheSmallestSize(String model) {
    int size = Zoo.byName(model).sizes().minimum();
    assertNotNull(Shipped.architecture(model, size, 10, 1).initialize());
  }

  @Test
  void onlyClassifiers() {
    UsageException e = assertThrows(UsageException.class, () -> Shipped.entry("unet"));
    assertEquals(
        "--model: expected a model that classifies images, got unet, which segments images",
        e.getMessage());
  }
}
