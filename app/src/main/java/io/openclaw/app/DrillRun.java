package io.openclaw.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One fault under load, and what the clients saw.
 *
 * @param samples the requests, in the order in which they were due
 * @param faultNanos when the fault began, Unix time
 * @param healNanos when it ended
 * @param detectedMillis from the fault until the router held the region for anything but up; -1
 *     where it did not, or is not ours
 * @param diversionsBefore tries in another region before there was a fault; -1 where not known
 * @param overTokens requests of a tenant that asked for too much that were admitted in some
 *     interval beyond burst and rate; -1 where none did
 * @param unsent requests that were due and that the load could not send
 */
record DrillRun(
    List<Sample> samples,
    long faultNanos,
    long healNanos,
    long detectedMillis,
    long diversionsBefore,
    double overTokens,
    long unsent) {
  /** The generator connects and warms up before anything is looked at. */
  private static final long SETTLE_NANOS = 1_000_000_000L;

  /** The fleet is steady before so long a time without a slow or failed request. */
  private static final long QUIET_NANOS = 1_000_000_000L;

  private static final double SLOW_FACTOR = 3;
  private static final double SLOW_MILLIS_MIN = 10;
  private static final int LIMITED_RATE = 50;
  private static final int LIMITED_ASKED = 100;
  private static final int START_SECONDS_MAX = 30;
  static final String BODY =
      "{\"checking_status\":\"<0\",\"duration\":6,\"credit_amount\":1169,\"purpose\":\"radio/tv\"}";

  /**
   * One request.
   *
   * @param dueNanos when it was to be sent, Unix time
   * @param endNanos when its answer was whole
   */
  record Sample(long dueNanos, long endNanos, boolean good) {
    double millis() {
      return (endNanos - dueNanos) / 1e6;
    }
  }

  /**
   * How long a run is.
   *
   * @param rate requests per second
   */
  record Plan(int rate, int beforeSeconds, int holdSeconds, int afterSeconds) {
    int seconds() {
      return beforeSeconds + holdSeconds + afterSeconds;
    }
  }

  /** Does it. */
  static DrillRun of(DrillFleet fleet, DrillFault fault, Plan plan)
      throws IOException, InterruptedException {
    Path record = fleet.folder().resolve("record.csv");
    Path limited = fleet.folder().resolve("limited.csv");
    Files.deleteIfExists(record);
    Files.deleteIfExists(limited);
    int extra = fault == DrillFault.ROUTER_RESTART ? 3 : 0;
    Process load = bench(fleet, fleet.key(), plan.rate(), plan.seconds() + extra, record);
    Process greedy =
        bench(fleet, fleet.limitedKey(), LIMITED_ASKED, plan.seconds() + extra, limited);
    awaitLoad(load, record);
    long retries = fleet.counted("openclaw_router_retries_total");
    TimeUnit.SECONDS.sleep(plan.beforeSeconds());
    long before = fleet.counted("openclaw_router_retries_total") - retries;
    long faultNanos = LiveLoad.wallNanos();
    long from = System.nanoTime();
    long detected;
    try {
      fault.begin(fleet);
      detected = fleet.detectedMillis(from, 1_000 * plan.holdSeconds());
      long rest = TimeUnit.SECONDS.toNanos(plan.holdSeconds()) - (System.nanoTime() - from);
      TimeUnit.NANOSECONDS.sleep(rest);
    } finally {
      fault.end(fleet);
    }
    long healNanos = LiveLoad.wallNanos();
    requireEnded(load, "the load");
    requireEnded(greedy, "the load of the limited tenant");
    fleet.awaitUp();
    List<Sample> sent = read(record);
    if (sent.stream().noneMatch(each -> each.dueNanos() > faultNanos)) {
      throw new IOException("no request was sent after the fault began");
    }
    return new DrillRun(
        settled(sent),
        faultNanos,
        healNanos,
        detected,
        retries < 0 ? -1 : before,
        over(read(limited)),
        Math.max(0, (long) plan.rate() * (plan.seconds() + extra) - sent.size()));
  }

  /** A load that was killed has not recorded what it saw last. */
  private static void requireEnded(Process load, String name)
      throws IOException, InterruptedException {
    int code = load.waitFor();
    if (code != 0) {
      throw new IOException(name + " ended with " + code);
    }
  }

  static Process bench(DrillFleet fleet, String key, int rate, int seconds, Path record)
      throws IOException {
    Path keyFile = record.resolveSibling(record.getFileName() + ".key");
    Files.writeString(keyFile, key);
    return fleet.run(
        "bench",
        "--url",
        fleet.url() + "/v1/rate",
        "--key-file",
        keyFile.toString(),
        "--body",
        BODY,
        "--rate",
        Integer.toString(rate),
        "--duration",
        seconds + "s",
        "--record",
        record.toString(),
        "--progress",
        "never",
        "--output",
        "json");
  }

  private static void awaitLoad(Process load, Path record)
      throws IOException, InterruptedException {
    for (int i = 0; i < START_SECONDS_MAX * 50; i++) {
      if (Files.exists(record) && Files.size(record) > 0) {
        return;
      }
      if (!load.isAlive()) {
        throw new IOException("the load ended at once, with " + load.exitValue());
      }
      Thread.sleep(20);
    }
    throw new IOException("no load after " + START_SECONDS_MAX + " s");
  }

  /** Lines of sent_nanos, completed_nanos, url, outcome, due_nanos and body. */
  static List<Sample> read(Path record) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (String line : Files.readAllLines(record, StandardCharsets.US_ASCII)) {
      String[] columns = line.split(",", -1);
      if (columns.length >= 5 && !columns[0].startsWith("sent")) {
        samples.add(
            new Sample(
                Long.parseLong(columns[4]), Long.parseLong(columns[1]), columns[3].equals("200")));
      }
    }
    samples.sort((x, y) -> Long.compare(x.dueNanos(), y.dueNanos()));
    return samples;
  }

  /** Without the first second. */
  static List<Sample> settled(List<Sample> samples) {
    long origin = samples.isEmpty() ? 0 : samples.getFirst().dueNanos() + SETTLE_NANOS;
    return samples.stream().filter(sample -> sample.dueNanos() >= origin).toList();
  }

  /**
   * The most that was admitted beyond burst and rate in any interval: of each pair of requests, as
   * many as were sent after the first and answered before the second.
   */
  static double over(List<Sample> limited) {
    List<Sample> admitted =
        limited.stream()
            .filter(Sample::good)
            .sorted(Comparator.comparingLong(Sample::endNanos))
            .toList();
    double over = 0;
    for (Sample first : admitted) {
      int inside = 0;
      for (Sample last : admitted) {
        if (last.dueNanos() >= first.dueNanos()) {
          inside++;
          double seconds = (last.endNanos() - first.dueNanos()) / 1e9;
          over = Math.max(over, inside - (LIMITED_RATE + LIMITED_RATE * seconds));
        }
      }
    }
    return over;
  }

  /** Requests that were not answered with 200. */
  long failed() {
    return samples.stream().filter(sample -> !sample.good()).count();
  }

  /** The longest request that ended after the fault began, milliseconds. */
  double worstMillis() {
    return samples.stream()
        .filter(sample -> sample.endNanos() >= faultNanos)
        .mapToDouble(Sample::millis)
        .max()
        .orElse(0);
  }

  /** The 99th percentile of what was due before the fault. */
  double p99Before() {
    return p99(samples.stream().filter(sample -> sample.endNanos() < faultNanos).toList());
  }

  /** The 99th percentile of what was due in the fault. */
  double p99During() {
    return p99(
        samples.stream()
            .filter(each -> each.dueNanos() >= faultNanos && each.dueNanos() < healNanos)
            .toList());
  }

  static double p99(List<Sample> some) {
    double[] millis = some.stream().mapToDouble(Sample::millis).sorted().toArray();
    return millis.length == 0
        ? 0
        : millis[Math.min(millis.length - 1, (int) Math.ceil(millis.length * 0.99) - 1)];
  }

  /** From the fault until the last slow or failed request before a second without one ended. */
  double steadyMillis() {
    double slow = Math.max(SLOW_MILLIS_MIN, SLOW_FACTOR * p99Before());
    long steady = faultNanos;
    for (Sample sample : samples) {
      boolean counts =
          sample.endNanos() >= faultNanos && (!sample.good() || sample.millis() > slow);
      if (counts) {
        if (sample.dueNanos() > steady + QUIET_NANOS) {
          break;
        }
        steady = Math.max(steady, sample.endNanos());
      }
    }
    return (steady - faultNanos) / 1e6;
  }
}
