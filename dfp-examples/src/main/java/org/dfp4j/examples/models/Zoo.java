package org.dfp4j.examples.models;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.zoo.ZooModel;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.NASNet;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.TextGenerationLSTM;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.UNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.VGG19;
import org.deeplearning4j.zoo.model.Xception;
import org.deeplearning4j.zoo.model.YOLO2;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Architecture.Graph;
import org.dfp4j.examples.models.Architecture.Layers;
import org.dfp4j.examples.models.ZooEntry.Sizes;
import org.dfp4j.examples.models.ZooEntry.Training;
import org.nd4j.linalg.learning.config.IUpdater;

/** All models of the DL4J zoo and GoogLeNet, by name. */
public final class Zoo {

  private static final Training ADAM = new Training(UpdaterName.ADAM, 0.001);
  private static final Training SLOW_ADAM = new Training(UpdaterName.ADAM, 0.0001);

  private static final List<ZooEntry> ENTRIES =
      List.of(
          new ZooEntry(
              "alexnet",
              Task.CLASSIFICATION,
              3,
              96,
              Sizes.from(47),
              SLOW_ADAM,
              "its score is the sum over the batch, not the mean; learning takes more than some"
                  + " hundred iterations to begin",
              s -> new Layers(model(AlexNet.class, s).conf())),
          new ZooEntry(
              "darknet19",
              Task.CLASSIFICATION,
              3,
              64,
              Sizes.from(32),
              ADAM,
              "",
              s -> new Graph(model(Darknet19.class, s).conf())),
          new ZooEntry(
              "facenetnn4small2",
              Task.CLASSIFICATION,
              3,
              96,
              Sizes.from(32),
              ADAM,
              "",
              s -> new Graph(model(FaceNetNN4Small2.class, s).conf())),
          new ZooEntry(
              "googlenet",
              Task.CLASSIFICATION,
              3,
              96,
              Sizes.from(32),
              new Training(UpdaterName.ADAM, 0.0002),
              "not in DL4J's zoo; built from the published architecture",
              s -> new Graph(model(GoogLeNet.class, s).conf())),
          new ZooEntry(
              "inceptionresnetv1",
              Task.CLASSIFICATION,
              3,
              96,
              Sizes.from(96),
              ADAM,
              "initial weights as for rectifiers; the zoo's own, of deviation 0.5, hardly train",
              InceptionResNet::architecture),
          new ZooEntry(
              "lenet",
              Task.CLASSIFICATION,
              1,
              28,
              Sizes.from(4),
              ADAM,
              "",
              s -> new Layers(model(LeNet.class, s).conf())),
          new ZooEntry(
              "nasnet", Task.CLASSIFICATION, 3, 224, Sizes.from(32), ADAM, "", Zoo::nasNet),
          new ZooEntry(
              "resnet50",
              Task.CLASSIFICATION,
              3,
              96,
              Sizes.from(96),
              new Training(UpdaterName.ADAM, 0.0005),
              "initial weights as for rectifiers, and of deviation 0.001 in the last layer; with the"
                  + " zoo's own, of deviation 0.5, it hardly trains",
              ResNet::architecture),
          new ZooEntry(
              "simplecnn",
              Task.CLASSIFICATION,
              3,
              48,
              Sizes.from(16),
              ADAM,
              "a loss is put behind its last layer, because the zoo's has none",
              SimpleCnn::architecture),
          new ZooEntry(
              "squeezenet",
              Task.CLASSIFICATION,
              3,
              64,
              Sizes.from(24),
              SLOW_ADAM,
              "learning takes more than some hundred iterations to begin",
              s -> withInput(model(SqueezeNet.class, s).graphBuilder(), s)),
          new ZooEntry(
              "textgenerationlstm",
              Task.TEXT,
              0,
              47,
              Sizes.from(2),
              ADAM,
              "the size is its number of characters",
              s ->
                  new Layers(
                      TextGenerationLSTM.builder()
                          .inputShape(new int[] {40, s.size()})
                          .totalUniqueCharacters(s.size())
                          .updater(s.updater())
                          .build()
                          .conf())),
          new ZooEntry(
              "tinyyolo",
              Task.DETECTION,
              3,
              96,
              Sizes.multiplesOf(32),
              ADAM,
              "",
              s -> new Graph(model(TinyYOLO.class, s).conf())),
          new ZooEntry(
              "unet",
              Task.SEGMENTATION,
              3,
              64,
              Sizes.multiplesOf(16),
              SLOW_ADAM,
              "its score is the sum over the pixels, its accuracy the share of them that is right",
              s ->
                  withInput(
                      UNet.builder()
                          .inputShape(s.inputShape())
                          .numClasses(1)
                          .seed(s.seed())
                          .updater(s.updater())
                          .build()
                          .graphBuilder(),
                      s)),
          new ZooEntry(
              "vgg16",
              Task.CLASSIFICATION,
              3,
              64,
              Sizes.from(32),
              SLOW_ADAM,
              "",
              s -> new Graph(model(VGG16.class, s).conf())),
          new ZooEntry(
              "vgg19",
              Task.CLASSIFICATION,
              3,
              64,
              Sizes.from(32),
              SLOW_ADAM,
              "",
              s -> new Graph(model(VGG19.class, s).conf())),
          new ZooEntry(
              "xception",
              Task.CLASSIFICATION,
              3,
              64,
              Sizes.from(32),
              ADAM,
              "",
              s -> withInput(model(Xception.class, s).graphBuilder(), s)),
          new ZooEntry(
              "yolo2",
              Task.DETECTION,
              3,
              96,
              Sizes.multiplesOf(32),
              ADAM,
              "",
              s -> new Graph(model(YOLO2.class, s).conf())));

  private Zoo() {}

  /**
   * A model of the zoo with the shape's settings. Each has a builder of a class of its own; what
   * they share is the names of the methods.
   */
  private static <M extends ZooModel<?>> M model(Class<M> type, NetworkShape s) {
    return type.cast(model(type, s.inputShape(), s.classes(), s.seed(), s.updater()));
  }

  /** A model of the zoo with its own updater and initial weights. */
  static ZooModel<?> shipped(Class<?> type, int[] inputShape, int classes, long seed) {
    return (ZooModel<?>) model(type, inputShape, classes, seed, null);
  }

  private static Object model(
      Class<?> type, int[] inputShape, int classes, long seed, IUpdater updater) {
    try {
      Object builder = type.getMethod("builder").invoke(null);
      set(builder, "inputShape", int[].class, inputShape);
      set(builder, "numClasses", int.class, classes);
      set(builder, "seed", long.class, seed);
      if (updater != null) {
        set(builder, "updater", IUpdater.class, updater);
      }
      return builder.getClass().getMethod("build").invoke(builder);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "builder: expected that of a zoo model, got " + type.getName() + ": " + e, e);
    }
  }

  private static void set(Object builder, String setting, Class<?> type, Object value)
      throws ReflectiveOperationException {
    builder.getClass().getMethod(setting, type).invoke(builder, value);
  }

  /** Every model, in the order of their names. */
  public static List<ZooEntry> entries() {
    return ENTRIES;
  }

  /** The model of this name; case does not matter. */
  public static ZooEntry byName(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return ENTRIES.stream()
        .filter(entry -> entry.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> new UsageException("--model", "one of " + names(), name));
  }

  /** All names, separated by commas. */
  public static String names() {
    return ENTRIES.stream().map(ZooEntry::name).collect(Collectors.joining(", "));
  }

  /** The zoo's own code cannot build this model; should it learn to, this still works. */
  private static Architecture nasNet(NetworkShape s) {
    try {
      return withInput(model(NASNet.class, s).graphBuilder(), s);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--model",
          "a model that DL4J can build",
          "nasnet, where DL4J's own NASNet fails: " + e.getMessage(),
          e);
    }
  }

  private static Architecture withInput(GraphBuilder graph, NetworkShape s) {
    graph
        .addInputs("input")
        .setInputTypes(InputType.convolutional(s.size(), s.size(), s.channels()));
    return new Graph(graph.build());
  }
}
