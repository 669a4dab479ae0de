package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.LimitSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DebtsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final LimitSpec SPEC =
      new LimitSpec(
          "tenant/t", LimitSpec.Level.TENANT, 10_000, 10, LimitSpec.Mode.BOUNDED, 5, false);

  private final Map<String, Long> disk = new TreeMap<>();
  private boolean broken;
  private Debts debts = open();
  private Limit limit = limit();

  private Debts open() {
    return new Debts(
        tokens -> {
          if (broken) {
            throw new IOException("full");
          }
          disk.clear();
          disk.putAll(tokens);
        },
        disk);
  }

  private Limit limit() {
    Limiter limiter = Limiter.alone("r", "r#1", false, 0);
    limiter.debts(debts);
    return limiter.limit(SPEC, 1, 0);
  }

  private int takeAll(long nowNanos) {
    int taken = 0;
    while (limit.take(1, nowNanos) != null) {
      taken++;
    }
    return taken;
  }

  @Test
  void nothing_is_borrowed_before_it_is_on_disk_and_never_more_than_the_overdraft()
      throws IOException {
    assertThat(takeAll(SECOND)).isEqualTo(10);
    assertThat(disk).isEmpty();
    debts.settle(SECOND);
    assertThat(disk).isEqualTo(Map.of("tenant/t", 5L));
    assertThat(takeAll(SECOND)).isEqualTo(5);
    assertThat(limit.debt(SECOND)).isEqualTo(5);
    assertThat(limit.tokens(SECOND)).isZero();
    assertThat(limit.imbalance()).isZero();
  }

  @Test
  void it_says_when_the_next_token_may_be_borrowed_not_when_all_is_repaid() throws IOException {
    takeAll(SECOND);
    assertThat(limit.nanosUntil(1, SECOND)).isEqualTo(SECOND / 10);
    debts.settle(SECOND);
    assertThat(limit.nanosUntil(1, SECOND)).as("it is there").isEqualTo(1);
    takeAll(SECOND);
    assertThat(limit.nanosUntil(1, SECOND)).isEqualTo(SECOND / 10);
    assertThat(limit.nanosUntil(12, SECOND)).as("more than it holds").isEqualTo(12 * SECOND / 10);
    assertThat(limit.take(1, SECOND + SECOND / 10 - 1)).isNull();
    assertThat(limit.take(1, SECOND + SECOND / 10)).isNotNull();
  }

  @Test
  void a_disk_that_refuses_allows_no_debt() {
    takeAll(SECOND);
    broken = true;
    assertThatThrownBy(() -> debts.settle(SECOND)).isInstanceOf(IOException.class);
    assertThat(takeAll(SECOND)).isZero();
  }

  @Test
  void a_debt_is_repaid_first_and_then_its_note_goes() throws IOException {
    takeAll(SECOND);
    debts.settle(SECOND);
    takeAll(SECOND);
    debts.settle(SECOND + SECOND / 2);
    assertThat(limit.debt(SECOND + SECOND / 2)).isZero();
    assertThat(disk).as("it may still be borrowed").isNotEmpty();
    debts.settle(2 * SECOND);
    assertThat(disk).isEmpty();
    assertThat(takeAll(2 * SECOND)).isEqualTo(5);
  }

  @Test
  void a_restart_forgets_no_debt_and_repays_it_before_it_borrows_again() throws IOException {
    takeAll(SECOND);
    debts.settle(SECOND);
    takeAll(SECOND);
    debts = open();
    limit = limit();
    assertThat(limit.debt(0)).isEqualTo(5);
    assertThat(takeAll(SECOND / 4)).isZero();
    debts.settle(SECOND / 4);
    assertThat(takeAll(SECOND / 4)).as("repaid first").isZero();
    assertThat(takeAll(SECOND)).isEqualTo(5);
    debts.settle(SECOND);
    assertThat(disk).as("what was owed is repaid, and more is wanted").isNotEmpty();
    assertThat(takeAll(SECOND)).isEqualTo(5);
    assertThat(List.copyOf(disk.values())).containsExactly(5L);
  }
}
