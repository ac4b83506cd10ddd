package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.dfp4j.backend.nd4j.DfpBackend;
import org.dfp4j.backend.nd4j.SwapPolicy;
import org.dfp4j.examples.data.FashionMnist;
import org.dfp4j.examples.data.FashionMnistFiles;
import org.dfp4j.examples.data.Part;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** SameDiff networks train on real images in DFP-16 as well as in FP32. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameDiffTrainingTest {

  private static final int IMAGES = 800;
  private static final int HELD_OUT = 400;
  private static final int BATCH = 50;
  private static final int EPOCHS = 2;

  /** Far above what a network reaches that learns nothing, 0.1. */
  private static final double LEAST = 0.6;

  private FashionMnist data;

  @BeforeAll
  void locate() {
    Path folder = FashionMnistFiles.standard().packaged();
    assumeTrue(Files.isDirectory(folder), "no Fashion-MNIST in " + folder);
    data = new FashionMnist(folder, 1, SameDiffNetwork.SIZE);
  }

  @ParameterizedTest
  @EnumSource
  void accuracyIsThatOfFp32(SameDiffNetwork network) {
    double fp32 = accuracy(trained(network, false));
    SameDiff ops = trained(network, true);
    double dfp = accuracy(ops);
    System.out.printf("%s: FP32 %.3f, DFP-16 %.3f%n", network, fp32, dfp);
    assertTrue(fp32 > LEAST, "FP32 " + fp32);
    assertSameParameters(ops, trainedUnderTheSwap(network));
    // Three standard deviations of the difference of two accuracies on so many images.
    double noise = 3 * Math.sqrt(2 * fp32 * (1 - fp32) / HELD_OUT);
    assertEquals(fp32, dfp, noise);
  }

  private SameDiff trained(SameDiffNetwork network, boolean dfp) {
    SameDiff sd = network.create(dfp);
    sd.fit(read(Part.TRAIN, IMAGES), EPOCHS);
    return sd;
  }

  /** ND4J's own ops, of which the backend runs convolutions and products in DFP-16. */
  private SameDiff trainedUnderTheSwap(SameDiffNetwork network) {
    DfpBackend.swap(SwapPolicy.DFP16);
    try {
      return trained(network, false);
    } finally {
      DfpBackend.swap(SwapPolicy.FP32);
    }
  }

  private static void assertSameParameters(SameDiff expected, SameDiff got) {
    List<String> names =
        expected.variableMap().keySet().stream().filter(SameDiffTrainingTest::isParameter).toList();
    assertFalse(names.isEmpty());
    for (String name : names) {
      assertEquals(expected.getVariable(name).getArr(), got.getVariable(name).getArr(), name);
    }
  }

  private static boolean isParameter(String name) {
    return name.endsWith("_w") || name.endsWith("_b");
  }

  private DataSetIterator read(Part part, int count) {
    return data.read(part, IntStream.range(0, count).toArray(), BATCH);
  }

  private double accuracy(SameDiff sd) {
    int right = 0;
    DataSetIterator images = read(Part.HELD_OUT, HELD_OUT);
    while (images.hasNext()) {
      DataSet batch = images.next();
      INDArray logits =
          sd.outputSingle(
              Map.of(SameDiffNetwork.INPUT, batch.getFeatures()), SameDiffNetwork.OUTPUT);
      right +=
          logits
              .argMax(1)
              .eq(batch.getLabels().argMax(1))
              .castTo(logits.dataType())
              .sumNumber()
              .intValue();
    }
    return (double) right / HELD_OUT;
  }

  @Test
  void aSavedNetworkGoesOnWithTheSameBits(@TempDir Path directory) throws IOException {
    SameDiff sd = SameDiffNetwork.LENET.create(true);
    sd.fit(read(Part.TRAIN, 2 * BATCH), 1);
    File file = directory.resolve("lenet.sd").toFile();
    sd.save(file, true);
    SameDiff loaded = SameDiff.load(file, true);
    sd.fit(read(Part.TRAIN, 2 * BATCH), 1);
    loaded.fit(read(Part.TRAIN, 2 * BATCH), 1);
    assertSameParameters(sd, loaded);
  }
}
