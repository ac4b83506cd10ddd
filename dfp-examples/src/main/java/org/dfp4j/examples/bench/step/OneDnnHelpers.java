package org.dfp4j.examples.bench.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Whether DL4J's oneDNN helpers run in this process. DL4J itself goes on without them when they are
 * not found or fail.
 */
public final class OneDnnHelpers {

  private static final String NAME = Implementation.DL4J_ONEDNN.key();
  private static final String FAILURES = "helperCountFail";
  private static final String LIBRARY = "libnd4jcpu.so";

  private OneDnnHelpers() {}

  /** Throws where a convolution has no helper or ND4J's native library is not the oneDNN one. */
  public static void checkLoaded(Model model) {
    for (Layer layer : layers(model)) {
      if (layer instanceof ConvolutionLayer && layer.getHelper() == null) {
        throw new IllegalStateException(
            "%s: expected a oneDNN helper, got none (layer %s)".formatted(NAME, name(layer)));
      }
    }
    library();
  }

  /** Throws where a helper failed, after which DL4J runs the layer without it. */
  public static void checkRan(Model model) {
    for (Layer layer : layers(model)) {
      int failures = failures(layer);
      if (failures != 0) {
        throw new IllegalStateException(
            "%s: expected its helpers to run, got %d failures (layer %s)"
                .formatted(NAME, failures, name(layer)));
      }
    }
  }

  /** The classifier of the native library that this process has loaded. */
  public static String library() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      String file =
          maps.filter(line -> line.endsWith(LIBRARY))
              .findFirst()
              .map(line -> line.substring(line.indexOf('/')))
              .orElse("none");
      return Arrays.stream(file.split("/", -1))
          .filter(folder -> folder.startsWith("linux-") && folder.contains("onednn"))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "%s: expected ND4J's library with oneDNN, got %s".formatted(NAME, file)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self/maps: " + e.getMessage(), e);
    }
  }

  private static List<Layer> layers(Model model) {
    return List.of(
        model instanceof MultiLayerNetwork network
            ? network.getLayers()
            : ((ComputationGraph) model).getLayers());
  }

  private static String name(Layer layer) {
    return layer.conf().getLayer().getLayerName();
  }

  /** DL4J counts them in a field of each class that has helpers, and shows it nowhere. */
  private static int failures(Layer layer) {
    for (Class<?> type = layer.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(FAILURES)) {
          return value(field, layer);
        }
      }
    }
    return 0;
  }

  private static int value(Field field, Layer layer) {
    try {
      field.setAccessible(true);
      return field.getInt(layer);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot read " + FAILURES + ": " + e.getMessage(), e);
    }
  }
}
