package org.dfp4j.examples.data;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dfp4j.examples.UsageException;
import org.nd4j.linalg.dataset.AsyncDataSetIterator;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/**
 * The training batches of a run, epoch after epoch, read ahead in a thread of their own.
 *
 * <p>Batch i is a function of the data, the batch size and the seed, so a run that starts at batch
 * i sees what an uninterrupted run sees from there. Each epoch shuffles the images anew; images
 * that do not fill a batch are left out of the epoch. Pixels are scaled to -1..1.
 */
public final class Batches implements AutoCloseable {

  private static final int READ_AHEAD = 2;

  private final ImageData data;
  private final int batch;
  private final long seed;
  private final int perEpoch;
  private long position;
  private AsyncDataSetIterator epoch;

  /**
   * Batches from number {@code start} on.
   *
   * @param batch images a batch; a {@link UsageException} where there are fewer images than that
   * @param start number of the first batch, from 0
   */
  public Batches(ImageData data, int batch, long seed, long start) {
    this.data = data;
    this.batch = batch;
    this.seed = seed;
    this.position = start;
    this.perEpoch = data.size(Part.TRAIN) / batch;
    if (perEpoch == 0) {
      throw new UsageException(
          "--batch", "<= " + data.size(Part.TRAIN) + ", the number of training images", batch);
    }
  }

  /** Batches an epoch. */
  public int perEpoch() {
    return perEpoch;
  }

  /** The next batch. */
  public DataSet next() {
    if (epoch == null || position % perEpoch == 0) {
      close();
      epoch = new AsyncDataSetIterator(rest(), READ_AHEAD, false);
    }
    // The iterator fetches in hasNext(); next() alone gives null.
    if (!epoch.hasNext()) {
      throw new IllegalStateException("batch " + position + ": expected one, got the epoch's end");
    }
    DataSet next = epoch.next();
    position++;
    return next;
  }

  private DataSetIterator rest() {
    int[] order = Orders.shuffled(data.size(Part.TRAIN), seed, position / perEpoch);
    int from = Math.toIntExact(position % perEpoch) * batch;
    return scaled(data.read(Part.TRAIN, Arrays.copyOfRange(order, from, perEpoch * batch), batch));
  }

  /**
   * The held-out images, scaled as those for training; at most {@code limit} of them, spread out.
   */
  public static DataSetIterator heldOut(ImageData data, int batch, int limit) {
    int size = data.size(Part.HELD_OUT);
    int count = Math.min(size, limit);
    int[] images = IntStream.range(0, count).map(i -> (int) ((long) i * size / count)).toArray();
    return scaled(data.read(Part.HELD_OUT, images, batch));
  }

  private static DataSetIterator scaled(DataSetIterator images) {
    images.setPreProcessor(new ImagePreProcessingScaler(-1, 1));
    return images;
  }

  @Override
  public void close() {
    if (epoch != null) {
      epoch.shutdown();
      epoch = null;
    }
  }
}
