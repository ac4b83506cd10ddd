package org.dfp4j.examples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.dfp4j.examples.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Folders of images, one a class. */
class ImageFolderTest {

  @TempDir Path folder;

  private static void image(Path file, Color color) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(6, 5, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, 6, 5);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private void images(String parent, int each) throws IOException {
    for (int i = 0; i < each; i++) {
      image(folder.resolve(parent + "blue/" + i + ".png"), Color.BLUE);
      image(folder.resolve(parent + "red/" + i + ".png"), Color.RED);
    }
  }

  @Test
  void holdsOutEachFifth() throws IOException {
    images("", 10);
    ImageFolder data = new ImageFolder(folder, 3, 4);
    assertEquals(List.of("blue", "red"), data.labels());
    assertEquals(16, data.size(Part.TRAIN));
    assertEquals(4, data.size(Part.HELD_OUT));
  }

  @Test
  void readsPixelsAndLabels() throws IOException {
    images("", 5);
    ImageFolder data = new ImageFolder(folder, 3, 4);
    // Images 0 to 3 are blue, 4 to 7 red.
    DataSet images = data.read(Part.TRAIN, new int[] {6, 1}, 2).next();
    assertArrayEquals(new long[] {2, 3, 4, 4}, images.getFeatures().shape());
    assertEquals(1, images.getLabels().getDouble(0, 1));
    assertEquals(1, images.getLabels().getDouble(1, 0));
    // DataVec gives blue, green, red.
    assertEquals(0, images.getFeatures().getDouble(0, 0, 2, 2));
    assertEquals(255, images.getFeatures().getDouble(0, 2, 2, 2));
    assertEquals(255, images.getFeatures().getDouble(1, 0, 2, 2));
  }

  @Test
  void oneClassInABatchStillHasAllLabels() throws IOException {
    images("", 5);
    ImageFolder data = new ImageFolder(folder, 1, 4);
    DataSet images = data.read(Part.TRAIN, new int[] {4, 5}, 2).next();
    assertArrayEquals(new long[] {2, 1, 4, 4}, images.getFeatures().shape());
    assertArrayEquals(new long[] {2, 2}, images.getLabels().shape());
    assertEquals(2, images.getLabels().getColumn(1).sumNumber().doubleValue());
  }

  @Test
  void takesFoldersTrainAndVal() throws IOException {
    images("train/", 3);
    images("val/", 2);
    ImageFolder data = new ImageFolder(folder, 3, 4);
    assertEquals(6, data.size(Part.TRAIN));
    assertEquals(4, data.size(Part.HELD_OUT));
  }

  @Test
  void otherClassesInVal() throws IOException {
    images("train/", 2);
    image(folder.resolve("val/blue/0.png"), Color.BLUE);
    image(folder.resolve("val/green/0.png"), Color.GREEN);
    assertMessage("[blue, red] and [blue, green]");
  }

  @Test
  void trainWithoutVal() throws IOException {
    images("train/", 2);
    assertMessage("expected a folder val or test beside train, got " + folder);
  }

  @Test
  void classWithoutImages() throws IOException {
    images("", 2);
    Files.writeString(Files.createDirectories(folder.resolve("texts")).resolve("a.txt"), "text");
    assertMessage("got none in " + folder.resolve("texts"));
  }

  @Test
  void noClasses() {
    assertMessage("--data: expected at least 2 folders in " + folder + ", one a class, got 0");
  }

  private void assertMessage(String part) {
    UsageException e = assertThrows(UsageException.class, () -> new ImageFolder(folder, 3, 4));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void unreadableImageIsNamed() throws IOException {
    images("", 5);
    Path broken = Files.writeString(folder.resolve("red/2.png"), "no image");
    ImageFolder data = new ImageFolder(folder, 3, 4);
    DataSetIterator images = data.read(Part.TRAIN, new int[] {0, 1, 2, 3, 4, 5, 6, 7}, 8);
    UsageException e = assertThrows(UsageException.class, images::next);
    assertEquals("--data: expected a readable image, got " + broken, e.getMessage());
  }
}
