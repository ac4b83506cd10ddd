package org.dfp4j.examples.bench.step;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dfp4j.examples.UsageException;

/**
 * The class paths of the implementations. Those that need other libraries than this process have
 * them in a folder of their module, {@code dfp-baselines/<name>/target/lib}.
 */
public final class Baselines {

  private static final String JAR = ".jar";

  private static final Path CPU = Path.of("/proc/cpuinfo");

  private final Path folder;
  private final String oneDnn;

  /**
   * The modules in a folder.
   *
   * @param avx512 whether the CPU has AVX-512, which decides between libraries
   */
  Baselines(Path folder, boolean avx512) {
    this.folder = folder;
    this.oneDnn = avx512 ? "onednn-avx512" : "onednn-avx2";
  }

  /** The modules beside the one of this class, as its sources lie. */
  public static Baselines ofProject() {
    try {
      Path here =
          Path.of(Baselines.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      boolean avx512 = Files.readString(CPU).contains(" avx512f ");
      return new Baselines(here.resolveSibling("../../dfp-baselines").normalize(), avx512);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + CPU + ": " + e.getMessage(), e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("cannot find the project's folder: " + e.getMessage(), e);
    }
  }

  String classPath(Implementation implementation) {
    return classPath("--implementations", implementation);
  }

  /**
   * The class path of an implementation's process; a {@link UsageException} says how to build what
   * is not there.
   *
   * @param argument that asked for it
   */
  public String classPath(String argument, Implementation implementation) {
    String own = System.getProperty("java.class.path");
    return switch (implementation) {
      case DL4J_STOCK, DFP16, DFP16_STATS -> own;
      // Before this process's own, so that its native library is the one that is found.
      case DL4J_ONEDNN ->
          joined(
                  jars(argument, implementation)
                      .filter(jar -> !jar.contains("-onednn-avx") || jar.contains(oneDnn)))
              + File.pathSeparator
              + own;
      case PYTORCH -> own + File.pathSeparator + joined(jars(argument, implementation));
    };
  }

  private static String joined(Stream<String> jars) {
    return jars.collect(Collectors.joining(File.pathSeparator));
  }

  private Stream<String> jars(String argument, Implementation implementation) {
    Path lib = folder.resolve(implementation.key()).resolve("target/lib");
    if (Files.isDirectory(lib)) {
      try (Stream<Path> files = Files.list(lib)) {
        List<String> jars =
            files.map(Path::toString).filter(f -> f.endsWith(JAR)).sorted().toList();
        if (!jars.isEmpty()) {
          return jars.stream();
        }
      } catch (IOException e) {
        throw new IllegalStateException("cannot read " + lib + ": " + e.getMessage(), e);
      }
    }
    throw new UsageException(
        argument,
        "the jars of " + implementation.key() + " in " + lib,
        "none; build them: mvn -B -P " + implementation.key() + " -Dmaven.test.skip package");
  }
}
