package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelException.Problem;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Tries a file in a process of its own, with bounded memory and time, so that native code that
 * crashes or hangs on it never does so in a node. The process is {@link Stage}.
 *
 * @param command how it is started
 * @param millisMax how long it may take
 */
record Staging(List<String> command, long millisMax) {
  private static final long MILLIS_MAX = 60_000;

  /** Kilobytes of address space, where the system can bound them. */
  private static final long ADDRESS_KILOBYTES_MAX = 8L * 1024 * 1024;

  private static final int ANSWER_BYTES_MAX = 64 * 1024;

  /** Stands in a command for the process's own folder, which is deleted after it. */
  private static final String FOLDER = "{folder}";

  /** As this program starts it: the same Java, the same class path. */
  static Staging ofThisProgram() {
    return new Staging(command("io.openclaw.onnx.Stage"), MILLIS_MAX);
  }

  static List<String> command(String main) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/bin/sh"))) {
      command.addAll(
          List.of(
              "/bin/sh",
              "-c",
              "ulimit -v " + ADDRESS_KILOBYTES_MAX + " 2>/dev/null; exec \"$0\" \"$@\""));
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:CompressedClassSpaceSize=64m",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + FOLDER, // ONNX Runtime unpacks itself there
            main));
    return List.copyOf(command);
  }

  /**
   * Tries a file.
   *
   * @throws ModelException with what the process found, or how it ended
   */
  void run(byte[] model) throws ModelException {
    try {
      Path folder = Files.createTempDirectory("openclaw-onnx");
      try {
        run(model, folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new ModelException("", "staging failed: " + e.getMessage(), "a process of its own");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelException("", "staging was interrupted", "its end");
    }
  }

  private void run(byte[] model, Path folder)
      throws IOException, InterruptedException, ModelException {
    Path answer = folder.resolve("answer");
    ProcessBuilder builder =
        new ProcessBuilder(
                command.stream().map(part -> part.replace(FOLDER, folder.toString())).toList())
            .directory(folder.toFile())
            .redirectOutput(answer.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("CLASSPATH", classPath());
    Process process = builder.start();
    try {
      Thread writer = Thread.ofVirtual().start(() -> write(process, model));
      if (!process.waitFor(millisMax, TimeUnit.MILLISECONDS)) {
        throw new ModelException(
            "", "no end of staging it within " + millisMax + " ms", "a file that loads and rates");
      }
      writer.join();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    judge(process.exitValue(), answer);
  }

  /** A process that ends before it has read all is judged by how it ended. */
  private static void write(Process process, byte[] model) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(model);
    } catch (IOException e) {
      // the exit status says more
    }
  }

  /** With absolute places: the process has a folder of its own. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(java.util.stream.Collectors.joining(File.pathSeparator));
  }

  private static void judge(int status, Path answer) throws IOException, ModelException {
    String text = "";
    try (java.io.InputStream in = Files.newInputStream(answer)) {
      text = new String(in.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
    }
    List<Problem> problems = Stage.problems(text);
    if (status != 0 || problems == null) {
      throw new ModelException(
          "",
          "the process that staged it ended with status " + status + signal(status),
          "a file that native code can load and rate");
    }
    if (!problems.isEmpty()) {
      throw new ModelException(problems);
    }
  }

  private static String signal(int status) {
    return switch (status) {
      case 134 -> ", it crashed";
      case 137 -> ", it was killed";
      case 139 -> ", it crashed";
      case 3 -> ", out of memory";
      default -> "";
    };
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
