package io.openclaw.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets the threads. Times are those of a clock that the test moves, where they matter. */
@Timeout(60)
class WasmHostTest {
  private static final Rating ONE = new Rating(new Decimal(1, 0), List.of(), null);
  private static final long MILLI = 1_000_000;
  private static final long LONG = TimeUnit.MINUTES.toNanos(5);

  private final AtomicLong now = new AtomicLong(1);
  private final List<WasmHost> hosts = new ArrayList<>();

  @AfterEach
  void close() {
    hosts.forEach(WasmHost::close);
  }

  private WasmHost host(int threads, int waitingMax) {
    WasmHost host =
        new WasmHost(
            new WasmLimits(threads, waitingMax, 2 * waitingMax, 0.5, 1_000, 0.02, 250, 60_000),
            now::get,
            now::get);
    hosts.add(host);
    return host;
  }

  /** A task that waits until it may go on. */
  private static Call.Task until(CountDownLatch begun, CountDownLatch go) {
    return lease -> {
      begun.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return ONE;
    };
  }

  /** A task that takes so much of the clock's time, and then ends or is late. */
  private Call.Task taking(long nanos, boolean late) {
    return lease -> {
      now.addAndGet(nanos);
      if (late) {
        throw new ModelDeadlineException("late");
      }
      return ONE;
    };
  }

  private static Rating join(CompletionStage<Rating> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void a_model_that_is_not_done_leaves_a_thread_to_others() throws Exception {
    WasmHost host = host(2, 64);
    Lane attacker = host.lane("a");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<CompletionStage<Rating>> held = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      held.add(host.submit(attacker, until(begun, go), LONG));
    }
    begun.await();
    Lane neighbour = host.lane("b");
    for (int i = 0; i < 100; i++) {
      assertThat(join(host.submit(neighbour, lease -> ONE, LONG))).isEqualTo(ONE);
    }
    assertThat(host.waiting()).isEqualTo(9);
    go.countDown();
    held.forEach(WasmHostTest::join);
  }

  @Test
  void with_a_thread_for_each_the_model_would_have_them_all() throws Exception {
    WasmHost planted = host(1, 64); // no thread can be left to others here
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletionStage<Rating> held = planted.submit(planted.lane("a"), until(begun, go), LONG);
    begun.await();
    CompletionStage<Rating> neighbour = planted.submit(planted.lane("b"), lease -> ONE, LONG);
    Thread.sleep(50);
    assertThat(neighbour.toCompletableFuture()).isNotDone();
    go.countDown();
    join(held);
    assertThat(join(neighbour)).isEqualTo(ONE);
  }

  @Test
  void what_finds_too_many_waiting_is_refused_at_once() throws Exception {
    WasmHost host = host(2, 4);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Lane lane = host.lane("a");
    join(host.submit(lane, lease -> ONE, LONG));
    List<CompletionStage<Rating>> all = new ArrayList<>();
    all.add(host.submit(lane, until(begun, go), LONG));
    begun.await();
    for (int i = 0; i < 10; i++) {
      all.add(host.submit(lane, lease -> ONE, LONG));
    }
    assertThat(all.stream().filter(each -> each.toCompletableFuture().isDone()).count())
        .isEqualTo(6);
    assertThat(Wasm.failure(all.getLast()))
        .isInstanceOf(ModelBusyException.class)
        .hasMessage("4 ratings of this model wait (expected: fewer than 4)");
    assertThat(join(host.submit(host.lane("b"), lease -> ONE, LONG))).isEqualTo(ONE);
    go.countDown();
    all.subList(0, 5).forEach(WasmHostTest::join);
  }

  @Test
  void what_has_waited_too_long_is_refused_before_it_begins() throws Exception {
    WasmHost host = host(2, 64);
    Lane lane = host.lane("a");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletionStage<Rating> first = host.submit(lane, until(begun, go), LONG);
    begun.await();
    AtomicInteger ran = new AtomicInteger();
    CompletionStage<Rating> second =
        host.submit(
            lane,
            lease -> {
              ran.incrementAndGet();
              return ONE;
            },
            50 * MILLI);
    now.addAndGet(51 * MILLI);
    go.countDown();
    join(first);
    assertThat(Wasm.failure(second))
        .isInstanceOf(ModelBusyException.class)
        .hasMessage("no thread was free for as long as the model may take");
    assertThat(ran).hasValue(0);
  }

  @Test
  void a_model_that_keeps_overrunning_is_refused_for_longer_and_longer() {
    WasmHost host = host(2, 64);
    Lane lane = host.lane("a");
    long start = now.get();
    long spent = 0;
    int refused = 0;
    while (now.get() - start < 60_000 * MILLI) {
      CompletionStage<Rating> stage = host.submit(lane, taking(50 * MILLI, true), LONG);
      Throwable failure = Wasm.failure(stage);
      if (failure instanceof ModelDeadlineException) {
        spent += 50;
      } else {
        assertThat(failure).hasMessageStartingWith("the model did not end in time too often");
        refused++;
        now.addAndGet(100 * MILLI);
      }
    }
    // 250 ms at once and a fiftieth of a core after that would be 1,450 ms; doubling makes it less
    assertThat(spent).isBetween(300L, 800L);
    assertThat(refused).isGreaterThan(500);
  }

  @Test
  void one_good_rating_between_the_bad_ones_does_not_buy_more_than_a_fiftieth_of_a_core() {
    WasmHost host = host(2, 64);
    Lane lane = host.lane("a");
    long start = now.get();
    long spent = 0;
    boolean late = false;
    while (now.get() - start < 60_000 * MILLI) {
      late = !late;
      CompletionStage<Rating> stage = host.submit(lane, taking(late ? 50 * MILLI : 0, late), LONG);
      try {
        join(stage);
      } catch (java.util.concurrent.CompletionException e) {
        if (e.getCause() instanceof ModelDeadlineException) {
          spent += 50;
        } else {
          now.addAndGet(20 * MILLI);
        }
      }
    }
    assertThat(spent).isLessThanOrEqualTo(1_450 + 100);
  }

  @Test
  void a_model_that_is_slow_within_its_deadline_gets_its_share_of_a_core_and_no_more() {
    WasmHost other = host(2, 64);
    Lane lane = other.lane("a");
    int ratings = 0;
    while (lane.throttledNanos(now.get()) == 0) {
      join(other.submit(lane, taking(49 * MILLI, false), LONG));
      ratings++;
    }
    assertThat(ratings).isEqualTo(40); // two seconds: one at once, and half of each
    CompletionStage<Rating> waits = other.submit(lane, lease -> ONE, LONG);
    assertThat(waits.toCompletableFuture()).isNotDone();
    assertThat(join(other.submit(other.lane("b"), lease -> ONE, LONG))).isEqualTo(ONE);
    now.addAndGet(1_000 * MILLI);
    join(other.submit(other.lane("b"), lease -> ONE, LONG)); // wakes the threads
    assertThat(join(waits)).isEqualTo(ONE);
  }

  @Test
  void all_that_overran_lately_leave_a_thread_to_the_others_together() throws Exception {
    WasmHost host = host(2, 64);
    for (String each : List.of("a", "b")) {
      var _ = Wasm.failure(host.submit(host.lane(each), taking(50 * MILLI, true), LONG));
    }
    // Lanes are remembered as long as somebody has them.
    Lane a = host.lane("a");
    Lane b = host.lane("b");
    var _ = Wasm.failure(host.submit(a, taking(50 * MILLI, true), LONG));
    var _ = Wasm.failure(host.submit(b, taking(50 * MILLI, true), LONG));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletionStage<Rating> first = host.submit(a, until(begun, go), LONG);
    begun.await();
    CompletionStage<Rating> second = host.submit(b, until(begun, go), LONG);
    assertThat(join(host.submit(host.lane("c"), lease -> ONE, LONG))).isEqualTo(ONE);
    assertThat(host.waiting()).isEqualTo(1);
    go.countDown();
    join(first);
    join(second);
  }

  @Test
  void the_model_that_used_least_is_next() throws Exception {
    WasmHost host = host(2, 64);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(2);
    Lane heavy = host.lane("heavy");
    Lane light = host.lane("light");
    join(host.submit(heavy, taking(100 * MILLI, false), LONG));
    List<CompletionStage<Rating>> held =
        List.of(
            host.submit(host.lane("x"), until(begun, go), LONG),
            host.submit(host.lane("y"), until(begun, go), LONG));
    begun.await();
    List<String> order = new ArrayList<>();
    List<CompletionStage<Rating>> all = new ArrayList<>();
    for (Lane each : List.of(heavy, light)) {
      all.add(
          host.submit(
              each,
              lease -> {
                synchronized (order) {
                  order.add(each.equals(heavy) ? "heavy" : "light");
                }
                return ONE;
              },
              LONG));
    }
    go.countDown();
    held.forEach(WasmHostTest::join);
    all.forEach(WasmHostTest::join);
    assertThat(order).containsExactlyInAnyOrder("heavy", "light");
    assertThat(heavy.virtualNanos()).isGreaterThan(light.virtualNanos());
  }

  @Test
  void a_host_that_is_closed_refuses() {
    WasmHost host = host(2, 64);
    host.close();
    assertThat(Wasm.failure(host.submit(host.lane("a"), lease -> ONE, LONG)))
        .isInstanceOf(ModelBusyException.class)
        .hasMessage("this node is stopping");
  }
}
