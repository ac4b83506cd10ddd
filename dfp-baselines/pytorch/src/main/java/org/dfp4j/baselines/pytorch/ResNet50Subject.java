package org.dfp4j.baselines.pytorch;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import org.dfp4j.examples.bench.step.Mode;
import org.dfp4j.examples.bench.step.StepSettings;
import org.dfp4j.examples.bench.step.Subject;

/** {@link ZooResNet50} in FP32, with stochastic gradient descent and softmax loss. */
final class ResNet50Subject implements Subject {

  private static final int CHANNELS = 3;
  private static final float RATE = 0.001f;

  private final Mode mode;
  private final Engine engine;
  private final Model model;
  private final Trainer trainer;
  private final NDManager arrays;
  private final NDList features;
  private final NDList labels;
  private double outcome;

  ResNet50Subject(StepSettings s) {
    this.mode = s.mode();
    this.engine = Engine.getEngine("PyTorch");
    engine.setRandomSeed((int) s.seed());
    this.model = Model.newInstance("resnet50", "PyTorch");
    model.setBlock(ZooResNet50.block(s.classes()));
    this.trainer =
        model.newTrainer(
            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(
                    Optimizer.sgd()
                        .setLearningRateTracker(
                            Tracker.fixed(
                                s.learningRate() == null ? RATE : s.learningRate().floatValue()))
                        .build()));
    Shape images = new Shape(s.batch(), CHANNELS, s.size(), s.size());
    trainer.initialize(images);
    this.arrays = trainer.getManager().newSubManager();
    this.features = new NDList(arrays.randomUniform(0, 1, images, DataType.FLOAT32));
    float[] classes = new float[s.batch()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (31 * i + 7) % s.classes();
    }
    this.labels = new NDList(arrays.create(classes, new Shape(s.batch(), 1)));
  }

  @Override
  public String description() {
    return "PyTorch "
        + engine.getVersion()
        + ", DJL "
        + Engine.getDjlVersion()
        + ", "
        + parameters()
        + " parameters, SGD";
  }

  private long parameters() {
    return model.getBlock().getParameters().values().stream()
        .filter(Parameter::requiresGradient)
        .mapToLong(parameter -> parameter.getArray().size())
        .sum();
  }

  /** What a step makes belongs to its input's manager and ends with that. */
  @Override
  public void step() {
    try (NDManager ofStep = arrays.newSubManager()) {
      features.attach(ofStep);
      if (mode == Mode.TRAIN) {
        train();
      } else {
        outcome = trainer.evaluate(features).singletonOrThrow().sum().getFloat();
      }
      features.attach(arrays);
    }
  }

  private void train() {
    try (GradientCollector gradients = trainer.newGradientCollector()) {
      NDList output = trainer.forward(features);
      NDArray loss = trainer.getLoss().evaluate(labels, output);
      gradients.backward(loss);
      outcome = loss.getFloat();
    }
    trainer.step();
  }

  @Override
  public double outcome() {
    return outcome;
  }

  @Override
  public void tidy() {
    System.gc();
  }

  @Override
  public void close() {
    arrays.close();
    trainer.close();
    model.close();
  }
}
