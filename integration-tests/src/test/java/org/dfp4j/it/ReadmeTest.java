package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java code in README.md compiles, one block after the other, with what a reader would have.
 */
class ReadmeTest {

  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String READER =
      """
      import java.nio.file.Path;
      import org.deeplearning4j.core.storage.StatsStorage;
      import org.deeplearning4j.nn.conf.*;
      import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
      import org.deeplearning4j.nn.graph.ComputationGraph;
      import org.deeplearning4j.ui.api.UIServer;
      import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
      import org.dfp4j.backend.ops.*;
      import org.dfp4j.backend.tensor.Quantizer;
      import org.dfp4j.layers.*;
      import org.dfp4j.layers.stats.*;
      import org.dfp4j.ui.*;
      import org.nd4j.autodiff.samediff.*;
      import org.nd4j.linalg.api.buffer.DataType;
      import org.nd4j.linalg.api.ndarray.INDArray;
      import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
      import org.nd4j.linalg.factory.Nd4j;
      import org.nd4j.weightinit.impl.XavierInitScheme;

      class Reader {
        void read(
            ComputationGraph fp32Net,
            ComputationGraphConfiguration conf,
            NeuralNetConfiguration.ListBuilder builder)
            throws Exception {
      %s
        }
      }
      """;

  @Test
  void javaBlocksCompile(@TempDir Path classes) throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    List<String> blocks =
        JAVA_BLOCK.matcher(readme).results().map((MatchResult block) -> block.group(1)).toList();
    assertFalse(blocks.isEmpty());
    String source = READER.formatted(blocks.stream().collect(Collectors.joining("\n")));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("-d", classes.toString(), "-cp", Processes.classPath(), "-proc:none");
    boolean compiled =
        compiler.getTask(messages, null, null, options, null, List.of(new Source(source))).call();
    assertEquals("", compiled ? "" : messages + source);
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String code;

    Source(String code) {
      super(URI.create("string:///Reader.java"), JavaFileObject.Kind.SOURCE);
      this.code = code;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return code;
    }
  }
}
