package org.dfp4j.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless Chromium, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/.*");

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger number = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();

  /** The program; empty where there is none. */
  static Optional<Path> program() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one with an empty page.
   *
   * @param profile an empty folder of its own
   */
  Browser(Path profile, int width, int height) throws IOException, InterruptedException {
    process =
        new ProcessBuilder(
                program().orElseThrow().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--window-size=" + width + "," + height,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    HttpClient client = HttpClient.newHttpClient();
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(pageOf(client, listening())), new Listener())
            .join();
    call("Runtime.enable", Map.of());
    call("Log.enable", Map.of());
    call("Page.enable", Map.of());
  }

  private String listening() throws IOException {
    BufferedReader reader = process.inputReader();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.matches()) {
        drain(reader);
        return matcher.group(1);
      }
    }
    throw new IOException("the browser ended, with status " + process.exitValue());
  }

  /** Reads what the browser says on, so that it never waits for a reader. */
  private static void drain(BufferedReader reader) {
    Thread thread = new Thread(() -> reader.lines().forEach(line -> {}), "browser output");
    thread.setDaemon(true);
    thread.start();
  }

  private static String pageOf(HttpClient client, String address)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + "/json/list")).build();
    for (JsonNode target : JSON.readTree(client.send(request, BodyHandlers.ofString()).body())) {
      if (target.get("type").asText().equals("page")) {
        return target.get("webSocketDebuggerUrl").asText();
      }
    }
    throw new IOException("the browser has no page");
  }

  /** Puts the parts of messages together, and hands answers to who waits for them. */
  private final class Listener implements WebSocket.Listener {

    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        try {
          heard(JSON.readTree(message.toString()));
        } catch (IOException e) {
          errors.add("not JSON: " + e.getMessage());
        }
        message.setLength(0);
      }
      webSocket.request(1);
      return null;
    }
  }

  private void heard(JsonNode message) {
    if (message.has("id")) {
      waiting.remove(message.get("id").asInt()).complete(message);
      return;
    }
    JsonNode parameters = message.path("params");
    String method = message.path("method").asText();
    boolean error =
        method.equals("Runtime.exceptionThrown")
            || (method.equals("Runtime.consoleAPICalled")
                && parameters.path("type").asText().equals("error"))
            || (method.equals("Log.entryAdded")
                && parameters.path("entry").path("level").asText().equals("error"));
    if (error) {
      errors.add(parameters.toString());
    }
  }

  private JsonNode call(String method, Map<String, ?> parameters) throws IOException {
    int id = number.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    String text = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
    try {
      socket.sendText(text, true).join();
      JsonNode message = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (message.has("error")) {
        throw new IOException(method + ": " + message.get("error"));
      }
      return message.get("result");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(method + ": interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(method + ": no answer", e);
    }
  }

  /** What was logged to the console as an error, and exceptions that nobody caught. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  /** Loads a page, and waits until it is there. */
  void open(String address) throws IOException {
    call("Page.navigate", Map.of("url", address));
    await(
        "document.readyState === 'complete' && location.href.startsWith("
            + JSON.writeValueAsString(address.replaceAll("#.*", ""))
            + ")");
  }

  /** The value of an expression in JavaScript. */
  JsonNode value(String expression) throws IOException {
    JsonNode result =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.get("exceptionDetails"));
    }
    return result.get("result").path("value");
  }

  /** Waits until an expression is true. */
  void await(String expression) throws IOException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!isTrue(expression)) {
      if (Instant.now().isAfter(end)) {
        throw new IOException(
            "not true after " + PATIENCE + ": " + expression + "; errors: " + errors);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /** False while one page gives way to the next. */
  private boolean isTrue(String expression) throws IOException {
    try {
      return value(expression).asBoolean();
    } catch (IOException e) {
      if (e.getMessage().contains("navigated or closed")
          || e.getMessage().contains("Cannot find context")) {
        return false;
      }
      throw e;
    }
  }

  /** The page as PNG. */
  byte[] screenshot() throws IOException {
    JsonNode image = call("Page.captureScreenshot", Map.of("format", "png"));
    return Base64.getDecoder().decode(image.get("data").asText());
  }

  @Override
  public void close() throws IOException {
    try {
      call("Browser.close", Map.of());
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
