package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.dfp4j.layers.impl.LinkedNets.batches;
import static org.dfp4j.layers.impl.LinkedNets.compare;
import static org.dfp4j.layers.impl.LinkedNets.graph;
import static org.dfp4j.layers.impl.LinkedNets.separate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.impl.LinkedNets.Net;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Graphs of many forms with linked vertices, beside stock ones: tolerance 0. */
class LinkedGraphsTest {

  /** Activations of batch norms before sums, with an activation after the sum or without. */
  @ParameterizedTest
  @CsvSource({"false, norm1 norm9", "true, add6 norm1 norm10"})
  void activationsBeforeSums(boolean activated, String deferring) {
    Net net = new Net();
    String left = net.relu(net.norm(net.conv("in", 3, 1, 6)));
    String right = net.act(net.norm(net.conv("in", 1, 1, 6)), new ActivationLReLU(0.1));
    String sum = net.add(left, right);
    String block = activated ? net.relu(sum) : sum;
    String x = net.norm(net.conv(net.conv(block, 3, 1, 7), 1, 1, 6));
    assertEquals(deferring, compare(net.end(net.add(x, block)), batches(6, 6, 1, 5, 6)));
  }

  /** The first takes what a batch norm or a sum leaves to it; the others are by themselves. */
  @Test
  void activationsOneAfterAnother() {
    Net net = new Net();
    String x = net.relu(net.act(net.norm(net.conv("in", 3, 1, 6)), new ActivationReLU6()));
    x = net.act(net.relu(net.norm(net.conv(x, 3, 1, 6))), new ActivationLReLU(0.1));
    x = net.relu(net.relu(net.add(net.norm(net.conv(x, 1, 1, 6)), x)));
    assertEquals(
        "add10 norm1 norm5 norm9", compare(net.end(net.conv(x, 1, 1, 6)), batches(6, 6, 1, 5)));
  }

  /** The noise of a layer is not in what others read, whatever is on this project's kernels. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noiseInPlace(boolean fp32Kernels) {
    Net net = new Net();
    String x = net.conv("in", new ConvolutionLayer.Builder(3, 3), 6, new ActivationReLU());
    String left = net.norm(net.conv(net.norm(x), 1, 1, 6));
    ConvolutionLayer.Builder noisy = new ConvolutionLayer.Builder(3, 3);
    String right = net.conv(x, noisy.dropOut(new GaussianNoise(1)), 6, new ActivationReLU6());
    right = net.conv(right, new ConvolutionLayer.Builder(1, 1).dropOut(new Dropout(0.5)), 6);
    ComputationGraphConfiguration conf = net.end(net.merge(Set.of(left, right)));
    compare(
        conf,
        MixedPrecision.of(PrecisionPolicy.builder().fp32Kernels(fp32Kernels).build()),
        batches(6, 6));
  }

  /** Vertices in any order, read by none to three others. */
  @ParameterizedTest
  @MethodSource("seeds")
  void randomGraphs(long seed) {
    compare(randomGraph(new Random(seed)), batches(3, 3, 1, 3));
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 16);
  }

  private static ComputationGraphConfiguration randomGraph(Random random) {
    List<IActivation> functions =
        List.of(
            new ActivationReLU(),
            new ActivationReLU6(),
            new ActivationLReLU(0.1),
            new ActivationTanH());
    Net net = new Net();
    List<String> all = new ArrayList<>(List.of(net.conv("in", 3, 1, 5)));
    Set<String> unread = new TreeSet<>(all);
    for (int i = 0; i < 16; i++) {
      String last = all.get(all.size() - 1);
      String any = all.get(random.nextInt(all.size()));
      String x = random.nextInt(4) == 0 ? any : last;
      IDropout dropout = random.nextBoolean() ? new Dropout(0.8) : new GaussianNoise(0.1);
      IActivation f = functions.get(random.nextInt(functions.size()));
      List<String> read = new ArrayList<>(List.of(x));
      String added =
          switch (random.nextInt(8)) {
            case 0, 1 -> net.norm(x);
            case 2, 3 -> net.act(x, f);
            case 4 -> net.conv(x, new ConvolutionLayer.Builder(1, 1), 5, f);
            case 5 -> net.conv(x, new ConvolutionLayer.Builder(3, 3).dropOut(dropout), 5, f);
            default -> {
              read.add(any);
              if (random.nextInt(4) == 0) {
                read.add(all.get(random.nextInt(all.size())));
              }
              yield net.add(read.toArray(String[]::new));
            }
          };
      read.forEach(unread::remove);
      all.add(added);
      unread.add(added);
    }
    return net.end(unread.size() == 1 ? unread.iterator().next() : net.merge(unread));
  }

  /** Fails once in a pass. */
  private static final class Failing implements IDropout {

    private static final long serialVersionUID = 1L;

    private static String pass = "";

    private static void check(String running) {
      if (running.equals(pass)) {
        pass = "";
        throw new IllegalStateException(running);
      }
    }

    @Override
    public INDArray applyDropout(
        INDArray x, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaceMgr) {
      check("forward");
      return result.assign(x);
    }

    @Override
    public INDArray backprop(INDArray diffDst, INDArray diffSrc, int iteration, int epoch) {
      check("backward");
      return diffSrc;
    }

    @Override
    public void clear() {}

    @Override
    public Failing clone() {
      return new Failing();
    }
  }

  /** A step that fails between vertices that work together changes none of those after it. */
  @Test
  void afterAStepThatFails() {
    Net net = new Net();
    String left = net.relu(net.norm(net.conv("in", 3, 1, 6)));
    left = net.norm(net.conv(left, 1, 1, 6));
    String right = net.norm(net.conv("in", 1, 1, 6));
    String x = net.relu(net.add(left, right));
    x = net.relu(net.norm(net.conv(x, 3, 1, 6)));
    x = net.conv(x, new ConvolutionLayer.Builder(3, 3).dropOut(new Failing()), 6);
    x = net.relu(net.norm(net.conv(net.norm(x), 1, 1, 6)));
    ComputationGraphConfiguration conf = MixedPrecision.dfp16().convert(net.end(x));
    ComputationGraph linked = graph(conf);
    ComputationGraph stock = graph(separate(conf));
    stock.setParams(linked.params());
    DataSet[] batches = batches(6, 6, 3, 6, 5, 6);
    for (int i = 0; i < batches.length; i++) {
      Failing.pass = "";
      stock.fit(batches[i]);
      for (String pass : List.of("forward", "backward")) {
        Failing.pass = pass;
        DataSet other = batches[(i + 1) % batches.length];
        assertEquals(
            pass, assertThrows(IllegalStateException.class, () -> linked.fit(other)).getMessage());
        linked.outputSingle(batches[0].getFeatures());
      }
      if (i == 2) {
        linked.setListeners(new StatsReader());
      }
      linked.fit(batches[i]);
      assertSameBits(stock.params(), linked.params(), "parameters");
    }
  }

  private static final class StatsReader extends BaseTrainingListener {
    @Override
    public void onForwardPass(Model model, Map<String, INDArray> activations) {}
  }
}
