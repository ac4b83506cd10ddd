package org.dfp4j.examples.models;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.ZooModel;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.VGG19;
import org.deeplearning4j.zoo.model.Xception;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Architecture.Graph;
import org.dfp4j.examples.models.Architecture.Layers;

/**
 * Models that classify images with the updater, regularization and initial weights that their
 * authors gave them, for comparisons of speed. {@link Zoo} changes some of these for training.
 */
public final class Shipped {

  private static final Map<String, Class<?>> ZOO =
      Map.of(
          "alexnet", AlexNet.class,
          "darknet19", Darknet19.class,
          "facenetnn4small2", FaceNetNN4Small2.class,
          "inceptionresnetv1", InceptionResNetV1.class,
          "lenet", LeNet.class,
          "resnet50", ResNet50.class,
          "squeezenet", SqueezeNet.class,
          "vgg16", VGG16.class,
          "vgg19", VGG19.class,
          "xception", Xception.class);

  private Shipped() {}

  /** The entry of {@link Zoo}; a {@link UsageException} where it does not classify images. */
  public static ZooEntry entry(String model) {
    ZooEntry entry = Zoo.byName(model);
    if (entry.task() != Task.CLASSIFICATION) {
      throw new UsageException(
          "--model",
          "a model that classifies images",
          entry.name() + ", which " + entry.task().words());
    }
    return entry;
  }

  /**
   * The configuration as the DL4J zoo ships it; of a model that is not the zoo's alone, as {@link
   * Zoo} trains it.
   *
   * @param model name in {@link Zoo}
   * @param size height and width of the images
   * @param seed of the initial weights
   */
  public static Architecture architecture(String model, int size, int classes, long seed) {
    ZooEntry entry = entry(model);
    entry.checkSize(size);
    Class<?> type = ZOO.get(entry.name());
    if (type == null) {
      return finite(model, size, classes, seed);
    }
    int[] shape = {entry.channels(), size, size};
    return configuration(Zoo.shipped(type, shape, classes, seed));
  }

  /**
   * The configuration as {@link Zoo} trains it. Its outputs are finite from the beginning: with the
   * DL4J zoo's own weights, untrained ResNet-50 infers infinities.
   */
  public static Architecture finite(String model, int size, int classes, long seed) {
    ZooEntry entry = entry(model);
    ZooEntry.Training training = entry.training();
    return entry.build(
        new NetworkShape(
            entry.channels(), size, classes, seed, training.updater().create(training.rate())));
  }

  /** Some zoo models have a configuration only once they are initialized. */
  private static Architecture configuration(ZooModel<?> zoo) {
    Object network = zoo.init();
    if (network instanceof MultiLayerNetwork layers) {
      Architecture architecture = new Layers(layers.getLayerWiseConfigurations().clone());
      layers.close();
      return architecture;
    }
    ComputationGraph graph = (ComputationGraph) network;
    Architecture architecture = new Graph(graph.getConfiguration().clone());
    graph.close();
    return architecture;
  }
}
