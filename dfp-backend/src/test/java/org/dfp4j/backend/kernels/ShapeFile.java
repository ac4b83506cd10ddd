package org.dfp4j.backend.kernels;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the files under {@code shapes/}; the README beside them describes the format. */
final class ShapeFile {

  /** A layer of a shape file. */
  record Named(String name, LayerShape shape) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Pattern DIMENSION = Pattern.compile("([a-z]+)(\\d+)");

  private ShapeFile() {}

  /** Convolutions of {@code shapes/conv/<file>.txt}. */
  static List<Named> convolutions(String... files) {
    List<Named> shapes = new ArrayList<>();
    for (String file : files) {
      for (Map.Entry<String, Map<String, Integer>> line : lines("conv/" + file).entrySet()) {
        shapes.add(new Named(line.getKey(), convolution(line.getValue())));
      }
    }
    return shapes;
  }

  /** 3-D convolutions of {@code shapes/conv3d/<file>.txt}. */
  static List<Named> volumes(String... files) {
    List<Named> shapes = new ArrayList<>();
    for (String file : files) {
      lines("conv3d/" + file)
          .forEach((name, dimensions) -> shapes.add(new Named(name, volume(dimensions))));
    }
    return shapes;
  }

  private static Conv3dShape volume(Map<String, Integer> given) {
    Map<String, Integer> d = new HashMap<>(given);
    ConvShape plane = convolution(given);
    d.putIfAbsent("kd", plane.kh());
    d.putIfAbsent("sd", plane.sh());
    d.putIfAbsent("pd", plane.ph());
    d.putIfAbsent("dd", plane.dh());
    int room = d.get("id") + 2 * d.get("pd") - (d.get("kd") - 1) * d.get("dd") - 1;
    d.putIfAbsent("od", room / d.get("sd") + 1);
    return new Conv3dShape(
        plane, d.get("id"), d.get("od"), d.get("kd"), d.get("sd"), d.get("pd"), d.get("dd"));
  }

  /**
   * The depthwise layers with the maps and kernels of convolutions: as many channels as each one
   * has, and 1 to 3 outputs of each.
   */
  static List<Named> depthwise(String... files) {
    return convolutions(files).stream()
        .map(
            named -> {
              ConvShape s = (ConvShape) named.shape();
              int multiplier = 1 + Math.floorMod(named.name().hashCode(), 3);
              DepthwiseShape shape =
                  new DepthwiseShape(
                      s.mb(),
                      s.ic(),
                      s.ih(),
                      s.iw(),
                      multiplier,
                      s.oh(),
                      s.ow(),
                      s.kh(),
                      s.kw(),
                      s.sh(),
                      s.sw(),
                      s.ph(),
                      s.pw(),
                      s.dh(),
                      s.dw());
              return new Named("depthwise_" + named.name(), shape);
            })
        .toList();
  }

  /** Fully connected layers of {@code shapes/dense/<file>.txt}. */
  static List<Named> dense(String... files) {
    List<Named> shapes = new ArrayList<>();
    for (String file : files) {
      for (Map.Entry<String, Map<String, Integer>> line : lines("dense/" + file).entrySet()) {
        shapes.add(new Named(line.getKey(), dense(line.getValue())));
      }
    }
    return shapes;
  }

  /** The layer of a line without its name: fully connected where it has no ih. */
  static LayerShape layer(String dimensions) {
    Map<String, Integer> d = parse(dimensions.split(" ", -1), 0);
    return d.containsKey("ih") ? convolution(d) : dense(d);
  }

  private static DenseShape dense(Map<String, Integer> d) {
    return new DenseShape(d.get("mb"), d.get("ic"), d.get("oc"));
  }

  /** The convolution of a line without its name. */
  static ConvShape convolution(String dimensions) {
    return convolution(parse(dimensions.split(" ", -1), 0));
  }

  private static ConvShape convolution(Map<String, Integer> given) {
    Map<String, Integer> d = new HashMap<>(given);
    for (String name : List.of("mb", "sh", "dh", "kh")) {
      d.putIfAbsent(name, 1);
    }
    d.putIfAbsent("ph", 0);
    for (String name : List.of("i", "k", "s", "p", "d")) {
      d.putIfAbsent(name + "w", d.get(name + "h"));
    }
    for (String axis : List.of("h", "w")) {
      int extent = (d.get("k" + axis) - 1) * d.get("d" + axis) + 1;
      int room = d.get("i" + axis) + 2 * d.get("p" + axis) - extent;
      d.putIfAbsent("o" + axis, room / d.get("s" + axis) + 1);
    }
    return new ConvShape(
        d.get("mb"),
        d.get("ic"),
        d.get("ih"),
        d.get("iw"),
        d.get("oc"),
        d.get("oh"),
        d.get("ow"),
        d.get("kh"),
        d.get("kw"),
        d.get("sh"),
        d.get("sw"),
        d.get("ph"),
        d.get("pw"),
        d.get("dh"),
        d.get("dw"));
  }

  private static Map<String, Map<String, Integer>> lines(String file) {
    String resource = "/shapes/" + file + ".txt";
    Map<String, Map<String, Integer>> lines = new java.util.LinkedHashMap<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ShapeFile.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String content = line.replaceFirst("#.*", "").trim();
        if (!content.isEmpty()) {
          String[] words = content.split("\\s+", -1);
          if (lines.put(words[0], parse(words, 1)) != null) {
            throw new IllegalArgumentException(resource + ": expected one " + words[0]);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private static Map<String, Integer> parse(String[] words, int from) {
    Map<String, Integer> dimensions = new HashMap<>();
    for (int i = from; i < words.length; i++) {
      Matcher matcher = DIMENSION.matcher(words[i]);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("dimension: expected such as kh3, got " + words[i]);
      }
      dimensions.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
    }
    return dimensions;
  }
}
