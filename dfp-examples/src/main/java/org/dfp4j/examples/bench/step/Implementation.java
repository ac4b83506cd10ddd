package org.dfp4j.examples.bench.step;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.dfp4j.examples.UsageException;

/** What can run the steps of a network. */
public enum Implementation {
  /** DL4J in FP32 as it is shipped, whose oneDNN helpers do not load. */
  DL4J_STOCK("dl4j-stock"),
  /** DL4J in FP32 with its oneDNN helpers. */
  DL4J_ONEDNN("dl4j-onednn"),
  /** DL4J with the layers of this project. */
  DFP16("dfp16"),
  /** The same with a listener that samples the numerics of every step, ten times the default. */
  DFP16_STATS("dfp16-stats"),
  /** PyTorch in FP32, through DJL. */
  PYTORCH("pytorch");

  private final String key;

  Implementation(String key) {
    this.key = key;
  }

  /** The name in options and files. */
  @JsonValue
  public String key() {
    return key;
  }

  /** True where layers of this project run. */
  public boolean isDfp16() {
    return this == DFP16 || this == DFP16_STATS;
  }

  /** True where the network is DL4J's. */
  public boolean isDl4j() {
    return this != PYTORCH;
  }

  /** The implementation of this name; case does not matter. */
  public static Implementation byName(String argument, String name) {
    return Arrays.stream(values())
        .filter(known -> known.key.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new UsageException(argument, "some of " + names(), name));
  }

  /** These names without repetitions, in their order. */
  public static List<Implementation> byNames(String argument, List<String> names) {
    return names.stream().map(name -> byName(argument, name.strip())).distinct().toList();
  }

  private static String names() {
    return Arrays.stream(values()).map(Implementation::key).collect(Collectors.joining(", "));
  }
}
