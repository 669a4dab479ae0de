package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.limit.Quota;
import io.openclaw.limit.QuotaNest;
import io.openclaw.limit.Quotas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaFileTest {
  private static final QuotaSpec SPEC =
      new QuotaSpec("tenant/t", LimitSpec.Level.TENANT, 100_000, QuotaSpec.Per.DAY, false);

  @TempDir Path folder;

  private Path path() {
    return folder.resolve("quotas.log");
  }

  private QuotaFile open() throws IOException {
    return QuotaFile.open(path(), "a", List.of("a"), () -> 1L, new Random(1));
  }

  private static Quotas quotas(QuotaFile file) {
    return new Quotas("a", List.of("a"), file.ledger(), file, 0);
  }

  private static Quota started(Quotas quotas) throws IOException {
    Quota quota = quotas.quota(SPEC, 1);
    quotas.step(1_800_000_000_000L, 0);
    return quota;
  }

  private static boolean takes(Quota quota) {
    return QuotaNest.of(List.of(quota)).take(1) instanceof QuotaNest.Taken;
  }

  @Test
  void what_was_reserved_is_not_spent_again_after_a_crash() throws IOException {
    try (QuotaFile file = open()) {
      assertThat(takes(started(quotas(file)))).isTrue();
    }
    try (QuotaFile file = open()) {
      Quota quota = started(quotas(file));
      assertThat(quota.remainingHere()).isEqualTo(99_900);
      assertThat(quota.burnedHere()).isEqualTo(100);
    }
  }

  @Test
  void an_unfinished_record_is_cut_off_and_a_damaged_file_refused() throws IOException {
    try (QuotaFile file = open()) {
      assertThat(takes(started(quotas(file)))).isTrue();
    }
    Files.write(path(), new byte[] {0, 0, 0, 9, 1}, StandardOpenOption.APPEND);
    try (QuotaFile file = open()) {
      assertThat(started(quotas(file)).remainingHere()).isEqualTo(99_900);
    }
    byte[] damaged = Files.readAllBytes(path());
    damaged[20] ^= 1;
    Files.write(path(), damaged);
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged");
  }

  @Test
  void the_file_stays_short_however_much_is_written() throws IOException {
    try (QuotaFile file = open()) {
      Quotas quotas = quotas(file);
      Quota quota = started(quotas);
      for (int i = 0; i < 50; i++) {
        file.append(List.of("note b#%016x 1 %s".formatted(i, "x".repeat(60_000))));
      }
      for (int i = 0; i < 50; i++) {
        file.append(List.of("note c#%016x 1 %s".formatted(i, "x".repeat(60_000))));
      }
      assertThat(Files.size(path())).isLessThan(4 << 20);
      assertThat(takes(quota)).isTrue();
    }
    try (QuotaFile file = open()) {
      assertThat(started(quotas(file)).remainingHere()).as("kept").isEqualTo(99_900);
    }
  }

  @Test
  void after_a_failed_sync_the_file_is_written_anew_and_nothing_is_reserved_twice()
      throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (QuotaFile file =
        QuotaFile.open(path(), disk, "a", List.of("a"), () -> 1L, new Random(1))) {
      Quotas quotas = quotas(file);
      Quota quota = started(quotas);
      disk.syncFails(true);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> file.append(List.of("note b#%016x 1".formatted(1))))
            .isInstanceOf(IOException.class);
        assertThat(file.accepts()).isFalse();
      }
      disk.syncFails(false);
      file.append(List.of("note b#%016x 1".formatted(2)));
      assertThat(file.accepts()).isTrue();
      assertThat(takes(quota)).isTrue();
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.next");
    try (QuotaFile file = open()) {
      assertThat(file.ledger().lines())
          .contains("note b#%016x 1".formatted(2))
          .doesNotContain("note b#%016x 1".formatted(1));
      assertThat(started(quotas(file)).remainingHere()).isEqualTo(99_900);
    }
  }

  @Test
  void a_node_that_stops_in_order_burns_nothing() throws Exception {
    QuotaFile file = open();
    Quotas quotas = quotas(file);
    Quota quota = quotas.quota(SPEC, 1);
    QuotaKeeper keeper = QuotaKeeper.start(quotas, file, SystemClock.INSTANCE);
    assertThat(takes(quota)).isTrue();
    keeper.close();
    try (QuotaFile again = open()) {
      Quotas later = quotas(again);
      Quota same = later.quota(SPEC, 1);
      later.step(SystemClock.INSTANCE.wallMillis(), 0);
      assertThat(same.remainingHere()).isIn(99_999L, 100_000L); // midnight may have passed
      assertThat(same.burnedHere()).isZero();
    }
  }
}
