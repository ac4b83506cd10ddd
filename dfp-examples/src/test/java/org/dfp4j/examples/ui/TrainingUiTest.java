package org.dfp4j.examples.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.compare.Comparison;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.junit.jupiter.api.Test;

/** The DL4J UI with two sessions, over HTTP. */
class TrainingUiTest {

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String get(String address) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address)).build();
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NORMAL)
        .build()
        .send(request, BodyHandlers.ofString())
        .body();
  }

  @Test
  void showsBothSessions() throws IOException, InterruptedException {
    int port = freePort();
    String site = "http://localhost:" + port;
    try (TrainingUi ui = TrainingUi.start(port)) {
      RunSettings settings = new RunSettings("lenet", "synthetic", 12, 4, 1, "sgd", 0.01);
      ImageData data = settings.open();
      Network fp32 = settings.newNetwork(10);
      Network dfp16 = Conversion.DFP16.toDfp16(fp32);
      ui.watch(fp32, "lenet FP32", 5, null);
      ui.watch(dfp16, "lenet DFP-16", 5, null);
      Comparison comparison = new Comparison(settings, data, fp32, dfp16);
      comparison.train(5, () -> false, Progress.SILENT);

      assertEquals(site + "/train/precision", ui.address());
      assertTrue(get(ui.address()).contains("Training"));
      JsonNode sessions = new ObjectMapper().readTree(get(site + "/train/sessions/info"));
      assertEquals(2, sessions.size(), sessions.toString());
      for (String name : new String[] {"lenet FP32", "lenet DFP-16"}) {
        assertEquals(
            fp32.parameters().length(), sessions.get(name).get("numParams").asLong(), name);
        get(site + "/train/sessions/set/" + name.replace(" ", "%20"));
        assertEquals(name, get(site + "/train/sessions/current"));
        JsonNode overview = new ObjectMapper().readTree(get(site + "/train/overview/data"));
        assertEquals(5, overview.get("scores").size(), overview.toString());
      }

      UsageException e = assertThrows(UsageException.class, () -> TrainingUi.checkFree(port));
      assertTrue(e.getMessage().startsWith("--port: expected a free port, got " + port));
    }
    TrainingUi.checkFree(port);
  }
}
