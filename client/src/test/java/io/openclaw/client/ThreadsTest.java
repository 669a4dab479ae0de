package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which threads a client needs, and that nobody's blocking holds up another's rating. */
final class ThreadsTest {
  private static final RateRequest INPUT = RateRequest.json("{\"duration\":6}");

  private ScriptedRegion slow;
  private ScriptedRegion quick;

  @BeforeEach
  void begin() throws IOException {
    slow = new ScriptedRegion("slow");
    quick = new ScriptedRegion("quick");
  }

  @AfterEach
  void end() throws IOException {
    slow.close();
    quick.close();
  }

  private ClientBuilder client() {
    return OpenClawClient.builder()
        .apiKey("k")
        .region("slow", slow.url())
        .region("quick", quick.url())
        .failoverOrder(List.of("slow", "quick"))
        .probeInterval(Duration.ZERO)
        .timeout(Duration.ofSeconds(20))
        .attemptTimeout(Duration.ofSeconds(10));
  }

  @Test
  void ratings_wait_for_no_task_of_the_common_pool() throws Exception {
    ForkJoinPool pool = ForkJoinPool.commonPool();
    int threads = Math.max(1, pool.getParallelism());
    CountDownLatch busy = new CountDownLatch(threads);
    CountDownLatch over = new CountDownLatch(1);
    for (int i = 0; i < 2 * threads; i++) {
      var _ =
          pool.submit(
              () -> {
                busy.countDown();
                return over.await(1, TimeUnit.MINUTES);
              });
    }
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(client.rate(INPUT).region()).isEqualTo("slow");
      assertThat(client.rateAsync(INPUT).get(10, TimeUnit.SECONDS).tries()).isEqualTo(1);
    } finally {
      over.countDown();
    }
  }

  @Test
  void closing_ends_the_probes_over_an_http_client_of_the_callers() {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    try (HttpClient real = HttpClient.newHttpClient()) {
      HttpClient given =
          new TrippedHttp(
              real,
              request -> {
                begun.incrementAndGet();
                try {
                  never.await();
                } finally {
                  ended.incrementAndGet();
                }
              });
      OpenClawClient client =
          client().httpClient(given).probeInterval(Duration.ofMillis(100)).build();
      ScriptedRegion.await(() -> begun.get() >= 4);
      client.close();
      ScriptedRegion.await(() -> ended.get() == begun.get());
    }
  }

  @Test
  void a_rating_that_failed_may_be_followed_by_one_that_is_waited_for() {
    slow.script((asked, reply) -> reply.hang());
    Duration timeout = Duration.ofMillis(200);
    try (OpenClawClient client = ScriptedRegion.found(client().retries(0).timeout(timeout))) {
      CompletableFuture<RateResult> second =
          client.rateAsync(INPUT).exceptionally(failure -> client.rate(INPUT));
      // Both end by a timer, which must not wait for what hangs on the first.
      assertThatThrownBy(() -> second.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(NoRegionException.class);
      assertThat(slow.ratings()).hasSize(2);
    }
  }

  @Test
  void who_blocks_after_a_hedge_has_won_stops_nobody_else() throws Exception {
    slow.script((asked, reply) -> reply.hang());
    CountDownLatch over = new CountDownLatch(1);
    CompletableFuture<Thread> blocked = new CompletableFuture<>();
    try {
      OpenClawClient client =
          ScriptedRegion.found(client().hedge(Hedge.after(Duration.ofMillis(20))));
      CompletableFuture<Boolean> first =
          client
              .rateAsync(INPUT)
              .thenApply(
                  result -> {
                    blocked.complete(Thread.currentThread());
                    return result.tries() == 2 && isOver(over);
                  });
      assertThat(blocked.get(10, TimeUnit.SECONDS).isVirtual()).isTrue();
      for (int i = 0; i < 3; i++) {
        assertThat(client.rateAsync(INPUT).get(10, TimeUnit.SECONDS).region()).isEqualTo("quick");
      }
      var closing = CompletableFuture.runAsync(client::close, task -> new Thread(task).start());
      closing.get(10, TimeUnit.SECONDS); // it needs the locks of the calls that it still knows
      over.countDown();
      assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      over.countDown();
    }
  }

  private static boolean isOver(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private RateResult someResult() {
    try (OpenClawClient client =
        OpenClawClient.builder().apiKey("k").region("quick", quick.url()).build()) {
      return client.rate(INPUT);
    }
  }

  @Test
  void a_rating_that_is_completed_from_outside_leaves_its_region() throws Exception {
    slow.script((asked, reply) -> reply.hang());
    try (OpenClawClient client = ScriptedRegion.found(client())) {
      RateResult other = someResult();
      var late = client.rateAsync(INPUT).orTimeout(100, TimeUnit.MILLISECONDS);
      var known = client.rateAsync(INPUT).completeOnTimeout(other, 100, TimeUnit.MILLISECONDS);
      assertThatThrownBy(late::join).hasCauseInstanceOf(TimeoutException.class);
      assertThat(known.join()).isSameAs(other);
      ScriptedRegion.await(() -> slow.left.get() == 2);
      assertThat(client.regions()).allMatch(region -> region.underWay() == 0);
    }
  }
}
