package io.openclaw.bench;

import java.util.Locale;
import java.util.stream.Collectors;

/** A report, and the progress towards it, as a person reads it. */
final class ReportText {
  private ReportText() {}

  static String write(LoadReport report) {
    StringBuilder text = new StringBuilder(1024);
    Counts total = report.total();
    line(text, "load", load(report));
    line(text, "requests", requests(report));
    line(text, "rate", String.format(Locale.ROOT, "%,.1f/s", report.ratePerSecond(total)));
    line(text, "latency", latency(total.latency()));
    if (total.failed() > 0) {
      line(text, "of failed", latency(total.failedLatency()));
    }
    line(text, "statuses", statuses(total));
    line(text, "errors", errors(total));
    report.details().forEach(detail -> line(text, "detail", detail));
    line(
        text,
        "bytes",
        String.format(
            Locale.ROOT, "sent %,d  received %,d", total.bytesSent(), total.bytesReceived()));
    if (report.pace() instanceof Pace.Open) {
      line(text, "late", late(report));
    }
    if (report.urls().size() > 1) {
      urls(text, report);
    }
    if (report.unsent() > 0) {
      line(
          text,
          "WARNING",
          String.format(
              Locale.ROOT,
              "%,d requests were due and could not be sent: the rate was not kept, and the"
                  + " latencies lack them",
              report.unsent()));
    }
    if (report.late().p99() > LoadReport.LATE_NANOS_WARNED) {
      line(
          text,
          "WARNING",
          "the generator itself was late (p99 "
              + millis(report.late().p99())
              + "), and that is part of the latencies");
    }
    if (report.interrupted()) {
      line(text, "note", "stopped by hand; these are the results so far");
    }
    return text.toString();
  }

  private static String requests(LoadReport report) {
    Counts total = report.total();
    String counts =
        String.format(
            Locale.ROOT,
            "%,d  ok %,d (%.3f %%)  failed %,d  unsent %,d",
            total.requests(),
            total.ok(),
            100 * report.successRatio(),
            total.failed(),
            report.unsent());
    return total.aborted() == 0
        ? counts
        : counts + String.format(Locale.ROOT, "  aborted %,d", total.aborted());
  }

  private static String late(LoadReport report) {
    return String.format(
        Locale.ROOT,
        "p99 %s  max %s  waited for a connection %,d",
        millis(report.late().p99()),
        millis(report.late().max()),
        report.queued());
  }

  static String progress(Progress progress) {
    double seconds = progress.elapsedNanos() / 1e9;
    return seconds < 0
        ? String.format(Locale.ROOT, "  warming up, %.0f s to go", -seconds)
        : String.format(
            Locale.ROOT,
            "  %4.0f s  ok %,d  failed %,d  unsent %,d  in flight %,d  longest lately %s",
            seconds,
            progress.ok(),
            progress.failed(),
            progress.unsent(),
            progress.inFlight(),
            millis(progress.maxNanos()));
  }

  private static String load(LoadReport report) {
    String pace =
        switch (report.pace()) {
          case Pace.Closed(int connections) ->
              String.format(Locale.ROOT, "closed loop, %,d connections", connections);
          case Pace.Open open ->
              String.format(Locale.ROOT, "open loop, %s/s", decimal(open.perSecond()));
        };
    return String.format(
        Locale.ROOT,
        "%s, %s, %.1f s",
        pace,
        report.urls().size() == 1 ? report.urls().getFirst().url() : report.urls().size() + " URLs",
        report.elapsedNanos() / 1e9);
  }

  private static void urls(StringBuilder text, LoadReport report) {
    text.append('\n');
    text.append(
        String.format(
            Locale.ROOT,
            "%12s %10s %10s %10s %10s  %s\n",
            "ok",
            "failed",
            "rate/s",
            "p50",
            "p99",
            "URL"));
    for (LoadReport.UrlCounts url : report.urls()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%,12d %,10d %,10.1f %10s %10s  %s\n",
              url.counts().ok(),
              url.counts().failed(),
              report.ratePerSecond(url.counts()),
              millis(url.counts().latency().p50()),
              millis(url.counts().latency().p99()),
              url.url()));
    }
  }

  private static String latency(Latency latency) {
    return latency.count() == 0
        ? "none"
        : String.format(
            Locale.ROOT,
            "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s  mean %s",
            millis(latency.p50()),
            millis(latency.p90()),
            millis(latency.p99()),
            millis(latency.p999()),
            millis(latency.max()),
            millis(Math.round(latency.mean())));
  }

  private static String statuses(Counts counts) {
    String all =
        counts.statuses().entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%d: %,d", e.getKey(), e.getValue()))
            .collect(Collectors.joining("  "));
    return all.isEmpty() ? "none" : all;
  }

  private static String errors(Counts counts) {
    String all =
        counts.errors().entrySet().stream()
            .filter(e -> e.getValue() > 0)
            .map(e -> String.format(Locale.ROOT, "%s: %,d", e.getKey().label(), e.getValue()))
            .collect(Collectors.joining("  "));
    return all.isEmpty() ? "none" : all;
  }

  private static String millis(long nanos) {
    double millis = nanos / 1e6;
    return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%,.0f ms", millis);
  }

  private static String decimal(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : Double.toString(value);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(name).repeat(' ', Math.max(1, 11 - name.length())).append(value).append('\n');
  }
}
