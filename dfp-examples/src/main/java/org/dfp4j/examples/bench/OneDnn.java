package org.dfp4j.examples.bench;

import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Loader;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** oneDNN on this process's CPU. */
final class OneDnn implements AutoCloseable {

  private static Integer cap;

  private final engine cpu;
  private final stream queue;

  private OneDnn(engine cpu, stream queue) {
    this.cpu = cpu;
    this.queue = queue;
  }

  /**
   * Loads oneDNN and caps its instruction set at ours: AVX2 for {@code avx2}, what a CPU without
   * AMX has for {@code avx512vnni}, else no cap. One process has one cap.
   */
  static OneDnn open(String isa) {
    Loader.load(dnnl.class);
    cap(isa);
    engine cpu = new engine(engine.kind.cpu, 0);
    return new OneDnn(cpu, new stream(cpu));
  }

  private static synchronized void cap(String isa) {
    int wanted =
        switch (isa) {
          case "avx2" -> dnnl.dnnl_cpu_isa_avx2;
          case "avx512vnni" -> dnnl.dnnl_cpu_isa_avx512_core_bf16;
          default -> dnnl.dnnl_cpu_isa_all;
        };
    if (cap != null && cap == wanted) {
      return;
    }
    int status = dnnl.dnnl_set_max_cpu_isa(wanted);
    if (cap != null || status != dnnl.dnnl_success) {
      throw new IllegalStateException(
          "oneDNN: expected to cap its instruction set at ours, " + isa + ", got status " + status);
    }
    cap = wanted;
  }

  /**
   * Sets the threads of what this Java thread plans and runs from now on: OpenMP's number, which
   * ND4J sets for all libraries in this process.
   */
  void useThreads(int threads) {
    NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
    openMp.setOmpNumThreads(threads);
    int got = openMp.ompGetMaxThreads();
    if (got != threads) {
      throw new IllegalStateException("threads: expected " + threads + " of OpenMP, got " + got);
    }
  }

  engine engine() {
    return cpu;
  }

  stream stream() {
    return queue;
  }

  static String version() {
    dnnl_version_t version = dnnl.version();
    return version.major() + "." + version.minor() + "." + version.patch();
  }

  /** The instruction set that oneDNN may use, in its words. */
  static String isa() {
    int isa = dnnl.dnnl_get_effective_cpu_isa();
    for (dnnl.cpu_isa known : dnnl.cpu_isa.values()) {
      if (known.value == isa) {
        return known.name();
      }
    }
    return "0x" + Integer.toHexString(isa);
  }

  /** True where the CPU multiplies BF16 by instructions of its own and the cap permits them. */
  boolean hasBf16() {
    int isa = dnnl.dnnl_get_effective_cpu_isa();
    return (isa & dnnl.dnnl_cpu_isa_avx512_core_bf16) == dnnl.dnnl_cpu_isa_avx512_core_bf16;
  }

  @Override
  public void close() {
    queue.close();
    cpu.close();
  }
}
