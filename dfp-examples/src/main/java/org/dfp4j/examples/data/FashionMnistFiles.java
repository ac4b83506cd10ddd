package org.dfp4j.examples.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dfp4j.examples.UsageException;

/**
 * Finds the files of Fashion-MNIST, or downloads them.
 *
 * @param packaged where Debian's package {@code dataset-fashion-mnist} puts them
 * @param cache where downloads are kept
 * @param address the folder to download from
 * @param sha256 name of each file, and the SHA-256 of its unpacked content
 */
public record FashionMnistFiles(
    Path packaged, Path cache, URI address, Map<String, String> sha256) {

  /** The package's folder, {@code ~/.dfp4j/fashion-mnist}, and the publisher's repository. */
  public static FashionMnistFiles standard() {
    return new FashionMnistFiles(
        Path.of("/usr/share/datasets/fashion-mnist"),
        Path.of(System.getProperty("user.home"), ".dfp4j", "fashion-mnist"),
        URI.create(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
        Map.of(
            "train-images-idx3-ubyte.gz",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "train-labels-idx1-ubyte.gz",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "t10k-images-idx3-ubyte.gz",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "t10k-labels-idx1-ubyte.gz",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"));
  }

  /** A folder that holds all four files; a {@link UsageException} where there is no way to one. */
  public Path locate() {
    for (Path folder : List.of(packaged, cache)) {
      if (sha256.keySet().stream().allMatch(name -> Files.isReadable(folder.resolve(name)))) {
        return folder;
      }
    }
    try {
      Files.createDirectories(cache);
      for (Map.Entry<String, String> file : sha256.entrySet()) {
        Download.gzip(
            address.resolve(file.getKey()), file.getValue(), cache.resolve(file.getKey()));
      }
      return cache;
    } catch (IOException e) {
      throw new UsageException(
          "--data",
          "Fashion-MNIST in "
              + packaged
              + " (apt-get install dataset-fashion-mnist), or a download from "
              + address
              + "; without either use --data synthetic or --data DIR",
          e.getMessage(),
          e);
    }
  }
}
