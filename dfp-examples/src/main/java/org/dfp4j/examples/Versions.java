package org.dfp4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Versions of this project and its main libraries, from what Maven puts into their jars. */
public final class Versions {

  private static final String DEVELOPMENT = "development";

  private Versions() {}

  /** The version of this project. */
  public static String own() {
    return of("org.dfp4j", "dfp-examples");
  }

  /** Versions by name. */
  public static Map<String, String> all() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("dfp4j", own());
    versions.put("deeplearning4j", of("org.deeplearning4j", "deeplearning4j-nn"));
    versions.put("nd4j", of("org.nd4j", "nd4j-native"));
    versions.put("javacpp", of("org.bytedeco", "javacpp"));
    versions.put("java", System.getProperty("java.version"));
    return versions;
  }

  private static String of(String group, String artifact) {
    String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    try (InputStream in = Versions.class.getResourceAsStream(path)) {
      if (in == null) {
        return DEVELOPMENT;
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", DEVELOPMENT);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }
}
