package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.release.CanaryDecision.State;
import io.openclaw.release.CanaryVerdict.Breach;
import io.openclaw.release.CanaryVerdict.Healthy;
import io.openclaw.release.CanaryVerdict.Insufficient;
import io.openclaw.release.CanaryVerdict.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CanaryDecisionTest {
  private static final long SECOND = 1_000_000_000L;
  private static final CanaryThresholds QUICK =
      CanaryThresholds.DEFAULTS.with("promoteAfterSeconds", 100);
  private static final CanaryVerdict HEALTHY = new Healthy(1, 1);
  private static final CanaryVerdict FEW = new Insufficient("nothing");
  private static final CanaryVerdict BAD = new Breach(Measure.ERRORS, 1, 0.01, 99, 99);

  private final CanaryStats stats = new CanaryStats(CanaryTraffic.BINS);
  private CanaryVerdict next = HEALTHY;

  @Test
  void a_canary_that_stays_healthy_is_promoted_when_its_time_is_over() {
    CanaryDecision decision = decision(QUICK);
    for (int second = 0; second <= 100; second++) {
      assertThat(decision.state()).isInstanceOf(State.Running.class);
      look(decision, second);
    }
    assertThat(decision.state()).isEqualTo(new State.Promoted());
  }

  @Test
  void too_little_to_judge_by_starts_the_time_anew() {
    CanaryDecision decision = decision(QUICK);
    for (int second = 0; second < 150; second++) {
      next = second == 60 ? FEW : HEALTHY;
      look(decision, second);
      assertThat(decision.state()).isInstanceOf(State.Running.class);
    }
    for (int second = 150; second <= 161; second++) {
      look(decision, second);
    }
    assertThat(decision.state()).isEqualTo(new State.Promoted());
  }

  @Test
  void a_window_without_a_request_starts_the_time_anew() {
    CanaryDecision decision = decision(QUICK);
    for (int second = 0; second < 1000; second++) {
      decision.look(stats.total(), second * SECOND);
    }
    assertThat(decision.state()).isEqualTo(new State.Running(HEALTHY));
  }

  @Test
  void where_only_a_person_promotes_nothing_else_does() {
    CanaryDecision decision = decision(QUICK.with("promoteAfterSeconds", 0));
    for (int second = 0; second < 10_000; second++) {
      look(decision, second);
    }
    assertThat(decision.state()).isEqualTo(new State.Running(HEALTHY));
    assertThat(decision.promote()).isEqualTo(new State.Promoted());
  }

  @Test
  void a_breach_rolls_back_at_once_and_says_why() {
    CanaryDecision decision = decision(QUICK);
    look(decision, 1);
    next = BAD;
    assertThat(decision.look(stats.total(), 2 * SECOND))
        .isEqualTo(new State.RolledBack((Breach) BAD));
  }

  @Test
  void what_has_ended_stays_what_it_became() {
    List<State> ends = new ArrayList<>();
    for (int end = 0; end < 3; end++) {
      CanaryDecision decision = decision(QUICK);
      next = BAD;
      ends.add(
          switch (end) {
            case 0 -> decision.look(stats.total(), SECOND);
            case 1 -> decision.promote();
            default -> decision.abort("not wanted");
          });
      next = HEALTHY;
      decision.look(stats.total(), 1000 * SECOND);
      decision.promote();
      decision.abort("too late");
      assertThat(decision.state()).isSameAs(ends.get(end));
    }
    assertThat(ends)
        .containsExactly(
            new State.RolledBack((Breach) BAD),
            new State.Promoted(),
            new State.Aborted("not wanted"));
  }

  @Test
  void over_random_verdicts_nothing_is_promoted_but_what_was_healthy_all_the_time() {
    assertThat(fault(() -> decision(QUICK)::look)).isNull();
  }

  @Test
  void a_decision_that_takes_too_little_for_healthy_is_found() {
    assertThat(
            fault(
                () -> {
                  CanaryDecision decision = decision(QUICK);
                  return (counts, nanos) -> {
                    next = next.equals(FEW) ? HEALTHY : next;
                    return decision.look(counts, nanos);
                  };
                }))
        .contains("promoted");
  }

  @Test
  void a_decision_that_runs_on_after_a_breach_is_found() {
    assertThat(
            fault(
                () -> {
                  CanaryDecision decision = decision(QUICK);
                  return (counts, nanos) -> {
                    next = next.equals(BAD) ? FEW : next;
                    return decision.look(counts, nanos);
                  };
                }))
        .contains("not rolled back");
  }

  /** One look at the counts at a time. */
  interface Look {
    State look(CanaryCounts counts, long nowNanos);
  }

  /** The first wrong end, with its seed; null where there is none. */
  private @Nullable String fault(Supplier<Look> start) {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Look looks = start.get();
      int healthyFor = 0;
      boolean breached = false;
      for (int second = 0; second < 600; second++) {
        int dice = random.nextInt(1000);
        CanaryVerdict verdict = dice == 0 ? BAD : dice < 10 ? FEW : HEALTHY;
        next = verdict;
        stats.failed(CanaryVariant.STABLE, 1);
        stats.failed(CanaryVariant.CANARY, 1);
        State state = looks.look(stats.total(), second * SECOND);
        healthyFor = verdict.equals(HEALTHY) ? healthyFor + 1 : 0;
        breached |= verdict.equals(BAD);
        if (state instanceof State.Promoted && healthyFor < 101) {
          return "promoted after " + healthyFor + " healthy looks, seed " + seed;
        }
        if (breached && !(state instanceof State.RolledBack)) {
          return "not rolled back, seed " + seed;
        }
        if (!(state instanceof State.Running)) {
          break;
        }
      }
    }
    return null;
  }

  @Test
  void a_canary_that_turns_bad_after_hours_is_judged_by_its_newest_windows() {
    CanaryStats counted = new CanaryStats(CanaryTraffic.BINS);
    CanaryThresholds thresholds = CanaryThresholds.DEFAULTS.with("promoteAfterSeconds", 0);
    CanaryDecision decision =
        new CanaryDecision(new CanaryGuard(thresholds, false), thresholds, counted.total(), 0);
    SplittableRandom random = new SplittableRandom(1);
    CanaryTraffic good = CanaryTraffic.STABLE;
    int second = 0;
    for (; second < 7200; second++) {
      good.send(counted, CanaryVariant.STABLE, 40, random);
      good.send(counted, CanaryVariant.CANARY, 10, random);
      if (second % 10 == 0) {
        decision.look(counted.total(), second * SECOND);
      }
    }
    assertThat(decision.state()).isInstanceOf(State.Running.class);
    CanaryTraffic bad = good.withErrors(0.05);
    for (; second < 7500 && decision.state() instanceof State.Running; second++) {
      good.send(counted, CanaryVariant.STABLE, 40, random);
      bad.send(counted, CanaryVariant.CANARY, 10, random);
      decision.look(counted.total(), second * SECOND);
    }
    assertThat(decision.state()).isInstanceOf(State.RolledBack.class);
    assertThat(new CanaryGuard(thresholds, false).judge(counted.total(), 0.001))
        .as("all of its life together")
        .isInstanceOf(Healthy.class);
  }

  @Test
  void a_change_of_weight_starts_the_comparison_anew() {
    CanaryStats counted = new CanaryStats(CanaryTraffic.BINS);
    SplittableRandom random = new SplittableRandom(1);
    CanaryDecision decision =
        new CanaryDecision(
            new CanaryGuard(CanaryThresholds.DEFAULTS, false),
            CanaryThresholds.DEFAULTS,
            counted.total(),
            0);
    CanaryTraffic good = CanaryTraffic.STABLE;
    good.send(counted, CanaryVariant.STABLE, 99_000, random);
    good.send(counted, CanaryVariant.CANARY, 1000, random);
    decision.look(counted.total(), SECOND);
    decision.weightChanged(counted.total(), 2 * SECOND);
    // Everybody's ratings shift, now that most requests go to the canary: no fault of its own.
    CanaryTraffic later = good.withPsi(0.5);
    later.send(counted, CanaryVariant.STABLE, 10_000, random);
    later.send(counted, CanaryVariant.CANARY, 90_000, random);
    assertThat(decision.look(counted.total(), 3 * SECOND))
        .isEqualTo(new State.Running(new Healthy(10_000, 90_000)));
    assertThat(new CanaryGuard(CanaryThresholds.DEFAULTS, false).judge(counted.total(), 0.001))
        .as("what a comparison across the change says")
        .isInstanceOf(Breach.class);
  }

  private CanaryDecision decision(CanaryThresholds thresholds) {
    return new CanaryDecision((counts, alpha) -> next, thresholds, stats.total(), 0);
  }

  private void look(CanaryDecision decision, int second) {
    stats.failed(CanaryVariant.STABLE, 1);
    stats.failed(CanaryVariant.CANARY, 1);
    decision.look(stats.total(), second * SECOND);
  }
}
