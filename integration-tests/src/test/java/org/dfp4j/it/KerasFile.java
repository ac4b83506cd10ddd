package org.dfp4j.it;

import static org.bytedeco.hdf5.global.hdf5.H5F_ACC_TRUNC;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.hdf5.Attribute;
import org.bytedeco.hdf5.DataSet;
import org.bytedeco.hdf5.DataSpace;
import org.bytedeco.hdf5.Group;
import org.bytedeco.hdf5.H5File;
import org.bytedeco.hdf5.PredType;
import org.bytedeco.hdf5.StrType;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model as Keras 2 saves it, in HDF5. */
final class KerasFile {

  private final Map<String, Map<String, INDArray>> weights = new LinkedHashMap<>();

  /** Adds a weight of a layer, for example {@code kernel}. */
  void weight(String layer, String name, INDArray value) {
    weights.computeIfAbsent(layer, l -> new LinkedHashMap<>()).put(name, value);
  }

  /** The weight that was added. */
  INDArray weight(String layer, String name) {
    return weights.get(layer).get(name);
  }

  /**
   * Writes the file.
   *
   * @param model as Keras' {@code get_config} has it
   * @param training loss and optimizer
   */
  void write(Path file, Map<String, ?> model, Map<String, ?> training) {
    synchronized (Hdf5Archive.LOCK_OBJECT) { // HDF5 is not for several threads.
      try (H5File root = new H5File(file.toString(), H5F_ACC_TRUNC())) {
        attribute(root, "keras_version", "2.4.0");
        attribute(root, "backend", "tensorflow");
        attribute(root, "model_config", json(model));
        attribute(root, "training_config", json(training));
        try (Group all = root.createGroup("model_weights")) {
          weights.forEach((layer, values) -> layer(all, layer, values));
        }
        root._close();
      }
    }
  }

  private static void layer(Group all, String name, Map<String, INDArray> values) {
    try (Group layer = all.createGroup(name);
        Group inner = layer.createGroup(name)) {
      String first = values.keySet().iterator().next();
      attribute(layer, "weight_names", name + "/" + first + ":0");
      values.forEach((key, value) -> dataSet(inner, key + ":0", value));
    }
  }

  private static void dataSet(Group group, String name, INDArray value) {
    try (DataSpace space = new DataSpace(value.rank(), value.shape());
        DataSet set = group.createDataSet(name, PredType.NATIVE_FLOAT(), space);
        FloatPointer values = new FloatPointer(value.dup('c').data().asFloat())) {
      set.write(values, PredType.NATIVE_FLOAT());
    }
  }

  private static void attribute(Group group, String name, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    try (StrType type = new StrType(PredType.C_S1(), bytes.length);
        DataSpace scalar = new DataSpace();
        Attribute attribute = group.createAttribute(name, type, scalar);
        BytePointer text = new BytePointer(bytes)) {
      attribute.write(type, text);
    }
  }

  private static String json(Map<String, ?> value) {
    try {
      return new ObjectMapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("value: expected one that JSON has, got " + value, e);
    }
  }
}
