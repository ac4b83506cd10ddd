package org.dfp4j.examples.bench.step;

import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.examples.bench.step.ProfileRow.Phase;

/** Reads in a thread's stack which part of a training step it runs. */
final class StackFrames {

  private static final String DL4J = "org.deeplearning4j.";
  private static final String OURS = "org.dfp4j.";
  private static final String LEARNING = "org.nd4j.linalg.learning.";
  private static final String NATIVE = DfpNative.class.getName();
  private static final String BENCHMARK = StackFrames.class.getPackageName();

  private final Map<String, Rank> ranks = new HashMap<>();

  /**
   * Where the thread is, as {@link ProfileRow} has it.
   *
   * @param phase of the step
   * @param part of the phase
   * @param kernel native function
   * @param at innermost line
   */
  record Place(Phase phase, String part, String kernel, String at) {}

  /** How well a class names the layer that runs. */
  private enum Rank {
    NONE,
    /** A vertex with a layer inside. */
    HOLDER,
    /** What layers have in common. */
    ABSTRACT,
    LAYER,
    /** A layer of this project, whose base class is a layer too. */
    OURS
  }

  /** The place of a stack, whose innermost frame comes first. */
  Place place(StackTraceElement[] stack) {
    Phase phase = null;
    String kernel = "";
    StackTraceElement layer = null;
    StackTraceElement inner = null;
    for (StackTraceElement frame : stack) {
      String type = frame.getClassName();
      if (type.equals(NATIVE)) {
        kernel = kernel.isEmpty() ? frame.getMethodName() : kernel;
        continue;
      }
      if (inner == null && isPart(type)) {
        inner = frame;
      }
      if (phase == null) {
        phase = phase(type, frame.getMethodName());
      }
      if (rank(type).compareTo(layer == null ? Rank.NONE : rank(layer.getClassName())) > 0) {
        layer = frame;
      }
    }
    phase = phase == null ? Phase.REST : phase;
    boolean ofLayer = layer != null && (phase == Phase.FORWARD || phase == Phase.BACKWARD);
    String at = inner == null ? "" : method(inner) + ":" + inner.getLineNumber();
    String part = ofLayer ? kind(layer) : inner == null ? "other" : method(inner);
    return new Place(phase, part, kernel, at);
  }

  private static boolean isPart(String type) {
    return type.startsWith(DL4J)
        || type.startsWith(LEARNING)
        || (type.startsWith(OURS) && !type.startsWith(BENCHMARK));
  }

  private static Phase phase(String type, String method) {
    if (method.equals("calcBackpropGradients")) {
      return Phase.BACKWARD;
    }
    if (method.startsWith("ffToLayerActivations") || method.startsWith("outputOfLayer")) {
      return Phase.FORWARD;
    }
    if (method.equals("computeScore") || method.equals("calcRegularizationScore")) {
      return Phase.SCORE;
    }
    boolean updates =
        method.equals("updateGradientAccordingToParams")
            || type.contains(".stepfunctions.")
            || type.contains(".updater.");
    return updates && type.startsWith(DL4J) ? Phase.UPDATER : null;
  }

  private Rank rank(String type) {
    return ranks.computeIfAbsent(type, StackFrames::rankOf);
  }

  private static Rank rankOf(String name) {
    if (!name.startsWith(DL4J) && !name.startsWith(OURS)) {
      return Rank.NONE;
    }
    Class<?> type;
    try {
      type = Class.forName(name, false, StackFrames.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return Rank.NONE; // A class that is made at run time.
    }
    if (LayerVertex.class.isAssignableFrom(type)) {
      return Rank.HOLDER;
    }
    boolean isLayer = Layer.class.isAssignableFrom(type) && type != MultiLayerNetwork.class;
    if (!isLayer && !GraphVertex.class.isAssignableFrom(type)) {
      return Rank.NONE;
    }
    if (Modifier.isAbstract(type.getModifiers())) {
      return Rank.ABSTRACT;
    }
    return name.startsWith(OURS) ? Rank.OURS : Rank.LAYER;
  }

  /** The kind of layer, the same in FP32 and in DFP-16. */
  private static String kind(StackTraceElement frame) {
    String kind =
        simpleName(frame)
            .replaceFirst("^(Dfp16|Fp32)", "")
            .replaceFirst("Impl$", "")
            .replaceFirst("(Layer|Vertex|Normalization)$", "");
    return switch (kind) {
      case "Base" -> "Dense"; // DL4J's dense layer is all in its base class.
      case "BaseOutput" -> "Output";
      case "LocalResponse" -> "LocalResponseNorm";
      case "Batch" -> "BatchNorm";
      case "LinkedSum" -> "ElementWise";
      default -> kind;
    };
  }

  private static String method(StackTraceElement frame) {
    // A lambda has the name of the method around it.
    return simpleName(frame)
        + "."
        + frame.getMethodName().replaceFirst("^lambda\\$(.+)\\$.*", "$1");
  }

  private static String simpleName(StackTraceElement frame) {
    String name = frame.getClassName();
    return name.substring(name.lastIndexOf('.') + 1).replaceFirst("\\$.*", "");
  }
}
