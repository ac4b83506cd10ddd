package org.dfp4j.examples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dfp4j.examples.UsageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Fashion-MNIST from small files that the test writes. */
class FashionMnistTest {

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    IdxFiles.write(folder, "train", 10, 4);
    IdxFiles.write(folder, "t10k", 5, 4);
  }

  @Test
  void readsImagesInTheOrderWanted() {
    FashionMnist data = new FashionMnist(folder, 1, 4);
    assertEquals(10, data.size(Part.TRAIN));
    assertEquals(5, data.size(Part.HELD_OUT));
    DataSet images = data.read(Part.TRAIN, new int[] {7, 2}, 2).next();
    assertArrayEquals(new long[] {2, 1, 4, 4}, images.getFeatures().shape());
    assertEquals(70, images.getFeatures().slice(0).meanNumber().doubleValue());
    assertEquals(20, images.getFeatures().slice(1).meanNumber().doubleValue());
    assertArrayEquals(new long[] {2, 10}, images.getLabels().shape());
    assertEquals(1, images.getLabels().getDouble(0, 7));
    assertEquals(1, images.getLabels().getDouble(1, 2));
    assertEquals(2, images.getLabels().sumNumber().doubleValue());
  }

  @Test
  void enlargesBilinearlyIntoEachChannel() throws IOException {
    IdxFiles.images(
        folder.resolve("train-images-idx3-ubyte.gz"), 1, 2, new byte[] {0, 100, 0, (byte) 200});
    IdxFiles.labels(folder.resolve("train-labels-idx1-ubyte.gz"), new byte[] {3});
    INDArray image =
        new FashionMnist(folder, 3, 4).read(Part.TRAIN, new int[] {0}, 1).next().getFeatures();
    assertArrayEquals(new long[] {1, 3, 4, 4}, image.shape());
    // Pixel centres: the outer ones repeat the border, the inner ones are 1/4 and 3/4 of the way.
    assertArrayEquals(new float[] {0, 25, 75, 100}, row(image, 0, 0));
    assertArrayEquals(new float[] {0, 50, 150, 200}, row(image, 0, 3));
    for (int channel = 1; channel < 3; channel++) {
      for (int y = 0; y < 4; y++) {
        assertArrayEquals(row(image, 0, y), row(image, channel, y));
      }
    }
  }

  private static float[] row(INDArray image, int channel, int y) {
    float[] row = new float[(int) image.size(3)];
    for (int x = 0; x < row.length; x++) {
      row[x] = image.getFloat(0, channel, y, x);
    }
    return row;
  }

  @Test
  void truncatedImages() throws IOException {
    Path file = folder.resolve("train-images-idx3-ubyte.gz");
    IdxFiles.images(file, 10, 4, new byte[159]);
    assertMessage(file + ": expected 16 + images · rows · columns bytes (176), got 175");
  }

  @Test
  void fewerLabelsThanImages() throws IOException {
    Path file = folder.resolve("t10k-labels-idx1-ubyte.gz");
    IdxFiles.labels(file, new byte[4]);
    assertMessage(file + ": expected as many labels as images (5), got 4");
  }

  @Test
  void labelOutOfRange() throws IOException {
    Path file = folder.resolve("t10k-labels-idx1-ubyte.gz");
    IdxFiles.labels(file, new byte[] {0, 1, 2, 3, 10});
    assertMessage(file + ": expected labels from 0 to 9, got 10");
  }

  @Test
  void notGzip() throws IOException {
    Path file = Files.writeString(folder.resolve("train-images-idx3-ubyte.gz"), "text");
    assertMessage(file + ": expected a readable gzip file, got Not in GZIP format");
  }

  private void assertMessage(String message) {
    UsageException e = assertThrows(UsageException.class, () -> new FashionMnist(folder, 1, 4));
    assertEquals(message, e.getMessage());
  }

  @Test
  void imagesAreLabelsFile() throws IOException {
    Path file = folder.resolve("train-images-idx3-ubyte.gz");
    IdxFiles.labels(file, new byte[4]);
    UsageException e = assertThrows(UsageException.class, () -> new FashionMnist(folder, 1, 4));
    assertTrue(e.getMessage().startsWith(file + ": expected idx images"), e.getMessage());
  }
}
