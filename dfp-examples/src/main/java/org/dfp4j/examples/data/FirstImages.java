package org.dfp4j.examples.data;

import java.util.List;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A data set with fewer training images: the first ones.
 *
 * @param data the whole
 * @param train number of training images
 */
public record FirstImages(ImageData data, int train) implements ImageData {

  /** Checks that there are so many. */
  public FirstImages {
    int all = data.size(Part.TRAIN);
    if (train < 1 || train > all) {
      throw new IllegalArgumentException("train: expected 1 to " + all + ", got " + train);
    }
  }

  @Override
  public String description() {
    return "the first " + train + " training images of " + data.description();
  }

  @Override
  public List<String> labels() {
    return data.labels();
  }

  @Override
  public int size(Part part) {
    return part == Part.TRAIN ? train : data.size(part);
  }

  @Override
  public DataSetIterator read(Part part, int[] images, int batch) {
    return data.read(part, images, batch);
  }
}
