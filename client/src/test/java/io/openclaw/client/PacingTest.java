package io.openclaw.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Ratings that wait for tokens instead of being denied. */
final class PacingTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final RateRequest INPUT = RateRequest.json("{}");

  /** A region with a token bucket of 40 a second and a burst of 5, which says what it has left. */
  private static final class Bucket implements ScriptedRegion.Script {
    final AtomicInteger denied = new AtomicInteger();
    private double tokens = 5;
    private long atNanos = System.nanoTime();

    @Override
    public synchronized void play(ScriptedRegion.Asked asked, ScriptedRegion.Reply reply)
        throws IOException {
      long now = System.nanoTime();
      tokens = Math.min(5, tokens + (now - atNanos) * 40.0 / SECOND);
      atNanos = now;
      boolean admitted = tokens >= 1;
      tokens -= admitted ? 1 : 0;
      String policy = "RateLimit-Policy: \"tenant\";q=40;w=1";
      String state = "RateLimit: \"tenant\";r=" + (int) tokens + ";t=1";
      if (admitted) {
        reply.send(200, ScriptedRegion.rated("a", 1), policy, state);
      } else {
        denied.incrementAndGet();
        reply.problem(429, policy, state, "Retry-After: 1");
      }
    }
  }

  @Test
  void paced_ratings_are_all_made_where_others_are_denied() throws Exception {
    int[] unpaced = denials(false);
    int[] paced = denials(true);
    assertThat(unpaced[1]).as("the bucket denies").isGreaterThan(10);
    assertThat(paced[0]).as("ratings").isEqualTo(30);
    assertThat(paced[1]).as("denials").isLessThan(unpaced[1] / 2);
  }

  /** Of 30 ratings at once: how many were made, and how often the region denied one. */
  private static int[] denials(boolean pacing) throws Exception {
    Bucket bucket = new Bucket();
    try (ScriptedRegion region = new ScriptedRegion("a", bucket);
        OpenClawClient client =
            OpenClawClient.builder()
                .apiKey("k")
                .region("a", region.url())
                .pacing(pacing)
                .timeout(Duration.ofSeconds(20))
                .attemptTimeout(Duration.ofSeconds(20))
                .build()) {
      client.rate(INPUT);
      List<CompletableFuture<RateResult>> all = new ArrayList<>();
      for (int i = 0; i < 29; i++) {
        all.add(client.rateAsync(INPUT));
      }
      int made = 1;
      for (CompletableFuture<RateResult> each : all) {
        made += each.handle((result, failure) -> failure == null ? 1 : 0).join();
      }
      return new int[] {made, bucket.denied.get()};
    }
  }

  @Test
  void who_has_waited_for_a_region_asks_that_one_again() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedRegion a =
            new ScriptedRegion(
                "a",
                (question, reply) -> {
                  if (asked.getAndIncrement() == 0) {
                    reply.problem(429, "Retry-After: 1");
                  } else {
                    reply.rating();
                  }
                });
        ScriptedRegion b = new ScriptedRegion("b");
        OpenClawClient client =
            ScriptedRegion.found(
                OpenClawClient.builder()
                    .apiKey("k")
                    .region("a", a.url())
                    .region("b", b.url())
                    .failoverOrder(List.of("a", "b"))
                    .probeInterval(Duration.ZERO)
                    .pacing(true))) {
      RateResult result = client.rate(INPUT);
      assertThat(result.region()).isEqualTo("a");
      assertThat(result.tries()).isEqualTo(2);
      assertThat(b.ratings()).isEmpty();
    }
  }

  @Test
  void a_wait_beyond_the_timeout_is_not_begun() throws Exception {
    try (ScriptedRegion region =
            new ScriptedRegion("a", (asked, reply) -> reply.problem(429, "Retry-After: 60"));
        OpenClawClient client =
            OpenClawClient.builder().apiKey("k").region("a", region.url()).pacing(true).build()) {
      for (int i = 0; i < 2; i++) {
        ProblemException thrown =
            catchThrowableOfType(ProblemException.class, () -> client.rate(INPUT));
        assertThat(thrown.problem().retryAfter()).isEqualTo(Duration.ofSeconds(60));
      }
    }
  }

  @Test
  void places_are_given_one_after_another_as_an_equal_part_refills() {
    Pacer pacer = new Pacer(2, 0);
    assertThat(pacer.enter(0, SECOND)).isZero(); // nothing is known
    pacer.told(limit(2, 10), 0, 0);
    assertThat(pacer.enter(0, SECOND)).isZero();
    assertThat(pacer.enter(0, SECOND)).isZero();
    assertThat(pacer.enter(0, SECOND)).isZero(); // at once, for the first of the places
    assertThat(pacer.enter(0, SECOND)).isEqualTo(200 * MILLI); // a tenth of 1 s for each of two
    assertThat(pacer.enter(0, SECOND)).isEqualTo(400 * MILLI);
    pacer.told(limit(1, 10), 0, 0);
    assertThat(pacer.enter(0, SECOND)).isZero();
    pacer.denied(SECOND, 0);
    assertThat(pacer.enter(0, 2 * SECOND)).isEqualTo(SECOND);
    assertThat(pacer.enter(0, SECOND)).as("later than the deadline: not at all").isZero();
  }

  @Test
  void tokens_of_ratings_under_way_are_not_given_twice() {
    Pacer pacer = new Pacer(1, 0);
    pacer.told(limit(3, 10), 3, 0);
    assertThat(pacer.enter(0, SECOND)).isEqualTo(100 * MILLI);
    pacer.told(List.of(), 3, 0);
    assertThat(pacer.enter(0, SECOND)).as("no limit").isZero();
  }

  private static List<RateLimit> limit(long remaining, long quota) {
    Duration second = Duration.ofSeconds(1);
    return List.of(
        new RateLimit("key", 1_000, second, 5_000, second),
        new RateLimit("tenant", remaining, second, quota, second));
  }
}
