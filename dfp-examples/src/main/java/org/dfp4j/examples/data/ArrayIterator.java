package org.dfp4j.examples.data;

import java.io.Serial;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** A DL4J iterator over numbered images: all it needs is how to read some of them. */
final class ArrayIterator implements DataSetIterator {

  /** Reads the images of these numbers. */
  @FunctionalInterface
  interface Reader {
    DataSet read(int[] images);
  }

  @Serial private static final long serialVersionUID = 1L;

  private final int[] images;
  private final int batch;
  private final List<String> labels;
  private final transient Reader reader;
  private int next;
  private transient DataSetPreProcessor preProcessor;

  ArrayIterator(int[] images, int batch, List<String> labels, Reader reader) {
    this.images = images.clone();
    this.batch = batch;
    this.labels = labels;
    this.reader = reader;
  }

  @Override
  public boolean hasNext() {
    return next < images.length;
  }

  @Override
  public DataSet next() {
    return next(batch);
  }

  @Override
  public DataSet next(int count) {
    if (!hasNext()) {
      throw new NoSuchElementException("no image after the last of " + images.length);
    }
    int end = Math.min(images.length, next + count);
    DataSet read = reader.read(Arrays.copyOfRange(images, next, end));
    next = end;
    if (preProcessor != null) {
      preProcessor.preProcess(read);
    }
    return read;
  }

  @Override
  public void reset() {
    next = 0;
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  @Override
  public boolean asyncSupported() {
    return true;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public int totalOutcomes() {
    return labels.size();
  }

  @Override
  public int inputColumns() {
    throw new UnsupportedOperationException("inputColumns: images have no columns");
  }

  @Override
  public List<String> getLabels() {
    return labels;
  }

  @Override
  public void setPreProcessor(DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }
}
