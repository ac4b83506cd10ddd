package org.dfp4j.backend.nd4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.nd4j.SwapPolicy.Precision;
import org.dfp4j.backend.ops.Fp32Section;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides for each of ND4J's ops whether it runs in DFP-16, and counts. */
final class Swap {

  /** Of this process. */
  static final Swap PROCESS = new Swap();

  /** System property: {@code true}, or a file. */
  static final String REPORT_PROPERTY = "dfp.precision.report";

  private static final Logger LOG = LoggerFactory.getLogger(Swap.class);
  private static final String BACKWARD = "_bp";

  /** What happened to an op; the reason is empty where it was swapped. */
  private record Outcome(String op, Precision precision, String reason) {}

  private final Map<Outcome, LongAdder> counts = new ConcurrentHashMap<>();
  private volatile SwapPolicy policy = SwapPolicy.FP32;

  SwapPolicy policy() {
    return policy;
  }

  /** Begins as the system properties say. */
  void start() {
    use(SwapPolicy.ofProcess());
    String report = System.getProperty(REPORT_PROPERTY, "").trim();
    if (!report.isEmpty() && !report.equals("false")) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> print(report), "dfp-swap-report"));
    }
  }

  /** Goes on with another policy, and counts anew. */
  void use(SwapPolicy next) {
    if (next.isOn()) {
      String refusal = StockConvolutions.enableHelpers();
      LOG.info(
          "{}: convolutions and the products of fully connected layers run in DFP-16, {} kernels",
          next,
          KernelProvider.kernels().name());
      if (!refusal.isEmpty()) {
        LOG.warn("{}: DL4J's 2-D convolution layers stay FP32", refusal);
      }
    } else if (policy.isOn()) {
      LOG.info("{}: all ops run in ND4J", next);
    }
    policy = next;
    counts.clear();
  }

  SwapReport report() {
    List<SwapReport.Row> rows =
        counts.entrySet().stream()
            .map(
                entry ->
                    new SwapReport.Row(
                        entry.getKey().op(),
                        entry.getKey().precision(),
                        entry.getKey().reason(),
                        entry.getValue().sum()))
            .toList();
    return new SwapReport(policy, rows);
  }

  private void print(String target) {
    String text = report().toString();
    if (target.equals("true")) {
      System.err.println(text);
      return;
    }
    try {
      Files.writeString(Path.of(target), text + System.lineSeparator());
    } catch (IOException e) {
      System.err.println(REPORT_PROPERTY + ": cannot write " + target + ": " + e);
      System.err.println(text);
    }
  }

  /** What computes the outputs in DFP-16; null where ND4J has to. */
  Runnable find(CustomOp op, OpContext context) {
    SwapPolicy current = policy;
    if (!current.isOn()) {
      return null;
    }
    SwappableOp swappable = SwappableOp.BY_NAME.get(op.opName());
    if (swappable == null) {
      return null;
    }
    SwappableOp.Plan plan = plan(current, swappable, op, context);
    Precision precision = plan.work() == null ? Precision.FP32 : Precision.DFP16;
    counts
        .computeIfAbsent(
            new Outcome(op.opName(), precision, plan.reason()), outcome -> new LongAdder())
        .increment();
    return plan.work();
  }

  private static SwappableOp.Plan plan(
      SwapPolicy policy, SwappableOp swappable, CustomOp op, OpContext context) {
    if (Fp32Section.isActive()) {
      return SwappableOp.Plan.keep("an op of DFP-16 asks for FP32");
    }
    if (isExcluded(policy, op)) {
      return SwappableOp.Plan.keep("excluded");
    }
    SwappableOp.Plan plan = swappable.plan(op, context);
    if (plan.work() != null && plan.products() < policy.minProducts()) {
      return SwappableOp.Plan.keep("fewer than " + policy.minProducts() + " products");
    }
    return plan;
  }

  private static boolean isExcluded(SwapPolicy policy, CustomOp op) {
    if (policy.excluded().isEmpty()) {
      return false;
    }
    String name = op.opName();
    String forward =
        name.endsWith(BACKWARD) ? name.substring(0, name.length() - BACKWARD.length()) : name;
    if (policy.excluded().contains(name) || policy.excluded().contains(forward)) {
      return true;
    }
    if (!(op instanceof DifferentialFunction function) || function.getSameDiff() == null) {
      return false;
    }
    return policy.excluded().contains(function.getOwnName())
        || contains(policy, function.args())
        || contains(policy, function.outputVariables());
  }

  private static boolean contains(SwapPolicy policy, SDVariable[] variables) {
    for (SDVariable variable : variables) {
      if (policy.excluded().contains(variable.name())) {
        return true;
      }
    }
    return false;
  }
}
