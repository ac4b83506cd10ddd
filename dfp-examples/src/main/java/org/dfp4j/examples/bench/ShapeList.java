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
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.examples.UsageException;

/**
 * The distinct layers of a network, from a text file; the headers of {@code
 * shapes/conv/resnet50.txt} and {@code shapes/fc/vgg16.txt} describe the format.
 *
 * @param name of the network
 * @param layers in the order of the file
 */
public record ShapeList(String name, List<Layer> layers) {

  private static final Pattern DIMENSION = Pattern.compile("([a-z]{1,2})(\\d{1,9})");
  private static final String COUNT = "x";

  public ShapeList {
    layers = List.copyOf(layers);
  }

  /**
   * The shapes of a network by name or from a file; a {@link UsageException} says what is wrong.
   */
  public static ShapeList of(LayerKind kind, String argument, String nameOrFile) {
    List<String> networks = kind.networks();
    if (networks.contains(nameOrFile)) {
      return parse(kind, argument, nameOrFile, resource(kind.resource(nameOrFile)));
    }
    Path file = Path.of(nameOrFile);
    if (!Files.isRegularFile(file)) {
      throw new UsageException(
          argument, "one of " + String.join(", ", networks) + ", or a file of shapes", nameOrFile);
    }
    try {
      return parse(kind, argument, nameOrFile, Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UsageException(argument, "a text file that can be read", nameOrFile, e);
    }
  }

  /** The layers of these names; a {@link UsageException} where there is none of a name. */
  public ShapeList only(String argument, List<String> names) {
    List<String> known = layers.stream().map(Layer::name).toList();
    for (String wanted : names) {
      if (!known.contains(wanted)) {
        throw new UsageException(argument, "names among " + String.join(", ", known), wanted);
      }
    }
    return new ShapeList(
        name, layers.stream().filter(layer -> names.contains(layer.name())).toList());
  }

  /** The shapes at a batch size. */
  public List<LayerShape> shapes(int mb) {
    return layers.stream().map(layer -> layer.shape(mb)).toList();
  }

  private static String resource(String path) {
    try (InputStream in = ShapeList.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  private static ShapeList parse(LayerKind kind, String argument, String name, String text) {
    List<Layer> layers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<String> lines = new BufferedReader(new StringReader(text)).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String content = lines.get(i).replaceFirst("#.*", "").trim();
      if (content.isEmpty()) {
        continue;
      }
      String where = argument + ": " + name + ": line " + (i + 1);
      Layer layer = layer(kind, where, content.split("\\s+", -1));
      if (!names.add(layer.name())) {
        throw new UsageException(where, "a name that is not used above", layer.name());
      }
      layers.add(layer);
    }
    if (layers.isEmpty()) {
      throw new UsageException(argument, "a file with at least one layer", name);
    }
    return new ShapeList(name, layers);
  }

  private static Layer layer(LayerKind kind, String where, String[] words) {
    Map<String, Integer> given = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      Matcher matcher = DIMENSION.matcher(words[i]);
      String letters = matcher.matches() ? matcher.group(1) : "";
      if (!letters.equals(COUNT) && !kind.dimensions().contains(letters)) {
        throw new UsageException(where, "letters and a number such as ic3", words[i]);
      }
      if (given.put(letters, Integer.valueOf(matcher.group(2))) != null) {
        throw new UsageException(where, "each dimension once", words[i] + " again");
      }
    }
    for (String needed : kind.needed()) {
      if (!given.containsKey(needed)) {
        throw new UsageException(where, "dimension " + needed, "none");
      }
    }
    Integer count = given.remove(COUNT);
    kind.complete(given);
    Layer layer = new Layer(kind, words[0], count == null ? 1 : count, given);
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
}
