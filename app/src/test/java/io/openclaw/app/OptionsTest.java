package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of options that make no sense. */
class OptionsTest {
  @TempDir Path folder = Path.of("");

  @Test
  void durations_have_a_unit_and_a_range() throws Exception {
    assertThat(Options.seconds("--for", "90m", 1, 10_000)).isEqualTo(5_400);
    for (String wrong : List.of("0m", "-1s", "90", "5y", "4h", "")) {
      assertThatThrownBy(() -> Options.seconds("--for", wrong, 1, 10_000))
          .as(wrong)
          .hasMessageContaining("--for: " + wrong + " (expected:");
    }
  }

  @Test
  void a_drain_for_no_time_is_none_for_ever() {
    Ran ran =
        Ran.command(List.of("region", "drain", "us-east-1", "--reason", "test", "--for", "0m"));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--for: 0m (expected:");
  }

  @Test
  void options_that_would_do_nothing_are_not_taken() {
    for (List<String> command :
        List.of(
            List.of("release", "promote", "--now"),
            List.of("release", "abort", "--allow-drift"),
            List.of("release", "rollback", "--now"),
            List.of("release", "plan", "-f", folder.toString(), "--detach"))) {
      assertThat(Ran.command(command).err()).as(command.toString()).contains("Unknown option");
    }
  }

  @Test
  void a_file_that_is_missing_is_said_to_be() {
    Path missing = folder.resolve("k");
    assertThat(Ran.command(List.of("rate", "{}", "--key-file", missing.toString())).err())
        .contains(missing + ": no such file");
  }

  @Test
  void a_key_file_that_is_named_goes_before_the_environment() {
    Path missing = folder.resolve("admin");
    assertThat(
            Ran.command(List.of("region", "status", "--admin-key-file", missing.toString())).err())
        .contains(missing + " cannot be read");
  }
}
