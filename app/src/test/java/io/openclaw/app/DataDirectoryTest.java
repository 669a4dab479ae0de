package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long SECONDS_MAX = 60;

  @TempDir Path temporary = Path.of("");

  private Path folder() {
    return temporary.resolve("data");
  }

  private DataDirectory open(long wallMillis) throws IOException {
    return DataDirectory.open(folder(), "eu-central-1", wallMillis, new Random(1));
  }

  private static ApiKey key(long seed) {
    KeyText text = KeyText.generate(new Random(seed));
    return new ApiKey(
        text.id(),
        text.sha256Hex(),
        "credit",
        Set.of(Scope.RATE),
        ApiKey.NEVER,
        false,
        null,
        "of \"Anna\"\nand \u2028 Bert");
  }

  @Test
  void which_choice_of_voters_all_regions_have_had_survives_a_restart() throws IOException {
    try (DataDirectory data = open(NOW)) {
      assertThat(data.votersFollowed()).isEqualTo(1);
      data.saveVotersFollowed(3);
    }
    try (DataDirectory data = open(NOW)) {
      assertThat(data.votersFollowed()).isEqualTo(3);
    }
    Files.writeString(folder().resolve("voters"), "x");
    try (DataDirectory data = open(NOW)) {
      assertThatThrownBy(data::votersFollowed).hasMessageContaining("voters");
    }
  }

  @Test
  void the_incarnation_grows_at_every_start_also_when_the_clock_goes_back() throws IOException {
    List<Long> incarnations = new ArrayList<>();
    for (long wallMillis : new long[] {NOW, NOW, NOW - 1_000_000, 0, NOW + 50}) {
      try (DataDirectory data = open(wallMillis)) {
        incarnations.add(data.incarnation());
      }
    }
    assertThat(incarnations).isSorted().doesNotHaveDuplicates();
    assertThat(incarnations.getFirst() >>> 20).isEqualTo(NOW);
    assertThat(incarnations.getLast() >>> 20).isEqualTo(NOW + 50);
  }

  @Test
  void a_folder_that_was_lost_does_not_give_an_incarnation_again() throws IOException {
    long before;
    try (DataDirectory data = open(NOW)) {
      before = data.incarnation();
    }
    Files.delete(folder().resolve("incarnation"));
    try (DataDirectory data = DataDirectory.open(folder(), "eu-central-1", NOW, new Random(2))) {
      assertThat(data.incarnation()).isNotEqualTo(before);
    }
  }

  @Test
  void only_the_first_use_is_fresh_and_the_replica_keeps_its_name() throws IOException {
    String replica;
    try (DataDirectory data = open(NOW)) {
      assertThat(data.isFresh()).isTrue();
      assertThat(data.keys()).isEmpty();
      replica = data.replica();
      assertThat(replica).matches("eu-central-1/[0-9a-f]{16}");
    }
    try (DataDirectory data = DataDirectory.open(folder(), "another-region", NOW, new Random(2))) {
      assertThat(data.isFresh()).isFalse();
      assertThat(data.replica()).isEqualTo(replica);
    }
    try (DataDirectory lost =
        DataDirectory.open(temporary.resolve("new"), "eu-central-1", NOW, new Random(3))) {
      assertThat(lost.replica()).isNotEqualTo(replica);
    }
  }

  @Test
  void a_second_opener_in_this_process_is_refused_until_the_first_closes() throws IOException {
    try (DataDirectory first = open(NOW)) {
      assertThatThrownBy(() -> open(NOW))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "the data folder "
                  + folder()
                  + " is in use by another process (stop it, or name another folder with --data)");
      assertThat(first.incarnation() >>> 20).isEqualTo(NOW);
    }
    open(NOW).close();
  }

  @Test
  void another_process_is_refused_too() throws Exception {
    try (DataDirectory first = open(NOW)) {
      assertThat(openElsewhere()).isEqualTo("in use");
      assertThat(first.isFresh()).isTrue();
    }
    assertThat(openElsewhere()).isEqualTo("opened");
  }

  /** What another process says that tries to open the folder. */
  private String openElsewhere() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName(),
                folder().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    return said.strip();
  }

  /** The other process. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] args) {
      try (DataDirectory data =
          DataDirectory.open(Path.of(args[0]), "eu-central-1", NOW, new Random(1))) {
        System.out.println(data.incarnation() > 0 ? "opened" : "odd");
      } catch (IOException e) {
        System.out.println(
            String.valueOf(e.getMessage()).contains("in use") ? "in use" : e.toString());
      }
    }
  }

  @Test
  void keys_survive_a_restart_and_nobody_else_can_read_their_file() throws IOException {
    List<ApiKey> keys = List.of(key(1), key(2).asRevoked());
    try (DataDirectory data = open(NOW)) {
      data.saveKeys(List.of(key(3)));
      data.saveKeys(keys);
    }
    try (DataDirectory data = open(NOW)) {
      assertThat(data.keys()).isEqualTo(keys);
    }
    assertThat(permissions(folder().resolve("keys.json"))).isEqualTo("rw-------");
    assertThat(Files.readString(folder().resolve("keys.json"))).doesNotContain("ock_");
  }

  @Test
  void a_secret_file_is_never_readable_by_others_not_even_when_it_replaces_one_that_was()
      throws IOException {
    Path file = temporary.resolve("admin.key");
    Path leftOver = temporary.resolve("admin.key.next");
    for (Path each : List.of(file, leftOver)) {
      Files.writeString(each, "before");
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-r--r--"));
    }
    DataDirectory.replace(file, "secret".getBytes(StandardCharsets.US_ASCII), true);
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(file).hasContent("secret");
    assertThat(leftOver).doesNotExist();
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void a_replacement_that_cannot_be_written_leaves_the_file_as_it_was() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "before");
    Files.createDirectories(temporary.resolve("file.next/full"));
    assertThatThrownBy(() -> DataDirectory.replace(file, new byte[] {1}, false))
        .isInstanceOf(IOException.class);
    assertThat(file).hasContent("before");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "12a", "99999999999999999999"})
  void a_damaged_incarnation_is_refused_and_the_folder_let_go(String content) throws IOException {
    open(NOW).close();
    Files.writeString(folder().resolve("incarnation"), content);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> open(NOW))
          .isInstanceOf(IOException.class)
          .hasMessage("the file incarnation in " + folder() + " is damaged (expected: a number)");
    }
    Files.writeString(folder().resolve("incarnation"), "7");
    open(NOW).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "eu-central-1", "eu-central-1/xyz"})
  void a_damaged_replica_name_is_refused(String content) throws IOException {
    open(NOW).close();
    Files.writeString(folder().resolve("replica"), content);
    assertThatThrownBy(() -> open(NOW))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the file replica in " + folder() + " is damaged (expected: region/16 hex digits)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "{}", "{\"id\":\"abcdef\",\"sha256\":\"0\"}", "\u0000"})
  void damaged_keys_are_refused_and_not_left_out(String line) throws IOException {
    try (DataDirectory data = open(NOW)) {
      data.saveKeys(List.of(key(1)));
      Path file = folder().resolve("keys.json");
      Files.writeString(file, Files.readString(file) + line + "\n");
      assertThatThrownBy(data::keys)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file + " is damaged: ");
    }
  }

  @Test
  void keys_that_are_no_text_are_refused() throws IOException {
    try (DataDirectory data = open(NOW)) {
      Files.write(folder().resolve("keys.json"), new byte[] {'{', (byte) 0xe9, '}'});
      assertThatThrownBy(data::keys)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(folder().resolve("keys.json") + " is damaged: ");
    }
  }

  @Test
  void a_folder_that_cannot_be_one_is_named() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertThatThrownBy(() -> DataDirectory.open(file, "eu-central-1", NOW, new Random(1)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the data folder " + file + " cannot be used: ");
  }

  @Test
  void nothing_half_written_is_left_after_use() throws IOException {
    try (DataDirectory data = open(NOW)) {
      data.saveKeys(List.of(key(1)));
    }
    try (Stream<Path> files = Files.list(folder())) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("lock", "incarnation", "replica", "keys.json");
    }
  }
}
