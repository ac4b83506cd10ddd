package org.dfp4j.examples.models;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.zoo.ModelMetaData;
import org.deeplearning4j.zoo.PretrainedType;
import org.deeplearning4j.zoo.ZooModel;
import org.deeplearning4j.zoo.ZooType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * GoogLeNet, the first Inception network (Szegedy et al., "Going Deeper with Convolutions", 2014,
 * Table 1), in the manner of the zoo's models.
 *
 * <p>The average over the last maps is global, so that images need not be 224 × 224. Initial
 * weights are those for rectifiers (He et al. 2015), which the paper does not name.
 *
 * <p>With auxiliary heads the outputs are {@code output}, {@code aux1} and {@code aux2}, each with
 * its own labels; the losses of the two heads count {@value #AUXILIARY_WEIGHT}. They need maps of 5
 * × 5 or more after module 4a, so images of 65 × 65 or more.
 */
public final class GoogLeNet extends ZooModel<GoogLeNet> {

  private static final double AUXILIARY_WEIGHT = 0.3;
  private static final int SMALLEST_WITH_HEADS = 65;

  private final int classes;
  private final long seed;
  private final IUpdater updater;
  private final boolean auxiliaryHeads;
  private int[] inputShape;

  private GoogLeNet(Builder builder) {
    this.inputShape = builder.inputShape.clone();
    this.classes = builder.classes;
    this.seed = builder.seed;
    this.updater = builder.updater;
    this.auxiliaryHeads = builder.auxiliaryHeads;
    if (auxiliaryHeads && Math.min(inputShape[1], inputShape[2]) < SMALLEST_WITH_HEADS) {
      throw new IllegalArgumentException(
          String.format(
              "inputShape: expected height and width >= %d with auxiliary heads, got %d and %d",
              SMALLEST_WITH_HEADS, inputShape[1], inputShape[2]));
    }
  }

  /** Starts from images of 3 × 224 × 224, 1000 classes, Adam, and no auxiliary heads. */
  public static Builder builder() {
    return new Builder();
  }

  /** The network, a {@link ComputationGraph} with fresh weights. */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface has it
  public <M extends Model> M init() {
    ComputationGraph network = new ComputationGraph(conf());
    network.init();
    return (M) network;
  }

  /** The configuration. */
  public ComputationGraphConfiguration conf() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .updater(updater)
            .weightInit(WeightInit.RELU)
            .activation(Activation.RELU)
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(inputShape[1], inputShape[2], inputShape[0]));
    String from = stem(graph);
    from = inception(graph, "3a", from, 64, 96, 128, 16, 32, 32);
    from = inception(graph, "3b", from, 128, 128, 192, 32, 96, 64);
    from = pool(graph, "pool3", from);
    from = inception(graph, "4a", from, 192, 96, 208, 16, 48, 64);
    final String first = from;
    from = inception(graph, "4b", from, 160, 112, 224, 24, 64, 64);
    from = inception(graph, "4c", from, 128, 128, 256, 24, 64, 64);
    from = inception(graph, "4d", from, 112, 144, 288, 32, 64, 64);
    final String second = from;
    from = inception(graph, "4e", from, 256, 160, 320, 32, 128, 128);
    from = pool(graph, "pool4", from);
    from = inception(graph, "5a", from, 256, 160, 320, 32, 128, 128);
    from = inception(graph, "5b", from, 384, 192, 384, 48, 128, 128);
    graph
        .addLayer("pool5", new GlobalPoolingLayer(PoolingType.AVG), from)
        .addLayer("dropout", new DropoutLayer(0.6), "pool5")
        .addLayer("output", classifier(1), "dropout");
    List<String> outputs = new ArrayList<>(List.of("output"));
    if (auxiliaryHeads) {
      outputs.add(auxiliaryHead(graph, "aux1", first));
      outputs.add(auxiliaryHead(graph, "aux2", second));
    }
    return graph.setOutputs(outputs.toArray(String[]::new)).build();
  }

  private static String stem(GraphBuilder graph) {
    graph.addLayer(
        "conv1/7x7_s2",
        new ConvolutionLayer.Builder(7, 7).stride(2, 2).padding(3, 3).nOut(64).build(),
        "input");
    String from = pool(graph, "pool1", "conv1/7x7_s2");
    graph.addLayer("norm1", normalization(), from);
    from = convolution(graph, "conv2/3x3_reduce", "norm1", 1, 64);
    from = convolution(graph, "conv2/3x3", from, 3, 192);
    graph.addLayer("norm2", normalization(), from);
    return pool(graph, "pool2", "norm2");
  }

  /** As in Krizhevsky et al. 2012, over 5 channels. */
  private static LocalResponseNormalization normalization() {
    return new LocalResponseNormalization.Builder().n(5).k(1).alpha(1e-4 / 5).beta(0.75).build();
  }

  private static String convolution(
      GraphBuilder graph, String name, String from, int kernel, int channels) {
    graph.addLayer(
        name,
        new ConvolutionLayer.Builder(kernel, kernel)
            .padding(kernel / 2, kernel / 2)
            .nOut(channels)
            .build(),
        from);
    return name;
  }

  /** Halves the maps, rounding up. */
  private static String pool(GraphBuilder graph, String name, String from) {
    graph.addLayer(name, maximum(2), from);
    return name;
  }

  private static SubsamplingLayer maximum(int stride) {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
        .kernelSize(3, 3)
        .stride(stride, stride)
        .convolutionMode(ConvolutionMode.Same)
        .build();
  }

  /** One module; the numbers are the table's columns from #1×1 to pool proj. */
  private static String inception(
      GraphBuilder graph,
      String name,
      String from,
      int one,
      int threeReduce,
      int three,
      int fiveReduce,
      int five,
      int poolProjection) {
    String module = "inception_" + name;
    String threeFrom = convolution(graph, module + "/3x3_reduce", from, 1, threeReduce);
    String fiveFrom = convolution(graph, module + "/5x5_reduce", from, 1, fiveReduce);
    graph
        .addLayer(module + "/pool", maximum(1), from)
        .addVertex(
            module,
            new MergeVertex(),
            convolution(graph, module + "/1x1", from, 1, one),
            convolution(graph, module + "/3x3", threeFrom, 3, three),
            convolution(graph, module + "/5x5", fiveFrom, 5, five),
            convolution(graph, module + "/pool_proj", module + "/pool", 1, poolProjection));
    return module;
  }

  private String auxiliaryHead(GraphBuilder graph, String name, String from) {
    graph.addLayer(
        name + "/pool",
        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
            .kernelSize(5, 5)
            .stride(3, 3)
            .build(),
        from);
    convolution(graph, name + "/conv", name + "/pool", 1, 128);
    graph
        .addLayer(name + "/fc", new DenseLayer.Builder().nOut(1024).build(), name + "/conv")
        .addLayer(name + "/dropout", new DropoutLayer(0.3), name + "/fc")
        .addLayer(name, classifier(AUXILIARY_WEIGHT), name + "/dropout");
    return name;
  }

  private OutputLayer classifier(double weight) {
    LossMCXENT loss =
        weight == 1 ? new LossMCXENT() : new LossMCXENT(Nd4j.valueArrayOf(classes, weight));
    return new OutputLayer.Builder(loss)
        .nOut(classes)
        .activation(Activation.SOFTMAX)
        .weightInit(WeightInit.XAVIER)
        .build();
  }

  @Override
  @Deprecated // as the method of the interface
  public ModelMetaData metaData() {
    return new ModelMetaData(new int[][] {inputShape.clone()}, 1, ZooType.CNN);
  }

  @Override
  public Class<? extends Model> modelType() {
    return ComputationGraph.class;
  }

  /** None exist in DL4J's format. */
  @Override
  public String pretrainedUrl(PretrainedType pretrainedType) {
    return null;
  }

  @Override
  public long pretrainedChecksum(PretrainedType pretrainedType) {
    return 0;
  }

  @Override
  public void setInputShape(int[][] inputShape) {
    this.inputShape = inputShape[0].clone();
  }

  /** Builds the model; each method replaces the default that it names. */
  public static final class Builder {

    private int[] inputShape = {3, 224, 224};
    private int classes = 1000;
    private long seed = 1234;
    private IUpdater updater = new Adam();
    private boolean auxiliaryHeads;

    private Builder() {}

    /** Channels, height and width of an image. */
    public Builder inputShape(int[] value) {
      inputShape = value.clone();
      return this;
    }

    /** Number of classes. */
    public Builder numClasses(int value) {
      classes = value;
      return this;
    }

    /** Seed of the initial weights. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Of all parameters. */
    public Builder updater(IUpdater value) {
      updater = value;
      return this;
    }

    /** Whether to add the two auxiliary heads, which only training needs. */
    public Builder auxiliaryHeads(boolean on) {
      auxiliaryHeads = on;
      return this;
    }

    /** The model. */
    public GoogLeNet build() {
      return new GoogLeNet(this);
    }
  }
}
