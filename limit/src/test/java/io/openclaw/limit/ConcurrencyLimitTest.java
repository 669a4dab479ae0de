package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConcurrencyLimitTest {
  private static final int WORKERS = 20;
  private static final double SERVICE_MILLIS = 10;
  private static final long MILLI = 1_000_000L;

  /** A wait of four times the service after a p99 service of 4.6 times its mean. */
  private static final long P99_NANOS_MAX = 100 * MILLI;

  private static SlotServer.Slots of(ConcurrencyLimit limit) {
    return new SlotServer.Slots() {
      @Override
      public boolean tryAcquire(long nowNanos) {
        return limit.tryAcquire(nowNanos);
      }

      @Override
      public void release(long startNanos, long nowNanos) {
        limit.release(startNanos, nowNanos);
      }
    };
  }

  /** Gradient2 without what mends it: grows unused, and takes its own queue for the usual. */
  private static final class Naive implements SlotServer.Slots {
    private double limit = ConcurrencyLimit.INITIAL;
    private double longNanos;
    private double sumNanos;
    private int count;
    private int windows;
    private int inFlight;
    private long windowNanos;

    @Override
    public boolean tryAcquire(long nowNanos) {
      return inFlight < (int) limit && inFlight++ >= 0;
    }

    @Override
    public void release(long startNanos, long nowNanos) {
      inFlight--;
      count++;
      sumNanos += nowNanos - startNanos;
      if (nowNanos - windowNanos >= ConcurrencyLimit.WINDOW_NANOS
          && count >= ConcurrencyLimit.SAMPLES_MIN) {
        double shortNanos = sumNanos / count;
        sumNanos = count = 0;
        windowNanos = nowNanos;
        windows = Math.min(windows + 1, ConcurrencyLimit.LONG_WINDOWS);
        longNanos += (shortNanos - longNanos) / windows;
        double gradient = Math.clamp(ConcurrencyLimit.TOLERANCE * longNanos / shortNanos, 0.5, 1);
        double next = limit * gradient + Math.sqrt(limit);
        limit = Math.clamp(limit + ConcurrencyLimit.SMOOTHING * (next - limit), 1, 10_000);
      }
    }
  }

  /** What is wrong with how the slots stand a long overload; empty where nothing is. */
  private static String faults(SlotServer.Slots slots, long seed, double overload) {
    SlotServer server = new SlotServer(slots, WORKERS, SERVICE_MILLIS, seed);
    double arrivals = overload * server.capacity();
    server.run(10, arrivals);
    String faults = "";
    for (int minute = 0; minute < 3; minute++) {
      SlotServer.Outcome outcome = server.run(60, arrivals);
      if (outcome.perSecond() < 0.8 * server.capacity()) {
        faults += "too little: " + outcome + "; ";
      }
      if (outcome.p99Nanos() > P99_NANOS_MAX) {
        faults += "too late: " + outcome + "; ";
      }
    }
    return faults;
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "2, 10", "3, 2", "4, 1.2"})
  void under_overload_goodput_stays_near_capacity_and_what_is_admitted_stays_quick(
      long seed, double overload) {
    assertThat(faults(of(new ConcurrencyLimit(1, 10_000, 0)), seed, overload))
        .as("seed %d, overload %s", seed, overload)
        .isEmpty();
  }

  @Test
  void a_limit_that_is_fixed_or_drifts_or_starves_is_found_out() {
    assertThat(faults(of(new ConcurrencyLimit(1000, 1000, 0)), 1, 2)).contains("too late");
    assertThat(faults(of(new ConcurrencyLimit(10, 10, 0)), 1, 2)).contains("too little");
    assertThat(faults(new Naive(), 1, 2)).contains("too late");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.9})
  void a_limit_that_is_not_used_stays_as_it_is(double load) {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 10_000, 0);
    SlotServer server = new SlotServer(of(limit), WORKERS, SERVICE_MILLIS, 5);
    SlotServer.Outcome outcome = server.run(120, load * server.capacity());
    assertThat(limit.limit()).isEqualTo(ConcurrencyLimit.INITIAL);
    assertThat(outcome.refused()).isZero();
    Naive naive = new Naive();
    SlotServer same = new SlotServer(naive, WORKERS, SERVICE_MILLIS, 5);
    same.run(120, load * same.capacity());
    assertThat(naive.limit).as("planted").isGreaterThan(3 * ConcurrencyLimit.INITIAL);
  }

  @Test
  void after_an_overload_the_limit_refuses_nothing_that_fits() {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 10_000, 0);
    SlotServer server = new SlotServer(of(limit), WORKERS, SERVICE_MILLIS, 6);
    server.run(60, 10 * server.capacity());
    int during = limit.limit();
    assertThat(during).isBetween(WORKERS, 5 * WORKERS);
    server.run(10, 0.7 * server.capacity());
    SlotServer.Outcome after = server.run(60, 0.7 * server.capacity());
    assertThat(after.refused()).as("%s", after).isLessThan(after.finished() / 1000);
    assertThat(limit.limit()).isGreaterThanOrEqualTo(WORKERS);
  }

  @Test
  void a_service_that_becomes_slower_or_quicker_for_good_is_learned_anew() {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 10_000, 0);
    SlotServer server = new SlotServer(of(limit), WORKERS, SERVICE_MILLIS, 7);
    server.run(30, 5 * server.capacity());
    for (double millis : new double[] {50, 5}) {
      server.serviceMillis(millis);
      server.run(90, 3 * server.capacity());
      SlotServer.Outcome outcome = server.run(30, 3 * server.capacity());
      assertThat(outcome.perSecond())
          .as("%s ms: %s", millis, outcome)
          .isGreaterThan(0.8 * server.capacity());
      assertThat(outcome.p99Nanos()).isLessThan((long) (10 * millis * MILLI));
    }
  }

  @Test
  void a_slot_is_taken_given_back_and_counted() {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 2, 0);
    assertThat(limit.limit()).isEqualTo(2);
    assertThat(limit.tryAcquire(1)).isTrue();
    assertThat(limit.tryAcquire(1)).isTrue();
    assertThat(limit.tryAcquire(1)).isFalse();
    assertThat(limit.shed()).isEqualTo(1);
    limit.release();
    assertThat(limit.inFlight()).isEqualTo(1);
    assertThat(limit.tryAcquire(2)).isTrue();
    limit.release(1, 5);
    limit.release(2, 5);
    assertThat(limit.inFlight()).isZero();
  }

  @Test
  void a_probe_that_nobody_answers_is_given_up() {
    ConcurrencyLimit limit = new ConcurrencyLimit(8, 8, 0);
    long now = 0;
    for (int window = 0; window < ConcurrencyLimit.PROBE_WINDOWS_SOON; window++) {
      for (int i = 0; i < 2; i++) {
        taken(limit, now, 8);
        assertThat(limit.tryAcquire(now)).isFalse();
        now += ConcurrencyLimit.WINDOW_NANOS / 2;
        for (int slot = 0; slot < 8; slot++) {
          limit.release(now - 1, now);
        }
      }
    }
    int probed = 0;
    while (limit.tryAcquire(now)) {
      probed++;
    }
    assertThat(probed).as("a quarter, for a moment").isEqualTo(2);
    assertThat(limit.tryAcquire(now + ConcurrencyLimit.PROBE_NANOS_MAX)).isFalse();
    taken(limit, now + ConcurrencyLimit.PROBE_NANOS_MAX, 6);
  }

  private static void taken(ConcurrencyLimit limit, long nowNanos, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(limit.tryAcquire(nowNanos)).as("slot %d", i).isTrue();
    }
  }

  @Test
  void threads_never_have_more_slots_than_there_are() throws Exception {
    ConcurrencyLimit limit = new ConcurrencyLimit(3, 3, 0);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        ends.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    long now = System.nanoTime();
                    if (limit.tryAcquire(now)) {
                      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                      inside.decrementAndGet();
                      limit.release(now, System.nanoTime());
                    }
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
    assertThat(most.get()).isBetween(1, 3);
    assertThat(limit.inFlight()).isZero();
  }

  @Test
  void bounds_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> new ConcurrencyLimit(0, 5, 0))
        .hasMessage("min: 0 (expected: 1 to the max, 5)");
    assertThatThrownBy(() -> new ConcurrencyLimit(6, 5, 0)).hasMessageContaining("min: 6");
  }
}
