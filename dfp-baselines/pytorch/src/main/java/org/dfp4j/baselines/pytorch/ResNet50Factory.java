package org.dfp4j.baselines.pytorch;

import org.dfp4j.examples.bench.step.Implementation;
import org.dfp4j.examples.bench.step.StepSettings;
import org.dfp4j.examples.bench.step.Subject;
import org.dfp4j.examples.bench.step.SubjectFactory;

/** Makes {@link ResNet50Subject}s. */
public final class ResNet50Factory implements SubjectFactory {

  @Override
  public Implementation implementation() {
    return Implementation.PYTORCH;
  }

  @Override
  public Subject create(StepSettings settings) {
    return new ResNet50Subject(settings);
  }
}
