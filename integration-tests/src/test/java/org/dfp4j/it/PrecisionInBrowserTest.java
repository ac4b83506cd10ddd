package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.VertxUIServer;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.examples.Dfp;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.impl.Dfp16Impl;
import org.dfp4j.layers.stats.DfpStatsListener;
import org.dfp4j.ui.StorageSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The page "Precision" in Chromium. */
class PrecisionInBrowserTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ITERATIONS = 60;

  /** The lines that are drawn: name, and number of points that are not gaps. */
  private static final String LINES =
      "$('#scoreChart').data('plot').getData().map(function (line) {"
          + " return line.data.filter(function (point) { return point !== null; }).length; })";

  @TempDir private Path folder;
  private Browser browser;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    assumeTrue(
        Browser.program().isPresent(),
        "there is no Chromium on the PATH (Debian, Ubuntu: apt-get install chromium)");
    browser = new Browser(folder.resolve("profile"), 1280, 900);
  }

  @AfterEach
  void stop() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Pixels of exactly this colour in the score chart. */
  private int pixels(int red, int green, int blue) throws IOException {
    return browser
        .value(
            "(function () { var c = $('#scoreChart canvas.flot-base')[0];"
                + " var d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, n = 0;"
                + " for (var i = 0; i < d.length; i += 4)"
                + " if (d[i] === %d && d[i + 1] === %d && d[i + 2] === %d && d[i + 3] === 255) n++;"
                    .formatted(red, green, blue)
                + " return n; })()")
        .asInt();
  }

  @Test
  void followsACompareRun() throws IOException, InterruptedException {
    int port = freePort();
    String site = "http://localhost:" + port + "/train/";
    String arguments =
        "compare --model lenet --data synthetic --size 20 --batch 8 --iterations "
            + ITERATIONS
            + " --test-images 40 --ui --port "
            + port
            + " --out "
            + folder;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-Djava.awt.headless=true", "-cp"));
    command.add(Processes.classPath());
    command.add(Dfp.class.getName());
    command.addAll(List.of(arguments.split(" ", -1)));
    Process compare = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader said = compare.inputReader()) {
      readUntil(said, "UI: ");
      browser.open(site + "precision");
      browser.await("$('#scoreChart').data('plot') !== undefined && $('#verdicts div').length > 0");
      readUntil(said, "The UI stays at");
      JsonNode json = JSON.readTree(folder.resolve("compare.json").toFile());
      browser.await("$('#verdicts').text().indexOf('Held-out') > 0");
      assertEquals(json.get("verdict").asText(), browser.value("$('#verdicts').text()").asText());

      // Each run raw and smoothed.
      assertEquals(
          List.of("60", "60", "60", "60"), texts(browser.value(LINES)), "points of the lines");
      assertTrue(pixels(0x1F, 0x5F, 0xA8) > 100, "pixels of the FP32 curve");
      assertTrue(pixels(0xD9, 0x5F, 0x02) > 100, "pixels of the DFP-16 curve");
      browser.value("$('#raw').click() && $('#axis').val('time').change()");
      assertEquals(List.of("60", "60"), texts(browser.value(LINES)));
      double seconds = 0;
      for (JsonNode second : json.get("fp32").get("seconds")) {
        seconds += second.asDouble();
      }
      assertEquals(
          seconds,
          browser.value("$('#scoreChart').data('plot').getData()[0].data[59][0]").asDouble(),
          1e-9 * seconds);

      changesThePair();
      everyPageHasTheEntry(site);
      assertEquals(List.of(), browser.errors());
    } finally {
      compare.destroy();
      compare.waitFor();
    }
  }

  private static void readUntil(BufferedReader said, String wanted) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      all.append(line).append('\n');
      if (line.startsWith(wanted)) {
        return;
      }
    }
    throw new IOException("compare ended without '" + wanted + "':\n" + all);
  }

  private void changesThePair() throws IOException {
    browser.value("$('#baseline').val('lenet DFP-16').change()");
    browser.await("$('#sideBySide th').length === 2");
    browser.value("$('#others input').click()");
    browser.await("$('#sideBySide th').length === 3");
    String verdict = browser.value("$('#verdicts').text()").asText();
    assertTrue(verdict.startsWith("After 60 iterations FP32's score is"), verdict);
    assertTrue(browser.value("location.search").asText().contains("session=lenet+DFP-16&session="));
  }

  private void everyPageHasTheEntry(String site) throws IOException, InterruptedException {
    browser.open(site + "precision#plan");
    browser.await("$('#decisions tr.swapped').length === 4");
    // Another browser: what DL4J's own pages log is theirs.
    try (Browser other = new Browser(folder.resolve("other profile"), 1280, 900)) {
      for (String page : List.of("overview", "model", "system", "precision")) {
        other.open(site + page);
        assertEquals(
            List.of("overview", "model", "system", "precision"),
            texts(
                other.value(
                    "$('.sidebar .nav-link').map(function () { return $(this).attr('href'); })"
                        + ".get().slice(0, 4)")));
        other.value(
            "setTimeout(function () { $('.sidebar .nav-link[href=precision]')[0].click(); }, 0)");
        other.await("location.pathname === '/train/precision'");
      }
    }
  }

  /** Live layers in this process, one with a name that would be HTML. */
  @Test
  void exponentsAreThoseOfTheLayers() throws Exception {
    String name = "<img src=x onerror=\"console.error('not escaped')\">";
    MultiLayerNetwork fp32 =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.1))
                .list()
                .layer(new DenseLayer.Builder().nIn(12).nOut(9).name(name).build())
                .layer(new OutputLayer.Builder().nIn(9).nOut(3).name("last").build())
                .build());
    fp32.init();
    MultiLayerNetwork dfp16 = MixedPrecision.dfp16().convert(fp32);
    InMemoryStatsStorage storage = new InMemoryStatsStorage();
    VertxUIServer server = VertxUIServer.getInstance(freePort(), false, null);
    try (DfpStatsListener a =
            DfpStatsListener.to(new StorageSink(storage, "one <b>")).frequency(2).attach(fp32);
        DfpStatsListener b =
            DfpStatsListener.to(new StorageSink(storage, "two")).frequency(2).attach(dfp16)) {
      browser.open(server.getAddress() + "/train/precision#layers");
      browser.await("$('#notice').text().indexOf('No training session yet') === 0");
      server.attach(storage);
      train(fp32, dfp16);
      a.flush();
      b.flush();
      browser.await("$('#tensors tbody tr').length === 6");
      browser.await("$('#layersOf').text().indexOf('iteration 4') > 0");

      JsonNode rows =
          browser.value(
              "$('#tensors tbody tr').map(function () { return [$(this).find('td')"
                  + ".slice(0, 3).map(function () { return $(this).text(); }).get()]; }).get()");
      for (JsonNode row : rows) {
        Dfp16Impl layer = (Dfp16Impl) dfp16.getLayer(row.get(0).asText().equals(name) ? 0 : 1);
        int exponent = layer.numerics().get(role(row.get(1).asText())).exponent();
        assertEquals(Integer.toString(exponent), row.get(2).asText(), row.toString());
      }
      assertEquals(1, browser.value("$('#tensors tr.chosen').length").asInt());
      browser.value("$('#tensors td:contains(last)').first().click()");
      browser.await("$('#chosenLayer').text().indexOf('last') === 0");
      browser.value("$('#metric').val('cosine').change()");
      browser.await("$('#depthLegend').text() === 'gradientupdate'");
      browser.await("$('#historyLegend').text() === 'gradientupdate'");
      assertTrue(ImageIO.read(new ByteArrayInputStream(browser.screenshot())).getWidth() >= 1200);

      server.detach(storage);
      browser.await("$('#notice').is(':visible')");
      assertFalse(browser.value("$('#page').is(':visible')").asBoolean());
      lateAnswersCount();
      assertEquals(List.of(), browser.errors());
    } finally {
      VertxUIServer.stopInstance();
    }
  }

  /** Answers by hand: those to the question that is still asked count, and nothing else polls. */
  private void lateAnswersCount() throws IOException {
    assertEquals(
        "[1,3] 0 1",
        browser
            .value(
                "(function () { var ajax = $.ajax, timeout = window.setTimeout;"
                    + " var answers = [], used = [], timers = 0, open = precision.open;"
                    + " $.ajax = function () {"
                    + "   answers.push($.Deferred()); return answers[answers.length - 1]; };"
                    + " window.setTimeout = function () { timers++; };"
                    + " precision.open = 0;"
                    + " function ask(id) {"
                    + "   precision.get('x', { session: id }, function (n) { used.push(n); }); }"
                    + " ask('a'); ask('a'); answers[0].resolve(1);"
                    + " ask('b'); answers[1].resolve(2); var early = timers;"
                    + " answers[2].resolve(3);"
                    + " $.ajax = ajax; window.setTimeout = timeout; precision.open = open;"
                    + " return JSON.stringify(used) + ' ' + early + ' ' + timers; })()")
            .asText());
  }

  private static void train(MultiLayerNetwork fp32, MultiLayerNetwork dfp16) {
    for (int i = 0; i < 5; i++) {
      INDArray x = Nd4j.rand(4, 12);
      INDArray y = Nd4j.eye(3).get(Nd4j.createFromArray(0, 1, 2, 0));
      fp32.fit(x, y);
      dfp16.fit(x, y);
    }
  }

  private static TensorRole role(String argument) {
    return Map.of(
            "src", TensorRole.SRC, "weights", TensorRole.WEIGHTS, "diffDst", TensorRole.DIFF_DST)
        .get(argument);
  }
}
