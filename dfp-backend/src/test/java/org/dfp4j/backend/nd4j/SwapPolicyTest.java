package org.dfp4j.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Set;
import org.dfp4j.backend.nd4j.SwapPolicy.Precision;
import org.junit.jupiter.api.Test;

/** The policy that system properties name. */
class SwapPolicyTest {

  @Test
  void isFp32WithoutProperties() {
    assertEquals(SwapPolicy.FP32, SwapPolicy.of(name -> null));
    assertEquals(SwapPolicy.FP32, SwapPolicy.of(name -> " "));
  }

  @Test
  void readsAllProperties() {
    Map<String, String> properties =
        Map.of(
            "dfp.precision",
            "dfp16",
            "dfp.precision.exclude",
            "matmul, logits,",
            "dfp.precision.minProducts",
            "1000");
    SwapPolicy policy = SwapPolicy.of(properties::get);
    assertEquals(new SwapPolicy(Precision.DFP16, Set.of("matmul", "logits"), 1000), policy);
    assertEquals(
        "dfp.precision=dfp16 dfp.precision.exclude=logits,matmul dfp.precision.minProducts=1000",
        policy.toString());
  }

  @Test
  void refusesWrongValues() {
    assertEquals(
        "dfp.precision: expected one of fp32 dfp16, got int8",
        refusal(Map.of("dfp.precision", "int8")));
    assertEquals(
        "dfp.precision.minProducts: expected a whole number, got many",
        refusal(Map.of("dfp.precision.minProducts", "many")));
    assertEquals(
        "dfp.precision.minProducts: expected >= 0, got -1",
        refusal(Map.of("dfp.precision.minProducts", "-1")));
  }

  private static String refusal(Map<String, String> properties) {
    return assertThrows(IllegalArgumentException.class, () -> SwapPolicy.of(properties::get))
        .getMessage();
  }
}
