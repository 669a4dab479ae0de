package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.release.Outcomes.Kind;
import io.openclaw.release.RegionRow.Health;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a soak lets pass, and what it stops. */
final class SoakGateTest {
  private static Outcomes outcomes(
      Random random, int requests, double failed, double refused, double millis) {
    Outcomes.Meter meter = new Outcomes.Meter();
    for (int i = 0; i < requests; i++) {
      double fate = random.nextDouble();
      Kind kind = fate < failed ? Kind.FAILED : fate < failed + refused ? Kind.REFUSED : Kind.RATED;
      meter.count(kind, (long) (millis * 1e6 * Math.exp(0.5 * random.nextGaussian())));
    }
    return meter.total();
  }

  @Test
  void too_few_requests_are_no_pass() {
    Random random = new Random(1);
    Outcomes many = outcomes(random, 1000, 0, 0, 1);
    assertThat(SoakGate.judge(Outcomes.NONE, many).health()).isEqualTo(Health.INSUFFICIENT);
    assertThat(SoakGate.judge(many, outcomes(random, 99, 1, 0, 1)).health())
        .isEqualTo(Health.INSUFFICIENT);
    assertThat(SoakGate.judge(many, outcomes(random, 100, 0, 0, 1)).health())
        .isEqualTo(Health.HEALTHY);
  }

  @Test
  void a_soak_that_rates_nothing_is_no_pass_however_much_is_refused_or_denied() {
    Random random = new Random(4);
    Outcomes many = outcomes(random, 1000, 0, 0, 1);
    Outcomes.Meter meter = new Outcomes.Meter();
    for (int i = 0; i < 1000; i++) {
      meter.count(i % 2 == 0 ? Kind.REFUSED : Kind.DENIED, 1);
    }
    Outcomes none = meter.total();
    assertThat(SoakGate.judge(none, none))
        .isEqualTo(
            new SoakGate.Verdict(
                Health.INSUFFICIENT,
                "0 requests rated or failed before and 0 since (expected: 100 each)"));
    assertThat(SoakGate.judge(none, many).health()).isEqualTo(Health.INSUFFICIENT);
    assertThat(SoakGate.judge(many, none).health()).as("all are refused").isEqualTo(Health.BREACH);
  }

  @Test
  void what_is_worse_is_stopped_and_says_by_how_much() {
    Random random = new Random(2);
    Outcomes before = outcomes(random, 5000, 0.002, 0.05, 10);
    assertThat(SoakGate.judge(before, outcomes(random, 500, 0.05, 0.05, 10)))
        .satisfies(
            verdict -> {
              assertThat(verdict.health()).isEqualTo(Health.BREACH);
              assertThat(verdict.detail()).contains("failed").contains("of 500 requests");
            });
    assertThat(SoakGate.judge(before, outcomes(random, 500, 0.002, 0.4, 10)).detail())
        .contains("refused");
    assertThat(SoakGate.judge(before, outcomes(random, 500, 0.002, 0.05, 100)).detail())
        .contains("95 % of");
    assertThat(SoakGate.judge(before, outcomes(random, 500, 0.002, 0.05, 11)).health())
        .isEqualTo(Health.HEALTHY);
  }

  @Test
  void equal_ones_pass_however_often_one_looks() {
    int stopped = 0;
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      Outcomes before = outcomes(random, 2000, 0.02, 0.1, 10);
      Outcomes.Meter meter = new Outcomes.Meter();
      boolean breach = false;
      for (int look = 0; look < 100; look++) {
        for (int i = 0; i < 20; i++) {
          double fate = random.nextDouble();
          meter.count(
              fate < 0.02 ? Kind.FAILED : fate < 0.12 ? Kind.REFUSED : Kind.RATED,
              (long) (10e6 * Math.exp(0.5 * random.nextGaussian())));
        }
        breach |= SoakGate.judge(before, meter.total()).health() == Health.BREACH;
      }
      stopped += breach ? 1 : 0;
    }
    assertThat(stopped).as("of 500 equal ones").isLessThanOrEqualTo(2);
  }
}
