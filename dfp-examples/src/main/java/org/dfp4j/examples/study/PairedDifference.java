package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * By how much DFP-16 is more accurate than FP32, with a 95 % confidence interval.
 *
 * @param difference of the accuracies, −1 to 1
 * @param low end of the interval
 * @param high end of the interval
 * @param basis what the interval is over
 * @param pairs number of seeds or of images
 */
public record PairedDifference(double difference, double low, double high, Basis basis, int pairs) {

  private static final double CONFIDENCE = 0.95;
  private static final double QUANTILE = (1 + CONFIDENCE) / 2;

  /** What varies from pair to pair. */
  public enum Basis {
    /** Twins of different seeds: the interval is for the mean over all seeds. */
    SEEDS("seeds"),
    /** Held-out images: the interval is for these two networks on all images. */
    IMAGES("images");

    private final String words;

    Basis(String words) {
      this.words = words;
    }

    /** The plural for people. */
    public String words() {
      return words;
    }
  }

  /**
   * Student's interval: {@code mean ± t(n − 1) · deviation / √n}.
   *
   * @param differences one a seed, two at least
   */
  public static PairedDifference ofSeeds(double... differences) {
    int n = differences.length;
    if (n < 2) {
      throw new IllegalArgumentException("differences: expected two or more, got " + n);
    }
    Sample sample = Sample.of(differences);
    double t = new TDistribution(n - 1).inverseCumulativeProbability(QUANTILE);
    double half = t * sample.deviation() / Math.sqrt(n);
    return new PairedDifference(
        sample.mean(), sample.mean() - half, sample.mean() + half, Basis.SEEDS, n);
  }

  /**
   * The interval of Bonett and Price (2012) for the difference of two proportions of the same
   * images: Wald's, after one image more has been counted for each network alone. Unlike Wald's it
   * has a width where the networks agree on every image.
   *
   * @param onlyFp32 images that FP32 alone classifies right
   * @param onlyDfp16 images that DFP-16 alone classifies right
   * @param images all
   */
  public static PairedDifference ofImages(int onlyFp32, int onlyDfp16, int images) {
    if (onlyFp32 < 0 || onlyDfp16 < 0 || images < 1 || onlyFp32 + onlyDfp16 > images) {
      throw new IllegalArgumentException(
          "onlyFp32, onlyDfp16, images: expected counts and their whole, got "
              + String.join(", ", "" + onlyFp32, "" + onlyDfp16, "" + images));
    }
    double fp32 = (onlyFp32 + 1) / (images + 2.0);
    double dfp16 = (onlyDfp16 + 1) / (images + 2.0);
    double centre = dfp16 - fp32;
    double z = new NormalDistribution().inverseCumulativeProbability(QUANTILE);
    double half = z * Math.sqrt((fp32 + dfp16 - centre * centre) / (images + 2.0));
    double difference = (onlyDfp16 - onlyFp32) / (double) images;
    return new PairedDifference(difference, centre - half, centre + half, Basis.IMAGES, images);
  }

  /**
   * The wider of two intervals: Student's over the seeds, which is too narrow where the differences
   * of a few seeds happen to be alike, and the mean of the seeds' intervals over the images, as if
   * all of them had the same luck with these images.
   *
   * @param seeds each over the same number of images, one at least
   */
  public static PairedDifference widest(List<PairedDifference> seeds) {
    PairedDifference overImages =
        new PairedDifference(
            mean(seeds, PairedDifference::difference),
            mean(seeds, PairedDifference::low),
            mean(seeds, PairedDifference::high),
            Basis.IMAGES,
            seeds.get(0).pairs());
    if (seeds.size() == 1) {
      return overImages;
    }
    PairedDifference overSeeds =
        ofSeeds(seeds.stream().mapToDouble(PairedDifference::difference).toArray());
    return overSeeds.width() > overImages.width() ? overSeeds : overImages;
  }

  private static double mean(
      List<PairedDifference> seeds, ToDoubleFunction<PairedDifference> value) {
    return seeds.stream().mapToDouble(value).average().orElseThrow();
  }

  private double width() {
    return high - low;
  }

  /** True where 0 is in the interval. */
  @JsonIgnore
  public boolean maybeNone() {
    return low <= 0 && high >= 0;
  }
}
