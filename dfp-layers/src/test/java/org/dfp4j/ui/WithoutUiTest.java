package org.dfp4j.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.impl.Nets;
import org.dfp4j.layers.stats.DfpStatsListener;
import org.dfp4j.layers.stats.StatsSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.common.resources.Resources;

/** Who has no DL4J UI on the class path trains, and writes statistics to files. */
class WithoutUiTest {

  private static final Pattern UI =
      Pattern.compile(".*(deeplearning4j-(ui|vertx|core|nlp)|vertx|freemarker|webjars|mapdb).*");

  @TempDir private Path folder;

  /** The process without the UI. */
  public static final class Trainer {

    private Trainer() {}

    /** Trains and writes to the file that is named. */
    public static void main(String[] arguments) throws IOException {
      if (Resources.exists("templates/TrainingOverview.html.ftl")) {
        throw new IllegalStateException("the UI is on the class path");
      }
      MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
      net.init();
      try (StatsSink sink = StatsSink.jsonLines(Path.of(arguments[0]))) {
        DfpStatsListener.to(sink).attach(net);
        net.fit(Nets.images(4, 1));
      }
    }
  }

  @Test
  void trainsAndWritesStatistics() throws IOException, InterruptedException {
    Path file = folder.resolve("stats.jsonl");
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String without =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(all)
            .filter(entry -> !UI.matcher(entry).matches())
            .collect(Collectors.joining(File.pathSeparator));
    assertFalse(all.equals(without), "the UI is not on the class path of the tests: " + all);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                without,
                Trainer.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    List<String> lines = Files.readAllLines(file);
    assertEquals(1 + 4 * 3, lines.size(), lines.toString());
    assertTrue(lines.get(1).contains("\"sqnr\""), lines.get(1));
  }
}
