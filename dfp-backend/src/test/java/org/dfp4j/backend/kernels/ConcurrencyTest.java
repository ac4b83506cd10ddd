package org.dfp4j.backend.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Several threads use one instance at once and get what one thread gets. */
class ConcurrencyTest {

  private static final int THREADS = 3;
  private static final int ROUNDS = 20;

  private static final List<LayerShape> SHAPES =
      List.of(
          ShapeFile.convolution("mb2 ic17 ih9 oc33 kh3 ph1"),
          ShapeFile.convolution("mb3 ic64 ih7 oc20 sh2"),
          new DenseShape(9, 100, 40));

  static List<Kernels> implementations() {
    return Implementations.all();
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void separateLayersInSeveralThreads(Kernels kernels) throws Exception {
    List<Products> expected = new ArrayList<>();
    for (LayerShape shape : SHAPES) {
      expected.add(Products.of(kernels, shape, DataSet.RANDOM, Quantizer.DEFAULT));
    }
    inThreads(
        thread -> {
          for (int round = 0; round < ROUNDS; round++) {
            int i = (thread + round) % SHAPES.size();
            Products actual =
                Products.of(kernels, SHAPES.get(i), DataSet.RANDOM, Quantizer.DEFAULT);
            Products.assertSame(expected.get(i), actual, kernels + " thread " + thread);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void onePackedTensorReadByAllAndClosedByOne(Kernels kernels) throws Exception {
    LayerShape shape = SHAPES.get(0);
    Products expected = Products.of(kernels, shape, DataSet.RANDOM, Quantizer.DEFAULT);
    for (int round = 0; round < ROUNDS; round++) {
      PackedTensor src = pack(kernels, shape, TensorRole.SRC);
      PackedTensor weights = pack(kernels, shape, TensorRole.WEIGHTS);
      inThreads(
          thread -> {
            INDArray dst = Products.output(shape.dstShape());
            try {
              kernels.forward(shape, src, weights, null, dst);
            } catch (IllegalStateException e) {
              return; // closed before this thread began
            }
            src.close();
            Products.assertSame(expected.dst(), FloatArrays.read(dst), kernels + " " + thread);
          });
      weights.close();
    }
  }

  private static PackedTensor pack(Kernels kernels, LayerShape shape, TensorRole role) {
    return Products.pack(kernels, shape, role, DataSet.RANDOM, Quantizer.DEFAULT);
  }

  private interface Body {
    void run(int thread);
  }

  private static void inThreads(Body body) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        results.add(executor.submit(() -> body.run(thread)));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      executor.shutdown();
    }
  }
}
