package io.openclaw.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A breaker before services that break and heal, and breakers with planted bugs. */
final class CircuitBreakerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int RUNS = 300;

  private static CircuitBreaker breaker() {
    return new CircuitBreaker(new Random(1));
  }

  private static void fail(CircuitBreaker breaker, int times, long nowNanos) {
    for (int i = 0; i < times; i++) {
      breaker.failed(breaker.tryAcquire(nowNanos), nowNanos);
    }
  }

  @Test
  void five_failures_in_a_row_open_it_and_an_answer_between_does_not() {
    CircuitBreaker breaker = breaker();
    fail(breaker, 4, 0);
    breaker.answered(breaker.tryAcquire(0));
    fail(breaker, 4, 0);
    assertThat(breaker.state(0)).isEqualTo(CircuitBreaker.State.CLOSED);
    fail(breaker, 1, 0);
    assertThat(breaker.state(0)).isEqualTo(CircuitBreaker.State.OPEN);
    assertThat(breaker.tryAcquire(0)).isEqualTo(CircuitBreaker.DENIED);
  }

  @Test
  void every_second_failing_opens_it() {
    CircuitBreaker breaker = breaker();
    for (int i = 0; i < 10; i++) {
      assertThat(breaker.state(0)).as("after " + i).isEqualTo(CircuitBreaker.State.CLOSED);
      breaker.answered(breaker.tryAcquire(0));
      fail(breaker, 1, 0);
    }
    assertThat(breaker.state(0)).isEqualTo(CircuitBreaker.State.OPEN);
  }

  @Test
  void after_the_pause_one_question_goes_through_and_two_answers_close_it() {
    CircuitBreaker breaker = breaker();
    fail(breaker, 5, 0);
    long permit = breaker.tryAcquire(SECOND);
    assertThat(permit).isNotEqualTo(CircuitBreaker.DENIED);
    assertThat(breaker.tryAcquire(SECOND)).isEqualTo(CircuitBreaker.DENIED);
    breaker.answered(permit);
    assertThat(breaker.state(SECOND)).isEqualTo(CircuitBreaker.State.HALF_OPEN);
    breaker.answered(breaker.tryAcquire(SECOND));
    assertThat(breaker.state(SECOND)).isEqualTo(CircuitBreaker.State.CLOSED);
  }

  @Test
  void a_question_that_was_given_up_neither_closes_nor_opens_and_makes_way() {
    CircuitBreaker breaker = breaker();
    fail(breaker, 5, 0);
    breaker.returned(breaker.tryAcquire(SECOND));
    assertThat(breaker.state(SECOND)).isEqualTo(CircuitBreaker.State.HALF_OPEN);
    assertThat(breaker.tryAcquire(SECOND)).isNotEqualTo(CircuitBreaker.DENIED);
  }

  @Test
  void probes_open_it_keep_it_open_and_make_it_half_open_but_never_close_it() {
    CircuitBreaker breaker = breaker();
    breaker.probed(false, 0);
    assertThat(breaker.state(0)).isEqualTo(CircuitBreaker.State.CLOSED);
    breaker.probed(false, 0);
    assertThat(breaker.state(100 * SECOND)).isEqualTo(CircuitBreaker.State.OPEN);
    breaker.probed(true, 100 * SECOND);
    breaker.probed(true, 100 * SECOND);
    breaker.probed(true, 100 * SECOND);
    assertThat(breaker.state(100 * SECOND)).isEqualTo(CircuitBreaker.State.HALF_OPEN);
  }

  /** Keeps nobody out while it is half open. */
  private static final class Stampede extends CircuitBreaker {
    private long last = DENIED;

    Stampede(RandomGenerator random) {
      super(random);
    }

    @Override
    public synchronized long tryAcquire(long nowNanos) {
      long permit = super.tryAcquire(nowNanos);
      if (permit != DENIED) {
        last = permit;
      }
      return state(nowNanos) == State.HALF_OPEN ? last : permit;
    }
  }

  /** Takes a late answer from before it opened for one to its trial. */
  private static final class Late extends CircuitBreaker {
    private long newest;

    Late(RandomGenerator random) {
      super(random);
    }

    @Override
    public synchronized long tryAcquire(long nowNanos) {
      newest = Math.max(newest, super.tryAcquire(nowNanos));
      return super.tryAcquire(nowNanos) == DENIED && state(nowNanos) == State.OPEN
          ? DENIED
          : newest;
    }

    @Override
    public synchronized void answered(long permit) {
      super.answered(newest);
    }
  }

  /** Never opens for failures. */
  private static final class Trusting extends CircuitBreaker {
    Trusting(RandomGenerator random) {
      super(random);
    }

    @Override
    public synchronized void failed(long permit, long nowNanos) {
      answered(permit);
    }
  }

  /** Loses the place of a question that was given up. */
  private static final class Leaking extends CircuitBreaker {
    Leaking(RandomGenerator random) {
      super(random);
    }

    @Override
    public synchronized void returned(long permit) {}
  }

  /** A question under way. */
  private record Asked(long permit, boolean wasUp, long endsNanos, boolean givenUp) {}

  /**
   * A service that breaks and heals, and is asked a hundred times a second by clients whose answers
   * take up to a second; what was wrong, or null.
   */
  private static @Nullable String fault(Function<RandomGenerator, CircuitBreaker> kind, long seed) {
    Random random = new Random(seed);
    CircuitBreaker breaker = kind.apply(new Random(seed + 1));
    List<Asked> underWay = new ArrayList<>();
    boolean up = true;
    long changedNanos = 0;
    int failedInARow = 0;
    for (long now = 0; now < 120 * SECOND; now += SECOND / 100) {
      if (now - changedNanos > 40 * SECOND && random.nextInt(200) == 0) {
        up = !up;
        changedNanos = now;
      }
      for (Asked asked : List.copyOf(underWay)) {
        if (asked.endsNanos() > now) {
          continue;
        }
        underWay.remove(asked);
        if (asked.givenUp()) {
          breaker.returned(asked.permit());
        } else if (asked.wasUp()) {
          failedInARow = 0;
          breaker.answered(asked.permit());
        } else {
          failedInARow++;
          breaker.failed(asked.permit(), now);
        }
      }
      CircuitBreaker.State before = breaker.state(now);
      if (failedInARow >= 2 * CircuitBreaker.WINDOW && before == CircuitBreaker.State.CLOSED) {
        return "closed after " + failedInARow + " failures in a row, seed " + seed;
      }
      if (up && now - changedNanos > 35 * SECOND && before != CircuitBreaker.State.CLOSED) {
        return before + " though the service is up for 35 s, seed " + seed;
      }
      long permit = breaker.tryAcquire(now);
      if (permit == CircuitBreaker.DENIED) {
        continue;
      }
      if (before == CircuitBreaker.State.OPEN) {
        return "asked while open, seed " + seed;
      }
      long same = underWay.stream().filter(asked -> asked.permit() == permit).count();
      if (before == CircuitBreaker.State.HALF_OPEN && same > 0) {
        return "a second question while half open, seed " + seed;
      }
      long takes = up ? random.nextLong(SECOND / 10) : random.nextLong(SECOND);
      underWay.add(new Asked(permit, up, now + takes, random.nextInt(4) == 0));
    }
    return null;
  }

  private static int faults(Function<RandomGenerator, CircuitBreaker> kind) {
    int faults = 0;
    for (long seed = 0; seed < RUNS; seed++) {
      if (fault(kind, seed) != null) {
        faults++;
      }
    }
    return faults;
  }

  @Test
  void it_keeps_its_rules_whatever_breaks_and_heals() {
    for (long seed = 0; seed < RUNS; seed++) {
      assertThat(fault(CircuitBreaker::new, seed)).isNull();
    }
  }

  @Test
  void the_rules_find_every_planted_bug() {
    assertThat(faults(Stampede::new)).as("keeps nobody out").isPositive();
    assertThat(faults(Trusting::new)).as("never opens").isPositive();
    assertThat(faults(Leaking::new)).as("loses its place").isPositive();
    assertThat(faults(Late::new)).as("believes late answers").isPositive();
  }
}
