package org.dfp4j.examples.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.datavec.api.io.labels.ParentPathLabelGenerator;
import org.datavec.api.split.CollectionInputSplit;
import org.datavec.image.loader.NativeImageLoader;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.dfp4j.examples.UsageException;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A folder of images, one folder a class, as ImageNet is laid out.
 *
 * <p>Where there are folders {@code train} and {@code val} (or {@code test}), these are the two
 * parts; otherwise each fifth image of a class, in the order of names, is held out.
 */
public final class ImageFolder implements ImageData {

  private static final int HELD_OUT_EACH = 5;
  private static final List<String> FORMATS =
      Arrays.stream(NativeImageLoader.ALLOWED_FORMATS)
          .map(format -> format.toLowerCase(Locale.ROOT))
          .distinct()
          .toList();

  private final Path folder;
  private final int channels;
  private final int size;
  private final List<String> labels;
  private final List<Path> train = new ArrayList<>();
  private final List<Path> heldOut = new ArrayList<>();

  /**
   * Lists the images; reads none.
   *
   * @param channels of the images wanted
   * @param size height and width wanted
   */
  public ImageFolder(Path folder, int channels, int size) {
    this.folder = folder;
    this.channels = channels;
    this.size = size;
    if (!Files.isDirectory(folder)) {
      String got = Files.exists(folder) ? "the file " + folder : folder + ", which is not there";
      throw new UsageException("--data", "fashion-mnist, synthetic or a folder", got);
    }
    Path trainFolder = folder.resolve("train");
    if (Files.isDirectory(trainFolder)) {
      labels = classes(trainFolder);
      Path heldOutFolder = heldOutFolder();
      if (!classes(heldOutFolder).equals(labels)) {
        throw new UsageException(
            "--data",
            "the same class folders in " + trainFolder + " and " + heldOutFolder,
            labels + " and " + classes(heldOutFolder));
      }
      labels.forEach(label -> train.addAll(images(trainFolder.resolve(label))));
      labels.forEach(label -> heldOut.addAll(images(heldOutFolder.resolve(label))));
    } else {
      labels = classes(folder);
      labels.forEach(label -> split(images(folder.resolve(label))));
    }
  }

  @Override
  public String description() {
    return "%s, %d + %d images in %d classes"
        .formatted(folder, train.size(), heldOut.size(), labels.size());
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public int size(Part part) {
    return of(part).size();
  }

  @Override
  public DataSetIterator read(Part part, int[] images, int batch) {
    List<URI> files = Arrays.stream(images).mapToObj(i -> of(part).get(i).toUri()).toList();
    NamingImageReader reader =
        new NamingImageReader(size, size, channels, new ParentPathLabelGenerator());
    try {
      reader.initialize(new CollectionInputSplit(files));
    } catch (IOException e) {
      throw new UsageException("--data", "readable images", folder, e);
    }
    reader.setLabels(labels);
    return new RecordReaderDataSetIterator.Builder(reader, batch)
        .classification(1, labels.size())
        .build();
  }

  private List<Path> of(Part part) {
    return part == Part.TRAIN ? train : heldOut;
  }

  private Path heldOutFolder() {
    return Stream.of("val", "test")
        .map(folder::resolve)
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () -> new UsageException("--data", "a folder val or test beside train", folder));
  }

  private void split(List<Path> images) {
    if (images.size() < 2) {
      throw new UsageException(
          "--data", "at least 2 images a class", images.size() + ": " + images.get(0));
    }
    for (int i = 0; i < images.size(); i++) {
      boolean out =
          i % HELD_OUT_EACH == HELD_OUT_EACH - 1 || (images.size() < HELD_OUT_EACH && i == 0);
      (out ? heldOut : train).add(images.get(i));
    }
  }

  private static List<String> classes(Path parent) {
    List<String> names =
        list(parent).stream()
            .filter(Files::isDirectory)
            .map(path -> path.getFileName().toString())
            .toList();
    if (names.size() < 2) {
      throw new UsageException(
          "--data", "at least 2 folders in " + parent + ", one a class", names.size());
    }
    return names;
  }

  private static List<Path> images(Path classFolder) {
    List<Path> images = list(classFolder).stream().filter(ImageFolder::isImage).toList();
    if (images.isEmpty()) {
      throw new UsageException(
          "--data", "images (" + String.join(", ", FORMATS) + ")", "none in " + classFolder);
    }
    return images;
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(file)
        && FORMATS.stream().anyMatch(format -> name.endsWith("." + format));
  }

  private static List<Path> list(Path parent) {
    try (Stream<Path> entries = Files.list(parent)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UsageException("--data", "folders that can be read", parent, e);
    }
  }
}
