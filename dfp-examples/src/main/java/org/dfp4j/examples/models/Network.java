package org.dfp4j.examples.models;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.ToDoubleFunction;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** A network of either of DL4J's two kinds, with what training needs of it. */
public final class Network {

  private final Model model;

  /** Wraps a {@link MultiLayerNetwork} or a {@link ComputationGraph}. */
  public Network(Model model) {
    if (!(model instanceof MultiLayerNetwork) && !(model instanceof ComputationGraph)) {
      throw new IllegalArgumentException(
          "model: expected MultiLayerNetwork or ComputationGraph, got " + model);
    }
    this.model = model;
  }

  /** DL4J's own object. */
  public Model model() {
    return model;
  }

  /**
   * Runs one training iteration.
   *
   * @param batch may be changed by layers that work in place
   * @param seed of ND4J's random numbers, so that dropout is the same for the same seed
   * @return the score of the batch, regularization included
   */
  public double fit(DataSet batch, long seed) {
    Nd4j.getRandom().setSeed(seed);
    ((NeuralNetwork) model).fit(batch);
    return model.score();
  }

  /** Feeds the images through the network and lets {@code evaluation} collect the outcome. */
  public <T extends IEvaluation<?>> T evaluate(DataSetIterator images, T evaluation) {
    ((NeuralNetwork) model).doEvaluation(images, new IEvaluation<?>[] {evaluation});
    return evaluation;
  }

  /**
   * How often the network is right, 0 to 1; NaN where it gives a NaN.
   *
   * @param accuracy takes the accuracy from {@code evaluation}
   */
  public <T extends IEvaluation<?>> double accuracy(
      DataSetIterator images, T evaluation, ToDoubleFunction<T> accuracy) {
    try {
      return accuracy.applyAsDouble(evaluate(images, evaluation));
    } catch (IllegalStateException e) {
      // How DL4J refuses to evaluate a NaN.
      if (e.getMessage() != null && e.getMessage().contains("NaNs present")) {
        return Double.NaN;
      }
      throw e;
    }
  }

  /**
   * What the network says about some images.
   *
   * @param features {@code [mb, c, h, w]}
   * @return {@code [mb, classes]}, of the first output
   */
  public INDArray output(INDArray features) {
    return model instanceof MultiLayerNetwork layers
        ? layers.output(features, false)
        : ((ComputationGraph) model).output(false, features)[0];
  }

  /** All parameters in one row; a view, not a copy. */
  public INDArray parameters() {
    return model.params();
  }

  /** The updater's state in one row, null where it has none; a view, not a copy. */
  public INDArray updaterState() {
    return ((NeuralNetwork) model).updaterState();
  }

  /** Number of training iterations so far. */
  public int iteration() {
    return model instanceof MultiLayerNetwork layers
        ? layers.getIterationCount()
        : ((ComputationGraph) model).getIterationCount();
  }

  /** Number of finished passes over the training images. */
  public int epoch() {
    return model instanceof MultiLayerNetwork layers
        ? layers.getEpochCount()
        : ((ComputationGraph) model).getEpochCount();
  }

  /** Counts a finished pass over the training images. */
  public void nextEpoch() {
    if (model instanceof MultiLayerNetwork layers) {
      layers.incrementEpochCount();
    } else {
      ((ComputationGraph) model).incrementEpochCount();
    }
  }

  /** Adds a listener to those of the network. */
  public void listen(TrainingListener listener) {
    model.addListeners(listener);
  }

  /** Frees the network's arrays, after which it cannot be used. */
  public void close() {
    if (model instanceof MultiLayerNetwork layers) {
      layers.close();
    } else {
      ((ComputationGraph) model).close();
    }
  }

  /** Writes parameters, configuration and updater state in DL4J's format. */
  public void save(Path file) throws IOException {
    ModelSerializer.writeModel(model, file.toFile(), true);
  }

  /** Reads what {@link #save} wrote. */
  public static Network load(Path file) throws IOException {
    Model model =
        isGraph(file)
            ? ModelSerializer.restoreComputationGraph(file.toFile(), true)
            : ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
    return new Network(model);
  }

  private static boolean isGraph(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(ModelSerializer.CONFIGURATION_JSON);
      if (entry == null) {
        throw new IOException("no " + ModelSerializer.CONFIGURATION_JSON + " in " + file);
      }
      String json = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
      return json.contains("\"vertexInputs\"");
    }
  }
}
