package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Fact;
import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.ItemsModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scores are counted on disk as often as they were acknowledged, however often it is rewritten. */
@Timeout(120)
class ItemsOnDiskTest {
  private static final int THREADS = 4;
  private static final int SCORES_EACH = 20_000;
  private static final int BYTES_MIN = 20_000;

  @TempDir Path folder = Path.of("");

  /** A store on a file that is rewritten when it is longer than {@link #BYTES_MIN}. */
  private record Opened(ItemStore store, FileLog log) {
    static Opened at(Path file, AtomicLong rewritten) throws IOException {
      return at(file, FileLog::channel, rewritten);
    }

    static Opened at(Path file, FileLog.Disk disk, AtomicLong rewritten) throws IOException {
      AtomicReference<FileLog> log = new AtomicReference<>();
      ItemStore store =
          new ItemStore("a", record -> Objects.requireNonNull(log.get()).append(record));
      LogCompaction compaction =
          new LogCompaction(
              file,
              disk,
              records -> {
                rewritten.incrementAndGet();
                store.snapshot(records);
              },
              BYTES_MIN);
      log.set(FileLog.open(file, disk.open(file), store::replay, compaction));
      return new Opened(store, Objects.requireNonNull(log.get()));
    }

    long scores() {
      AtomicLong sum = new AtomicLong();
      store.all(
          fact -> {
            if (fact instanceof Fact.Count count) {
              sum.addAndGet(LongStream.of(count.values()).sum());
            }
          });
      return sum.get();
    }
  }

  @Test
  void no_score_is_lost_or_counted_twice_while_the_file_is_rewritten() throws Exception {
    Path file = folder.resolve("items.log");
    AtomicLong rewritten = new AtomicLong();
    Opened opened = Opened.at(file, rewritten);
    ItemsModel model =
        ItemsModel.load("m", "v1", "{\"kind\":\"items\"}".getBytes(UTF_8), opened.store(), "t/m");
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      threads.add(CompletableFuture.runAsync(() -> score(model, thread)));
    }
    threads.forEach(CompletableFuture::join);
    assertThat(opened.scores()).isEqualTo(THREADS * SCORES_EACH);
    opened.log().close();
    assertThat(rewritten).hasValueGreaterThan(5);
    assertThat(Files.size(file)).isLessThan(2_000_000); // a batch of scores and what they come to
    Opened again = Opened.at(file, new AtomicLong());
    assertThat(again.scores()).isEqualTo(THREADS * SCORES_EACH);
    again.log().close();
  }

  @Test
  void what_was_acknowledged_outlives_a_disk_that_fails_again_and_again() throws Exception {
    Path file = folder.resolve("items.log");
    FaultyDisk disk = new FaultyDisk();
    Opened opened = Opened.at(file, disk, new AtomicLong());
    ItemsModel model =
        ItemsModel.load("m", "v1", "{\"kind\":\"items\"}".getBytes(UTF_8), opened.store(), "t/m");
    Checked.Ready ready =
        (Checked.Ready)
            model.check(new Json.Obj(Map.of("item", new Json.Str("a"), "score", new Json.Num(5))));
    long acknowledged = 0;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 20; i++) {
        ready.rate(Attempt.ONCE).toCompletableFuture().join();
        acknowledged++;
      }
      disk.syncFails(true);
      for (int i = 0; i < 20; i++) {
        assertThat(ready.rate(Attempt.ONCE).toCompletableFuture())
            .failsWithin(Duration.ofSeconds(60));
      }
      assertThat(opened.scores()).isEqualTo(acknowledged);
      disk.syncFails(false);
      while (!opened.log().accepts()) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    opened.log().close();
    Opened again = Opened.at(file, new AtomicLong());
    assertThat(again.scores()).isEqualTo(acknowledged);
    again.log().close();
  }

  private static void score(ItemsModel model, int thread) {
    SplittableRandom random = new SplittableRandom(thread);
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < SCORES_EACH; i++) {
      Json.Obj input =
          new Json.Obj(
              Map.of(
                  "item",
                  new Json.Str("item-" + random.nextInt(50)),
                  "score",
                  new Json.Num(random.nextInt(1, 6))));
      String id = random.nextInt(10) == 0 ? thread + "-" + i : null;
      Checked.Ready ready = (Checked.Ready) model.check(input);
      waiting.add(ready.rate(new Attempt(id, 1)).toCompletableFuture());
      if (waiting.size() == 50) {
        waiting.forEach(CompletableFuture::join);
        waiting.clear();
      }
    }
    waiting.forEach(CompletableFuture::join);
  }
}
