package org.dfp4j.examples.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.dfp4j.examples.models.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Drawn images. */
class ShapesTest {

  private static final long SEED = 7;

  private static DataSet first(ImageData data, Part part, int count) {
    return data.read(part, IntStream.range(0, count).toArray(), count).next();
  }

  @ParameterizedTest
  @CsvSource({"1, 28", "3, 28", "3, 96"})
  void areTheSameForTheSameSeed(int channels, int size) {
    DataSet a = first(new Shapes(Task.CLASSIFICATION, channels, size, SEED), Part.TRAIN, 20);
    DataSet b = first(new Shapes(Task.CLASSIFICATION, channels, size, SEED), Part.TRAIN, 20);
    assertEquals(a.getFeatures(), b.getFeatures());
    assertEquals(a.getLabels(), b.getLabels());
    assertEquals(size, a.getFeatures().size(2));
    assertEquals(channels, a.getFeatures().size(1));
  }

  @Test
  void differBySeedAndPart() {
    INDArray train =
        first(new Shapes(Task.CLASSIFICATION, 1, 28, SEED), Part.TRAIN, 5).getFeatures();
    assertNotEquals(
        train,
        first(new Shapes(Task.CLASSIFICATION, 1, 28, SEED + 1), Part.TRAIN, 5).getFeatures());
    assertNotEquals(
        train, first(new Shapes(Task.CLASSIFICATION, 1, 28, SEED), Part.HELD_OUT, 5).getFeatures());
  }

  @Test
  void showAShapeOnABackground() {
    INDArray images =
        first(new Shapes(Task.CLASSIFICATION, 1, 32, SEED), Part.TRAIN, 50).getFeatures();
    for (int i = 0; i < 50; i++) {
      INDArray image = images.slice(i);
      double background = image.getDouble(0, 0, 0);
      double share =
          image.sub(background).gt(20).castTo(image.dataType()).meanNumber().doubleValue()
              + image.sub(background).lt(-20).castTo(image.dataType()).meanNumber().doubleValue();
      assertTrue(share > 0.02 && share < 0.9, "image " + i + ": share of the shape " + share);
    }
  }

  @Test
  void haveAsManyImagesOfEachClass() {
    INDArray labels =
        first(new Shapes(Task.CLASSIFICATION, 1, 28, SEED), Part.TRAIN, 100).getLabels();
    for (int label = 0; label < 10; label++) {
      assertEquals(10, labels.getColumn(label).sumNumber().doubleValue());
    }
  }

  @Test
  void masksCoverTheShape() {
    DataSet images = first(new Shapes(Task.SEGMENTATION, 1, 32, SEED), Part.TRAIN, 20);
    assertEquals(
        first(new Shapes(Task.CLASSIFICATION, 1, 32, SEED), Part.TRAIN, 20).getFeatures(),
        images.getFeatures());
    for (int i = 0; i < 20; i++) {
      INDArray image = images.getFeatures().slice(i);
      INDArray mask = images.getLabels().slice(i);
      double covered = mask.sumNumber().doubleValue();
      assertTrue(covered > 10, "image " + i + ": pixels of the mask " + covered);
      double inside = image.mul(mask).sumNumber().doubleValue() / covered;
      double outside = image.mul(mask.rsub(1)).sumNumber().doubleValue() / (32 * 32 - covered);
      assertTrue(Math.abs(inside - outside) > 20, "image " + i + ": " + inside + ", " + outside);
    }
  }
}
