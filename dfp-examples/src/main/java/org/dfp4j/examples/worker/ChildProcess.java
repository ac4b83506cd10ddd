package org.dfp4j.examples.worker;

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

/**
 * A Java process of this project, as its parent sees it: requests go in and answers come out, each
 * a line of JSON. It ends with its parent.
 */
public final class ChildProcess implements AutoCloseable {

  private static final String THREADS = "OMP_NUM_THREADS";

  private final ObjectMapper json = new ObjectMapper();
  private final String name;
  private final Process process;
  private final Path messages;
  private final Thread stop;
  private final BufferedWriter requests;
  private final BufferedReader answers;

  /**
   * What to start.
   *
   * @param name of the process in messages
   * @param main the class whose {@code main} answers by {@link Answers}
   * @param classPath of the process
   * @param options of its Java virtual machine, after those of this process
   * @param threads of OpenMP
   * @param arguments of {@code main}; those that are not strings as JSON
   */
  public record Program(
      String name,
      Class<?> main,
      String classPath,
      List<String> options,
      int threads,
      List<Object> arguments) {

    /** Copies the lists. */
    public Program {
      options = List.copyOf(options);
      arguments = List.copyOf(arguments);
    }
  }

  /** Starts a process. */
  public ChildProcess(Program program) {
    this.name = program.name();
    try {
      this.messages = Files.createTempFile("dfp-", ".txt");
      messages.toFile().deleteOnExit();
      List<String> command = new ArrayList<>();
      command.add(ProcessHandle.current().info().command().orElse("java"));
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(program.options());
      command.addAll(List.of("-cp", program.classPath(), program.main().getName()));
      for (Object argument : program.arguments()) {
        command.add(argument instanceof String text ? text : json.writeValueAsString(argument));
      }
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.toFile());
      builder.environment().put(THREADS, Integer.toString(program.threads()));
      this.process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a process: " + e.getMessage(), e);
    }
    this.stop = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(stop);
    this.requests = process.outputWriter();
    this.answers = process.inputReader();
  }

  /** Sends a request, a line of JSON. */
  public void ask(Object request) {
    try {
      requests.write(json.writeValueAsString(request));
      requests.newLine();
      requests.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * Waits for the next answer.
   *
   * @throws IllegalStateException with the child's message where it failed, and with its exit
   *     status where it is gone
   */
  public <T> T answer(Class<T> type) {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw failed(null);
      }
      Answer answer = json.readValue(line, Answer.class);
      if (answer.error() != null) {
        throw new IllegalStateException(
            answer.error().startsWith(name) ? answer.error() : name + ": " + answer.error());
      }
      return json.treeToValue(answer.value(), type);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Processor time that the process has used so far. */
  public Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** The process is gone, or speaks in another way than expected. */
  private IllegalStateException failed(IOException cause) {
    try {
      String said = Files.readString(messages).strip();
      String status = process.isAlive() ? "none yet" : Integer.toString(process.waitFor());
      return new IllegalStateException(
          "%s: expected an answer of its process, got exit status %s; it said: %s"
              .formatted(name, status, said.substring(said.lastIndexOf('\n') + 1)),
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
