package org.dfp4j.examples.numerics;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.examples.UsageException;
import org.dfp4j.layers.Dfp16;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One convolution layer with its FP32 tensors, to be computed in several kinds of arithmetic. */
final class ProbedLayer {

  private static final String WEIGHTS = "W";

  private final ConvShape shape;
  private final Map<TensorRole, float[]> tensors = new EnumMap<>(TensorRole.class);

  /** A layer with tensors that are drawn. */
  ProbedLayer(ConvShape shape, Values values, SplittableRandom random) {
    this.shape = shape;
    for (TensorRole role : TensorRole.values()) {
      tensors.put(role, values.draw(random.split(), role, length(shape.shapeOf(role))));
    }
  }

  private static int length(long... dimensions) {
    long length = 1;
    for (long dimension : dimensions) {
      length = Math.multiplyExact(length, dimension);
    }
    return Math.toIntExact(length);
  }

  /** The layer as DL4J has it; a {@link UsageException} where DL4J would pad otherwise. */
  static ConvolutionLayer conf(ConvShape s) {
    if (s.oh() != extent(s.ih(), s.kh(), s.sh(), s.ph(), s.dh())
        || s.ow() != extent(s.iw(), s.kw(), s.sw(), s.pw(), s.dw())) {
      throw new UsageException(
          "--model", "shapes with as much padding below as above", s.toString());
    }
    return new ConvolutionLayer.Builder(s.kh(), s.kw())
        .nIn(s.ic())
        .nOut(s.oc())
        .stride(s.sh(), s.sw())
        .padding(s.ph(), s.pw())
        .dilation(s.dh(), s.dw())
        .convolutionMode(ConvolutionMode.Truncate)
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .name("layer")
        .build();
  }

  private static int extent(int in, int kernel, int stride, int padding, int dilation) {
    return (in + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
  }

  /** The three products as DL4J computes them in FP64 from the FP32 tensors. */
  Map<Product, double[]> exact() {
    return run(conf(shape), DataType.DOUBLE, tensors);
  }

  /** The three products. */
  Map<Product, double[]> run(Arithmetic arithmetic) {
    Map<TensorRole, float[]> operands = new EnumMap<>(TensorRole.class);
    tensors.forEach((role, x) -> operands.put(role, arithmetic.operand().apply(x)));
    ConvolutionLayer stock = conf(shape);
    return run(
        arithmetic.precision() == null ? stock : Dfp16.layer(stock, arithmetic.precision()),
        DataType.FLOAT,
        operands);
  }

  private Map<Product, double[]> run(
      ConvolutionLayer conf, DataType type, Map<TensorRole, float[]> operands) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(conf);
    long count = length(shape.weightsShape());
    Layer layer = conf.instantiate(holder, null, 0, Nd4j.create(type, 1, count), false, type);
    try {
      layer.setBackpropGradientsViewArray(Nd4j.create(type, 1, count));
      layer.getParam(WEIGHTS).assign(array(operands, TensorRole.WEIGHTS));
      LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
      INDArray src = array(operands, TensorRole.SRC).castTo(type);
      INDArray diffDst = array(operands, TensorRole.DIFF_DST).castTo(type);
      Map<Product, double[]> products = new EnumMap<>(Product.class);
      products.put(Product.FORWARD, values(layer.activate(src, true, none)));
      var back = layer.backpropGradient(diffDst, none);
      products.put(Product.BACKWARD_DATA, values(back.getSecond()));
      products.put(Product.BACKWARD_WEIGHTS, values(back.getFirst().getGradientFor(WEIGHTS)));
      return products;
    } finally {
      layer.close();
    }
  }

  private INDArray array(Map<TensorRole, float[]> operands, TensorRole role) {
    return Nd4j.createFromArray(operands.get(role)).reshape('c', shape.shapeOf(role));
  }

  private static double[] values(INDArray x) {
    return x.dup('c').data().asDouble();
  }
}
