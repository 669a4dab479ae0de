package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayFilesTest {
  private static final Logger LOGGER = Logger.getLogger("io.openclaw.app");
  private static final long HOUR = 3_600_000;
  private static final long KEEP = 24 * HOUR;

  @TempDir Path folder = Path.of("");

  private long now = 1_800_000_000_000L;
  private final Clock clock =
      new Clock() {
        @Override
        public long nanoTime() {
          return now * 1_000_000;
        }

        @Override
        public long wallMillis() {
          return now;
        }
      };

  @BeforeAll
  static void keepTheManyExpectedWarningsOutOfSight() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void logAgain() {
    LOGGER.setLevel(null);
  }

  private ReplayFiles open(Path at, List<String> found) throws IOException {
    return ReplayFiles.open(at, KEEP, clock, record -> found.add(new String(record, UTF_8)));
  }

  private static void append(ReplayFiles files, String... records) {
    List<CompletableFuture<Void>> durable = new ArrayList<>();
    for (String record : records) {
      durable.add(files.append(record.getBytes(UTF_8)).toCompletableFuture());
    }
    durable.forEach(CompletableFuture::join);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void what_was_appended_is_found_in_order_over_several_starts() throws IOException {
    List<String> all = new ArrayList<>();
    for (int start = 0; start < 12; start++) {
      List<String> found = new ArrayList<>();
      try (ReplayFiles files = open(folder, found)) {
        assertThat(found).isEqualTo(all);
        append(files, "a" + start, "b" + start);
      }
      all.addAll(List.of("a" + start, "b" + start));
    }
    open(folder, new ArrayList<>()).close();
    open(folder, new ArrayList<>()).close();
    assertThat(names()).as("empty files are not kept").hasSize(13);
  }

  @Test
  void a_write_torn_at_any_byte_loses_only_what_nobody_was_told_of() throws IOException {
    try (ReplayFiles files = open(folder, new ArrayList<>())) {
      append(files, "first", "second", "third");
    }
    byte[] whole = Files.readAllBytes(folder.resolve("1.log"));
    int first = 8 + "first".length();
    int second = first + 8 + "second".length();
    for (int cut = 0; cut <= whole.length; cut++) {
      Path torn = Files.createDirectory(folder.resolve("cut-" + cut));
      Files.write(torn.resolve("1.log"), java.util.Arrays.copyOf(whole, cut));
      List<String> found = new ArrayList<>();
      try (ReplayFiles files = open(torn, found)) {
        append(files, "later");
      }
      List<String> expected = new ArrayList<>();
      if (cut >= first) {
        expected.add("first");
      }
      if (cut >= second) {
        expected.add("second");
      }
      if (cut == whole.length) {
        expected.add("third");
      }
      assertThat(found).as("cut at %s", cut).isEqualTo(expected);
      expected.add("later");
      List<String> again = new ArrayList<>();
      open(torn, again).close();
      assertThat(again).as("cut at %s, then started again", cut).isEqualTo(expected);
    }
  }

  @Test
  void damage_before_a_whole_record_stops_the_start() throws IOException {
    try (ReplayFiles files = open(folder, new ArrayList<>())) {
      append(files, "first", "second", "third");
    }
    byte[] bytes = Files.readAllBytes(folder.resolve("1.log"));
    bytes[9] ^= 1;
    Files.write(folder.resolve("1.log"), bytes);
    assertThatThrownBy(() -> open(folder, new ArrayList<>()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1.log is damaged at byte 0");
  }

  @Test
  void files_are_begun_each_hour_and_deleted_after_a_day_while_records_come_in()
      throws IOException {
    List<CompletableFuture<Void>> durable = new ArrayList<>();
    try (ReplayFiles files = open(folder, new ArrayList<>())) {
      for (int minute = 0; minute < 50 * 60; minute += 10) {
        durable.add(files.append(("m" + minute).getBytes(UTF_8)).toCompletableFuture());
        files.tick();
        now += 10 * 60_000;
      }
      durable.forEach(CompletableFuture::join);
      assertThat(names()).hasSizeBetween(20, 26).doesNotContain("1.log", "2.log");
      now += KEEP + HOUR;
      files.tick();
      assertThat(names()).as("nothing came for a day").hasSize(1);
    }
  }

  @Test
  void what_an_earlier_run_wrote_is_deleted_when_it_is_old_enough() throws IOException {
    try (ReplayFiles files = open(folder, new ArrayList<>())) {
      append(files, "first");
    }
    Files.setLastModifiedTime(folder.resolve("1.log"), FileTime.fromMillis(now));
    now += KEEP - 1;
    try (ReplayFiles files = open(folder, new ArrayList<>())) {
      files.tick();
      assertThat(names()).containsExactly("1.log", "2.log");
      now += 1;
      files.tick();
      assertThat(names()).containsExactly("2.log");
    }
  }

  @Test
  void where_a_sync_failed_another_file_is_begun_as_soon_as_the_disk_takes_one()
      throws IOException {
    FaultyDisk disk = new FaultyDisk();
    List<String> found = new ArrayList<>();
    try (ReplayFiles files =
        ReplayFiles.open(
            folder, disk, KEEP, clock, record -> found.add(new String(record, UTF_8)))) {
      append(files, "first");
      files.tick();
      assertThat(names()).as("not before it is time").containsExactly("1.log");
      disk.syncFails(true);
      assertThatThrownBy(() -> append(files, "lost")).hasRootCauseMessage("Input/output error");
      assertThat(files.accepts()).isFalse();
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(files::tick).hasMessage("Input/output error");
        assertThat(files.accepts()).isFalse();
      }
      assertThat(names()).containsExactly("1.log", "2.log");
      disk.syncFails(false);
      files.tick();
      assertThat(files.accepts()).isTrue();
      append(files, "second");
    }
    open(folder, found).close();
    assertThat(found).as("what nobody was told of is not there").containsExactly("first", "second");
  }

  @Test
  void a_full_disk_is_refused_until_there_is_room_and_needs_no_other_file() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (ReplayFiles files = ReplayFiles.open(folder, disk, KEEP, clock, record -> {})) {
      disk.bytesMax(10);
      assertThatThrownBy(() -> append(files, "too much"))
          .hasRootCauseMessage("No space left on device");
      assertThat(files.accepts()).isFalse();
      files.tick();
      assertThat(names()).containsExactly("1.log");
      disk.bytesMax(Long.MAX_VALUE);
      while (!files.accepts()) {
        LockSupport.parkNanos(1_000_000);
      }
      append(files, "after");
    }
  }

  @Test
  void a_full_disk_is_freed_of_what_is_too_old() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (ReplayFiles files = ReplayFiles.open(folder, disk, KEEP, clock, record -> {})) {
      append(files, "first");
      now += HOUR;
      files.tick();
      append(files, "second");
      now += KEEP;
      disk.bytesMax(0);
      assertThatThrownBy(files::tick).hasMessage("No space left on device");
      assertThat(names()).contains("2.log").doesNotContain("1.log");
    }
  }

  @Test
  void other_files_are_left_alone() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve("0.log"), "mine");
    List<String> found = new ArrayList<>();
    open(folder, found).close();
    assertThat(found).isEmpty();
    assertThat(names()).containsExactly("0.log", "1.log", "notes.txt");
  }
}
