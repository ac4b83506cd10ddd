package org.dfp4j.it;

import java.util.Random;
import org.dfp4j.backend.ops.DfpOps;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** SameDiff graphs for grey images of 28×28 and ten classes, from the same weights each time. */
enum SameDiffNetwork {
  /** Two convolutions with max pooling, two fully connected layers; NCHW. */
  LENET {
    @Override
    SDVariable logits(Layers layers, SDVariable images) {
      SDVariable x = layers.conv("conv1", images, 5, 1, 1, 8, false, PaddingMode.SAME);
      x = layers.pool(layers.relu(x));
      x = layers.conv("conv2", x, 5, 1, 8, 16, false, PaddingMode.VALID);
      x = layers.pool(layers.relu(x)).reshape(-1, 5 * 5 * 16);
      x = layers.relu(layers.dense("dense1", x, 5 * 5 * 16, 64));
      return layers.dense("dense2", x, 64, CLASSES);
    }
  },
  /** Two residual blocks, the second one with stride 2 and a projection; NHWC. */
  RESIDUAL {
    @Override
    SDVariable logits(Layers layers, SDVariable images) {
      SDVariable x = images.permute(0, 2, 3, 1);
      x = layers.relu(layers.conv("stem", x, 3, 2, 1, 8, true, PaddingMode.SAME));
      SDVariable y = layers.relu(layers.conv("block1a", x, 3, 1, 8, 8, true, PaddingMode.SAME));
      y = layers.conv("block1b", y, 3, 1, 8, 8, true, PaddingMode.SAME);
      x = layers.relu(x.add(y));
      y = layers.relu(layers.conv("block2a", x, 3, 2, 8, 16, true, PaddingMode.SAME));
      y = layers.conv("block2b", y, 3, 1, 16, 16, true, PaddingMode.SAME);
      x = layers.conv("projection", x, 1, 2, 8, 16, true, PaddingMode.SAME).add(y);
      x = layers.relu(x).reshape(-1, 7 * 7 * 16);
      return layers.dense("dense", x, 7 * 7 * 16, CLASSES);
    }
  };

  static final int SIZE = 28;
  static final int CLASSES = 10;
  static final String INPUT = "input";
  static final String LABELS = "labels";
  static final String OUTPUT = "logits";

  private static final long SEED = 17;

  abstract SDVariable logits(Layers layers, SDVariable images);

  /**
   * The graph, ready to train.
   *
   * @param dfp whether convolutions and matrix products are this project's ops, or ND4J's
   */
  SameDiff create(boolean dfp) {
    SameDiff sd = SameDiff.create();
    SDVariable input = sd.placeHolder(INPUT, DataType.FLOAT, -1, 1, SIZE, SIZE);
    SDVariable labels = sd.placeHolder(LABELS, DataType.FLOAT, -1, CLASSES);
    SDVariable images = input.mul(1 / 255.0);
    SDVariable logits = logits(new Layers(sd, dfp, new Random(SEED)), images).rename(OUTPUT);
    sd.loss.softmaxCrossEntropy("loss", labels, logits, null);
    sd.setLossVariables("loss");
    sd.setTrainingConfig(
        TrainingConfig.builder()
            .updater(new Adam(2e-3))
            .dataSetFeatureMapping(INPUT)
            .dataSetLabelMapping(LABELS)
            .build());
    return sd;
  }

  /** Layers with weights as He et al. draw them. */
  private record Layers(SameDiff sd, boolean dfp, Random random) {

    SDVariable conv(
        String name,
        SDVariable x,
        int kernel,
        int stride,
        int inputs,
        int outputs,
        boolean channelsLast,
        PaddingMode padding) {
      Conv2DConfig config =
          Conv2DConfig.builder()
              .kH(kernel)
              .kW(kernel)
              .sH(stride)
              .sW(stride)
              .paddingMode(padding)
              .dataFormat(channelsLast ? Conv2DConfig.NHWC : Conv2DConfig.NCHW)
              .build();
      SDVariable w = weights(name, kernel * kernel * inputs, kernel, kernel, inputs, outputs);
      SDVariable b = sd.var(name + "_b", Nd4j.zeros(DataType.FLOAT, outputs));
      return dfp ? DfpOps.conv2d(sd, name, x, w, b, config) : sd.cnn.conv2d(name, x, w, b, config);
    }

    SDVariable dense(String name, SDVariable x, int inputs, int outputs) {
      SDVariable w = weights(name, inputs, inputs, outputs);
      SDVariable b = sd.var(name + "_b", Nd4j.zeros(DataType.FLOAT, outputs));
      SDVariable product = dfp ? DfpOps.matmul(sd, name, x, w) : sd.mmul(name, x, w);
      return product.add(b);
    }

    SDVariable pool(SDVariable x) {
      return sd.cnn.maxPooling2d(x, Pooling2DConfig.builder().kH(2).kW(2).sH(2).sW(2).build());
    }

    SDVariable relu(SDVariable x) {
      return sd.nn.relu(x, 0);
    }

    private SDVariable weights(String name, int fanIn, long... shape) {
      INDArray w = Nd4j.create(DataType.FLOAT, shape);
      double scale = Math.sqrt(2.0 / fanIn);
      for (long i = 0; i < w.length(); i++) {
        w.putScalar(i, scale * random.nextGaussian());
      }
      return sd.var(name + "_w", w);
    }
  }
}
