package io.openclaw.bench;

import java.util.EnumMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What became of the requests to one target, or to all. Not thread-safe. */
final class Tally {
  /** Three significant digits: a percentile is at most 0.1 % off. */
  private static final int DIGITS = 3;

  private final Histogram succeeded = new Histogram(DIGITS);
  private final Histogram failed = new Histogram(DIGITS);
  private final long[] statuses = new long[Statuses.STATUS_MAX + 1];
  private final EnumMap<ErrorKind, Long> errors = new EnumMap<>(ErrorKind.class);
  private long aborted;
  private long bytesSent;
  private long bytesReceived;

  Tally() {
    succeeded.setAutoResize(true);
    failed.setAutoResize(true);
    for (ErrorKind kind : ErrorKind.values()) {
      errors.put(kind, 0L);
    }
  }

  void ended(Exchange exchange, Outcome outcome, boolean ok, long latencyNanos) {
    switch (outcome) {
      case Outcome.Answered(int status) -> statuses[status]++;
      case Outcome.Failed(ErrorKind kind) -> errors.merge(kind, 1L, Long::sum);
      case Outcome.Aborted() -> aborted++;
    }
    if (!(outcome instanceof Outcome.Aborted)) {
      (ok ? succeeded : failed).recordValue(latencyNanos);
    }
    bytesSent += exchange.bytesSent;
    bytesReceived += exchange.bytesReceived;
  }

  void add(Tally other) {
    succeeded.add(other.succeeded);
    failed.add(other.failed);
    for (int i = 0; i < statuses.length; i++) {
      statuses[i] += other.statuses[i];
    }
    other.errors.forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    aborted += other.aborted;
    bytesSent += other.bytesSent;
    bytesReceived += other.bytesReceived;
  }

  Counts counts() {
    SortedMap<Integer, Long> byStatus = new TreeMap<>();
    for (int status = 0; status < statuses.length; status++) {
      if (statuses[status] > 0) {
        byStatus.put(status, statuses[status]);
      }
    }
    return new Counts(
        succeeded.getTotalCount(),
        failed.getTotalCount(),
        aborted,
        Latency.of(succeeded),
        Latency.of(failed),
        byStatus,
        new TreeMap<>(errors),
        bytesSent,
        bytesReceived);
  }
}
