package org.dfp4j.ui;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.deeplearning4j.ui.VertxUIServer;
import org.nd4j.shade.jackson.databind.JsonNode;

/** A DL4J UI server on a free port, asked over HTTP. */
final class PageServer implements AutoCloseable {

  private final VertxUIServer server;
  private final HttpClient client =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

  PageServer(boolean multiSession) {
    server = VertxUIServer.getInstance(freePort(), multiSession, null);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port", e);
    }
  }

  VertxUIServer server() {
    return server;
  }

  HttpResponse<String> get(String path) {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create(server.getAddress() + path)).build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException("no answer to " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Data of the page in single-session mode; names and values take turns. */
  JsonNode data(String what, String... query) throws IOException {
    StringBuilder address = new StringBuilder("/train/precision/" + what + "?");
    for (int i = 0; i < query.length; i += 2) {
      address
          .append(query[i])
          .append('=')
          .append(URLEncoder.encode(query[i + 1], StandardCharsets.UTF_8))
          .append('&');
    }
    HttpResponse<String> response = get(address.toString());
    if (response.statusCode() != 200) {
      throw new IOException(response.statusCode() + ": " + response.body());
    }
    return Json.MAPPER.readTree(response.body());
  }

  @Override
  public void close() {
    try {
      VertxUIServer.stopInstance();
    } catch (Exception e) {
      throw new IllegalStateException("the server did not stop", e);
    }
  }
}
