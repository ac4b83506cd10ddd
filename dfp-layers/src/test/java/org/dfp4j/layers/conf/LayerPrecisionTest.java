package org.dfp4j.layers.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

class LayerPrecisionTest {

  private static final ObjectMapper MAPPER = NeuralNetConfiguration.mapper();

  private static final LayerPrecision OTHER =
      new LayerPrecision(
          true,
          false,
          true,
          Rounding.STOCHASTIC,
          Rounding.TRUNCATE,
          Rounding.NEAREST_AWAY,
          2,
          7,
          true);

  @Test
  void jsonRoundTrip() throws JsonProcessingException {
    String json = MAPPER.writeValueAsString(OTHER);
    assertEquals(OTHER, MAPPER.readValue(json, LayerPrecision.class));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "forward",
        "backwardData",
        "backwardWeights",
        "src",
        "weights",
        "diffDst",
        "headroom",
        "seed",
        "strict"
      })
  void aMissingPropertyIsAnErrorThatNamesIt(String property) {
    ObjectNode json = MAPPER.valueToTree(OTHER);
    json.remove(property);
    JsonMappingException e =
        assertThrows(
            JsonMappingException.class,
            () -> MAPPER.readValue(json.toString(), LayerPrecision.class));
    assertTrue(e.getMessage().contains("'" + property + "'"), e.getMessage());
  }
}
