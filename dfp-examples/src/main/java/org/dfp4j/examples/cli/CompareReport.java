package org.dfp4j.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.compare.CompareResult;
import org.dfp4j.examples.compare.Comparison;
import org.dfp4j.examples.compare.Reports;
import org.dfp4j.examples.compare.RunResult;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.data.Part;
import org.dfp4j.examples.models.Conversion;

/**
 * What {@code compare} says and writes at the end.
 *
 * @param comparison that has been trained
 * @param settings of it
 * @param data of it
 * @param conversion of the DFP-16 network
 * @param testImages to measure the accuracy on, at most
 * @param folder for the files
 */
record CompareReport(
    Comparison comparison,
    RunSettings settings,
    ImageData data,
    Conversion conversion,
    int testImages,
    Path folder) {

  /** Writes the files; called before the accuracy is measured too, in case that is cut short. */
  void write() throws IOException {
    Reports.write(result(), folder);
  }

  /** Measures the accuracy. */
  void measure(PrintWriter out) {
    out.println("Measuring the accuracy on " + heldOut() + " held-out images.");
    out.flush();
    comparison.evaluate(heldOut());
  }

  /** Prints the table, writes the files and names them. */
  void print(PrintWriter out) throws IOException {
    CompareResult result = result();
    out.println();
    out.println(Reports.table(result));
    out.println();
    out.println(result.verdict());
    out.println();
    Reports.write(result, folder).forEach(file -> out.println("Wrote " + file));
    out.flush();
  }

  private int heldOut() {
    return Math.min(testImages, data.size(Part.HELD_OUT));
  }

  private CompareResult result() {
    RunResult fp32 = comparison.fp32();
    KernelReport kernels = Machine.kernels();
    return new CompareResult(
        settings.model(),
        data.description(),
        fp32.scores().size(),
        settings.batch(),
        settings.size(),
        settings.seed(),
        settings.updater(),
        Double.isNaN(settings.learningRate()) ? null : settings.learningRate(),
        conversion.key(),
        heldOut(),
        Machine.isa(),
        kernels.used(),
        Machine.baseline(),
        kernels.threads(),
        kernels.cpu(),
        Versions.all(),
        fp32,
        comparison.dfp16());
  }
}
