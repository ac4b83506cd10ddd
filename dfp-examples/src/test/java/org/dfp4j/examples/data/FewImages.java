package org.dfp4j.examples.data;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** A small data set: image i has all pixels i, and class {@code i % 10}. */
public record FewImages(int train, int channels, int size) implements ImageData {

  private static final List<String> LABELS =
      IntStream.range(0, 10).mapToObj(Integer::toString).toList();

  @Override
  public String description() {
    return "a few images";
  }

  @Override
  public List<String> labels() {
    return LABELS;
  }

  @Override
  public int size(Part part) {
    return part == Part.TRAIN ? train : 10;
  }

  @Override
  public DataSetIterator read(Part part, int[] images, int batch) {
    return new ArrayIterator(images, batch, LABELS, this::read);
  }

  private DataSet read(int[] numbers) {
    INDArray features = Nd4j.create(DataType.FLOAT, numbers.length, channels, size, size);
    INDArray labels = Nd4j.create(DataType.FLOAT, numbers.length, LABELS.size());
    for (int i = 0; i < numbers.length; i++) {
      features.slice(i).assign(numbers[i]);
      labels.putScalar(i, numbers[i] % LABELS.size(), 1);
    }
    return new DataSet(features, labels);
  }
}
