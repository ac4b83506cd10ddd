package org.dfp4j.examples.data;

import java.util.List;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Numbered, labelled images of one size, in a training and a held-out part. */
public interface ImageData {

  /** What the data are and where they come from, for people. */
  String description();

  /** The names of the classes, in the order of the label vector. */
  List<String> labels();

  /** Number of images of a part. */
  int size(Part part);

  /**
   * Reads images.
   *
   * @param images numbers of the images, in the order wanted, each from 0 to {@code size(part) - 1}
   * @param batch images at a time
   * @return batches with features {@code [mb, c, h, w]} from 0 to 255 and labels of the task
   */
  DataSetIterator read(Part part, int[] images, int batch);
}
