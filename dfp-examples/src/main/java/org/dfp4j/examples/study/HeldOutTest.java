package org.dfp4j.examples.study;

import org.dfp4j.examples.data.Batches;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.OffHeap;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * What a network says about held-out images.
 *
 * @param loss mean of −ln(probability of the right class), which counts as {@value #LEAST} at
 *     least; NaN where the network gives a NaN
 * @param right a 1 or a 0 for each image: classified right or not
 */
record HeldOutTest(double loss, String right) {

  /** Where DL4J's own cross entropy stops as well. */
  static final double LEAST = 1e-10;

  /**
   * Tests a network.
   *
   * @param images at most so many, spread over the held-out part
   */
  static HeldOutTest of(Network network, ImageData data, int batch, int images) {
    DataSetIterator heldOut = Batches.heldOut(data, batch, images);
    StringBuilder right = new StringBuilder();
    double sum = 0;
    for (int i = 0; heldOut.hasNext(); i++) {
      DataSet some = heldOut.next();
      float[][] outputs = network.output(some.getFeatures()).toFloatMatrix();
      int[] labels = some.getLabels().argMax(1).toIntVector();
      for (int image = 0; image < labels.length; image++) {
        float[] output = outputs[image];
        right.append(largest(output) == labels[image] ? '1' : '0');
        // A NaN stays one.
        sum -= Math.log(Math.max(output[labels[image]], LEAST));
      }
      OffHeap.tidy(i);
    }
    return new HeldOutTest(sum / right.length(), right.toString());
  }

  /** Index of the largest value, -1 where one is a NaN: an image that is not classified. */
  private static int largest(float[] values) {
    int best = 0;
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        return -1;
      }
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /** Share of images that are classified right. */
  double accuracy() {
    return right.chars().filter(image -> image == '1').count() / (double) right.length();
  }
}
