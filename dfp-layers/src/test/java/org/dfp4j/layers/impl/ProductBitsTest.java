package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.layers.Dfp16;
import org.junit.jupiter.api.Test;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A layer's products are the kernels' products, bit for bit. */
class ProductBitsTest {

  private final Random random = new Random(Nets.SEED);
  private final LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
  private final Kernels kernels = KernelProvider.kernels();

  private INDArray random(long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.putScalar(i, (float) random.nextGaussian());
    }
    return x;
  }

  private Layer live(FeedForwardLayer conf) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(Dfp16.layer(conf));
    long count = conf.initializer().numParams(conf);
    Layer layer =
        holder.getLayer().instantiate(holder, null, 0, random(1, count), false, DataType.FLOAT);
    layer.setBackpropGradientsViewArray(Nd4j.create(DataType.FLOAT, 1, count));
    return layer;
  }

  @Test
  void convolution() {
    Layer layer =
        live(
            new ConvolutionLayer.Builder(3, 2)
                .nIn(3)
                .nOut(5)
                .stride(2, 1)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.IDENTITY)
                .build());
    ConvShape shape = new ConvShape(2, 3, 8, 9, 5, 4, 9, 3, 2, 2, 1, 0, 0, 1, 1);
    // A view: the middle of a larger array.
    INDArray src =
        random(2, 5, 8, 9)
            .get(
                NDArrayIndex.all(),
                NDArrayIndex.interval(1, 4),
                NDArrayIndex.all(),
                NDArrayIndex.all());
    INDArray epsilon = random(9, 5, 4, 2).permute(3, 1, 2, 0);
    INDArray output = layer.activate(src, true, none).dup();
    Pair<Gradient, INDArray> back = layer.backpropGradient(epsilon, none);

    INDArray dst = Nd4j.create(DataType.FLOAT, shape.dstShape());
    INDArray diffSrc = Nd4j.create(DataType.FLOAT, shape.srcShape());
    INDArray diffWeights = Nd4j.create(DataType.FLOAT, shape.weightsShape());
    try (PackedTensor s = kernels.pack(shape, TensorRole.SRC, src, Quantizer.DEFAULT);
        PackedTensor w =
            kernels.pack(shape, TensorRole.WEIGHTS, layer.getParam("W"), Quantizer.DEFAULT);
        PackedTensor d = kernels.pack(shape, TensorRole.DIFF_DST, epsilon, Quantizer.DEFAULT)) {
      kernels.forward(shape, s, w, layer.getParam("b"), dst);
      kernels.backwardData(shape, d, w, diffSrc);
      kernels.backwardWeights(shape, s, d, diffWeights);
    }
    assertSameBits(dst, output);
    assertSameBits(diffSrc, back.getSecond());
    assertSameBits(diffWeights, back.getFirst().getGradientFor("W"));
    float[] sums = back.getFirst().getGradientFor("b").dup().data().asFloat();
    assertArrayEquals(Fp32KernelProvider.kernels().channelSums(epsilon), sums);
    double[] expected = epsilon.castTo(DataType.DOUBLE).sum(0, 2, 3).data().asDouble();
    for (int c = 0; c < sums.length; c++) {
      // Summed in FP64 and rounded once.
      assertEquals(expected[c], sums[c], Math.abs(expected[c]) * 0x1.01p-24);
    }
  }

  @Test
  void dense() {
    Layer layer =
        live(new DenseLayer.Builder().nIn(7).nOut(5).activation(Activation.IDENTITY).build());
    DenseShape shape = new DenseShape(4, 7, 5);
    INDArray src = random(7, 4).transpose();
    INDArray epsilon = random(5, 4).transpose();
    INDArray output = layer.activate(src, true, none).dup();
    Pair<Gradient, INDArray> back = layer.backpropGradient(epsilon, none);

    INDArray dst = Nd4j.create(DataType.FLOAT, shape.dstShape());
    INDArray diffSrc = Nd4j.create(DataType.FLOAT, shape.srcShape());
    INDArray diffWeights = Nd4j.create(DataType.FLOAT, shape.weightsShape());
    try (PackedTensor s = kernels.pack(shape, TensorRole.SRC, src, Quantizer.DEFAULT);
        PackedTensor w =
            kernels.pack(shape, TensorRole.WEIGHTS, layer.getParam("W"), Quantizer.DEFAULT);
        PackedTensor d = kernels.pack(shape, TensorRole.DIFF_DST, epsilon, Quantizer.DEFAULT)) {
      kernels.forward(shape, s, w, layer.getParam("b"), dst);
      kernels.backwardData(shape, d, w, diffSrc);
      kernels.backwardWeights(shape, s, d, diffWeights);
    }
    assertSameBits(dst, output);
    assertSameBits(diffSrc, back.getSecond());
    assertSameBits(diffWeights, back.getFirst().getGradientFor("W"));
  }
}
