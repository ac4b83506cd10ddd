package org.dfp4j.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.stats.api.StatsUpdateConfiguration;
import org.deeplearning4j.ui.model.stats.impl.DefaultStatsUpdateConfiguration;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.impl.Dfp16Impl;
import org.dfp4j.layers.impl.Nets;
import org.dfp4j.layers.stats.DfpStatsListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.jackson.databind.JsonNode;

/** The page and its data over HTTP. */
class PrecisionPageTest {

  private PageServer page = new PageServer(false);
  private final InMemoryStatsStorage storage = new InMemoryStatsStorage();

  @AfterEach
  void stop() {
    page.close();
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"overview", "model", "system", "precision"})
  void eachPageHasTheEntry(String name) {
    String html = page.get("/train/" + name).body();
    List<String> entries = new ArrayList<>();
    html.lines()
        .filter(line -> line.contains("class=\"nav-link\" href=\""))
        .forEach(line -> entries.add(line.replaceAll("(?s).*?href=\"([^\"]*)\".*", "$1")));
    assertEquals(List.of("overview", "model", "system", "precision"), entries.subList(0, 4), html);
    assertTrue(html.contains("</i>Precision</a>"), html);
  }

  @Test
  void speaksTheLanguagesOfDl4j() {
    page.get("/setlang/de");
    String html = page.get("/train/precision").body();
    page.get("/setlang/en");
    assertTrue(html.contains("</i>Präzision</a>"), html);
    assertTrue(html.contains("languageSelect('ja', 'precision')"), html);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "css/precision.css",
        "js/train/precision/charts.js",
        "js/train/precision/twins.js",
        "js/train/precision/layers.js",
        "js/train/precision/plan.js",
        "js/train/precision/page.js"
      })
  void assetsAreThereAndNamedByThePage(String asset) {
    assertEquals(200, page.get("/assets/" + asset).statusCode());
    String html = page.get("/train/precision").body();
    assertTrue(html.contains("\"/assets/" + asset + "\""), html);
    assertFalse(html.matches("(?s).*(src|href)=\"(http|//).*"), "something remote");
  }

  @Test
  void anEmptyStorageIsNoError() throws IOException {
    assertEquals(0, page.data("sessions").get("sessions").size());
    page.server().attach(storage);
    assertEquals(0, page.data("sessions").get("sessions").size());
    assertEquals(List.of("x"), texts(page.data("twins", "session", "x").get("missing")));
    assertEquals(-1, page.data("layers", "session", "x").get("iteration").asInt());
    assertEquals(0, page.data("history", "session", "x", "layer", "y").get("iteration").size());
    assertEquals(0, page.data("plan", "session", "x").get("layers").size());
  }

  @Test
  void aSessionMayWaitAndMayVanish() throws IOException {
    page.server().attach(storage);
    StorageSink sink = new StorageSink(storage, "run");
    sink.start(Records.info(2));
    assertEquals(List.of("run"), texts(page.data("twins", "session", "run").get("waiting")));
    sink.write(Records.record(0, 2));
    assertEquals(1, page.data("twins", "session", "run").get("runs").size());
    new StorageSink(storage, "baseline").start(Records.info(2));
    for (String baseline : List.of("baseline", "gone")) {
      Records.write(new StorageSink(storage, "other"), 1, 2);
      JsonNode twins =
          page.data("twins", "session", baseline, "session", "run", "session", "other");
      assertEquals(2, twins.get("runs").size(), baseline);
      assertEquals(0, twins.get("verdicts").size(), baseline);
      assertEquals("NaN", twins.get("runs").get(0).get("speed").asText(), baseline);
    }
    page.server().detach(storage);
    assertEquals(List.of("run"), texts(page.data("twins", "session", "run").get("missing")));
  }

  @Test
  void aThousandLayersComeInPages() throws IOException {
    page.server().attach(storage);
    Records.write(new StorageSink(storage, "deep"), 3, 1000);
    JsonNode first = page.data("layers", "session", "deep");
    assertEquals(2, first.get("iteration").asInt());
    assertEquals(3000, first.get("total").asInt());
    assertEquals(50, first.get("rows").size());
    assertEquals(40, first.get("rows").get(0).get("metrics").get("sqnr").asDouble());
    assertEquals(Records.name(0), first.get("rows").get(0).get("layer").asText());
    assertEquals(1000, first.get("depth").get("src").size());
    JsonNode last =
        page.data("layers", "session", "deep", "sort", "milliseconds", "descending", "true");
    assertEquals(Records.name(999), last.get("rows").get(0).get("layer").asText());
    JsonNode end = page.data("layers", "session", "deep", "offset", "2990");
    assertEquals(10, end.get("rows").size());
    JsonNode found = page.data("layers", "session", "deep", "filter", "<B>777<");
    assertEquals(3, found.get("total").asInt());
    JsonNode history =
        page.data("history", "session", "deep", "layer", Records.name(42), "metric", "exponent");
    assertEquals(List.of("-42.0", "-42.0", "-42.0"), texts(history.get("values").get("src")));
    assertEquals(1000, page.data("plan", "session", "deep").get("layers").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layer",
        "tensor",
        "exponent",
        "amax",
        "bits_used",
        "underflow",
        "saturated",
        "sqnr",
        "non_finite",
        "gradient",
        "update",
        "milliseconds",
        "kernels",
        "worst"
      })
  void sortsByEachColumn(String column) throws IOException {
    page.server().attach(storage);
    Records.write(new StorageSink(storage, "run"), 1, 3);
    List<Double> up = column(column, "false");
    assertEquals(9, up.size());
    assertEquals(up.stream().sorted().toList(), up);
    List<Double> down = column(column, "true");
    assertEquals(up.stream().sorted(Comparator.reverseOrder()).toList(), down);
  }

  /** What rows are sorted by; texts by their place in the alphabet. */
  private List<Double> column(String name, String descending) throws IOException {
    JsonNode data = page.data("layers", "session", "run", "sort", name, "descending", descending);
    List<Double> values = new ArrayList<>();
    for (JsonNode row : data.get("rows")) {
      values.add(
          switch (name) {
            case "layer" -> row.get("index").asDouble();
            case "tensor", "kernels" -> (double) row.get(name).asText().charAt(0);
            case "milliseconds" -> row.get(name).get("forward").asDouble();
            case "gradient", "update" -> row.get(name).asDouble();
            case "worst" -> row.get("metrics").get("sqnr").asDouble();
            default -> row.get("metrics").get(name).asDouble();
          });
    }
    return values;
  }

  @Test
  void aWrongQuestionIsAnsweredInOneLine() {
    page.server().attach(storage);
    Records.write(new StorageSink(storage, "run"), 1, 3);
    var response = page.get("/train/precision/layers?session=run&offset=few");
    assertEquals(400, response.statusCode());
    assertEquals("offset: expected a number, got few", response.body());
    assertEquals(
        "text/plain; charset=utf-8", response.headers().firstValue("content-type").orElse(""));
    assertEquals("nosniff", response.headers().firstValue("x-content-type-options").orElse(""));
  }

  /** Two live networks: numbers as the layers have them, and DL4J's own sessions beside ours. */
  @Test
  void showsLiveNetworks() throws IOException {
    page.server().attach(storage);
    MultiLayerNetwork fp32 = new MultiLayerNetwork(Nets.chain());
    fp32.init();
    MultiLayerNetwork dfp16 = MixedPrecision.dfp16().convert(fp32);
    MultiLayerNetwork stock = fp32.clone();
    StatsUpdateConfiguration each =
        new DefaultStatsUpdateConfiguration.Builder().reportingFrequency(1).build();
    stock.setListeners(new StatsListener(storage, null, each, "dl4j <only>", null));
    try (DfpStatsListener a =
            DfpStatsListener.to(new StorageSink(storage, "a")).frequency(5).attach(fp32);
        DfpStatsListener b =
            DfpStatsListener.to(new StorageSink(storage, "b")).frequency(5).attach(dfp16)) {
      for (int i = 0; i < 16; i++) {
        fp32.fit(Nets.images(4, i));
        dfp16.fit(Nets.images(4, i));
        stock.fit(Nets.images(4, i));
        // DL4J's storage keeps one report a millisecond.
        LockSupport.parkNanos(2_000_000);
      }
      a.flush();
      b.flush();
    }
    JsonNode sessions = page.data("sessions");
    assertEquals(3, sessions.get("sessions").size());
    assertEquals(List.of("a", "b"), texts(sessions.get("suggested")));

    JsonNode twins = page.data("twins", "session", "a", "session", "b", "session", "dl4j <only>");
    for (JsonNode run : twins.get("runs")) {
      assertEquals(16, run.get("iterations").asInt());
      assertEquals(16, run.get("score").size());
      assertEquals(
          4 / run.get("secondsPerIteration").asDouble(), run.get("examplesPerSecond").asDouble());
    }
    assertEquals(2, twins.get("verdicts").size());
    assertEquals("dl4j <only>", twins.get("runs").get(2).get("name").asText());
    assertEquals(
        texts(twins.get("runs").get(0).get("score")), texts(twins.get("runs").get(2).get("score")));
    assertEquals(
        "DFP-16",
        page.data("twins", "session", "a", "session", "b").get("runs").get(1).get("name").asText());

    JsonNode layers = page.data("layers", "session", "b", "baseline", "a");
    assertEquals(15, layers.get("iteration").asInt());
    assertEquals(15, layers.get("compared").asInt());
    assertEquals(12, layers.get("rows").size());
    for (JsonNode row : layers.get("rows")) {
      TensorRole role = role(row.get("tensor").asText());
      Dfp16Impl layer = (Dfp16Impl) dfp16.getLayer(row.get("layer").asText());
      assertEquals(
          layer.numerics().get(role).exponent(),
          row.get("metrics").get("exponent").asInt(),
          row.toString());
      assertTrue(row.get("gradient").asDouble() > 0.5, row.toString());
    }
  }

  private static TensorRole role(String argument) {
    for (TensorRole role : TensorRole.values()) {
      if (role.argument().equals(argument)) {
        return role;
      }
    }
    throw new AssertionError(argument);
  }

  @Test
  void multiSessionModeHasAPageForEachSession() throws IOException {
    page.close();
    page = new PageServer(true);
    page.server().attach(storage);
    Records.write(new StorageSink(storage, "run"), 2, 3);
    assertTrue(page.get("/train/run/precision").body().contains("scoreChart"));
    JsonNode twins =
        Json.MAPPER.readTree(page.get("/train/run/precision/twins?session=run").body());
    assertEquals(2, twins.get("runs").get(0).get("score").size());
    HttpResponse<String> unknown = page.get("/train/unknown/precision");
    assertEquals(404, unknown.statusCode());
    assertEquals(
        "session: expected one of a storage that is attached, got unknown", unknown.body());
  }
}
