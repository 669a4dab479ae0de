package io.openclaw.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {
  private static final int KEYS = 20;
  private static final int DECISIONS = 2000;

  private final KeySequence sequence = new KeySequence();

  /** A peer that admits so many tokens of a bucket, whatever it was asked to be. */
  private record Counting(int tokens) implements Peer<AtomicInteger> {
    @Override
    public AtomicInteger bucket(String id, boolean generous) {
      return new AtomicInteger(tokens);
    }

    @Override
    public Object decide(AtomicInteger bucket, KeySequence caller) {
      return bucket.getAndDecrement() > 0;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openclaw", "bucket4j", "bucket4j-nanos", "resilience4j", "guava"})
  void every_peer_admits_from_generous_buckets_and_denies_from_spent_ones(String name) {
    for (int keys : new int[] {1, KEYS}) {
      Workload<?> admitted = new Workload<>(Peer.named(name), keys, true);
      Workload<?> denied = new Workload<>(Peer.named(name), keys, false);
      for (int i = 0; i < DECISIONS; i++) {
        assertThat(admitted.decide(sequence)).isNotNull();
        assertThat(denied.decide(sequence)).isNotNull();
      }
    }
  }

  @Test
  void a_bucket_that_runs_dry_while_admissions_are_measured_is_found() {
    Workload<?> workload = new Workload<>(new Counting(2), 1, true);
    workload.decide(sequence);
    workload.decide(sequence);
    assertThatThrownBy(() -> workload.decide(sequence))
        .hasMessage("decision: false (expected: admitted)");
  }

  @Test
  void a_bucket_that_earns_a_token_while_denials_are_measured_is_found() {
    AtomicInteger asked = new AtomicInteger();
    Peer<AtomicInteger> peer =
        new Peer<>() {
          @Override
          public AtomicInteger bucket(String id, boolean generous) {
            return asked;
          }

          @Override
          public Object decide(AtomicInteger bucket, KeySequence caller) {
            return bucket.incrementAndGet() == 3;
          }
        };
    Workload<?> workload = new Workload<>(peer, 1, false);
    workload.decide(sequence);
    assertThatThrownBy(() -> workload.decide(sequence))
        .hasMessage("decision: true (expected: denied)");
  }

  @Test
  void a_bucket_that_cannot_be_spent_is_found() {
    assertThatThrownBy(() -> new Workload<>(new Counting(1000), KEYS, false))
        .hasMessage("tenant/0: 10 decisions admitted (expected: fewer)");
  }

  @Test
  void every_key_is_drawn_about_as_often() {
    int[] drawn = new int[KEYS];
    for (int i = 0; i < KEYS * DECISIONS; i++) {
      drawn[sequence.next(KEYS)]++;
    }
    for (int n : drawn) {
      assertThat(n).isBetween(DECISIONS * 8 / 10, DECISIONS * 12 / 10);
    }
  }

  @Test
  void an_unknown_peer_is_named() {
    assertThatThrownBy(() -> Peer.named("nobody"))
        .hasMessageStartingWith("limiter: nobody (expected: ");
  }
}
