package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
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
}
