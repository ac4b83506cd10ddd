package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's order of an activation's dimensions, and views in that of the kernels: channels second,
 * and a sequence {@code [mb, c, length]} as an image {@code [mb, c, 1, length]}.
 *
 * @param rank of DL4J's array: 3 for sequences, 4 for images, 5 for volumes
 * @param channelsLast whether DL4J's array has its channels last
 */
record Layout(int rank, boolean channelsLast) {

  private static final int SEQUENCE = 3;

  /** The dimensions by name. */
  String names() {
    String space =
        switch (rank) {
          case SEQUENCE -> "length";
          case 4 -> "height, width";
          default -> "depth, height, width";
        };
    return channelsLast ? "[mb, " + space + ", channels]" : "[mb, channels, " + space + "]";
  }

  /** An activation of the layer, in the kernels' order. */
  INDArray toKernels(INDArray x) {
    INDArray ordered = channelsLast ? x.permute(toKernelOrder(rank)) : x;
    return rank == SEQUENCE
        ? ordered.reshape('c', ordered.size(0), ordered.size(1), 1, ordered.size(2))
        : ordered;
  }

  /** The layer's view of an array that {@link #create} made. */
  INDArray fromKernels(INDArray x) {
    INDArray ordered = channelsLast ? x.permute(fromKernelOrder(x.rank())) : x;
    if (rank != SEQUENCE) {
      return ordered;
    }
    return channelsLast
        ? ordered.reshape('c', x.size(0), x.size(3), x.size(1))
        : ordered.reshape('c', x.size(0), x.size(1), x.size(3));
  }

  /** A new array that is dense in the layer's order, in the kernels' order. */
  INDArray create(LayerWorkspaceMgr workspaceMgr, ArrayType type, long[] shape) {
    if (!channelsLast) {
      return workspaceMgr.createUninitialized(type, DataType.FLOAT, shape, 'c');
    }
    int[] order = fromKernelOrder(shape.length);
    long[] dense = new long[shape.length];
    for (int i = 0; i < dense.length; i++) {
      dense[i] = shape[order[i]];
    }
    return workspaceMgr
        .createUninitialized(type, DataType.FLOAT, dense, 'c')
        .permute(toKernelOrder(shape.length));
  }

  /** {@code 0, last, 1, 2, ...}. */
  private static int[] toKernelOrder(int rank) {
    int[] order = new int[rank];
    order[1] = rank - 1;
    for (int i = 2; i < rank; i++) {
      order[i] = i - 1;
    }
    return order;
  }

  /** {@code 0, 2, 3, ..., 1}. */
  private static int[] fromKernelOrder(int rank) {
    int[] order = new int[rank];
    for (int i = 1; i < rank - 1; i++) {
      order[i] = i + 1;
    }
    order[rank - 1] = 1;
    return order;
  }
}
