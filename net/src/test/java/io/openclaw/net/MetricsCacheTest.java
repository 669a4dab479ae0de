package io.openclaw.net;

import static io.openclaw.net.PeersTransportTest.get;
import static io.openclaw.net.PeersTransportTest.within;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Clock;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A metrics page that takes as long as a test says, on two ports. */
@Timeout(60)
final class MetricsCacheTest {
  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  private final Vertx vertx = Vertx.builder().build();
  private final AtomicInteger renders = new AtomicInteger();
  private final AtomicInteger under = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private volatile CountDownLatch hold = new CountDownLatch(0);
  private int first;
  private int second;

  private final MetricsPage page =
      new MetricsPage() {
        @Override
        public String type(@Nullable String accept) {
          return accept == null ? "text/plain" : accept;
        }

        @Override
        public byte[] render(String type) {
          most.accumulateAndGet(under.incrementAndGet(), Math::max);
          int number = renders.incrementAndGet();
          try {
            hold.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          under.decrementAndGet();
          return (type + " " + number + " " + "x".repeat(5_000)).getBytes(US_ASCII);
        }
      };

  @BeforeEach
  void start() throws Exception {
    ApiSettings settings =
        new ApiSettings("127.0.0.1", 0, 1024, 5_000, 30_000, 5_000, 5_000, 100, 100);
    MetricsCache cache = new MetricsCache(vertx, page);
    first = get(MetricsServer.start(vertx, settings, cache, CLOCK)).port();
    second = get(MetricsServer.start(vertx, settings, cache, CLOCK)).port();
  }

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    get(vertx.close());
  }

  private static CompletableFuture<RawClient.Reply> asked(int port, String... headers) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return RawClient.get(port, "/metrics", headers);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> Thread.ofPlatform().start(task));
  }

  @Test
  void many_who_ask_at_once_get_one_page_and_keep_no_event_loop() throws Exception {
    hold = new CountDownLatch(1);
    List<CompletableFuture<RawClient.Reply>> all =
        Stream.of(first, second, first, second).map(port -> asked(port)).toList();
    assertThat(within(5_000, () -> renders.get() == 1)).isTrue();
    assertThat(RawClient.get(first, "/livez").status()).isEqualTo(200);
    assertThat(RawClient.get(second, "/livez").status()).isEqualTo(200);
    assertThat(all).noneMatch(CompletableFuture::isDone);
    hold.countDown();
    for (CompletableFuture<RawClient.Reply> each : all) {
      assertThat(each.get(10, TimeUnit.SECONDS).text()).startsWith("text/plain 1 ");
    }
    assertThat(renders).hasValue(1);
  }

  @Test
  void a_page_is_kept_for_a_second_and_then_rendered_anew() throws Exception {
    assertThat(asked(first).get().text()).startsWith("text/plain 1 ");
    assertThat(within(10_000, () -> asked(first).join().text().startsWith("text/plain 2 ")))
        .isTrue();
    assertThat(renders).hasValue(2);
  }

  @Test
  void each_form_is_a_page_of_its_own_rendered_one_after_another() throws Exception {
    hold = new CountDownLatch(1);
    CompletableFuture<RawClient.Reply> plain = asked(first);
    CompletableFuture<RawClient.Reply> open = asked(second, "Accept: text/open");
    CompletableFuture<RawClient.Reply> packed = asked(first, "Accept-Encoding: gzip");
    assertThat(within(5_000, () -> renders.get() == 1)).isTrue();
    hold.countDown();
    assertThat(plain.get().text()).startsWith("text/plain ");
    assertThat(plain.get().headers()).doesNotContainKey("content-encoding");
    assertThat(open.get().header("content-type")).isEqualTo("text/open");
    assertThat(packed.get().header("content-encoding")).isEqualTo("gzip");
    assertThat(packed.get().header("vary")).isEqualTo("accept-encoding");
    byte[] text = new GZIPInputStream(new ByteArrayInputStream(packed.get().body())).readAllBytes();
    assertThat(new String(text, US_ASCII)).startsWith("text/plain ").endsWith("x");
    assertThat(renders).hasValue(3);
    assertThat(most).hasValue(1);
  }
}
