package org.dfp4j.backend.kernels;

/**
 * The three products of one input channel with one output channel, of a single image: what every
 * convolution sums. A plane is {@code [depth, height, width]}, in C order from an offset; depth is
 * 1 in a 2-D convolution.
 *
 * <pre>
 *   dst[z, y, x]  weights[l, i, j]  src[at(z, l), at(y, i), at(x, j)]
 * </pre>
 *
 * with the sum over what the output lacks.
 */
record JavaPlanes(Axis depths, Axis rows, Axis columns) {

  JavaPlanes(Conv3dShape s) {
    this(
        new Axis(s.id(), s.od(), s.kd(), s.sd(), s.pd(), s.dd()),
        new Axis(
            s.plane().ih(),
            s.plane().oh(),
            s.plane().kh(),
            s.plane().sh(),
            s.plane().ph(),
            s.plane().dh()),
        new Axis(
            s.plane().iw(),
            s.plane().ow(),
            s.plane().kw(),
            s.plane().sw(),
            s.plane().pw(),
            s.plane().dw()));
  }

  JavaPlanes(DepthwiseShape s) {
    this(
        new Axis(1, 1, 1, 1, 0, 1),
        new Axis(s.ih(), s.oh(), s.kh(), s.sh(), s.ph(), s.dh()),
        new Axis(s.iw(), s.ow(), s.kw(), s.sw(), s.pw(), s.dw()));
  }

  /** Elements of a plane of src. */
  int src() {
    return depths.in() * rows.in() * columns.in();
  }

  /** Elements of a plane of dst. */
  int dst() {
    return depths.out() * rows.out() * columns.out();
  }

  /** Weights of a pair of channels. */
  int taps() {
    return depths.kernel() * rows.kernel() * columns.kernel();
  }

  /** A run of outputs in one row under one tap, and the run of inputs that it reads. */
  private interface Run {
    void accept(int src, int dst, int count);
  }

  private void forEachRun(int l, int i, int j, Run run) {
    int first = columns.first(j);
    int count = columns.end(j) - first;
    for (int z = depths.first(l); z < depths.end(l); z++) {
      for (int y = rows.first(i); y < rows.end(i); y++) {
        int src = (depths.at(z, l) * rows.in() + rows.at(y, i)) * columns.in();
        int dst = (z * rows.out() + y) * columns.out();
        run.accept(src + columns.at(first, j), dst + first, count);
      }
    }
  }

  /** One tap: its place among the weights, and its coordinates. */
  private interface Tap {
    void accept(int weight, int l, int i, int j);
  }

  private void forEachTap(Tap tap) {
    int weight = 0;
    for (int l = 0; l < depths.kernel(); l++) {
      for (int i = 0; i < rows.kernel(); i++) {
        for (int j = 0; j < columns.kernel(); j++) {
          tap.accept(weight++, l, i, j);
        }
      }
    }
  }

  /** {@code sums[z, y, x] += Σ_{l,i,j} weights · src}. */
  void forward(short[] src, int srcPlane, short[] weights, int firstWeight, long[] sums) {
    int stride = columns.stride();
    forEachTap(
        (weight, l, i, j) -> {
          long w = weights[firstWeight + weight];
          forEachRun(
              l,
              i,
              j,
              (from, to, count) -> {
                for (int x = 0; x < count; x++) {
                  sums[to + x] += w * src[srcPlane + from + x * stride];
                }
              });
        });
  }

  /** {@code sums[at(z, l), at(y, i), at(x, j)] += Σ_{l,i,j} weights · diffDst}. */
  void backwardData(short[] diffDst, int dstPlane, short[] weights, int firstWeight, long[] sums) {
    int stride = columns.stride();
    forEachTap(
        (weight, l, i, j) -> {
          long w = weights[firstWeight + weight];
          forEachRun(
              l,
              i,
              j,
              (to, from, count) -> {
                for (int x = 0; x < count; x++) {
                  sums[to + x * stride] += w * diffDst[dstPlane + from + x];
                }
              });
        });
  }

  /** {@code sums[l, i, j] += Σ_{z,y,x} src · diffDst}. */
  void backwardWeights(short[] src, int srcPlane, short[] diffDst, int dstPlane, long[] sums) {
    int stride = columns.stride();
    forEachTap(
        (weight, l, i, j) ->
            forEachRun(
                l,
                i,
                j,
                (from, to, count) -> {
                  long sum = 0;
                  for (int x = 0; x < count; x++) {
                    sum += src[srcPlane + from + x * stride] * diffDst[dstPlane + to + x];
                  }
                  sums[weight] += sum;
                }));
  }
}
