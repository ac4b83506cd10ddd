package org.dfp4j.baselines.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.ServiceLoader;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.dfp4j.examples.bench.step.Implementation;
import org.dfp4j.examples.bench.step.Mode;
import org.dfp4j.examples.bench.step.StepSettings;
import org.dfp4j.examples.bench.step.Subject;
import org.dfp4j.examples.bench.step.SubjectFactory;
import org.dfp4j.examples.models.Shipped;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The network that PyTorch runs. */
class ResNet50SubjectTest {

  private static final int SIZE = 133;
  private static final int BATCH = 2;
  private static final int CLASSES = 10;
  private static final int STEPS = 8;

  private static Subject subject(Mode mode) {
    SubjectFactory factory = ServiceLoader.load(SubjectFactory.class).findFirst().orElseThrow();
    assertEquals(Implementation.PYTORCH, factory.implementation());
    return factory.create(new StepSettings("resnet50", SIZE, BATCH, CLASSES, null, null, mode, 1));
  }

  @Test
  void hasAsManyParametersAsTheZoos() {
    Map<String, INDArray> all =
        Shipped.architecture("resnet50", SIZE, CLASSES, 1).initialize().model().paramTable();
    long trained =
        all.entrySet().stream()
            .filter(e -> !e.getKey().endsWith(BatchNormalizationParamInitializer.GLOBAL_MEAN))
            .filter(e -> !e.getKey().endsWith(BatchNormalizationParamInitializer.GLOBAL_VAR))
            .filter(e -> !e.getKey().endsWith(BatchNormalizationParamInitializer.GLOBAL_LOG_STD))
            .mapToLong(e -> e.getValue().length())
            .sum();
    try (Subject subject = subject(Mode.TRAIN)) {
      assertTrue(
          subject.description().contains(" " + trained + " parameters"),
          trained + " parameters in " + subject.description());
    }
  }

  @Test
  void learnsItsBatch() {
    try (Subject subject = subject(Mode.TRAIN)) {
      subject.step();
      double first = subject.outcome();
      for (int i = 1; i < STEPS; i++) {
        subject.step();
      }
      assertTrue(subject.outcome() < first, subject.outcome() + " after " + first);
    }
  }

  @Test
  void infersTheSameEachTime() {
    try (Subject subject = subject(Mode.OUTPUT)) {
      subject.step();
      double first = subject.outcome();
      subject.step();
      assertEquals(first, subject.outcome());
    }
  }
}
