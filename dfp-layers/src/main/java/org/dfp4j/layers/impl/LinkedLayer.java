package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The vertex of a layer that works together with its neighbours in a training step.
 *
 * <pre>
 *   batch norm                    only computes statistics; its reader normalizes
 *   activation after batch norm   before a convolution: the convolution computes it while it
 *                                 quantizes its input, and batch norm computes its gradient
 *                                 else: both in one pass
 *   activation after a sum        the sum computes it
 *   convolution before batch norm takes its bias gradient and its gradient's exponent from it
 * </pre>
 *
 * A reader takes part where it is the only one. All other passes, those of a graph with a listener
 * that reads activations among them, are DL4J's, vertex by vertex. {@link UnreadGradients} are not
 * computed.
 */
@SuppressWarnings("overrides") // DL4J declares setInputs with and without varargs.
public final class LinkedLayer extends LayerVertex implements LinkedVertex {

  private static final long serialVersionUID = 1L;

  private transient DeferredTensor deferred;
  private transient GradientLoan gradientLoan;
  private transient boolean keepsActivations;

  /** Of an activation: the sum that has computed it; null where none has. */
  private transient LinkedSum activatedBy;

  /**
   * A vertex in place of another one.
   *
   * @param stock holds the layer
   * @param dataType of the graph
   */
  public LinkedLayer(LayerVertex stock, DataType dataType) {
    super(
        stock.getGraph(),
        stock.getVertexName(),
        stock.getVertexIndex(),
        stock.getLayer(),
        stock.getLayerPreProcessor(),
        stock.isOutputVertex(),
        dataType);
  }

  @Override
  public DeferredTensor deferred() {
    return deferred;
  }

  @Override
  public GradientLoan gradientLoan() {
    return gradientLoan;
  }

  @Override
  public boolean takesDeferred(boolean activated) {
    if (getLayerPreProcessor() != null) {
      return false;
    }
    if (getLayer() instanceof Dfp16ConvolutionImpl convolution) {
      return convolution.takesDeferred();
    }
    return !activated
        && getLayer() instanceof Fp32ActivationImpl activation
        && (activation.function().isKnownByOutput() || hasReaderOfDeferred(true));
  }

  private boolean hasReaderOfDeferred(boolean activated) {
    LinkedVertex reader = LinkedVertex.onlyReader(graph, this);
    return reader != null && reader.takesDeferred(activated);
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    forget();
    if (!keepsActivations) {
      LinkedVertex.keepActivations(graph);
      keepsActivations = true;
    }
    LinkedVertex giver = LinkedVertex.giver(graph, this, 0);
    DeferredTensor input = giver == null ? null : giver.deferred();
    if (getLayer() instanceof Fp32BatchNormImpl norm) {
      return normalize(norm, training, workspaceMgr);
    }
    if (getLayer() instanceof Fp32ActivationImpl activation) {
      return activate(activation, giver, input, training, workspaceMgr);
    }
    if (getLayer() instanceof Dfp16ConvolutionImpl convolution) {
      convolution.readInputAs(input == null ? Pointwise.IDENTITY : input.function());
    }
    return super.doForward(training, workspaceMgr);
  }

  private INDArray normalize(
      Fp32BatchNormImpl norm, boolean training, LayerWorkspaceMgr workspaceMgr) {
    boolean defers =
        getLayerPreProcessor() == null
            && norm.canDefer()
            && TrainingStep.hidesActivations(graph, training, workspaceMgr)
            && hasReaderOfDeferred(false);
    if (!defers) {
      return super.doForward(training, workspaceMgr);
    }
    deferred = norm.defer();
    return deferred.x();
  }

  private INDArray activate(
      Fp32ActivationImpl activation,
      LinkedVertex giver,
      DeferredTensor input,
      boolean training,
      LayerWorkspaceMgr workspaceMgr) {
    if (giver instanceof LinkedSum sum && sum.hasActivated()) {
      activatedBy = sum;
      return inputs[0];
    }
    if (input == null) {
      return super.doForward(training, workspaceMgr);
    }
    if (hasReaderOfDeferred(true)) {
      deferred = input.then(activation.function());
      return inputs[0];
    }
    return activation.activate(input, workspaceMgr);
  }

  /** Whether the backward pass can do without the gradient by the input. */
  boolean canLeaveOutInputGradient() {
    return !isOutputVertex() && (getLayer() instanceof ConvolutionImpl || hasNoParameters());
  }

  boolean hasNoParameters() {
    return getLayer().conf().getLayer() instanceof NoParamLayer;
  }

  /** The backward pass where nobody reads the gradient by the input. */
  private Pair<Gradient, INDArray[]> backpropToParameters(LayerWorkspaceMgr workspaceMgr) {
    Gradient gradient = new DefaultGradient();
    if (getLayer() instanceof ConvolutionImpl convolution) {
      convolution.convolution().leaveOutInputGradient();
      gradient = getLayer().backpropGradient(getEpsilon(), workspaceMgr).getFirst();
    }
    return new Pair<>(gradient, new INDArray[1]);
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
    Fp32BatchNormImpl normAfter = normAfter();
    if (getLayer() instanceof ConvolutionImpl convolution && normAfter != null) {
      convolution.convolution().knowOutputGradient(normAfter.takeGradient());
    }
    if (UnreadGradients.isByInputOf(graph, this, workspaceMgr)) {
      return backpropToParameters(workspaceMgr);
    }
    LinkedVertex giver = LinkedVertex.giver(graph, this, 0);
    if (getLayer() instanceof Fp32BatchNormImpl norm) {
      return backprop(norm, giver, tbptt, workspaceMgr);
    }
    if (getLayer() instanceof Fp32ActivationImpl activation) {
      return backprop(activation, tbptt, workspaceMgr);
    }
    if (getLayer() instanceof Dfp16ConvolutionImpl convolution
        && giver != null
        && giver.deferred() != null) {
      gradientLoan = GradientLoan.of(inputs[0].shape());
      convolution.writeInputGradientTo(gradientLoan.array());
    }
    return super.doBackward(tbptt, workspaceMgr);
  }

  private Pair<Gradient, INDArray[]> backprop(
      Fp32BatchNormImpl norm, LinkedVertex giver, boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
    if (giver instanceof LinkedLayer below
        && below.getLayer() instanceof ConvolutionImpl convolution
        && below.normAfter() != null) {
      norm.keepGradient(convolution.convolution().hasBias());
    }
    if (deferred == null) {
      return super.doBackward(tbptt, workspaceMgr);
    }
    LinkedVertex reader = LinkedVertex.onlyReader(graph, this);
    DeferredTensor passed = reader.deferred();
    norm.backpropThrough(passed == null ? deferred.function() : passed.function());
    Pair<Gradient, INDArray[]> gradients = super.doBackward(tbptt, workspaceMgr);
    if (reader.gradientLoan() != null) {
      reader.gradientLoan().release();
    }
    return gradients;
  }

  private Pair<Gradient, INDArray[]> backprop(
      Fp32ActivationImpl activation, boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
    if (deferred != null) {
      gradientLoan = LinkedVertex.onlyReader(graph, this).gradientLoan();
      return new Pair<>(new DefaultGradient(), new INDArray[] {getEpsilon()});
    }
    if (activatedBy != null) {
      gradientLoan = GradientLoan.of(inputs[0].shape());
      activation.backpropByOutput(inputs[0], getEpsilon(), gradientLoan.array());
      return new Pair<>(new DefaultGradient(), new INDArray[] {gradientLoan.array()});
    }
    return super.doBackward(tbptt, workspaceMgr);
  }

  /** The batch norm that alone reads this vertex, as it is; null where another vertex does. */
  private Fp32BatchNormImpl normAfter() {
    return LinkedVertex.onlyReader(graph, this) instanceof LinkedLayer reader
            && reader.getLayerPreProcessor() == null
            && reader.getLayer() instanceof Fp32BatchNormImpl norm
        ? norm
        : null;
  }

  @Override
  public void clear() {
    super.clear();
    forget();
  }

  private void forget() {
    deferred = null;
    gradientLoan = null;
    activatedBy = null;
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
