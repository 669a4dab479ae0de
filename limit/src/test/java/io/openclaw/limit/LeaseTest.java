package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseTest {
  @Test
  void is_renewed_while_it_runs_and_its_end_never_moves_back() {
    Lease lease = new Lease(0, 100);
    assertThat(lease.renew(200, 99)).isTrue();
    assertThat(lease.renew(150, 120)).isTrue();
    assertThat(lease.endNanos()).isEqualTo(200);
    assertThat(lease.hasEnded(199)).isFalse();
    assertThat(lease.hasEnded(200)).isTrue();
  }

  @Test
  void once_ended_it_never_begins_again() {
    Lease lapsed = new Lease(0, 100);
    assertThat(lapsed.renew(500, 100)).isFalse();
    assertThat(lapsed.endNanos()).isEqualTo(100);
    Lease stopped = new Lease(0, 100);
    stopped.stop(50);
    assertThat(stopped.endNanos()).isEqualTo(50);
    assertThat(stopped.renew(500, 40)).as("whatever the clock says").isFalse();
    stopped.stop(20);
    assertThat(stopped.endNanos()).as("the first stop counts").isEqualTo(50);
  }

  @Test
  void stopping_a_lapsed_lease_does_not_move_its_end() {
    Lease lease = new Lease(0, 100);
    lease.stop(300);
    assertThat(lease.endNanos()).isEqualTo(100);
  }

  @Test
  void works_where_the_clock_wraps() {
    long near = Long.MAX_VALUE - 50;
    Lease lease = new Lease(near, near + 100);
    assertThat(lease.hasEnded(near + 99)).isFalse();
    assertThat(lease.renew(near + 300, near + 99)).isTrue();
    assertThat(lease.hasEnded(near + 300)).isTrue();
    assertThat(Lease.eternal(near).hasEnded(near + (1L << 61))).isFalse();
  }

  @Test
  void rights_are_what_runs_and_end_one_after_the_other() {
    Lease first = new Lease(0, 100);
    Lease second = new Lease(0, 200);
    Rights rights =
        Rights.of(1, true, List.of(new Rights.Part(second, 5), new Rights.Part(first, 3)));
    assertThat(rights.blocks()).isEqualTo(8);
    assertThat(rights.blocks(99)).isEqualTo(8);
    assertThat(rights.blocks(100)).isEqualTo(5);
    assertThat(rights.blocks(200)).isZero();
    assertThat(rights.firstEnd(0, 1000)).isEqualTo(100);
    assertThat(rights.firstEnd(100, 1000)).isEqualTo(200);
    assertThat(rights.firstEnd(200, 1000)).isEqualTo(1000);
    assertThat(rights.firstEnd(0, 50)).isEqualTo(50);
    assertThat(rights.has(first)).isTrue();
    assertThat(rights.has(new Lease(0, 100))).as("an equal one is another").isFalse();
  }
}
