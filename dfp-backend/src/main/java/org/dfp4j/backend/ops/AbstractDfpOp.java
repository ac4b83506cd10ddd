package org.dfp4j.backend.ops;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOpDescriptor;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the ops of this package have in common. An op has no fields: its settings are its integer
 * and boolean arguments, which is what ND4J saves and what a context holds.
 */
abstract class AbstractDfpOp extends DynamicCustomOp implements DfpOp {

  AbstractDfpOp() {}

  AbstractDfpOp(SameDiff sameDiff, SDVariable... inputs) {
    super(null, sameDiff, inputs);
  }

  AbstractDfpOp(INDArray[] inputs, INDArray[] outputs) {
    super(null, inputs, outputs);
  }

  /** Shapes and types of the outputs. */
  abstract List<LongShapeDescriptor> shapes(OpCall call);

  /** Writes the outputs. */
  abstract void run(OpCall call, OpPrecision precision);

  /** Number of integer arguments that come before those of the precision. */
  abstract int settings();

  /** The settings by name, without the precision. */
  abstract void properties(OpCall call, Map<String, Object> written);

  /** The precision among the arguments. */
  OpPrecision precision(OpCall call) {
    int from = Math.min(settings(), call.integers().size());
    return OpPrecision.of(call.integers(), from, call.booleans());
  }

  /** Sets the arguments. */
  final void arguments(OpPrecision precision, long... settings) {
    addIArgument(settings);
    addIArgument(precision.integers());
    addBArgument(precision.booleans());
  }

  @Override
  public abstract String opName();

  @Override
  public abstract int getNumOutputs();

  @Override
  public final List<LongShapeDescriptor> calculateOutputShape(OpContext context) {
    OpCall call = context == null ? OpCall.of(this) : OpCall.of(context);
    return named(() -> shapes(call));
  }

  @Override
  public final void execute(OpContext context) {
    named(
        () -> {
          OpCall call = OpCall.of(context);
          call.checkOutputs(shapes(call).size());
          run(call, drawn(precision(call), context));
          return null;
        });
  }

  /**
   * Rounds at random by other numbers in each execution, as ND4J's random ops do: ND4J's generator
   * draws the seed, so that {@code Nd4j.getRandom().setSeed} repeats them.
   */
  private static OpPrecision drawn(OpPrecision precision, OpContext context) {
    if (!precision.stochastic()) {
      return precision;
    }
    long seed = precision.seed() + Nd4j.getRandom().nextLong();
    // ND4J sets the generator back to the context's state after the execution.
    context.setRngStates(Nd4j.getRandom().rootState(), Nd4j.getRandom().nodeState());
    return precision.withSeed(seed);
  }

  /** Adds the op's name to a message. */
  private <T> T named(Supplier<T> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(message(e), e);
    } catch (ArithmeticException e) {
      ArithmeticException named = new ArithmeticException(message(e));
      named.initCause(e);
      throw named;
    }
  }

  private String message(Exception e) {
    boolean inGraph = getSameDiff() != null && getOwnName() != null;
    return "%s (op %s)".formatted(e.getMessage(), inGraph ? getOwnName() : opName());
  }

  static LongShapeDescriptor descriptor(DataType type, long... shape) {
    boolean empty = Arrays.stream(shape).anyMatch(size -> size == 0);
    return LongShapeDescriptor.fromShape(shape, Nd4j.getStrides(shape, 'c'), 1, 'c', type, empty);
  }

  /** Throws where an input of the graph has another type. */
  final void checkTypes(List<DataType> types, int least, int most, DataType... expected) {
    if (types == null || types.size() < least || types.size() > most) {
      throw new IllegalArgumentException(
          "inputs: expected %d to %d, got %s (op %s)".formatted(least, most, types, getOwnName()));
    }
    for (int i = 0; i < types.size(); i++) {
      DataType type = expected[Math.min(i, expected.length - 1)];
      if (types.get(i) != type) {
        throw new IllegalArgumentException(
            "input %d: expected data type %s, got %s (op %s)"
                .formatted(i, type, types.get(i), getOwnName()));
      }
    }
  }

  /** The settings by name; they are saved as arguments, not by these names. */
  @Override
  public final Map<String, Object> propertiesForFunction() {
    Map<String, Object> all = new LinkedHashMap<>();
    if (numIArguments() > 0) {
      OpCall call = OpCall.of(this);
      properties(call, all);
      precision(call).properties(all);
    }
    return all;
  }

  /** Does nothing: the arguments, which are set before, say the same. */
  @Override
  public final void setPropertiesForFunction(Map<String, Object> properties) {}

  /** Checks the arguments. */
  @Override
  public final void configureFromArguments() {
    propertiesForFunction();
  }

  @Override
  public final long opHash() {
    return opName().hashCode();
  }

  @Override
  public final CustomOpDescriptor getDescriptor() {
    return CustomOpDescriptor.builder()
        .hash(opHash())
        .numInputs(-1)
        .numOutputs(getNumOutputs())
        .numIArgs(-1)
        .numTArgs(0)
        .allowsInplace(false)
        .build();
  }

  /** The number of inputs, of the graph's op or of the arrays. */
  final int inputCount() {
    SDVariable[] variables = args();
    return variables == null ? numInputArguments() : variables.length;
  }

  /** The graph's variables that are the inputs, and the gradient by the output after them. */
  final SDVariable[] inputsAnd(SDVariable gradient) {
    SDVariable[] inputs = args();
    SDVariable[] all = Arrays.copyOf(inputs, inputs.length + 1);
    all[inputs.length] = gradient;
    return all;
  }

  /** What an op of the backward pass says to a backward pass. */
  final UnsupportedOperationException noGradient() {
    return new UnsupportedOperationException(
        "doDiff: expected an op of a forward pass, got %s (op %s)"
            .formatted(opName(), getOwnName()));
  }
}
