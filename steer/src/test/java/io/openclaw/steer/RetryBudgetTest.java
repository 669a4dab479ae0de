package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static final long MS = 1_000_000L;
  private static final long SECOND = 1_000 * MS;
  private static final long START = Long.sum(Long.MAX_VALUE, -20 * SECOND);

  private interface Budget {
    void request(long nowNanos);

    boolean tryRetry(long nowNanos);
  }

  private static Budget real() {
    RetryBudget budget = new RetryBudget(START);
    return new Budget() {
      @Override
      public void request(long nowNanos) {
        budget.request(nowNanos);
      }

      @Override
      public boolean tryRetry(long nowNanos) {
        return budget.tryRetry(nowNanos);
      }
    };
  }

  /** The planted bug: a budget per fixed window lets two budgets meet where windows meet. */
  private static Budget fixedWindows() {
    return new Budget() {
      private long window = -1;
      private long requests;
      private long retries;

      @Override
      public void request(long nowNanos) {
        turn(nowNanos);
        requests++;
      }

      @Override
      public boolean tryRetry(long nowNanos) {
        turn(nowNanos);
        return retries < Math.max(100, requests / 10) && retries++ >= 0;
      }

      private void turn(long nowNanos) {
        long now = (nowNanos - START) / RetryBudget.WINDOW_NANOS;
        if (now != window) {
          window = now;
          requests = 0;
          retries = 0;
        }
      }
    };
  }

  /** The times of events in (t − 10 s, t], kept exactly. */
  private static final class Recent {
    private final ArrayDeque<Long> times = new ArrayDeque<>();

    void add(long nowNanos) {
      times.add(nowNanos);
    }

    int count(long nowNanos) {
      while (!times.isEmpty() && nowNanos - times.peek() >= RetryBudget.WINDOW_NANOS) {
        times.remove();
      }
      return times.size();
    }
  }

  /** The most retries by which any 10 s window that ends with a retry exceeds the bound. */
  private static long worstExcess(Budget budget, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Recent requests = new Recent();
    Recent retries = new Recent();
    long worst = Long.MIN_VALUE;
    long now = START;
    double rate = 10;
    double failing = 0;
    for (int i = 0; i < 60_000; i++) {
      if (random.nextInt(2_000) == 0) {
        rate = Math.pow(10, random.nextDouble(0, 3.5));
        failing = random.nextInt(3) == 0 ? 1 : random.nextDouble(0.05);
        now += random.nextInt(4) == 0 ? random.nextLong(12 * SECOND) : 0;
      }
      now += (long) (-Math.log(1 - random.nextDouble()) * SECOND / rate);
      budget.request(now);
      requests.add(now);
      while (random.nextDouble() < failing && budget.tryRetry(now)) {
        retries.add(now);
        long allowed = Math.max(100, requests.count(now) / 10);
        worst = Math.max(worst, retries.count(now) - allowed);
      }
    }
    return worst;
  }

  @Test
  void retries_never_exceed_a_tenth_of_requests_or_ten_a_second_over_any_window() {
    for (long seed = 1; seed <= 15; seed++) {
      assertThat(worstExcess(real(), seed)).as("seed %d", seed).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void the_checker_catches_a_budget_of_fixed_windows() {
    long worst = 0;
    for (long seed = 1; seed <= 15; seed++) {
      worst = Math.max(worst, worstExcess(fixedWindows(), seed));
    }
    assertThat(worst).isGreaterThan(0);
  }

  @Test
  void a_quiet_router_may_retry_a_hundred_times_in_ten_seconds_even_at_once() {
    RetryBudget budget = new RetryBudget(START);
    for (int i = 0; i < 100; i++) {
      assertThat(budget.tryRetry(START)).isTrue();
    }
    assertThat(budget.tryRetry(START)).isFalse();
    assertThat(budget.tryRetry(START + 9_999 * MS)).isFalse();
    assertThat(budget.tryRetry(START + 10_100 * MS)).isTrue();
  }

  @Test
  void a_busy_router_may_retry_a_tenth_of_its_requests() {
    RetryBudget budget = new RetryBudget(START);
    for (int i = 0; i < 5_000; i++) {
      budget.request(START + i * 2L * MS);
    }
    long now = START + 9_999 * MS;
    int granted = 0;
    while (budget.tryRetry(now)) {
      granted++;
    }
    assertThat(granted).isEqualTo(500);
  }

  @Test
  void requests_from_many_threads_are_all_counted() throws InterruptedException {
    RetryBudget budget = new RetryBudget(START);
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int k = 0; k < 50_000; k++) {
                      budget.request(START + k % 100 * MS);
                    }
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    int granted = 0;
    while (budget.tryRetry(START + 100 * MS)) {
      granted++;
    }
    assertThat(granted).isEqualTo(20_000);
  }
}
