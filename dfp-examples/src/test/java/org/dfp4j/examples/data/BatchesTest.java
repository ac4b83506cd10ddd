package org.dfp4j.examples.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.dfp4j.examples.UsageException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** The order of training batches. */
class BatchesTest {

  private static final long SEED = 3;
  private static final ImageData DATA = new FewImages(23, 1, 2);

  /** The numbers of the images of some batches. */
  private static List<List<Integer>> numbers(long start, int count, long seed) {
    List<List<Integer>> batches = new ArrayList<>();
    try (Batches source = new Batches(DATA, 5, seed, start)) {
      for (int i = 0; i < count; i++) {
        INDArray features = source.next().getFeatures();
        List<Integer> batch = new ArrayList<>();
        for (int k = 0; k < features.size(0); k++) {
          batch.add((int) Math.round((features.getDouble(k, 0, 0, 0) + 1) / 2 * 255));
        }
        batches.add(batch);
      }
    }
    return batches;
  }

  @Test
  void anEpochShowsNoImageTwice() {
    List<List<Integer>> batches = numbers(0, 4, SEED);
    List<Integer> all = batches.stream().flatMap(List::stream).toList();
    assertEquals(20, all.size());
    assertEquals(20, new HashSet<>(all).size(), all.toString());
  }

  @Test
  void goOnWhereARunStopped() {
    List<List<Integer>> whole = numbers(0, 13, SEED);
    for (int start = 1; start < 13; start++) {
      assertEquals(whole.subList(start, 13), numbers(start, 13 - start, SEED), "from " + start);
    }
  }

  @Test
  void shuffleEachEpochAndSeedAnew() {
    List<List<Integer>> two = numbers(0, 8, SEED);
    assertNotEquals(two.subList(0, 4), two.subList(4, 8));
    assertNotEquals(two.subList(0, 4), numbers(0, 4, SEED + 1));
  }

  @Test
  void scalePixels() {
    DataSetIterator heldOut = Batches.heldOut(new FewImages(1, 1, 2), 10, 10);
    DataSet images = heldOut.next();
    assertEquals(-1, images.getFeatures().getDouble(0, 0, 0, 0), 1e-6);
    assertEquals(9 / 255.0 * 2 - 1, images.getFeatures().getDouble(9, 0, 0, 0), 1e-6);
  }

  @Test
  void spreadTheHeldOutImages() {
    DataSet images = Batches.heldOut(DATA, 10, 5).next();
    assertEquals(5, images.numExamples());
    assertEquals(1, images.getLabels().getDouble(4, 8));
  }

  @Test
  void moreThanThereAreImages() {
    UsageException e = assertThrows(UsageException.class, () -> new Batches(DATA, 24, SEED, 0));
    assertEquals("--batch: expected <= 23, the number of training images, got 24", e.getMessage());
  }
}
