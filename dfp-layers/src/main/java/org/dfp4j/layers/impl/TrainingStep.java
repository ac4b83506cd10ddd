package org.dfp4j.layers.impl;

import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.layers.ActivationReader;

/** Whether a forward pass belongs to a training step whose activations nobody else reads. */
final class TrainingStep {

  /** Where DL4J keeps the activations of a training step, and of nothing else in training mode. */
  private static final String ACTIVATIONS = "WS_ALL_LAYERS_ACT";

  private static final ClassValue<Boolean> READS_ACTIVATIONS =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          try {
            Class<?> declaring =
                type.getMethod("onForwardPass", Model.class, Map.class).getDeclaringClass();
            return declaring != BaseTrainingListener.class && declaring != TrainingListener.class;
          } catch (NoSuchMethodException e) {
            throw new IllegalStateException("listener: expected onForwardPass, got " + type, e);
          }
        }
      };

  private TrainingStep() {}

  /** Listeners that override {@code onForwardPass} get all activations, so all are computed. */
  static boolean hidesActivations(
      ComputationGraph graph, boolean training, LayerWorkspaceMgr workspaceMgr) {
    return training
        && workspaceMgr.hasConfiguration(ArrayType.ACTIVATIONS)
        && ACTIVATIONS.equals(workspaceMgr.getWorkspaceName(ArrayType.ACTIVATIONS))
        && graph.getListeners().stream().noneMatch(TrainingStep::readsActivations);
  }

  private static boolean readsActivations(TrainingListener listener) {
    return listener instanceof ActivationReader reader
        ? reader.readsActivations()
        : READS_ACTIVATIONS.get(listener.getClass());
  }
}
