package io.openclaw.release;

import static io.openclaw.release.CanaryVariant.CANARY;
import static io.openclaw.release.CanaryVariant.STABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class CanaryStatsTest {
  private static final int THREADS = 4;
  private static final CanaryBins BINS =
      new CanaryBins(List.of(new Decimal(500, 0), new Decimal(600, 0)), List.of("AGE"));

  @Test
  void what_is_recorded_is_counted_by_version_group_and_class() {
    CanaryStats stats = new CanaryStats(BINS);
    stats.rated(CANARY, 3, 2_000_000, rating(550, "AGE"));
    stats.rated(CANARY, 8 + 3, 3_000_000, rating(600, "NEW"));
    stats.rated(STABLE, 0, 1_000, new Rating(new Decimal(1, 0), List.of(), null));
    stats.failed(CANARY, -5);
    stats.decided(true, true);
    stats.decided(true, false);
    CanaryCounts counts = stats.total();
    assertThat(counts.requests(CANARY)).isEqualTo(3);
    assertThat(counts.errors(CANARY)).isEqualTo(1);
    assertThat(counts.ratings(CANARY)).isEqualTo(2);
    assertThat(counts.ratingClasses(CANARY)[3]).containsExactly(0, 1, 1);
    assertThat(counts.reasonClasses(CANARY)[3]).containsExactly(0, 1, 1);
    assertThat(counts.requests(STABLE)).isEqualTo(1);
    assertThat(counts.errors(STABLE)).isZero();
    assertThat(counts.ratingClasses(STABLE)[0]).containsExactly(1, 0, 0);
    assertThat(counts.reasonClasses(STABLE)[0]).containsExactly(1, 0, 0);
    assertThat(counts.pairs()).isEqualTo(2);
    assertThat(counts.flips()).isEqualTo(1);
    assertThat(counts.since(counts).requests(CANARY)).isZero();
  }

  @Test
  void a_percentile_is_within_a_sixteenth_of_the_true_one() {
    Random random = new Random(1);
    CanaryStats stats = new CanaryStats(BINS);
    double[] micros = new double[20_000];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = Math.exp(3 + random.nextGaussian() * 2);
      stats.failed(STABLE, (long) (micros[i] * 1000));
    }
    Arrays.sort(micros);
    for (double part : new double[] {0.5, 0.95, 0.99}) {
      double truth = micros[(int) (part * micros.length)];
      double found = stats.total().latencyMicros(STABLE, part);
      assertThat(found).isBetween(truth * 15 / 16 - 1, truth * 17 / 16 + 1);
      assertThat(stats.total().slowerThan(STABLE, found))
          .isCloseTo((1 - part) * micros.length, within(1e-6));
    }
    assertThat(stats.total().latencyMicros(CANARY, 0.95)).isZero();
  }

  @Test
  void buckets_follow_one_another_and_the_last_has_no_end() {
    int before = 0;
    for (long micros = 0; micros < 1L << 27; micros += 1 + micros / 64) {
      int bucket = LatencyBuckets.of(micros * 1000);
      assertThat(bucket).isBetween(before, before + 1);
      before = bucket;
    }
    assertThat(before).isEqualTo(CanaryCounts.LATENCY_BUCKETS - 1);
    assertThat(LatencyBuckets.of(Long.MAX_VALUE)).isEqualTo(before);
  }

  @Test
  void regions_agree_after_lost_repeated_and_reordered_facts() {
    assertThat(wrongReplicas(CanaryStatsTest::merged)).isZero();
  }

  @Test
  void facts_that_are_added_instead_of_merged_are_found() {
    assertThat(
            wrongReplicas(
                (heard, ignored) -> {
                  CanaryStats stats = new CanaryStats(BINS);
                  for (int i = 0; i < heard.size(); i++) {
                    stats.merge("writer " + i, heard.get(i).getValue());
                  }
                  return stats.total();
                }))
        .isPositive();
  }

  private static CanaryCounts merged(List<Map.Entry<String, long[]>> heard, int seed) {
    CanaryStats stats = new CanaryStats(BINS);
    for (Map.Entry<String, long[]> fact : heard) {
      assertThat(stats.merge(fact.getKey(), fact.getValue())).as("seed %d", seed).isTrue();
    }
    return stats.total();
  }

  /** How many replicas do not end with the truth, once the newest fact of each writer is in. */
  private static int wrongReplicas(
      BiFunction<List<Map.Entry<String, long[]>>, Integer, CanaryCounts> replica) {
    int wrong = 0;
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      TreeMap<String, CanaryStats> regions = new TreeMap<>();
      List<Map.Entry<String, long[]>> facts = new ArrayList<>();
      int failed = 0;
      for (int i = 0; i < 20; i++) {
        String writer = "r" + random.nextInt(3) + "#1";
        CanaryStats stats = regions.computeIfAbsent(writer, name -> new CanaryStats(BINS));
        int count = random.nextInt(5);
        for (int n = 0; n < count; n++) {
          stats.failed(CANARY, 1000);
        }
        failed += count;
        facts.add(Map.entry(writer, stats.values()));
      }
      facts.addAll(facts.subList(0, 10)); // repeated
      facts.removeIf(lost -> random.nextInt(4) == 0);
      regions.forEach((writer, stats) -> facts.add(Map.entry(writer, stats.values())));
      Collections.shuffle(facts, random);
      CanaryCounts end = replica.apply(facts, seed);
      wrong += end.errors(CANARY) == failed && end.requests(CANARY) == failed ? 0 : 1;
    }
    return wrong;
  }

  @Test
  void counts_of_another_shape_and_too_many_writers_are_refused() {
    CanaryStats stats = new CanaryStats(BINS);
    int length = stats.values().length;
    assertThatThrownBy(() -> stats.merge("a#1", new long[length + 1]))
        .hasMessage("values: " + (length + 1) + " (expected: at most " + length + ")");
    for (int i = 0; i < CanaryStats.WRITERS_MAX; i++) {
      assertThat(stats.merge("a#" + i, new long[] {1})).isTrue();
    }
    assertThat(stats.merge("one more", new long[] {1})).isFalse();
    assertThat(stats.merge("a#0", new long[] {2})).isTrue();
    assertThat(stats.total().errors(STABLE)).isEqualTo(CanaryStats.WRITERS_MAX + 1);
  }

  @Test
  void threads_that_record_at_once_lose_nothing() throws InterruptedException {
    CanaryStats stats = new CanaryStats(BINS);
    assertThat(lost(() -> stats.failed(CANARY, 1000), () -> stats.total().errors(CANARY))).isZero();
  }

  @Test
  void a_count_that_is_read_and_then_written_is_found() throws InterruptedException {
    AtomicLong count = new AtomicLong();
    Phaser allRead = new Phaser(THREADS);
    Runnable readAndWrite =
        () -> {
          long before = count.get();
          if (before == 0) {
            allRead.arriveAndAwaitAdvance(); // so that it does not depend on the scheduler
          }
          count.set(before + 1);
        };
    assertThat(lost(readAndWrite, count::get)).isPositive();
  }

  private static long lost(Runnable record, LongSupplier counted) throws InterruptedException {
    int times = 50_000;
    Phaser start = new Phaser(THREADS);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    start.arriveAndAwaitAdvance();
                    for (int n = 0; n < times; n++) {
                      record.run();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return 1L * THREADS * times - counted.getAsLong();
  }

  private static Rating rating(long value, String code) {
    return new Rating(
        new Decimal(value, 0), List.of(new Reason(code, code, new Decimal(1, 0))), null);
  }
}
