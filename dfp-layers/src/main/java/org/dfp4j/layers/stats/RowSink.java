package org.dfp4j.layers.stats;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.layers.impl.QuantizationSample;
import org.dfp4j.layers.impl.TensorNumerics;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** A text file with a row for each iteration, tensor of a layer, and measured accuracy. */
final class RowSink implements StatsSink {

  private static final List<String> COLUMNS =
      List.of(
          "iteration",
          "score",
          "seconds",
          "examples",
          "heldOutAccuracy",
          "layer",
          "tensor",
          "exponent",
          "amax",
          "nonFinite",
          "bitsUsed",
          "underflow",
          "saturated",
          "sqnr",
          "kernels",
          "forwardMs",
          "backwardDataMs",
          "backwardWeightsMs");

  /** The text of one row. */
  @FunctionalInterface
  private interface Format {
    String line(Map<String, Object> row) throws IOException;
  }

  private final Path file;
  private final Writer writer;
  private final Format format;

  private RowSink(Path file, Writer writer, Format format) {
    this.file = file;
    this.writer = writer;
    this.format = format;
  }

  static RowSink jsonLines(Path file) throws IOException {
    return new RowSink(file, Files.newBufferedWriter(file), new ObjectMapper()::writeValueAsString);
  }

  static RowSink csv(Path file) throws IOException {
    Writer writer = Files.newBufferedWriter(file);
    writer.write(String.join(",", COLUMNS) + "\n");
    return new RowSink(
        file,
        writer,
        row -> COLUMNS.stream().map(key -> cell(row.get(key))).collect(Collectors.joining(",")));
  }

  private static String cell(Object value) {
    String text = value == null ? "" : value.toString();
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  @Override
  public void start(RunInfo info) {
    // The rows stand for themselves.
  }

  @Override
  public void write(StatsRecord record) {
    try {
      for (TrainingPoint point : record.points()) {
        write(row(point));
      }
      if (record.numerics() != null) {
        for (LayerNumerics layer : record.numerics().layers()) {
          for (TensorNumerics tensor : layer.tensors()) {
            write(row(record.numerics().iteration(), layer, tensor));
          }
        }
      }
      if (record.heldOut() != null) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("iteration", record.heldOut().iteration());
        row.put("heldOutAccuracy", record.heldOut().accuracy());
        row.put("examples", record.heldOut().examples());
        write(row);
      }
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private void write(Map<String, Object> row) throws IOException {
    writer.write(format.line(row) + "\n");
  }

  private static Map<String, Object> row(TrainingPoint point) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("iteration", point.iteration());
    row.put("score", point.score());
    row.put("seconds", point.seconds());
    row.put("examples", point.examples());
    return row;
  }

  private static Map<String, Object> row(
      int iteration, LayerNumerics layer, TensorNumerics tensor) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("iteration", iteration);
    row.put("layer", layer.layer());
    row.put("tensor", tensor.role().argument());
    if (tensor.finite()) {
      row.put("exponent", tensor.exponent());
    }
    row.put("amax", tensor.amax());
    row.put("nonFinite", tensor.nonFinite());
    QuantizationSample sample = tensor.sample();
    if (sample != null) {
      row.put("bitsUsed", sample.bitsUsed());
      row.put("underflow", sample.underflow());
      row.put("saturated", sample.saturated());
      row.put("sqnr", sample.sqnr());
    }
    if (layer.kernels() != null) {
      row.put("kernels", layer.kernels());
    }
    Map<Pass, Double> milliseconds = layer.milliseconds();
    putIfThere(row, "forwardMs", milliseconds.get(Pass.FORWARD));
    putIfThere(row, "backwardDataMs", milliseconds.get(Pass.BACKWARD_DATA));
    putIfThere(row, "backwardWeightsMs", milliseconds.get(Pass.BACKWARD_WEIGHTS));
    return row;
  }

  private static void putIfThere(Map<String, Object> row, String key, Double value) {
    if (value != null) {
      row.put(key, value);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + file + ": " + e.getMessage(), e);
    }
  }
}
