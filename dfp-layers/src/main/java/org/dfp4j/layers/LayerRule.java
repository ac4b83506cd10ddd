package org.dfp4j.layers;

import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Picks layers, for a {@link PrecisionPolicy}.
 *
 * @param description ends up in the conversion report
 * @param test whether a layer is picked
 */
public record LayerRule(String description, Predicate<LayerSite> test) {

  private static final String REGEX = "regex:";

  public LayerRule {
    Objects.requireNonNull(description, "description: expected one, got null");
    Objects.requireNonNull(test, "test: expected one, got null");
  }

  /**
   * Picks layers by their whole name.
   *
   * @param pattern {@code *} stands for any characters and {@code ?} for one; with the prefix
   *     {@code regex:}, a {@link Pattern}
   * @throws IllegalArgumentException if the pattern cannot be read
   */
  public static LayerRule name(String pattern) {
    Objects.requireNonNull(pattern, "pattern: expected one, got null");
    Pattern compiled = compile(pattern);
    return new LayerRule(
        "name pattern " + pattern, site -> compiled.matcher(site.name()).matches());
  }

  private static Pattern compile(String pattern) {
    if (pattern.startsWith(REGEX)) {
      try {
        return Pattern.compile(pattern.substring(REGEX.length()));
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "pattern: expected a regular expression, got "
                + pattern
                + " ("
                + e.getDescription()
                + ")",
            e);
      }
    }
    String regex =
        pattern
            .chars()
            .mapToObj(
                c ->
                    switch (c) {
                      case '*' -> ".*";
                      case '?' -> ".";
                      default -> Pattern.quote(Character.toString(c));
                    })
            .collect(Collectors.joining());
    return Pattern.compile(regex);
  }
}
