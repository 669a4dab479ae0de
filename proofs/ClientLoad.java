import io.openclaw.client.Hedge;
import io.openclaw.client.OpenClawClient;
import io.openclaw.client.RateRequest;
import io.openclaw.client.RateResult;
import io.openclaw.client.RatingException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Rates at a fixed rate with the client library while regions fail: run by proofs/E-7-clients. A
 * call's latency counts from when it was due. The regions are used in the order given, so that the
 * first has all calls until it fails.
 *
 * <p>java -cp … ClientLoad.java KEY_FILE RATE WARM_SECONDS SECONDS RETRIES HEDGE NAME=URL…
 *
 * <p>Says "ready" when it is warm (p99 under 50 ms, or 12 rounds) and the seconds begin; last, a line of figures as NAME=VALUE.
 */
final class ClientLoad {
  private static final RateRequest INPUT =
      RateRequest.builder()
          .set("checking_status", "<0")
          .set("duration", 6)
          .set("credit_amount", 1169)
          .build();

  private static final int WARM_ROUNDS_MAX = 12;
  private static final double WARM_P99_MILLIS_MAX = 50;

  private final OpenClawClient client;
  private final boolean counts;
  private final long[] latencies;
  private final LongAdder failed = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final Map<String, LongAdder> regions = new ConcurrentSkipListMap<>();
  private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();
  private final AtomicLong done = new AtomicLong();

  private ClientLoad(OpenClawClient client, int calls, boolean counts) {
    this.client = client;
    this.counts = counts;
    this.latencies = new long[calls];
  }

  public static void main(String[] args) throws Exception {
    int rate = Integer.parseInt(args[1]);
    int warm = Integer.parseInt(args[2]) * rate;
    int calls = Integer.parseInt(args[3]) * rate;
    var builder =
        OpenClawClient.builder()
            .apiKey(Files.readString(Path.of(args[0])).strip())
            .retries(Integer.parseInt(args[4]))
            .hedge(args[5].equals("hedge") ? Hedge.adaptive() : Hedge.off())
            .timeout(Duration.ofSeconds(10));
    List<String> order = new ArrayList<>();
    for (String region : Arrays.copyOfRange(args, 6, args.length)) {
      String[] parts = region.split("=", 2);
      builder.region(parts[0], URI.create(parts[1]));
      order.add(parts[0]);
    }
    builder.failoverOrder(order);
    try (OpenClawClient client = builder.build()) {
      for (int round = 0; round < WARM_ROUNDS_MAX; round++) {
        ClientLoad warmUp = new ClientLoad(client, warm, false);
        warmUp.run(rate);
        if (warmUp.millis(0.99) < WARM_P99_MILLIS_MAX) {
          break;
        }
      }
      System.out.println("ready");
      ClientLoad load = new ClientLoad(client, calls, true);
      var before = client.stats();
      load.run(rate);
      load.report(before);
    }
  }

  private void run(int rate) throws InterruptedException {
    CountDownLatch all = new CountDownLatch(latencies.length);
    long start = System.nanoTime();
    for (int i = 0; i < latencies.length; i++) {
      int call = i;
      long due = start + i * 1_000_000_000L / rate;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      client
          .rateAsync(INPUT)
          .whenComplete(
              (result, failure) -> {
                latencies[call] = System.nanoTime() - due;
                count(result, failure);
                all.countDown();
              });
    }
    all.await();
  }

  private void count(RateResult result, Throwable failure) {
    if (failure == null) {
      done.incrementAndGet();
      regions.computeIfAbsent(result.region(), name -> new LongAdder()).increment();
      retried.add(result.tries() > 1 ? 1 : 0);
    } else {
      failed.increment();
      String kind =
          failure instanceof RatingException known
              ? known.getClass().getSimpleName()
              : failure.toString();
      failures.computeIfAbsent(kind, name -> new LongAdder()).increment();
      if (counts && failed.sum() <= 5) {
        System.err.println(failure.getMessage());
      }
    }
  }

  /** The latency that the part q of calls did not exceed. */
  private double millis(double q) {
    long[] sorted = latencies.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(q * sorted.length) - 1)] / 1e6;
  }

  private void report(io.openclaw.client.ClientStats before) {
    var stats = client.stats();
    System.out.printf(
        Locale.ROOT,
        "CALLS=%d OK=%d FAILED=%d P50=%.2f P99=%.2f LONGEST=%.1f RETRIED=%d RETRIES=%d HEDGES=%d"
            + " EJECTIONS=%d BY_REGION='%s' FAILURES='%s'%n",
        latencies.length,
        done.get(),
        failed.sum(),
        millis(0.5),
        millis(0.99),
        millis(1),
        retried.sum(),
        stats.retries() - before.retries(),
        stats.hedges() - before.hedges(),
        stats.ejections() - before.ejections(),
        new TreeMap<>(regions),
        new TreeMap<>(failures));
  }
}
