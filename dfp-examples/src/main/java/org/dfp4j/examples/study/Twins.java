package org.dfp4j.examples.study;

/**
 * Two complete runs of one model and one seed.
 *
 * @param fp32 the one
 * @param dfp16 the other
 */
record Twins(RunRecord fp32, RunRecord dfp16) {

  long seed() {
    return fp32.plan().settings().seed();
  }

  /** Held-out images that FP32 alone classifies right. */
  int onlyFp32() {
    return only(fp32.right(), dfp16.right());
  }

  /** Held-out images that DFP-16 alone classifies right. */
  int onlyDfp16() {
    return only(dfp16.right(), fp32.right());
  }

  private static int only(String one, String other) {
    if (one.length() != other.length()) {
      throw new IllegalStateException(
          "images: expected as many for both networks, got "
              + one.length()
              + " and "
              + other.length());
    }
    int count = 0;
    for (int i = 0; i < one.length(); i++) {
      if (one.charAt(i) == '1' && other.charAt(i) == '0') {
        count++;
      }
    }
    return count;
  }

  /** The difference over the images. */
  PairedDifference overImages() {
    return PairedDifference.ofImages(onlyFp32(), onlyDfp16(), fp32.right().length());
  }
}
