package org.dfp4j.layers.stats;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.impl.Dfp16Impl;
import org.dfp4j.layers.impl.Nets;
import org.dfp4j.layers.impl.TensorNumerics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator;
import org.nd4j.linalg.learning.config.Sgd;

/** What the listener reports of a training. */
class DfpStatsListenerTest {

  /** Keeps what is written. */
  static final class Memory implements StatsSink {
    final List<RunInfo> infos = new ArrayList<>();
    final List<StatsRecord> records = new ArrayList<>();
    boolean closed;

    @Override
    public void start(RunInfo info) {
      infos.add(info);
    }

    @Override
    public void write(StatsRecord written) {
      records.add(written);
    }

    @Override
    public void close() {
      closed = true;
    }

    List<TrainingPoint> points() {
      return records.stream().flatMap(one -> one.points().stream()).toList();
    }

    List<IterationNumerics> numerics() {
      return records.stream().map(StatsRecord::numerics).filter(one -> one != null).toList();
    }
  }

  private final Memory memory = new Memory();
  private final DataSet batch = Nets.images(8, Nets.SEED);

  private static MultiLayerNetwork chain() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    return net;
  }

  private static ComputationGraph graph() {
    ComputationGraph net = new ComputationGraph(MixedPrecision.dfp16().convert(Nets.graph()));
    net.init();
    return net;
  }

  @Test
  void reportsEachIterationAndTheNumericsOfFew() {
    MultiLayerNetwork net = chain();
    List<Double> scores = new ArrayList<>();
    try (DfpStatsListener listener = DfpStatsListener.to(memory).frequency(3).attach(net)) {
      assertNotNull(listener);
      for (int i = 0; i < 7; i++) {
        net.fit(batch);
        scores.add(net.score());
      }
    }
    assertTrue(memory.closed);
    assertEquals(scores, memory.points().stream().map(TrainingPoint::score).toList());
    assertEquals(
        List.of(0, 1, 2, 3, 4, 5, 6),
        memory.points().stream().map(TrainingPoint::iteration).toList());
    assertTrue(memory.points().stream().allMatch(p -> p.seconds() > 0 && p.examples() == 8));
    assertEquals(
        List.of(0, 3, 6), memory.numerics().stream().map(IterationNumerics::iteration).toList());
    for (IterationNumerics numerics : memory.numerics()) {
      assertEquals(
          List.of("conv1", "conv2", "dense", "output"),
          numerics.layers().stream().map(LayerNumerics::layer).toList());
      for (LayerNumerics layer : numerics.layers()) {
        assertEquals(3, layer.tensors().size(), layer.toString());
        assertEquals(Set.of(Pass.values()), layer.milliseconds().keySet());
        assertNotNull(layer.kernels());
        for (TensorNumerics tensor : layer.tensors()) {
          assertNotNull(tensor.sample(), tensor.toString());
          assertEquals(numerics.iteration(), tensor.iteration());
        }
      }
    }
    RunInfo info = memory.infos.get(0);
    assertEquals(1, memory.infos.size());
    assertEquals(RunInfo.DFP16, info.precision());
    assertEquals(5, info.layers());
    assertEquals(net.numParams(), info.parameters());
  }

  @Test
  void saysWhatTheLayersSay() {
    ComputationGraph net = graph();
    DfpStatsListener.to(memory).attach(net);
    net.fit(batch);
    List<LayerNumerics> layers = memory.numerics().get(0).layers();
    assertEquals(
        Set.of("stem", "left", "right", "dense", "output"),
        layers.stream().map(LayerNumerics::layer).collect(Collectors.toSet()));
    assertEquals("stem", layers.get(0).layer());
    assertEquals("output", layers.get(4).layer());
    for (LayerNumerics layer : layers) {
      Dfp16Impl impl = (Dfp16Impl) net.getLayer(layer.layer());
      assertEquals(impl.numerics().size(), layer.tensors().size());
      for (TensorNumerics tensor : layer.tensors()) {
        assertEquals(impl.numerics().get(tensor.role()), tensor);
      }
    }
  }

  @Test
  void nothingIsSampledUnlessAskedFor() {
    MultiLayerNetwork net = chain();
    net.fit(batch);
    Dfp16Impl layer = (Dfp16Impl) net.getLayer(0);
    assertTrue(layer.numerics().values().stream().allMatch(tensor -> tensor.sample() == null));
    assertTrue(layer.products().isEmpty());

    DfpStatsListener.to(memory).frequency(4).attach(net);
    net.fit(batch); // iteration 1
    assertTrue(layer.products().isEmpty());
    for (int i = 2; i <= 4; i++) {
      net.fit(batch);
    }
    assertEquals(3, layer.products().size());
    assertTrue(layer.numerics().values().stream().allMatch(tensor -> tensor.sample() != null));

    net.setListeners(List.of());
    long nanos = layer.products().get(Pass.FORWARD).nanos();
    for (int i = 5; i <= 9; i++) {
      net.fit(batch);
      assertTrue(layer.numerics().values().stream().allMatch(tensor -> tensor.sample() == null));
    }
    assertEquals(nanos, layer.products().get(Pass.FORWARD).nanos());
  }

  @Test
  void samplingDoesNotChangeTheTraining() {
    MultiLayerNetwork watched = chain();
    MultiLayerNetwork alone = chain();
    DfpStatsListener.to(memory).frequency(1).attach(watched);
    for (int i = 0; i < 3; i++) {
      watched.fit(batch);
      alone.fit(batch);
    }
    assertSameBits(alone.params(), watched.params());
  }

  @Test
  void windowAndFilterDecideWhatIsReported() {
    MultiLayerNetwork net = chain();
    DfpStatsListener.to(memory)
        .frequency(4)
        .window(2)
        .layers(name -> name.startsWith("conv"))
        .attach(net);
    for (int i = 0; i < 6; i++) {
      net.fit(batch);
    }
    assertEquals(
        List.of(0, 1, 4, 5), memory.numerics().stream().map(IterationNumerics::iteration).toList());
    assertEquals(
        List.of("conv1", "conv2"),
        memory.numerics().get(3).layers().stream().map(LayerNumerics::layer).toList());
    assertNull(((Dfp16Impl) net.getLayer(4)).numerics().values().iterator().next().sample());
  }

  /** A plain listener sees its first iteration too, but cannot have it sampled. */
  @Test
  void worksAsAPlainListener() {
    MultiLayerNetwork net = chain();
    net.setListeners(DfpStatsListener.to(memory).frequency(2).build());
    for (int i = 0; i < 3; i++) {
      net.fit(batch);
    }
    assertEquals(
        List.of(0, 2), memory.numerics().stream().map(IterationNumerics::iteration).toList());
    TensorNumerics first = memory.numerics().get(0).layers().get(0).tensors().get(0);
    assertNull(first.sample());
    assertNotNull(memory.numerics().get(1).layers().get(0).tensors().get(0).sample());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twinsHaveLikeGradients(boolean asGraph) {
    Memory other = new Memory();
    Model fp32 = asGraph ? new ComputationGraph(Nets.graph()) : new MultiLayerNetwork(Nets.chain());
    fp32.init();
    Model dfp16 =
        asGraph
            ? MixedPrecision.dfp16().convert((ComputationGraph) fp32)
            : MixedPrecision.dfp16().convert((MultiLayerNetwork) fp32);
    DfpStatsListener.to(memory).attach(fp32);
    DfpStatsListener.to(other).attach(dfp16);
    ((NeuralNetwork) fp32).fit(batch);
    ((NeuralNetwork) dfp16).fit(batch);
    List<LayerNumerics> a = memory.numerics().get(0).layers();
    List<LayerNumerics> b = other.numerics().get(0).layers();
    assertEquals(
        a.stream().map(LayerNumerics::layer).toList(),
        b.stream().map(LayerNumerics::layer).toList());
    assertEquals(RunInfo.FP32, memory.infos.get(0).precision());
    for (int i = 0; i < a.size(); i++) {
      assertTrue(a.get(i).tensors().isEmpty());
      // Operands are off by at most 2^-15 of their largest value; angles by some of that.
      assertEquals(1, a.get(i).gradient().cosine(b.get(i).gradient()), 1e-4, a.get(i).layer());
      assertEquals(1, a.get(i).update().cosine(b.get(i).update()), 1e-4, a.get(i).layer());
      // SGD: the update is the gradient times the rate.
      assertEquals(1, a.get(i).update().cosine(a.get(i).gradient()), 1e-6, a.get(i).layer());
    }
    assertFalse(a.get(0).gradient().equals(b.get(0).gradient()));
  }

  @Test
  void frozenLayersAreWatchedInsideTheirWrapper() {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            MixedPrecision.dfp16()
                .convert(
                    Nets.defaults(new Sgd(0.1))
                        .list()
                        .layer(new FrozenLayer(new DenseLayer.Builder().nIn(192).nOut(5).build()))
                        .layer(new OutputLayer.Builder().nIn(5).nOut(4).build())
                        .build()));
    net.init();
    DfpStatsListener.to(memory).attach(net);
    net.fit(new DataSet(batch.getFeatures().reshape(8, 192), batch.getLabels()));
    LayerNumerics frozen = memory.numerics().get(0).layers().get(0);
    assertEquals("layer0", frozen.layer());
    assertEquals(2, frozen.tensors().size(), "src and weights: " + frozen.tensors());
    assertNull(frozen.gradient());
  }

  @Test
  void replicasMayShareIt() throws InterruptedException {
    MultiLayerNetwork watched = chain();
    DfpStatsListener listener = DfpStatsListener.to(memory).frequency(1).attach(watched);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      MultiLayerNetwork net = i == 0 ? watched : chain();
      net.setListeners(listener);
      threads.add(
          new Thread(
              () -> {
                for (int k = 0; k < 10; k++) {
                  net.fit(batch);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    listener.flush();
    List<Integer> each = IntStream.range(0, 10).boxed().toList();
    assertEquals(1, memory.infos.size());
    assertEquals(each, memory.points().stream().map(TrainingPoint::iteration).toList());
    assertEquals(each, memory.numerics().stream().map(IterationNumerics::iteration).toList());
  }

  @Test
  void layersInPretrainingAreIgnored() {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            Nets.defaults(new Sgd(0.1))
                .list()
                .layer(new AutoEncoder.Builder().nIn(192).nOut(5).build())
                .layer(new OutputLayer.Builder().nIn(5).nOut(4).build())
                .build());
    net.init();
    DfpStatsListener listener = DfpStatsListener.to(memory).attach(net);
    DataSet flat = new DataSet(batch.getFeatures().reshape(8, 192), batch.getLabels());
    net.pretrain(new SingletonDataSetIterator(flat));
    listener.flush();
    assertEquals(List.of(), memory.records);
    listener.iterationDone(net.getLayer(0), 0, 0);
    listener.onGradientCalculation(net.getLayer(0));
    net.fit(flat);
    listener.flush();
    assertEquals(1, memory.points().size());
    assertEquals(1, memory.infos.size());
  }

  @Test
  void theCallerMayReportTheIterations() {
    MultiLayerNetwork net = chain();
    DfpStatsListener listener = DfpStatsListener.to(memory).pointsFromCaller().attach(net);
    net.fit(batch);
    listener.iteration(new TrainingPoint(0, 1.5, 0.25, 8));
    listener.heldOut(new HeldOut(1, 0.75, 20));
    assertEquals(List.of(new TrainingPoint(0, 1.5, 0.25, 8)), memory.points());
    assertEquals(0.75, memory.records.get(memory.records.size() - 1).heldOut().accuracy());
    listener.flush();
    assertEquals(2, memory.records.size());

    DfpStatsListener own = DfpStatsListener.to(memory).build();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> own.iteration(new TrainingPoint(0, 1, 1, 1)));
    assertTrue(e.getMessage().startsWith("point: expected"), e.getMessage());
  }

  @Test
  void settingsAreChecked() {
    DfpStatsListener.Builder builder = DfpStatsListener.to(memory);
    assertEquals(
        "frequency: expected >= 1, got 0",
        assertThrows(IllegalArgumentException.class, () -> builder.frequency(0)).getMessage());
    assertEquals(
        "window: expected >= 1, got -1",
        assertThrows(IllegalArgumentException.class, () -> builder.window(-1)).getMessage());
  }
}
