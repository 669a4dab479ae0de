package io.openclaw.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Ratings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class GuestsTest {
  private static final byte[] INPUT = "{\"do\":\"a\"}".getBytes(StandardCharsets.UTF_8);
  private static final int THREADS = 4;
  private static final int RATINGS = 20_000;

  /** How many ratings were refused because another thread was in the same instance. */
  private static int collisions(Supplier<Guest> take, java.util.function.Consumer<Guest> put)
      throws Exception {
    AtomicInteger collisions = new AtomicInteger();
    CountDownLatch together = new CountDownLatch(THREADS);
    try (var executor = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        all.add(
            executor.submit(
                () -> {
                  together.countDown();
                  together.await();
                  for (int j = 0; j < RATINGS; j++) {
                    Guest guest = take.get();
                    try {
                      var _ = guest.rate(INPUT);
                    } catch (IllegalStateException e) {
                      collisions.incrementAndGet();
                    }
                    put.accept(guest);
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        var _ = each.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
    return collisions.get();
  }

  @Test
  void no_instance_is_ever_given_to_two_threads() throws Exception {
    try (WasmHost host = new WasmHost()) {
      WasmModel model = Wasm.load(host, Wasm.traps("{'memoryPages':2}"));
      Guests guests = new Guests(THREADS, model::compiled);
      assertThat(collisions(() -> Objects.requireNonNull(guests.take()), guests::put)).isZero();
      assertThat(guests.size()).isBetween(1, THREADS);
    }
  }

  @Test
  void a_pool_that_gives_one_to_two_threads_is_caught() throws Exception {
    try (WasmHost host = new WasmHost()) {
      Guest planted = Wasm.load(host, Wasm.traps("{'memoryPages':2}")).compiled();
      assertThat(collisions(() -> planted, guest -> {})).isPositive();
    }
  }

  @Test
  void no_more_are_made_than_there_are_places() {
    try (WasmHost host = new WasmHost()) {
      Guests guests = new Guests(2, Wasm.load(host, Wasm.traps("{}"))::compiled);
      Guest first = Objects.requireNonNull(guests.take());
      Guest second = Objects.requireNonNull(guests.take());
      assertThat(guests.take()).isNull();
      guests.put(second);
      assertThat(guests.take()).isSameAs(second);
      guests.drop();
      assertThat(guests.take()).isNotNull().isNotSameAs(first);
    }
  }

  @Test
  void a_model_rates_on_all_threads_that_it_may_have_and_no_answer_is_another_s() {
    WasmLimits limits = new WasmLimits(4, 10_000, 10_000, 1, 60_000, 1, 60_000, 1);
    try (WasmHost host = new WasmHost(limits)) {
      WasmModel model =
          Wasm.load(host, Wasm.traps("{'inputs':{'do':{'type':'string'}},'deadlineMillis':1000}"));
      List<CompletionStage<Rating>> all = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        Json.Obj input = Wasm.input(i % 2 == 0 ? "a" : "n");
        all.add(Wasm.begin(model, input));
      }
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).toCompletableFuture().join().value())
            .hasToString(i % 2 == 0 ? "1" : "3");
      }
      assertThat(model.instances()).isBetween(1, 3);
      assertThat(Ratings.rate(model, Wasm.input("u")).value()).hasToString("0");
    }
  }
}
