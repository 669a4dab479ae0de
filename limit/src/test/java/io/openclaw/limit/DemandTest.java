package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Fact;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class DemandTest {
  private static final long TICK = 100_000_000L;
  private static final int TICKS_PER_SECOND = 10;

  private final LimitFacts facts = new LimitFacts("a#1", new BlockMap(List.of("a", "b")));
  private final LimitFacts.Row[] rows = new LimitFacts.Row[1];
  private long asked;
  private long nowNanos;

  @Test
  void a_step_is_followed_within_half_a_second_and_nothing_is_left_of_what_ended() {
    Demand demand = begin();
    run(demand, 1000, 30);
    assertThat(demand.of(1)).isCloseTo(1000, within(10.0));
    run(demand, 5000, 5);
    assertThat(demand.of(1)).isBetween(4500.0, 5000.0);
    run(demand, 0, 20);
    assertThat(demand.of(1)).isLessThan(5);
    run(demand, 0, 100);
    assertThat(demand.of(1)).isZero();
    assertThat(demand.of(0)).isZero();
  }

  @Test
  void what_was_asked_for_before_anybody_looked_is_not_demand() {
    ask(1_000_000);
    Demand demand = new Demand(rows[0], 2, nowNanos);
    nowNanos += TICK;
    demand.tick(1, nowNanos);
    assertThat(demand.of(1)).isZero();
  }

  @Test
  void the_chance_in_arrivals_moves_it_much_less_than_a_plain_average() {
    Demand demand = begin();
    RandomGenerator random = new SplittableRandom(7);
    run(demand, 200, 30);
    double plain = 200;
    double squares = 0;
    double squaresPlain = 0;
    int ticks = 600 * TICKS_PER_SECOND;
    for (int tick = 0; tick < ticks; tick++) {
      int count = poisson(random, 20); // 200 tokens per second
      plain += 0.6 * (count * 10.0 - plain);
      run(demand, count * 10L, 1);
      squares += (demand.of(1) - 200) * (demand.of(1) - 200);
      squaresPlain += (plain - 200) * (plain - 200);
    }
    double sigma = Math.sqrt(squares / ticks);
    double sigmaPlain = Math.sqrt(squaresPlain / ticks);
    assertThat(sigmaPlain).as("σ of the plain average, in tokens/s").isBetween(25.0, 35.0);
    assertThat(sigma).isLessThan(sigmaPlain * 0.6);
  }

  private Demand begin() {
    ask(1);
    return new Demand(rows[0], 2, nowNanos);
  }

  @Test
  void at_most_is_seldom_less_than_what_is_asked_and_soon_hardly_more_than_the_mean() {
    int low = 0;
    int meanLow = 0;
    for (int seed = 0; seed < 200; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      Demand demand = begin();
      for (int tick = 0; tick < 5; tick++) {
        ask(poisson(random, 100)); // 1,000/s
        nowNanos += TICK;
        demand.tick(1, nowNanos);
      }
      low += demand.atMost(1, 1) < 950 ? 1 : 0;
      meanLow += demand.of(1) < 950 ? 1 : 0;
    }
    assertThat(low).as("of 200").isLessThanOrEqualTo(4);
    assertThat(meanLow).as("of 200, by the mean alone").isGreaterThan(10);
    Demand demand = begin();
    run(demand, 1000, 50);
    assertThat(demand.atMost(1, 1)).isBetween(demand.of(1), demand.of(1) * 1.05);
  }

  private void run(Demand demand, long tokensPerSecond, int ticks) {
    for (int tick = 0; tick < ticks; tick++) {
      ask(tokensPerSecond / TICKS_PER_SECOND);
      nowNanos += TICK;
      demand.tick(1, nowNanos);
    }
  }

  private void ask(long more) {
    asked += more;
    facts.onMoved(row -> rows[0] = row);
    facts.merge(new Fact.Count("limits", "tenant/t", "b#1", new long[] {asked, 0}));
  }

  private static int poisson(RandomGenerator random, double mean) {
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }
}
