package org.dfp4j.baselines.pytorch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;

/**
 * ResNet-50 as the DL4J zoo builds it: convolutions have a bias, all four stages begin with stride
 * 2, and the last pooling is the maximum of 3×3. From stage 2 on its maps have half the height and
 * width of the published network's.
 */
final class ZooResNet50 {

  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.9f;
  private static final int[] BLOCKS = {3, 4, 6, 3};
  private static final int STEM = 64;
  private static final int WIDENING = 4;

  private ZooResNet50() {}

  static Block block(int classes) {
    SequentialBlock network = new SequentialBlock();
    network.add(convolution(STEM, 7, 2, 3)).add(norm()).add(Activation.reluBlock());
    network.add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2)));
    int filters = STEM;
    for (int blocks : BLOCKS) {
      network.add(residual(filters, 2, true));
      for (int i = 1; i < blocks; i++) {
        network.add(residual(filters, 1, false));
      }
      filters *= 2;
    }
    network.add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2)));
    return network.add(Blocks.batchFlattenBlock()).add(Linear.builder().setUnits(classes).build());
  }

  private static Block residual(int filters, int stride, boolean projected) {
    SequentialBlock main =
        new SequentialBlock()
            .add(convolution(filters, 1, stride, 0))
            .add(norm())
            .add(Activation.reluBlock())
            .add(convolution(filters, 3, 1, 1))
            .add(norm())
            .add(Activation.reluBlock())
            .add(convolution(WIDENING * filters, 1, 1, 0))
            .add(norm());
    Block shortcut =
        projected
            ? new SequentialBlock().add(convolution(WIDENING * filters, 1, stride, 0)).add(norm())
            : Blocks.identityBlock();
    return new SequentialBlock()
        .add(
            new ParallelBlock(
                    paths ->
                        new NDList(
                            paths.get(0).singletonOrThrow().add(paths.get(1).singletonOrThrow())))
                .addAll(main, shortcut))
        .add(Activation.reluBlock());
  }

  private static Block convolution(int filters, int kernel, int stride, int padding) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(kernel, kernel))
        .optStride(new Shape(stride, stride))
        .optPadding(new Shape(padding, padding))
        .build();
  }

  private static Block norm() {
    return BatchNorm.builder().optEpsilon(EPSILON).optMomentum(MOMENTUM).build();
  }
}
