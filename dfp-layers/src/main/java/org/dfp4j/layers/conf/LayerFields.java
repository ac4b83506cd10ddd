package org.dfp4j.layers.conf;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Copies the settings of one layer configuration to another of the same stock class, field by
 * field, so that a setting that DL4J adds is not lost.
 *
 * <p>Mutable settings are copied too: arrays, lists, updaters, dropout, constraints, weight noise
 * and regularization. DL4J's own {@code clone()} shares updaters and constraints between copies.
 * Activation, loss and weight initialization are shared, as DL4J does everywhere.
 */
public final class LayerFields {

  private LayerFields() {}

  /**
   * Copies every instance field that {@code stock} and its superclasses up to {@link Layer}
   * declare.
   *
   * @param from read
   * @param to written
   * @param stock the class that both extend
   */
  static void copy(Layer from, Layer to, Class<? extends Layer> stock) {
    for (Class<?> type = stock; type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          copy(field, from, to);
        }
      }
    }
  }

  /**
   * A copy of a layer as the class that it extends, which has a constructor without arguments.
   *
   * @param layer read
   */
  static Layer stockOf(Layer layer) {
    Class<? extends Layer> stock = layer.getClass().getSuperclass().asSubclass(Layer.class);
    try {
      Layer copy = stock.getConstructor().newInstance();
      copy(layer, copy, stock);
      return copy;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          String.format(
              "layer: expected a constructor without arguments in %s, got %s (layer %s)",
              stock.getName(), e.getMessage(), layer.getLayerName()),
          e);
    }
  }

  /**
   * Gives a cloned layer updaters and constraints of its own.
   *
   * @param clone result of DL4J's {@code clone()}; modified
   */
  public static void unshare(Layer clone) {
    if (clone instanceof BaseLayer) {
      copy(clone, clone, BaseLayer.class);
    }
  }

  /**
   * Replaces what a wrapper wraps.
   *
   * @param wrapper modified
   * @param declaring the class that declares the field
   * @param field name of the field
   * @param inner the new value
   */
  public static void rewrap(Layer wrapper, Class<?> declaring, String field, Layer inner) {
    try {
      Field declared = declaring.getDeclaredField(field);
      declared.setAccessible(true);
      declared.set(wrapper, inner);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          String.format(
              "%s: expected a field of %s, got %s", field, declaring.getName(), e.getMessage()),
          e);
    }
  }

  private static void copy(Field field, Layer from, Layer to) {
    try {
      field.setAccessible(true);
      field.set(to, copyOf(field.get(from)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          String.format(
              "%s: expected a field that can be copied, got %s (layer %s)",
              field.getName(), e.getMessage(), from.getLayerName()),
          e);
    }
  }

  /** A copy where there is an equal one, else the value itself. */
  private static Object copyOf(Object value) {
    Object copy = tryCopy(value);
    // Some of DL4J's clone() methods forget a field.
    boolean lost = value != null && !value.getClass().isArray() && !value.equals(copy);
    return lost ? value : copy;
  }

  private static Object tryCopy(Object value) {
    if (value == null) {
      return null;
    }
    if (value.getClass().isArray()) {
      int length = Array.getLength(value);
      Object copy = Array.newInstance(value.getClass().getComponentType(), length);
      System.arraycopy(value, 0, copy, 0, length);
      return copy;
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      list.forEach(element -> copy.add(copyOf(element)));
      return copy;
    }
    if (value instanceof IUpdater updater) {
      return updater.clone();
    }
    if (value instanceof IDropout dropout) {
      return dropout.clone();
    }
    if (value instanceof LayerConstraint constraint) {
      LayerConstraint copy = constraint.clone();
      // DL4J's clone() of some constraints forgets what they apply to.
      copy.setParams(constraint.getParams() == null ? null : new HashSet<>(constraint.getParams()));
      return copy;
    }
    if (value instanceof IWeightNoise noise) {
      return noise.clone();
    }
    if (value instanceof Regularization regularization) {
      return regularization.clone();
    }
    return value;
  }
}
