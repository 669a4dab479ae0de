package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import io.openclaw.rating.Checked;
import io.openclaw.release.ModelComparison;
import io.openclaw.release.ModelLoader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Trials of planted models: no scorecard traps or runs for ever, so these do. */
final class ModelTrialTest {
  private static final long SHORT_NANOS = 50_000_000L;

  private static Checked.Ready ready(long value) {
    return attempt ->
        CompletableFuture.completedFuture(new Rating(new Decimal(value, 0), List.of(), null));
  }

  private static Json.Obj input(int n) {
    return new Json.Obj(Map.of("n", new Json.Num(n)));
  }

  private static List<Json.Obj> inputs(int count) {
    return IntStream.range(0, count).mapToObj(ModelTrialTest::input).toList();
  }

  private static ModelTrial.Subject subject(Function<Json.Obj, Checked> check, int samples) {
    return new ModelTrial.Subject(check, true, inputs(samples));
  }

  private static TrialThread.End<ModelLoader.Trial> run(
      TrialThread thread,
      ModelTrial.Subject candidate,
      ModelTrial.@Nullable Subject stable,
      LongSupplier nanos) {
    return thread.run(
        progress -> new ModelTrial(candidate, stable, List.of(), progress, nanos).run());
  }

  private static TrialThread.End<ModelLoader.Trial> run(Function<Json.Obj, Checked> check) {
    return run(new TrialThread(), subject(check, 3), null, System::nanoTime);
  }

  @Test
  void whatever_a_model_throws_ends_its_trial_and_nothing_else() {
    for (Throwable planted :
        List.of(
            new IllegalStateException("planted"),
            new StackOverflowError("planted"),
            new OutOfMemoryError("planted"))) {
      assertThat(
              run(
                  input -> {
                    if (input.equals(input(1))) {
                      sneak(planted);
                    }
                    return ready(1);
                  }))
          .isEqualTo(new TrialThread.End.Threw<>("/samples/1", planted));
    }
    assertThat(run(ModelTrialTest::bottomless))
        .isInstanceOfSatisfying(
            TrialThread.End.Threw.class,
            threw -> assertThat(threw.what()).isInstanceOf(StackOverflowError.class));
  }

  @SuppressWarnings("InfiniteRecursion") // what is tested
  private static Checked bottomless(Json.Obj input) {
    Checked deeper = bottomless(input);
    return deeper instanceof Checked.Ready ? deeper : ready(2);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void sneak(Throwable planted) throws E {
    throw (E) planted;
  }

  @Test
  void a_model_that_never_returns_is_given_up_and_the_next_one_is_tried() throws Exception {
    TrialThread thread = new TrialThread(SHORT_NANOS, 100 * SHORT_NANOS);
    CountDownLatch free = new CountDownLatch(1);
    Function<Json.Obj, Checked> deaf =
        input -> {
          while (free.getCount() > 0) {
            Thread.onSpinWait();
          }
          return ready(1);
        };
    for (int i = 1; i <= TrialThread.GIVEN_UP_MAX; i++) {
      assertThat(run(thread, subject(deaf, 1), null, System::nanoTime))
          .isEqualTo(new TrialThread.End.GivenUp<>("/samples/0: no rating within 0.05 s"));
      assertThat(thread.givenUp()).isEqualTo(i);
    }
    assertThat(run(thread, subject(input -> ready(1), 1), null, System::nanoTime))
        .as("with too many threads lost, nothing is tried")
        .isInstanceOfSatisfying(
            TrialThread.End.GivenUp.class,
            none -> assertThat(none.why()).contains("4 trials of other models have not ended"));
    free.countDown();
    for (int i = 0; i < 1_000 && thread.givenUp() > 0; i++) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertThat(run(thread, subject(input -> ready(1), 1), null, System::nanoTime))
        .isInstanceOf(TrialThread.End.Returned.class);
  }

  @Test
  void a_rating_that_never_completes_is_interrupted_and_takes_no_thread() throws Exception {
    TrialThread thread = new TrialThread(SHORT_NANOS, 100 * SHORT_NANOS);
    Checked.Ready never = attempt -> new CompletableFuture<>();
    assertThat(run(thread, subject(input -> never, 1), null, System::nanoTime))
        .isInstanceOf(TrialThread.End.GivenUp.class);
    for (int i = 0; i < 1_000 && thread.givenUp() > 0; i++) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertThat(thread.givenUp()).isZero();
  }

  @Test
  void many_samples_that_are_each_in_time_are_too_slow_together() {
    TrialThread thread = new TrialThread(100 * SHORT_NANOS, 2 * SHORT_NANOS);
    Function<Json.Obj, Checked> slow =
        input -> {
          try {
            TimeUnit.NANOSECONDS.sleep(SHORT_NANOS / 10);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return ready(1);
        };
    assertThat(run(thread, subject(slow, 1_000), null, System::nanoTime))
        .isInstanceOfSatisfying(
            TrialThread.End.GivenUp.class,
            late -> assertThat(late.why()).contains("all samples took more than 0.1 s"));
  }

  @Test
  void two_versions_are_compared_on_what_both_rate() {
    Function<Json.Obj, Checked> old = input -> ready(500);
    Function<Json.Obj, Checked> next =
        input ->
            input.equals(input(4))
                ? new Checked.Invalid(List.of(new Violation("/n", "4 (expected: less)")))
                : ready(600);
    assertThat(run(new TrialThread(), subject(next, 2), subject(old, 6), System::nanoTime))
        .isInstanceOfSatisfying(
            TrialThread.End.Returned.class,
            returned -> {
              ModelComparison found = comparison(returned.value());
              assertThat(found.stable()).hasSize(5);
              assertThat(found.candidate())
                  .allSatisfy(each -> assertThat(each.value()).isEqualTo(new Decimal(600, 0)));
              assertThat(found.refused()).isEqualTo(1);
              assertThat(found.firstRefusal()).contains("/n 4 (expected: less)");
            });
  }

  private static ModelComparison comparison(Object trial) {
    return java.util.Objects.requireNonNull(
        ((ModelLoader.Trial.Good) trial).comparison(), "a comparison");
  }

  @Test
  void the_shortest_of_many_times_counts_so_that_noise_does_not() {
    AtomicLong clock = new AtomicLong();
    AtomicLong calls = new AtomicLong();
    Function<Json.Obj, Checked> old =
        input -> {
          clock.addAndGet(2_000);
          return ready(1);
        };
    Function<Json.Obj, Checked> next =
        input -> {
          // Two of three ratings are disturbed, by more than the limit between slow and not.
          clock.addAndGet(calls.getAndIncrement() % 3 == 0 ? 30_000 : 400_000);
          return ready(1);
        };
    TrialThread.End<ModelLoader.Trial> end =
        run(new TrialThread(), subject(next, 10), subject(old, 10), clock::get);
    assertThat(end)
        .isInstanceOfSatisfying(
            TrialThread.End.Returned.class,
            returned -> {
              assertThat(comparison(returned.value()).stableNanos()).isEqualTo(2_000);
              assertThat(comparison(returned.value()).candidateNanos()).isEqualTo(30_000);
            });
  }

  @Test
  void what_would_count_is_only_checked() {
    ModelTrial.Subject items =
        new ModelTrial.Subject(
            input ->
                (Checked.Ready)
                    attempt -> {
                      throw new AssertionError("rated");
                    },
            false,
            inputs(2));
    assertThat(run(new TrialThread(), items, items, System::nanoTime))
        .isInstanceOfSatisfying(
            TrialThread.End.Returned.class,
            returned -> assertThat(returned.value()).isEqualTo(new ModelLoader.Trial.Good(2)));
  }
}
