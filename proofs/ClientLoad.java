import io.openclaw.client.Hedge;
import io.openclaw.client.OpenClawClient;
import io.openclaw.client.RateRequest;
import io.openclaw.client.RateResult;
import io.openclaw.client.RatingException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
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
 * call's latency counts from when it was due.
 *
 * <p>java -cp … ClientLoad.java KEY_FILE RATE WARM_SECONDS SECONDS RETRIES HEDGE NAME=URL…
 *
 * <p>Says "ready" when it is warm and the seconds begin; last, a line of figures as NAME=VALUE.
 */
final class ClientLoad {
  private static final RateRequest INPUT =
      RateRequest.builder()
          .set("checking_status", "<0")
          .set("duration", 6)
          .set("credit_amount", 1169)
          .build();

  private final OpenClawClient client;
  private final long[] latencies;
  private final LongAdder failed = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final Map<String, LongAdder> regions = new ConcurrentSkipListMap<>();
  private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();
  private final AtomicLong done = new AtomicLong();

  private ClientLoad(OpenClawClient client, int calls) {
    this.client = client;
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
    for (String region : Arrays.copyOfRange(args, 6, args.length)) {
      String[] parts = region.split("=", 2);
      builder.region(parts[0], URI.create(parts[1]));
    }
    try (OpenClawClient client = builder.build()) {
      new ClientLoad(client, warm).run(rate);
      System.out.println("ready");
      ClientLoad load = new ClientLoad(client, calls);
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
      if (failed.sum() <= 5) {
        System.err.println(failure.getMessage());
      }
    }
  }

  private void report(io.openclaw.client.ClientStats before) {
    long[] sorted = latencies.clone();
    Arrays.sort(sorted);
    var stats = client.stats();
    System.out.printf(
        Locale.ROOT,
        "CALLS=%d OK=%d FAILED=%d P50=%.2f P99=%.2f LONGEST=%.1f RETRIED=%d RETRIES=%d HEDGES=%d"
            + " EJECTIONS=%d REGIONS='%s' FAILURES='%s'%n",
        latencies.length,
        done.get(),
        failed.sum(),
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        retried.sum(),
        stats.retries() - before.retries(),
        stats.hedges() - before.hedges(),
        stats.ejections() - before.ejections(),
        new TreeMap<>(regions),
        new TreeMap<>(failures));
  }
}
