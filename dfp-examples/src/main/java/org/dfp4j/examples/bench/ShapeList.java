package org.dfp4j.examples.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dfp4j.examples.UsageException;

/**
 * The distinct convolutions of a network, from a text file; the header of {@code
 * shapes/resnet50.txt} describes the format.
 *
 * @param name of the network
 * @param layers in the order of the file
 */
public record ShapeList(String name, List<Layer> layers) {

  /** Networks that come along. */
  public static final List<String> NETWORKS =
      List.of("resnet50", "resnet50-zoo", "vgg16", "alexnet", "googlenet");

  static final List<String> DIMENSIONS =
      List.of("ic", "ih", "iw", "oc", "oh", "ow", "kh", "kw", "sh", "sw", "ph", "pw", "dh", "dw");

  private static final Pattern DIMENSION = Pattern.compile("([a-z]{1,2})(\\d{1,9})");
  private static final String COUNT = "x";

  public ShapeList {
    layers = List.copyOf(layers);
  }

  /**
   * The shapes of a network by name or from a file; a {@link UsageException} says what is wrong.
   */
  public static ShapeList of(String argument, String nameOrFile) {
    if (NETWORKS.contains(nameOrFile)) {
      return parse(argument, nameOrFile, resource("/shapes/" + nameOrFile + ".txt"));
    }
    Path file = Path.of(nameOrFile);
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          argument, "one of " + String.join(", ", NETWORKS) + ", or a file of shapes", nameOrFile);
    }
    try {
      return parse(argument, nameOrFile, Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UsageException(argument, "a text file that can be read", nameOrFile, e);
    }
  }

  private static String resource(String path) {
    try (InputStream in = ShapeList.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  private static ShapeList parse(String argument, String name, String text) {
    List<Layer> layers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<String> lines = new BufferedReader(new StringReader(text)).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String content = lines.get(i).replaceFirst("#.*", "").trim();
      if (content.isEmpty()) {
        continue;
      }
      String where = argument + ": " + name + ": line " + (i + 1);
      Layer layer = layer(where, content.split("\\s+", -1));
      if (!names.add(layer.name())) {
        throw new UsageException(where, "a name that is not used above", layer.name());
      }
      layers.add(layer);
    }
    if (layers.isEmpty()) {
      throw new UsageException(argument, "a file with at least one convolution", name);
    }
    return new ShapeList(name, layers);
  }

  private static Layer layer(String where, String[] words) {
    Map<String, Integer> given = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      Matcher matcher = DIMENSION.matcher(words[i]);
      String letters = matcher.matches() ? matcher.group(1) : "";
      if (!letters.equals(COUNT) && !DIMENSIONS.contains(letters)) {
        throw new UsageException(where, "letters and a number such as kh3", words[i]);
      }
      if (given.put(letters, Integer.valueOf(matcher.group(2))) != null) {
        throw new UsageException(where, "each dimension once", words[i] + " again");
      }
    }
    for (String needed : List.of("ic", "ih", "oc")) {
      if (!given.containsKey(needed)) {
        throw new UsageException(where, "dimension " + needed, "none");
      }
    }
    Integer count = given.remove(COUNT);
    complete(given);
    Layer layer = new Layer(words[0], count == null ? 1 : count, given);
    if (layer.count() < 1) {
      throw new UsageException(where, "x >= 1", "x" + layer.count());
    }
    try {
      layer.shape(1);
    } catch (IllegalArgumentException e) {
      throw new UsageException(where + ": " + e.getMessage(), e);
    }
    return layer;
  }

  private static void complete(Map<String, Integer> d) {
    for (String name : List.of("kh", "sh", "dh")) {
      d.putIfAbsent(name, 1);
    }
    d.putIfAbsent("ph", 0);
    for (String letter : List.of("i", "k", "s", "p", "d")) {
      d.putIfAbsent(letter + "w", d.get(letter + "h"));
    }
    for (String axis : List.of("h", "w")) {
      int extent = (d.get("k" + axis) - 1) * d.get("d" + axis) + 1;
      int room = d.get("i" + axis) + 2 * d.get("p" + axis) - extent;
      int stride = Math.max(1, d.get("s" + axis));
      d.putIfAbsent("o" + axis, Math.floorDiv(room, stride) + 1);
    }
  }
}
