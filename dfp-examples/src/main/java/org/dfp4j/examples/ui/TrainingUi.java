package org.dfp4j.examples.ui;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.deeplearning4j.ui.VertxUIServer;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Network;

/** One DL4J UI server with one storage, to which several networks report as sessions. */
public final class TrainingUi implements AutoCloseable {

  private static final int MAX_PORT = 65_535;
  private static final int FULL_REPORTS = 5;

  private final VertxUIServer server;
  private final InMemoryStatsStorage storage = new InMemoryStatsStorage();

  private TrainingUi(VertxUIServer server) {
    this.server = server;
    server.attach(storage);
  }

  /** Starts the server; a {@link UsageException} where the port is not free. */
  public static TrainingUi start(int port) {
    checkFree(port);
    return new TrainingUi(VertxUIServer.getInstance(port, false, null));
  }

  /** Throws a {@link UsageException} where nobody can listen on the port. */
  public static void checkFree(int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new UsageException("--port", "1 to " + MAX_PORT, port);
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(port));
    } catch (IOException e) {
      throw new UsageException("--port", "a free port", port + " (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Lets a network report to the session of this name: the score of each iteration, and all
   * statistics of five iterations, so that the reports take a small part of the time.
   *
   * @param iterations that the network is going to train
   */
  public void watch(Network network, String session, int iterations) {
    int allEach = Math.max(1, iterations / FULL_REPORTS);
    network.listen(new SparingStatsListener(storage, session, allEach));
  }

  /** Where to look. */
  public String address() {
    return server.getAddress() + "/train/overview";
  }

  @Override
  public void close() {
    try {
      VertxUIServer.stopInstance();
      storage.close();
    } catch (Exception e) {
      throw new IllegalStateException("the UI server did not stop: " + e.getMessage(), e);
    }
  }
}
