package org.dfp4j.examples.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.dfp4j.examples.UsageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding and downloading Fashion-MNIST, with a server of the test. */
class FashionMnistFilesTest {

  private static final String NAME = "some.gz";
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private HttpServer server;
  private int requests;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/data/",
        exchange -> {
          requests++;
          boolean known = exchange.getRequestURI().getPath().equals("/data/" + NAME);
          byte[] body = known ? gzip(CONTENT) : new byte[1];
          exchange.sendResponseHeaders(known ? 200 : 404, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI address() {
    return URI.create("http://localhost:" + server.getAddress().getPort() + "/data/");
  }

  private FashionMnistFiles files(String name, String sha256) {
    return new FashionMnistFiles(
        folder.resolve("package"), folder.resolve("a/cache"), address(), Map.of(name, sha256));
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static String sha256(byte[] content) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  @Test
  void downloadsOnce() throws Exception {
    FashionMnistFiles files = files(NAME, sha256(CONTENT));
    Path found = files.locate();
    assertEquals(folder.resolve("a/cache"), found);
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(found.resolve(NAME)))) {
      assertEquals("content", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    server.stop(0);
    assertEquals(found, files.locate());
    assertEquals(1, requests);
  }

  @Test
  void prefersThePackage() throws Exception {
    Path packaged = Files.createDirectories(folder.resolve("package"));
    Files.write(packaged.resolve(NAME), gzip(CONTENT));
    assertEquals(packaged, files(NAME, "unused").locate());
    assertEquals(0, requests);
  }

  @Test
  void wrongChecksumLeavesNothing() throws Exception {
    String wrong = "0".repeat(64);
    String message = failure(files(NAME, wrong));
    assertTrue(
        message.contains(
            "checksum of "
                + address()
                + NAME
                + ": expected SHA-256 "
                + wrong
                + ", got "
                + sha256(CONTENT)),
        message);
    try (Stream<Path> left = Files.list(folder.resolve("a/cache"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void unknownFile() {
    String message = failure(files("other.gz", "unused"));
    assertTrue(message.contains("other.gz: expected HTTP status 200, got 404"), message);
  }

  @Test
  void noServerNamesTheAlternatives() {
    server.stop(0);
    String message = failure(files(NAME, "unused"));
    assertTrue(message.startsWith("--data: expected Fashion-MNIST in "), message);
    for (String way : new String[] {"apt-get install", "--data synthetic", "--data DIR", NAME}) {
      assertTrue(message.contains(way), message);
    }
    assertFalse(message.contains("\n"), message);
  }

  private static String failure(FashionMnistFiles files) {
    return assertThrows(UsageException.class, files::locate).getMessage();
  }

  @Test
  void packagedFilesHaveTheChecksums() throws Exception {
    FashionMnistFiles files = FashionMnistFiles.standard();
    assumeTrue(
        Files.isDirectory(files.packaged()), "Debian's dataset-fashion-mnist is not installed");
    for (Map.Entry<String, String> file : files.sha256().entrySet()) {
      Path packed = files.packaged().resolve(file.getKey());
      try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
        assertEquals(file.getValue(), sha256(in.readAllBytes()), file.getKey());
      }
    }
  }
}
