package org.dfp4j.examples.worker;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One line from a child process to its parent.
 *
 * @param value null where something failed
 * @param error null where nothing did
 */
record Answer(JsonNode value, String error) {}
