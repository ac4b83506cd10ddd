package org.dfp4j.examples.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Map;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.RunInfo;
import org.dfp4j.layers.stats.Verdict;

/**
 * What a comparison gave; its JSON form is {@code compare.json}.
 *
 * @param model name in the zoo
 * @param data what the images are
 * @param iterations how many were run
 * @param batch images an iteration
 * @param size height and width of the images
 * @param seed of the run
 * @param updater name of the updater
 * @param learningRate of the updater; null where it has none
 * @param policy what was converted
 * @param heldOutImages how many the accuracy is measured on
 * @param isa instruction set of the DFP-16 kernels
 * @param kernels the DFP-16 kernels
 * @param baseline what the FP32 network runs on
 * @param threads of both networks
 * @param cpu model name
 * @param versions of the libraries
 * @param fp32 the FP32 network
 * @param dfp16 the DFP-16 network
 */
@JsonPropertyOrder({
  "model",
  "data",
  "iterations",
  "batch",
  "size",
  "seed",
  "updater",
  "learningRate",
  "policy",
  "heldOutImages",
  "isa",
  "kernels",
  "baseline",
  "threads",
  "cpu",
  "versions",
  "ratio",
  "verdict",
  "fp32",
  "dfp16"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CompareResult(
    String model,
    String data,
    int iterations,
    int batch,
    int size,
    long seed,
    String updater,
    Double learningRate,
    String policy,
    int heldOutImages,
    String isa,
    String kernels,
    String baseline,
    int threads,
    String cpu,
    Map<String, String> versions,
    RunResult fp32,
    RunResult dfp16) {

  /** FP32 seconds an iteration over DFP-16 seconds an iteration: above 1, DFP-16 is faster. */
  @JsonProperty
  public double ratio() {
    return fp32.secondsPerIteration() / dfp16.secondsPerIteration();
  }

  /** How DFP-16 compares with FP32, in words; what {@link Verdict} says. */
  @JsonProperty
  public String verdict() {
    return Verdict.of(run(RunInfo.FP32, fp32), run(RunInfo.DFP16, dfp16)).text();
  }

  private Verdict.Run run(String name, RunResult result) {
    HeldOut heldOut =
        result.accuracy() == null
            ? null
            : new HeldOut(iterations, result.accuracy(), heldOutImages);
    return new Verdict.Run(name, result.curve(batch), heldOut);
  }
}
