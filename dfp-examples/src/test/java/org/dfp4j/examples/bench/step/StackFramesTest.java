package org.dfp4j.examples.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.dfp4j.examples.bench.step.ProfileRow.Phase;
import org.dfp4j.examples.bench.step.StackFrames.Place;
import org.junit.jupiter.api.Test;

/** Which part of a step a stack belongs to. */
class StackFramesTest {

  private static final String NN = "org.deeplearning4j.nn.";
  private static final String GRAPH = NN + "graph.ComputationGraph";

  private static Place place(String... innermostFirst) {
    return new StackFrames()
        .place(
            Arrays.stream(innermostFirst)
                .map(
                    frame -> {
                      int dot = frame.lastIndexOf('.');
                      return new StackTraceElement(
                          frame.substring(0, dot), frame.substring(dot + 1), "X.java", 7);
                    })
                .toArray(StackTraceElement[]::new));
  }

  @Test
  void productOfLayer() {
    assertEquals(
        new Place(
            Phase.BACKWARD, "Convolution", "dfp_conv_backward_weights", "NativeKernels.multiply:7"),
        place(
            "org.dfp4j.backend.presets.DfpNative.dfp_conv_backward_weights",
            "org.dfp4j.backend.kernels.NativeKernels.multiply",
            "org.dfp4j.layers.impl.Dfp16ConvolutionImpl.backpropGradient",
            NN + "graph.vertex.impl.LayerVertex.doBackward",
            GRAPH + ".calcBackpropGradients",
            GRAPH + ".fit"));
  }

  @Test
  void baseClassOfOurLayer() {
    assertEquals(
        new Place(Phase.FORWARD, "Convolution", "", "ConvolutionLayer.activate:7"),
        place(
            "org.nd4j.linalg.factory.Nd4j.exec",
            NN + "layers.convolution.ConvolutionLayer.activate",
            "org.dfp4j.layers.impl.Dfp16ConvolutionImpl.activate",
            NN + "graph.vertex.impl.LayerVertex.doForward",
            GRAPH + ".ffToLayerActivationsInWS"));
  }

  @Test
  void stockLayerOfStack() {
    assertEquals(
        new Place(Phase.FORWARD, "BatchNorm", "", "BatchNormalization.preOutput:7"),
        place(
            NN + "layers.normalization.BatchNormalization.preOutput",
            NN + "layers.AbstractLayer.activate",
            NN + "multilayer.MultiLayerNetwork.outputOfLayerDetached"));
  }

  @Test
  void stockDenseLayer() {
    assertEquals(
        new Place(Phase.BACKWARD, "Dense", "", "BaseLayer.backpropGradient:7"),
        place(
            NN + "layers.BaseLayer.backpropGradient",
            NN + "multilayer.MultiLayerNetwork.calcBackpropGradients"));
  }

  @Test
  void vertexWithoutLayer() {
    assertEquals(
        new Place(Phase.BACKWARD, "ElementWise", "", "ElementWiseVertex.doBackward:7"),
        place(
            NN + "graph.vertex.impl.ElementWiseVertex.doBackward",
            GRAPH + ".calcBackpropGradients"));
  }

  @Test
  void updaterAndScore() {
    assertEquals(
        new Place(
            Phase.UPDATER, "RmsPropUpdater.applyUpdater", "", "RmsPropUpdater.applyUpdater:7"),
        place(
            "org.nd4j.linalg.learning.RmsPropUpdater.applyUpdater",
            NN + "updater.UpdaterBlock.update",
            "org.deeplearning4j.optimize.solvers.BaseOptimizer.updateGradientAccordingToParams"));
    assertEquals(
        new Place(Phase.SCORE, "L2Regularization.score", "", "L2Regularization.score:7"),
        place(
            "org.nd4j.linalg.learning.regularization.L2Regularization.score",
            NN + "layers.BaseLayer.calcRegularizationScore",
            GRAPH + ".computeGradientAndScore"));
  }

  @Test
  void lambdaHasTheNameOfItsMethod() {
    assertEquals(
        new Place(
            Phase.UPDATER, "NativeUpdateKernels.rmsProp", "", "NativeUpdateKernels.rmsProp:7"),
        place(
            "org.dfp4j.backend.kernels.NativeUpdateKernels.lambda$rmsProp$5",
            NN + "updater.UpdaterBlock.update"));
  }

  @Test
  void rest() {
    assertEquals(
        new Place(Phase.REST, "ComputationGraph.fit", "", "ComputationGraph.fit:7"),
        place("java.lang.Thread.sleep", GRAPH + ".fit", "org.dfp4j.examples.bench.step.X.step"));
    assertEquals(new Place(Phase.REST, "other", "", ""), place("java.lang.Thread.sleep"));
  }
}
