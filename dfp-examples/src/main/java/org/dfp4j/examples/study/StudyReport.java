package org.dfp4j.examples.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A study as {@code study.json}, {@code study.md} and a chart for each model. */
public final class StudyReport {

  private StudyReport() {}

  /**
   * Writes the files from all runs of the folder; where another process does so, after it.
   *
   * @return the result, which has no models while no twins are complete
   */
  public static StudyResult write(StudyFolder folder) throws IOException {
    StudyFolder.Lock lock = folder.lockReport();
    try (lock) {
      List<RunRecord> runs = folder.records();
      StudyResult result = StudyResult.of(runs);
      Path target = folder.folder();
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(target.resolve("study.json").toFile(), result);
      Files.writeString(
          target.resolve("study.md"), new StudyMarkdown(result).text(), StandardCharsets.UTF_8);
      for (Map.Entry<String, List<Twins>> model : StudyResult.twins(runs).entrySet()) {
        if (!model.getValue().isEmpty()) {
          StudyChart.write(model.getValue(), target.resolve(chart(model.getKey())));
        }
      }
      return result;
    }
  }

  /** File name of a model's chart. */
  static String chart(String model) {
    return "study-" + model + ".png";
  }
}
