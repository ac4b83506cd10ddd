package org.dfp4j.examples.ui;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.ui.VertxUIServer;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.train.Watch;
import org.dfp4j.layers.ConversionReport;
import org.dfp4j.layers.stats.DfpStatsListener;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.TrainingPoint;
import org.dfp4j.ui.StorageSink;

/** One DL4J UI server with one storage, to which several networks report as sessions. */
public final class TrainingUi implements AutoCloseable {

  private static final int MAX_PORT = 65_535;
  private static final int FULL_REPORTS = 5;

  private final VertxUIServer server;
  private final InMemoryStatsStorage storage = new InMemoryStatsStorage();
  private final List<DfpStatsListener> listeners = new ArrayList<>();

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
   * statistics of five iterations, so that the reports take a small part of the time; and the
   * numerics of its layers, for the page "Precision".
   *
   * @param iterations that the network is going to train
   * @param plan why its layers run as they do; null where the network alone tells
   * @return hears the times and the accuracy from who trains the network
   */
  public Watch watch(Network network, String session, int iterations, ConversionReport plan) {
    int allEach = Math.max(1, iterations / FULL_REPORTS);
    network.listen(new SparingStatsListener(storage, session, allEach));
    DfpStatsListener.Builder settings =
        DfpStatsListener.to(new StorageSink(storage, session)).pointsFromCaller();
    if (plan != null) {
      settings.plan(plan);
    }
    DfpStatsListener listener = settings.attach(network.model());
    listeners.add(listener);
    return new Watch() {
      @Override
      public void iteration(TrainingPoint point) {
        listener.iteration(point);
      }

      @Override
      public void heldOut(HeldOut accuracy) {
        listener.heldOut(accuracy);
      }
    };
  }

  /** Shows the last iterations too, which the listeners hold back for a second. */
  public void flush() {
    listeners.forEach(DfpStatsListener::flush);
  }

  /** Where to look. */
  public String address() {
    return server.getAddress() + "/train/precision";
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
