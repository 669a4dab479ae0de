package io.openclaw.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.DurableMap.Tell;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that fails, or hangs, when it is told to, and what goes on meanwhile. */
@Timeout(30)
final class DurableMapTest {
  private Map<String, String> disk = Map.of("old", "a");
  private int saves;
  private boolean full;
  private CountDownLatch hang = new CountDownLatch(0);
  private CountDownLatch hanging = new CountDownLatch(1);

  private final DurableMap<String> map =
      new DurableMap<>(
          disk,
          values -> {
            hanging.countDown();
            awaitDisk();
            if (full) {
              throw new IOException("No space left on device");
            }
            saves++;
            disk = values;
          });

  private void awaitDisk() {
    try {
      hang.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }

  /** Begins to write; the disk hangs when this returns. */
  private CompletableFuture<Void> hangingIn(Writing writing) throws InterruptedException {
    hang = new CountDownLatch(1);
    hanging = new CountDownLatch(1);
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try {
                writing.run();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    hanging.await();
    return written;
  }

  private void goOn(CompletableFuture<Void> written) throws Exception {
    hang.countDown();
    written.get(10, TimeUnit.SECONDS);
  }

  private Map<String, String> drained() {
    Map<String, String> news = new LinkedHashMap<>();
    map.drain(news::put);
    return news;
  }

  private Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    map.all(all::put);
    return all;
  }

  @Test
  void nobody_but_who_writes_waits_for_the_disk() throws Exception {
    map.change("first", Tell.NOW, known -> "b");
    CompletableFuture<Void> written = hangingIn(map::write);
    assertThat(map.get("first")).isEqualTo("b");
    assertThat(map.change("second", Tell.NOBODY, known -> "c")).isTrue();
    assertThat(map.size()).isEqualTo(3);
    assertThat(all()).containsOnlyKeys("old", "first", "second");
    assertThat(drained()).containsExactly(Map.entry("first", "b"));
    assertThat(written).isNotDone();
    goOn(written);
    assertThat(disk).containsExactly(Map.entry("old", "a"), Map.entry("first", "b"));
    map.write(); // what came meanwhile
    map.write();
    assertThat(disk).containsKey("second");
    assertThat(saves).isEqualTo(2);
  }

  @Test
  void what_waits_to_be_written_is_told_only_then() throws Exception {
    map.change("first", Tell.WHEN_WRITTEN, known -> "b");
    assertThat(drained()).isEmpty();
    assertThat(all()).containsOnlyKeys("old");
    CompletableFuture<Void> written = hangingIn(map::write);
    map.change("second", Tell.WHEN_WRITTEN, known -> "c");
    assertThat(drained()).isEmpty();
    goOn(written);
    assertThat(drained()).as("not what came meanwhile").containsOnlyKeys("first");
    assertThat(all()).containsOnlyKeys("old", "first");
    map.write();
    assertThat(drained()).containsOnlyKeys("second");
    assertThat(drained()).isEmpty();
  }

  @Test
  void a_disk_that_fails_takes_nothing_back_and_is_tried_again() throws Exception {
    full = true;
    map.change("first", Tell.NOW, known -> "b");
    assertThatThrownBy(map::write).hasMessage("No space left on device");
    assertThat(map.get("first")).isEqualTo("b");
    assertThat(drained()).containsOnlyKeys("first");
    full = false;
    map.write();
    assertThat(disk).containsEntry("first", "b");
  }

  @Test
  void what_is_written_first_is_not_there_where_it_cannot_be_written() throws Exception {
    full = true;
    assertThatThrownBy(() -> map.writeFirst(Map.of("first", "b"), (known, made) -> made))
        .isInstanceOf(IOException.class);
    assertThat(map.get("first")).isNull();
    assertThat(drained()).isEmpty();
    full = false;
    CompletableFuture<Void> written =
        hangingIn(() -> map.writeFirst(Map.of("first", "b"), (known, made) -> made));
    assertThat(map.get("first")).as("not on disk yet").isNull();
    goOn(written);
    assertThat(map.get("first")).isEqualTo("b");
    assertThat(drained()).containsOnlyKeys("first");
    map.write();
    assertThat(saves).as("nothing new to write").isEqualTo(1);
  }

  @Test
  void of_two_values_that_met_one_holds_and_gets_to_the_disk() throws Exception {
    CompletableFuture<Void> written =
        hangingIn(
            () ->
                map.writeFirst(
                    Map.of("old", "b"), (known, made) -> known.compareTo(made) > 0 ? known : made));
    map.change("old", Tell.NOBODY, known -> "c"); // heard meanwhile, and later
    goOn(written);
    assertThat(map.get("old")).isEqualTo("c");
    assertThat(disk).containsEntry("old", "b");
    map.write();
    assertThat(disk).containsEntry("old", "c");
  }

  @Test
  void what_is_forgotten_is_forgotten_on_disk() throws Exception {
    map.change("first", Tell.NOW, known -> "b");
    map.removeIf((name, value) -> value.equals("a"));
    map.write();
    assertThat(disk).containsOnlyKeys("first");
    map.removeIf((name, value) -> value.equals("a"));
    map.write();
    assertThat(saves).isEqualTo(1);
  }
}
