package io.openclaw.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.rating.ModelException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagingTest {
  private static final byte[] GOOD = Models.with(Models.logistic(), Models.LOGISTIC);

  private static Staging shell(String script, long millisMax) {
    return new Staging(List.of("/bin/sh", "-c", script), millisMax);
  }

  @Test
  void a_good_file_is_loaded_and_rated_by_a_process_of_its_own() {
    assertThatCode(() -> Staging.ofThisProgram().run(GOOD)).doesNotThrowAnyException();
  }

  @Test
  void what_onnx_runtime_refuses_is_told_from_the_process() {
    byte[] graph =
        new Graph()
            .node("NoSuchOperator", List.of("x"), List.of("y"))
            .input("x", OnnxFile.FLOAT, -1, 1)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .file();
    byte[] file =
        Models.with(
            graph, "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'}}");
    assertThatThrownBy(() -> Staging.ofThisProgram().run(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("NoSuchOperator")
        .hasMessageContaining("(expected: a graph that can be run)");
  }

  @Test
  void a_sample_that_fails_is_told_with_its_place() {
    byte[] graph =
        new Graph()
            .node("Log", List.of("x"), List.of("y"))
            .input("x", OnnxFile.FLOAT, -1, 1)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .file();
    byte[] file =
        Models.with(
            graph,
            "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'},"
                + "'samples':[{'x':1},{'x':-1}]}");
    assertThatThrownBy(() -> Staging.ofThisProgram().run(file))
        .hasMessage("/samples/1: onnx: the output y is not a number (expected: a rating)");
  }

  @Test
  void a_planted_crash_costs_only_the_process() {
    assertThatThrownBy(() -> shell("kill -SEGV $$", 30_000).run(GOOD))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("the process that staged it ended with status 139, it crashed");
    assertThatThrownBy(() -> shell("cat >/dev/null; kill -KILL $$", 30_000).run(GOOD))
        .hasMessageContaining("status 137, it was killed");
  }

  @Test
  void a_planted_hang_ends_at_its_time() {
    assertThatThrownBy(() -> shell("cat >/dev/null; sleep 600", 300).run(GOOD))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no end of staging it within 300 ms");
  }

  @Test
  void a_process_that_ends_well_but_says_nothing_is_not_believed() {
    assertThatThrownBy(() -> shell("cat >/dev/null", 30_000).run(GOOD))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("status 0");
    assertThatThrownBy(() -> shell("cat >/dev/null; echo refused", 30_000).run(GOOD))
        .isInstanceOf(ModelException.class);
  }

  @Test
  void a_model_whose_process_crashes_is_not_loaded_and_a_later_one_is() throws Exception {
    OnnxKind crashing = new OnnxKind(shell("kill -SEGV $$", 30_000), false);
    assertThatThrownBy(() -> Models.load(crashing, GOOD)).hasMessageContaining("it crashed");
    assertThat(Models.load(new OnnxKind(), GOOD).isImported()).isFalse();
  }

  @Test
  void a_file_of_the_folder_of_examples_is_staged_as_it_is() throws Exception {
    for (String name : List.of("logistic.onnx", "network.onnx")) {
      Staging.ofThisProgram().run(Files.readAllBytes(Models.EXAMPLES.resolve(name)));
    }
  }

  /**
   * ONNX Runtime's own recursion over the command line: on a thread of 1 MB it ends the process.
   */
  @Test
  void a_long_command_line_does_not_matter() throws Exception {
    List<String> command = new java.util.ArrayList<>(Staging.ofThisProgram().command());
    command.add(command.size() - 1, "-Dlong=" + "/a/long/class-path.jar:".repeat(600));
    new Staging(command, 60_000).run(GOOD);
  }

  @Test
  void the_library_that_was_unpacked_is_deleted_once_it_is_mapped() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        Files.isReadable(java.nio.file.Path.of("/proc/self/maps")));
    assertThat(Models.load(new OnnxKind(), GOOD)).isNotNull();
    String maps = Files.readString(java.nio.file.Path.of("/proc/self/maps"));
    assertThat(maps).contains("libonnxruntime.so (deleted)");
  }

  @Test
  void nothing_is_left_on_the_disk() throws Exception {
    java.nio.file.Path folder = java.nio.file.Path.of(System.getProperty("java.io.tmpdir"));
    long before = staged(folder);
    Staging.ofThisProgram().run(GOOD);
    assertThat(staged(folder)).isLessThanOrEqualTo(before);
  }

  private static long staged(java.nio.file.Path folder) throws java.io.IOException {
    try (java.util.stream.Stream<java.nio.file.Path> all = Files.list(folder)) {
      return all.filter(f -> f.getFileName().toString().startsWith("openclaw-onnx")).count();
    }
  }
}
