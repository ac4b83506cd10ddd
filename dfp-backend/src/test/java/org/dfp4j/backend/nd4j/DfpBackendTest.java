package org.dfp4j.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.cpu.nativecpu.CpuBackend;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * ND4J finds the backend, and nothing but the executioner and the cache of shapes differs from its
 * own.
 */
class DfpBackendTest {

  @AfterEach
  void clear() {
    System.clearProperty(DfpBackend.BACKEND_PROPERTY);
    System.clearProperty("backends");
  }

  @Test
  void isTheOneThatNd4jUses() {
    assertInstanceOf(DfpBackend.class, Nd4j.getBackend());
    assertInstanceOf(DfpOpExecutioner.class, Nd4j.getExecutioner());
    assertEquals("CPU", Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
  }

  @Test
  void comesBeforeTheCpuBackendAndAfterAGpu() {
    int priority = new DfpBackend().getPriority();
    assertTrue(priority > new CpuBackend().getPriority(), "priority " + priority);
    assertTrue(priority < Nd4jBackend.BACKEND_PRIORITY_GPU, "priority " + priority);
  }

  @Test
  void changesTheExecutionerAndTheCacheOfShapesAlone() throws Exception {
    Properties cpu = properties(new CpuBackend());
    Properties own = properties(new DfpBackend());
    assertEquals(DfpOpExecutioner.class.getName(), own.remove("opexec"));
    assertEquals(ShapeCache.class.getName(), own.remove("shapeinfoprovider"));
    cpu.remove("opexec");
    cpu.remove("shapeinfoprovider");
    assertEquals(cpu, own);
  }

  private static Properties properties(Nd4jBackend backend) throws Exception {
    Properties properties = new Properties();
    try (InputStream stream = backend.getConfigurationResource().getInputStream()) {
      properties.load(stream);
    }
    return properties;
  }

  @Test
  void isSwitchedOff() {
    System.setProperty(DfpBackend.BACKEND_PROPERTY, "off");
    assertFalse(new DfpBackend().isAvailable());
    assertFalse(new DfpBackend().canRun());
    System.setProperty(DfpBackend.BACKEND_PROPERTY, "on");
    assertTrue(new DfpBackend().isAvailable());
  }

  @Test
  void leavesTheWayToABackendThatNd4jIsToldToUse() {
    System.setProperty("backends", CpuBackend.class.getName());
    assertFalse(new DfpBackend().isAvailable());
    System.setProperty("backends", DfpBackend.class.getName());
    assertTrue(new DfpBackend().isAvailable());
  }

  @Test
  void refusesAnotherValue() {
    System.setProperty(DfpBackend.BACKEND_PROPERTY, "maybe");
    DfpBackend backend = new DfpBackend();
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, backend::isAvailable);
    assertEquals("dfp.backend: expected one of on off, got maybe", e.getMessage());
  }
}
