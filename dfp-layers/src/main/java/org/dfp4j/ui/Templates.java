package org.dfp4j.ui;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DL4J's templates with an entry for our page, and the template of our page made of one of them.
 */
final class Templates {

  private static final String OVERVIEW = "templates/TrainingOverview.html.ftl";
  private static final List<String> PAGES =
      List.of(OVERVIEW, "templates/TrainingModel.html.ftl", "templates/TrainingSystem.html.ftl");

  /** DL4J's entry for the page "System". */
  private static final Pattern SYSTEM_ENTRY =
      Pattern.compile("<li class=\"nav-item\"><a class=\"nav-link\" href=\"system\">.*?</li>");

  private static final String ENTRY =
      "<li class=\"nav-item\"><a class=\"nav-link\" href=\"precision\">"
          + "<i class=\"nav-icon cui-layers\"></i>${train\\.nav\\.precision!\"Precision\"}</a></li>";

  private static final Pattern CONTENT = Pattern.compile("(?s)<main id=\"content\".*?</main>");
  private static final Pattern OWN_SCRIPTS =
      Pattern.compile("(?s)<script src=\"/assets/js/train/overview.js\">.*</body>");

  private Templates() {}

  /** A training page's template with the entry; empty for every other resource. */
  static Optional<String> withEntry(String resourcePath) {
    if (!PAGES.contains(resourcePath)) {
      return Optional.empty();
    }
    return read(resourcePath).flatMap(Templates::insertEntry);
  }

  private static Optional<String> insertEntry(String template) {
    Matcher system = SYSTEM_ENTRY.matcher(template);
    return system.find()
        ? Optional.of(
            template.substring(0, system.end()) + "\n" + ENTRY + template.substring(system.end()))
        : Optional.empty();
  }

  /** Our page: the frame of DL4J's "Overview" around our content. */
  static String precisionPage() {
    String frame =
        withEntry(OVERVIEW)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        OVERVIEW + ": expected that of DL4J 1.0.0-M2.1, got another one"));
    String content = read("templates/precision/content.html.ftl").orElseThrow();
    String scripts = read("templates/precision/scripts.html.ftl").orElseThrow();
    String page = replace(CONTENT, frame, content);
    page = replace(OWN_SCRIPTS, page, scripts + "</body>");
    return page.replace("', 'overview')", "', 'precision')")
        .replace("</head>", read("templates/precision/head.html.ftl").orElseThrow() + "</head>");
  }

  private static String replace(Pattern pattern, String template, String replacement) {
    Matcher matcher = pattern.matcher(template);
    if (!matcher.find()) {
      throw new IllegalStateException(
          OVERVIEW + ": expected " + pattern + " as in DL4J 1.0.0-M2.1, got none");
    }
    return matcher.replaceFirst(Matcher.quoteReplacement(replacement));
  }

  private static Optional<String> read(String resource) {
    try (InputStream stream = Templates.class.getClassLoader().getResourceAsStream(resource)) {
      return stream == null
          ? Optional.empty()
          : Optional.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource + ": " + e.getMessage(), e);
    }
  }
}
