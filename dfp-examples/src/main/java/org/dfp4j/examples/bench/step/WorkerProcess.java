package org.dfp4j.examples.bench.step;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dfp4j.examples.bench.step.StepWorker.Reply;
import org.dfp4j.examples.bench.step.StepWorker.Request;
import org.dfp4j.examples.bench.step.StepWorker.Task;

/** A {@link StepWorker} as its parent sees it: it works while asked to, and waits else. */
final class WorkerProcess implements AutoCloseable {

  private static final String THREADS = "OMP_NUM_THREADS";

  private final ObjectMapper json = new ObjectMapper();
  private final Implementation implementation;
  private final Process process;
  private final Path messages;
  private final Thread stop;
  private final BufferedWriter requests;
  private final BufferedReader replies;

  /**
   * Starts a process and waits until its network is ready.
   *
   * @param classPath of the process, whose other options are this process's
   * @param isa the best instruction set of DFP-16
   * @param threads of OpenMP
   */
  WorkerProcess(
      Implementation implementation,
      StepSettings settings,
      String classPath,
      String isa,
      int threads) {
    this.implementation = implementation;
    try {
      this.messages = Files.createTempFile("dfp-" + implementation.key(), ".txt");
      messages.toFile().deleteOnExit();
      List<String> command = new ArrayList<>();
      command.add(ProcessHandle.current().info().command().orElse("java"));
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(options(implementation, isa));
      command.addAll(List.of("-cp", classPath, StepWorker.class.getName()));
      command.addAll(List.of(implementation.key(), json.writeValueAsString(settings)));
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.toFile());
      builder.environment().put(THREADS, Integer.toString(threads));
      this.process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a process: " + e.getMessage(), e);
    }
    this.stop = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(stop);
    this.requests = process.outputWriter();
    this.replies = process.inputReader();
    try {
      answer();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static List<String> options(Implementation implementation, String isa) {
    return switch (implementation) {
      case DL4J_STOCK -> List.of();
      case DL4J_ONEDNN -> List.of("-Dorg.eclipse.deeplearning4j.helpers.disable=false");
      case DFP16, DFP16_STATS -> List.of("-Ddfp.kernels=native", "-Ddfp.maxIsa=" + isa);
      case PYTORCH -> List.of("-Dai.djl.offline=true");
    };
  }

  /** Runs some steps or, to warm up, more. */
  Turn run(Task task, int steps) {
    try {
      requests.write(json.writeValueAsString(new Request(task, steps)));
      requests.newLine();
      requests.flush();
    } catch (IOException e) {
      throw failed(e);
    }
    return answer();
  }

  /** Processor time that the process has used so far. */
  Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private Turn answer() {
    try {
      String line = replies.readLine();
      if (line == null) {
        throw failed(null);
      }
      Reply reply = json.readValue(line, Reply.class);
      if (reply.error() != null) {
        throw new IllegalStateException(
            reply.error().startsWith(implementation.key())
                ? reply.error()
                : implementation.key() + ": " + reply.error());
      }
      return reply.turn();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The process is gone, or speaks in another way than expected. */
  private IllegalStateException failed(IOException cause) {
    try {
      String said = Files.readString(messages).strip();
      String status = process.isAlive() ? "none yet" : Integer.toString(process.waitFor());
      return new IllegalStateException(
          "%s: expected an answer of its process, got exit status %s; it said: %s"
              .formatted(implementation.key(), status, said.substring(said.lastIndexOf('\n') + 1)),
          cause);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + messages + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process ended", e);
    }
  }

  /** Ends the process. */
  @Override
  public void close() {
    try {
      process.destroy();
      process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stop);
      Files.deleteIfExists(messages);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + messages + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
