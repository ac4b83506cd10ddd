package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Wrong input: one line that names the argument, exit status 2, no stack trace. */
class WrongInputTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compare --model resnet51                    | --model: expected one of alexnet,",
        "compare --model lenet --size 3              | --size: expected >= 4 for lenet, got 3",
        "compare --model resnet50 --size 95          | --size: expected >= 96 for resnet50, got 95",
        "compare --model yolo2                       | --model: expected a model that classifies",
        "compare --model unet --data fashion-mnist   | --data: expected synthetic, which alone has",
        "compare --batch 0                           | --batch: expected >= 1, got 0",
        "compare --batch many                        | '--batch'",
        "compare --iterations 0                      | --iterations: expected >= 1, got 0",
        "compare --minutes 0                         | --minutes: expected > 0, got 0.0",
        "compare --test-images 0                     | --test-images: expected >= 1, got 0",
        "compare --updater newton                    | --updater: expected one of sgd,",
        "compare --learning-rate -1                  | --learning-rate: expected > 0, got -1.0",
        "compare --updater adadelta --learning-rate 1| --learning-rate: expected none for adadelta",
        "compare --policy int8                       | --policy: expected dfp16 or paper, got int8",
        "compare --out /dev/null/x                   | --out: expected a folder that can be written",
        "compare --data /no/such/folder              | --data: expected fashion-mnist, synthetic or",
        "compare --ui --port 0                       | --port: expected 1 to 65535, got 0",
        "compare --no-such-option                    | Unknown option: '--no-such-option'",
        "train                                       | --save: expected a file, got none",
        "train --save /no/such/folder/x              | --save: expected a file that can be written",
        "train --save /tmp                           | --save: expected a file that can be written",
        "train --save target/x --precision fp8       | --precision: expected fp32 or dfp16, got fp8",
        "train --resume target/none --save target/x  | --resume: expected a file that train saved",
        "train --save target/x --iterations -1       | --iterations: expected >= 1, got -1",
        "study                                       | '--out=DIR'",
        "study --out target/x --models lenet,lemon   | --models: expected some of alexnet,",
        "study --out target/x --models unet          | --data: expected synthetic, which alone has",
        "study --out target/x --epochs 0             | --epochs: expected >= 1, got 0",
        "study --out target/x --seeds 0              | --seeds: expected >= 1, got 0",
        "study --out target/x --train-images 8       | --train-images: expected >= 16, the batch",
        "study --out target/x --test-images 10001    | --test-images: expected <= 10000, as many",
        "study --out target/x --precisions fp8       | --precisions: expected some of fp32, dfp16",
        "study --out target/x --fp32 mkl             | --fp32: expected stock or onednn, got mkl",
        "study --out /dev/null/x                     | --out: expected a folder that can be written",
        "plan                                        | '--model=NAME'",
        "plan --model none                           | --model: expected one of alexnet,",
        "plan --model nasnet                         | --model: expected a model that DL4J can build",
        "plan --model unet --size 100                | --size: expected a multiple of 16 for unet",
        "verify-reproducible --model none            | --model: expected one of alexnet,",
        "verify-reproducible --size 7                | --size: expected >= 8, got 7",
        "verify-reproducible --model lenet --size 3  | --size: expected >= 4 for lenet, got 3",
        "verify-reproducible --batch 0               | --batch: expected >= 1, got 0",
        "verify-reproducible --iterations 0          | --iterations: expected >= 1, got 0",
        "verify-reproducible --policy int8           | --policy: expected dfp16 or paper, got int8",
        "verify-reproducible --settings java         | --settings: expected KERNELS:THREADS, for",
        "verify-reproducible --settings java:0       | --settings: expected 1 or more threads, got 0",
        "verify-reproducible --settings sse:1        | --settings: expected one of java",
        "verify-reproducible --against target/none   | --against: expected a file that --json wrote",
        "bench                                       | command: expected conv, fc or step, got none",
        "bench conv --model resnet51                 | --model: expected one of resnet50,",
        "bench conv --batch 0                        | --batch: expected >= 1, got 0",
        "bench conv --threads 0                      | --threads: expected >= 1, got 0",
        "bench conv --repetitions 0                  | --repetitions: expected >= 1, got 0",
        "bench conv --check-batch 0                  | --check-batch: expected >= 1, got 0",
        "bench conv --batch 1,2,1                    | --batch: expected each number once, got [1,",
        "bench conv --threads 1,x                    | '--threads'",
        "bench conv --layers conv9                   | --layers: expected names among conv1,",
        "bench conv --passes fwd,up                  | --passes: expected one of fwd, bwdd, bwdw,",
        "bench conv --implementations fp32           | --implementations: expected dfp16 among them,",
        "bench conv --implementations fp64           | --implementations: expected one of dfp16,",
        "bench conv --inputs ones                    | --inputs: expected one of training, uniform,",
        "bench fc --model resnet51                   | --model: expected one of vgg16, alexnet,",
        "bench conv --json /no/such/folder/x         | --json: expected a file that can be written",
        "bench step --model unet                     | --model: expected a model that classifies",
        "bench step --implementations dfp32          | --implementations: expected some of dl4j-stock",
        "bench step --implementations pytorch --model vgg16 | --model: expected resnet50, for pytorch",
        "bench step --implementations pytorch --size 132    | --size: expected >= 133 for pytorch",
        "bench step --size 95                        | --size: expected >= 96 for resnet50, got 95",
        "bench step --batch 1,0                      | --batch: expected >= 1, got 0",
        "bench step --updater adamw                  | --updater: expected one of sgd, nesterovs,",
        "bench step --implementations pytorch --updater adam | --updater: expected sgd, for pytorch, got",
        "bench step --learning-rate 0                | --learning-rate: expected > 0, got 0.0",
        "bench step --mode test                      | --mode: expected train or output, got test",
        "bench step --implementations dl4j-stock --threads 0 | --threads: expected >= 1, got 0",
        "bench step --implementations dl4j-stock --steps 0   | --steps: expected >= 1, got 0",
        "bench step --implementations dl4j-stock --warm-up 0 | --warm-up: expected >= 1, got 0",
        "bench step --isa sse                        | --isa: expected one of",
        "bench step --json /no/such/folder/x         | --json: expected a file that can be written",
        "fidelity --model resnet51                   | --model: expected one of resnet50,",
        "fidelity --layers conv9                     | --layers: expected names among conv1,",
        "fidelity --values cauchy                    | --values: expected some of gaussian, relu,",
        "fidelity --policy-values none               | --policy-values: expected some of gaussian,",
        "fidelity --batch 0                          | --batch: expected >= 1, got 0",
        "fidelity --draws 0                          | --draws: expected >= 1, got 0",
        "fidelity --json /no/such/folder/x           | --json: expected a file that can be written",
        "gradients --models lenet,resnet51           | --models: expected some of alexnet,",
        "gradients --models yolo2                    | --model: expected a model that classifies",
        "gradients --size 95                         | --size: expected >= 96 for resnet50, got 95",
        "gradients --batch 0                         | --batch: expected >= 1, got 0",
        "gradients --iterations 5,1                  | --iterations: expected rising numbers >= 0",
        "gradients --policy int8                     | --policy: expected dfp16 or paper, got int8",
        "gradients --json /no/such/folder/x          | --json: expected a file that can be written",
        "fly                                         | 'fly'",
      })
  void isOneLine(String command, String message) {
    // Where the folder for results comes first, it must be one that can be written.
    String[] args =
        (command.startsWith("compare") && !command.contains("--out")
                ? command + " --out " + folder
                : command)
            .split("\\s+", -1);
    assertWrong(CommandLineRunner.run(args), message);
  }

  private static void assertWrong(Outcome outcome, String message) {
    assertAll(
        () -> assertEquals(2, outcome.status(), outcome.err()),
        () -> assertEquals(1, outcome.errorLines().size(), outcome.err()),
        () -> assertTrue(outcome.err().startsWith("dfp"), outcome.err()),
        () -> assertTrue(outcome.err().contains(message), outcome.err()),
        () -> assertFalse(outcome.err().contains("Exception:"), outcome.err()));
  }

  @Test
  void portInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      Outcome outcome =
          CommandLineRunner.run(
              "compare",
              "--model",
              "lenet",
              "--data",
              "synthetic",
              "--ui",
              "--port",
              port,
              "--out",
              folder.toString());
      assertWrong(outcome, "--port: expected a free port, got " + port);
    }
  }

  @Test
  void folderWithoutClasses() {
    assertWrong(
        CommandLineRunner.run(
            "compare", "--data", folder.toString(), "--out", folder.resolve("out").toString()),
        "--data: expected at least 2 folders in " + folder + ", one a class, got 1");
  }

  @Test
  void fileOfAnotherProgram() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "text");
    assertWrong(
        CommandLineRunner.run("train", "--resume", file.toString()),
        "--resume: expected a file that train saved, got " + file);
  }

  @Test
  void nothingIsAsked() {
    assertWrong(
        CommandLineRunner.run(),
        "expected one of compare, train, study, plan, bench, fidelity, gradients, verify-reproducible, info, got none");
  }

  /** A command with a mistake in it. */
  @Command(name = "broken")
  static final class Broken implements Runnable {
    @Override
    public void run() {
      throw new IllegalStateException("first line\nsecond line");
    }
  }

  @Test
  void whatNobodyExpectedIsOneLineWithAHint() {
    CommandLine command = Dfp.commandLine();
    command.addSubcommand(new Broken());
    Outcome outcome = CommandLineRunner.run(command, "broken");
    assertEquals(1, outcome.status());
    assertEquals(
        "dfp broken: failed: java.lang.IllegalStateException: first line second line"
            + " (--stacktrace shows where)",
        outcome.err().strip());
  }

  @Test
  void stackTraceIsThereOnRequest() {
    CommandLine command = Dfp.commandLine();
    command.addSubcommand(new Broken());
    Outcome outcome = CommandLineRunner.run(command, "--stacktrace", "broken");
    assertEquals(1, outcome.status());
    assertTrue(outcome.err().contains("\tat " + Broken.class.getName()), outcome.err());
  }
}
