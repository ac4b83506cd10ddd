package org.dfp4j.examples.bench.step;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.Shipped;
import org.dfp4j.layers.stats.DfpStatsListener;
import org.dfp4j.ui.StorageSink;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A network of the DL4J zoo as it is shipped, or the same converted to DFP-16. */
final class Dl4jSubject implements Subject {

  private final Implementation implementation;
  private final Mode mode;
  private final Model model;
  private final DataSet batch;
  private INDArray output;

  Dl4jSubject(Implementation implementation, StepSettings settings) {
    this.implementation = implementation;
    this.mode = settings.mode();
    this.model = network(settings).model();
    this.batch = batch(settings);
    if (settings.learningRate() != null) {
      setLearningRate(settings.learningRate());
    }
    if (implementation == Implementation.DL4J_ONEDNN) {
      OneDnnHelpers.checkLoaded(model);
    }
    if (implementation == Implementation.DFP16_STATS) {
      StorageSink sink = new StorageSink(new InMemoryStatsStorage(), implementation.key());
      DfpStatsListener.to(sink).frequency(1).attach(model);
    }
  }

  private Network network(StepSettings s) {
    Architecture fp32 =
        mode == Mode.TRAIN
            ? Shipped.architecture(s.model(), s.size(), s.classes(), s.seed())
            : Shipped.finite(s.model(), s.size(), s.classes(), s.seed());
    if (s.updater() != null) {
      fp32.trainWith(s.updater().create(s.updater().defaultRate()));
    }
    return implementation.isDfp16()
        ? Conversion.DFP16.toDfp16(fp32).initialize()
        : fp32.initialize();
  }

  private void setLearningRate(double rate) {
    if (model instanceof MultiLayerNetwork layers) {
      layers.setLearningRate(rate);
    } else {
      ((ComputationGraph) model).setLearningRate(rate);
    }
  }

  private static DataSet batch(StepSettings s) {
    Nd4j.getRandom().setSeed(s.seed());
    int channels = Shipped.entry(s.model()).channels();
    INDArray features =
        Nd4j.rand(DataType.FLOAT, new long[] {s.batch(), channels, s.size(), s.size()});
    INDArray labels = Nd4j.zeros(DataType.FLOAT, s.batch(), s.classes());
    for (int i = 0; i < s.batch(); i++) {
      labels.putScalar(i, (31 * i + 7) % s.classes(), 1);
    }
    return new DataSet(features, labels);
  }

  @Override
  public String description() {
    return switch (implementation) {
      case DFP16, DFP16_STATS -> Machine.kernels().used();
      case DL4J_ONEDNN -> Machine.baseline() + ", " + OneDnnHelpers.library();
      default -> Machine.baseline() + ", " + Machine.nd4jClassifier();
    };
  }

  @Override
  public void step() {
    if (mode == Mode.TRAIN) {
      ((NeuralNetwork) model).fit(batch);
    } else if (model instanceof MultiLayerNetwork layers) {
      output = layers.output(batch.getFeatures());
    } else {
      output = ((ComputationGraph) model).outputSingle(batch.getFeatures());
    }
  }

  @Override
  public double outcome() {
    return mode == Mode.TRAIN ? model.score() : output.sumNumber().doubleValue();
  }

  /** Arrays outside the heap are freed when their Java objects are collected. */
  @Override
  public void tidy() {
    if (implementation == Implementation.DL4J_ONEDNN) {
      OneDnnHelpers.checkRan(model);
    }
    output = null;
    Nd4j.getMemoryManager().invokeGc();
  }

  @Override
  public void close() {
    if (model instanceof MultiLayerNetwork layers) {
      layers.close();
    } else {
      ((ComputationGraph) model).close();
    }
  }
}
