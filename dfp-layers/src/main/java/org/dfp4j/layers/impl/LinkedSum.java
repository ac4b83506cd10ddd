package org.dfp4j.layers.impl;

import java.util.Arrays;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.Fp32Kernels;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Rectifier;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A sum in one pass: of two tensors of one shape, normalized on the way where their vertices left
 * that to it, and with the activation after it where that is the only reader. Other sums are
 * DL4J's.
 */
@SuppressWarnings("overrides") // DL4J declares setInputs with and without varargs.
public final class LinkedSum extends ElementWiseVertex implements LinkedVertex {

  private static final long serialVersionUID = 1L;

  private final transient Fp32Kernels kernels;
  private transient boolean fused;
  private transient boolean activated;
  private transient boolean keepsActivations;

  /**
   * A vertex.
   *
   * @param graph that it is part of
   * @param name of the vertex
   * @param index of the vertex
   * @param dataType of the graph
   * @param kernels add
   */
  public LinkedSum(
      ComputationGraph graph, String name, int index, DataType dataType, Fp32Kernels kernels) {
    super(graph, name, index, Op.Add, dataType);
    this.kernels = kernels;
  }

  @Override
  public DeferredTensor deferred() {
    return null;
  }

  @Override
  public GradientLoan gradientLoan() {
    LinkedVertex reader = activated ? LinkedVertex.onlyReader(graph, this) : null;
    return reader == null ? null : reader.gradientLoan();
  }

  /** Whether the last forward pass computed the activation that reads it. */
  boolean hasActivated() {
    return activated;
  }

  @Override
  public boolean takesDeferred(boolean activated) {
    return !activated && isOfTwoFloats();
  }

  private boolean isOfTwoFloats() {
    return getNumInputArrays() == 2 && dataType == DataType.FLOAT;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    if (!keepsActivations) {
      LinkedVertex.keepActivations(graph);
      keepsActivations = true;
    }
    activated = false;
    fused = canDoForward() && isOfTwoFloats() && areAlike();
    if (!fused) {
      writeDeferredInputs(workspaceMgr);
      return super.doForward(training, workspaceMgr);
    }
    Rectifier f = null;
    Fp32ActivationImpl reader = activationOfOnlyReader();
    if (reader != null && TrainingStep.hidesActivations(graph, training, workspaceMgr)) {
      f = reader.function();
      activated = true;
    }
    INDArray y = create(workspaceMgr, ArrayType.ACTIVATIONS, inputs[0]);
    kernels.sum(term(0), term(1), f, y);
    return y;
  }

  /** Broadcasting and other data types are DL4J's. */
  private boolean areAlike() {
    return inputs[0].dataType() == dataType
        && inputs[1].dataType() == dataType
        && inputs[0].rank() >= 2
        && Arrays.equals(inputs[0].shape(), inputs[1].shape());
  }

  private DeferredTensor term(int i) {
    DeferredTensor deferred = deferredInput(i);
    return deferred == null ? DeferredTensor.of(inputs[i]) : deferred;
  }

  /** What the giver of input i left to this vertex; null where it has written it. */
  private DeferredTensor deferredInput(int i) {
    LinkedVertex giver = LinkedVertex.giver(graph, this, i);
    return giver == null ? null : giver.deferred();
  }

  private void writeDeferredInputs(LayerWorkspaceMgr workspaceMgr) {
    for (int i = 0; i < getNumInputArrays(); i++) {
      if (deferredInput(i) != null) {
        INDArray y = create(workspaceMgr, ArrayType.ACTIVATIONS, inputs[i]);
        kernels.write(term(i), y);
        inputs[i] = y;
      }
    }
  }

  /** An activation whose gradient is known by its output; null where that is not what reads. */
  private Fp32ActivationImpl activationOfOnlyReader() {
    return LinkedVertex.onlyReader(graph, this) instanceof LinkedLayer reader
            && reader.getLayerPreProcessor() == null
            && reader.getLayer() instanceof Fp32ActivationImpl activation
            && activation.function().isKnownByOutput()
        ? activation
        : null;
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
    if (!fused) {
      return super.doBackward(tbptt, workspaceMgr);
    }
    INDArray[] gradients = new INDArray[2];
    GradientLoan loan = gradientLoan();
    for (int i = 0; i < gradients.length; i++) {
      if (loan != null && deferredInput(i) != null) {
        gradients[i] = getEpsilon();
        loan.share();
      } else {
        // A copy each: DL4J adds other gradients to them.
        gradients[i] = create(workspaceMgr, ArrayType.ACTIVATION_GRAD, getEpsilon());
        kernels.write(DeferredTensor.of(getEpsilon()), gradients[i]);
      }
    }
    if (loan != null) {
      loan.release();
    }
    return new Pair<>(null, gradients);
  }

  private static INDArray create(LayerWorkspaceMgr workspaceMgr, ArrayType type, INDArray like) {
    return workspaceMgr.createUninitialized(type, DataType.FLOAT, like.shape(), 'c');
  }

  @Override
  public void clear() {
    super.clear();
    fused = false;
    activated = false;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
