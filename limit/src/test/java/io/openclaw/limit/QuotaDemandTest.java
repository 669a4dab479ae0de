package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuotaDemandTest {
  private static final long INTERVAL = Quotas.GIVE_NANOS;
  private static final Offset<Double> LITTLE = Offset.offset(0.5);

  private final QuotaDemand demand = new QuotaDemand();
  private long now;

  private boolean measure(long mine, long theirs) {
    now += INTERVAL;
    return demand.measure(List.of(party("a", 1_000, mine), party("b", 0, theirs)), now);
  }

  private static QuotaDemand.Party party(String ledger, long left, long asked) {
    return new QuotaDemand.Party(ledger, left, asked);
  }

  private QuotaDemand.@Nullable Gift gift(String... mayReceive) {
    return demand.gift(
        party("a", 1_000, 0),
        1_000,
        List.of(party("a", 1_000, 0), party("b", 0, 0), party("c", 500, 0)),
        List.of(mayReceive)::contains);
  }

  @Test
  void what_was_asked_for_before_a_ledger_was_heard_of_is_no_demand() {
    assertThat(measure(0, 600_000)).isFalse();
    assertThat(measure(0, 600_000)).isFalse();
    assertThat(gift("b")).isNull();
    measure(10, 600_010);
    demand.measure(List.of(party("c", 0, 1_000_000)), now); // heard of later than the others
    assertThat(demand.rate("c")).isZero();
    assertThat(demand.rate("b")).isEqualTo(25, LITTLE); // half of 10 in 0.2 s
  }

  @Test
  void what_was_asked_for_during_a_cut_counts_over_all_of_it() {
    for (int i = 0; i <= 10; i++) {
      measure(10L * i, 10L * i);
    }
    assertThat(demand.rate("b")).isEqualTo(100, LITTLE);
    for (int i = 11; i <= 600; i++) {
      measure(10L * i, 100);
    }
    assertThat(demand.rate("b")).as("nothing is heard").isZero();
    measure(6_010, 6_010);
    assertThat(demand.rate("b")).isEqualTo(50, LITTLE);
    measure(6_020, 6_020);
    measure(6_030, 6_030);
    assertThat(demand.rate("b")).as("never more than it is").isBetween(80.0, 100.0);
  }

  @Test
  void demand_of_a_few_requests_a_second_is_not_halved_between_them() {
    for (int i = 0; i <= 40; i++) {
      measure(i / 4, 0);
    }
    assertThat(demand.rate("a")).isEqualTo(2.5, Offset.offset(0.1));
  }

  @Test
  void only_who_may_receive_is_given_anything() {
    measure(0, 0);
    measure(0, 10);
    assertThat(gift("b")).isEqualTo(new QuotaDemand.Gift("b", 500));
    assertThat(gift("a", "c")).isNull();
  }
}
