package org.dfp4j.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/** Downloads a file and checks its content. */
final class Download {

  private static final Duration CONNECT = Duration.ofSeconds(15);
  private static final Duration WHOLE = Duration.ofMinutes(5);

  private Download() {}

  /**
   * Downloads a gzip file; {@code target} is there afterwards only if it is right.
   *
   * @param sha256 of the unpacked content, in lower-case hexadecimal digits
   */
  static void gzip(URI address, String sha256, Path target) throws IOException {
    Path part = Files.createTempFile(target.toAbsolutePath().getParent(), "download", ".part");
    try {
      fetch(address, part);
      String got = sha256OfUnpacked(part);
      if (!got.equals(sha256)) {
        throw new IOException(
            "checksum of " + address + ": expected SHA-256 " + sha256 + ", got " + got);
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void fetch(URI address, Path target) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(CONNECT)
            .build();
    HttpRequest request = HttpRequest.newBuilder(address).timeout(WHOLE).build();
    try {
      int status = client.send(request, HttpResponse.BodyHandlers.ofFile(target)).statusCode();
      if (status != 200) {
        throw new IOException(address + ": expected HTTP status 200, got " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(address + ": interrupted", e);
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new IOException(
          reason.contains(address.toString()) ? reason : address + ": " + reason, e);
    }
  }

  private static String sha256OfUnpacked(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in =
          new DigestInputStream(new GZIPInputStream(Files.newInputStream(file)), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: expected in every JDK, got none", e);
    }
  }
}
