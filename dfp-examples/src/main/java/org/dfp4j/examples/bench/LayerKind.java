package org.dfp4j.examples.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.LayerShape;

/** What kinds of layers are measured: their networks, and how their shapes are written. */
public enum LayerKind {
  /** A 2-D convolution. */
  @JsonProperty("conv")
  CONVOLUTION(
      "conv",
      List.of("resnet50", "resnet50-zoo", "vgg16", "alexnet", "googlenet", "edge"),
      List.of("ic", "ih", "oc"),
      List.of("ic", "ih", "iw", "oc", "oh", "ow", "kh", "kw", "sh", "sw", "ph", "pw", "dh", "dw")) {

    @Override
    void complete(Map<String, Integer> d) {
      for (String name : List.of("kh", "sh", "dh")) {
        d.putIfAbsent(name, 1);
      }
      d.putIfAbsent("ph", 0);
      for (String letter : List.of("i", "k", "s", "p", "d")) {
        d.putIfAbsent(letter + "w", d.get(letter + "h"));
      }
      for (String axis : List.of("h", "w")) {
        int extent = (d.get("k" + axis) - 1) * d.get("d" + axis) + 1;
        int room = d.get("i" + axis) + 2 * d.get("p" + axis) - extent;
        int stride = Math.max(1, d.get("s" + axis));
        d.putIfAbsent("o" + axis, Math.floorDiv(room, stride) + 1);
      }
    }

    @Override
    LayerShape shape(int mb, Map<String, Integer> d) {
      return new ConvShape(
          mb,
          d.get("ic"),
          d.get("ih"),
          d.get("iw"),
          d.get("oc"),
          d.get("oh"),
          d.get("ow"),
          d.get("kh"),
          d.get("kw"),
          d.get("sh"),
          d.get("sw"),
          d.get("ph"),
          d.get("pw"),
          d.get("dh"),
          d.get("dw"));
    }

    @Override
    double macs(Map<String, Integer> d) {
      return (double) d.get("oc")
          * d.get("oh")
          * d.get("ow")
          * d.get("ic")
          * d.get("kh")
          * d.get("kw");
    }
  },

  /** A fully connected layer. */
  @JsonProperty("fc")
  FULLY_CONNECTED(
      "fc", List.of("vgg16", "alexnet", "resnet50"), List.of("ic", "oc"), List.of("ic", "oc")) {

    @Override
    void complete(Map<String, Integer> d) {
      // Nothing may be left out.
    }

    @Override
    LayerShape shape(int mb, Map<String, Integer> d) {
      return new DenseShape(mb, d.get("ic"), d.get("oc"));
    }

    @Override
    double macs(Map<String, Integer> d) {
      return (double) d.get("ic") * d.get("oc");
    }
  };

  private final String folder;
  private final List<String> networks;
  private final List<String> needed;
  private final List<String> dimensions;

  LayerKind(String folder, List<String> networks, List<String> needed, List<String> dimensions) {
    this.folder = folder;
    this.networks = networks;
    this.needed = needed;
    this.dimensions = dimensions;
  }

  /** Networks whose shapes come along. */
  public List<String> networks() {
    return networks;
  }

  /** The resource that holds a network's shapes. */
  String resource(String network) {
    return "/shapes/" + folder + "/" + network + ".txt";
  }

  /** Dimensions that a line must have. */
  List<String> needed() {
    return needed;
  }

  /** All dimensions but the batch, in the order of the shape's record. */
  List<String> dimensions() {
    return dimensions;
  }

  /** Adds the dimensions that follow from the given ones. */
  abstract void complete(Map<String, Integer> dimensions);

  /** The shape of all dimensions at a batch size. */
  abstract LayerShape shape(int mb, Map<String, Integer> dimensions);

  /** Products of one pass for one example of the batch. */
  abstract double macs(Map<String, Integer> dimensions);
}
