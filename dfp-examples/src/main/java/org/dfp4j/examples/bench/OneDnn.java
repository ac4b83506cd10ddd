package org.dfp4j.examples.bench;

import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Loader;

/**
 * oneDNN on this process's CPU. Its threads are OpenMP's: {@code OMP_NUM_THREADS} when the process
 * started.
 */
final class OneDnn implements AutoCloseable {

  private static String cap;

  private final engine cpu;
  private final stream queue;

  private OneDnn(engine cpu, stream queue) {
    this.cpu = cpu;
    this.queue = queue;
  }

  /**
   * Loads oneDNN and caps its instruction set: AVX2 where ours is {@code avx2}, else no cap. One
   * process has one cap.
   */
  static OneDnn open(String isa) {
    Loader.load(dnnl.class);
    cap(isa.equals("avx2") ? "avx2" : "all");
    engine cpu = new engine(engine.kind.cpu, 0);
    return new OneDnn(cpu, new stream(cpu));
  }

  private static synchronized void cap(String wanted) {
    if (wanted.equals(cap)) {
      return;
    }
    int isa = wanted.equals("avx2") ? dnnl.dnnl_cpu_isa_avx2 : dnnl.dnnl_cpu_isa_all;
    int status = dnnl.dnnl_set_max_cpu_isa(isa);
    if (cap != null || status != dnnl.dnnl_success) {
      throw new IllegalStateException(
          "oneDNN: expected to cap its instruction set at " + wanted + ", got status " + status);
    }
    cap = wanted;
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
  static boolean hasBf16() {
    int isa = dnnl.dnnl_get_effective_cpu_isa();
    return (isa & dnnl.dnnl_cpu_isa_avx512_core_bf16) == dnnl.dnnl_cpu_isa_avx512_core_bf16;
  }

  @Override
  public void close() {
    queue.close();
    cpu.close();
  }
}
