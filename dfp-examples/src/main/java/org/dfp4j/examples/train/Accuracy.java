package org.dfp4j.examples.train;

import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.data.Batches;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.Task;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.classification.EvaluationBinary;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** How often a network is right about held-out images. */
public final class Accuracy {

  private Accuracy() {}

  /**
   * The share of images that are classified right; of pixels where the model segments images.
   *
   * @param images at most so many
   * @return 0 to 1; NaN where the network gives a NaN
   */
  public static double of(Network network, RunSettings settings, ImageData data, int images) {
    DataSetIterator heldOut = Batches.heldOut(data, settings.batch(), images);
    return settings.entry().task() == Task.SEGMENTATION
        ? network.accuracy(heldOut, new EvaluationBinary(), binary -> binary.accuracy(0))
        : network.accuracy(heldOut, new Evaluation(data.labels().size()), Evaluation::accuracy);
  }
}
