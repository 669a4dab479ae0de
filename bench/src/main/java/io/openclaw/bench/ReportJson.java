package io.openclaw.bench;

import io.openclaw.domain.JsonWriter;

/** A report as one JSON document; the names are described in docs/bench.md and do not change. */
final class ReportJson {
  private ReportJson() {}

  static byte[] write(LoadReport report) {
    return JsonWriter.write(json -> document(json, report));
  }

  private static void document(JsonWriter json, LoadReport report) {
    json.startObject();
    switch (report.pace()) {
      case Pace.Closed(int connections) -> {
        json.field("mode", "closed");
        json.field("connections", connections);
      }
      case Pace.Open(double perSecond, int connections, int inFlightMax) -> {
        json.field("mode", "open");
        json.field("connections", Math.min(connections, inFlightMax));
        json.field("target_rate_per_second", perSecond);
        json.field("max_in_flight", inFlightMax);
      }
    }
    json.field("started_at_epoch_ms", report.startedAtEpochMillis());
    json.field("elapsed_seconds", report.elapsedNanos() / 1e9);
    json.field("interrupted", report.interrupted());
    json.field("unsent", report.unsent());
    json.field("queued", report.queued());
    json.field("success_ratio", report.successRatio());
    json.field("fell_behind", report.fellBehind());
    counts(json, report, report.total());
    latency(json, "late_ms", report.late());
    json.startArray("error_details");
    for (String detail : report.details()) {
      json.value(detail);
    }
    json.endArray();
    json.startArray("urls");
    for (LoadReport.UrlCounts url : report.urls()) {
      json.startObject();
      json.field("url", url.url());
      counts(json, report, url.counts());
      json.endObject();
    }
    json.endArray();
    if (!report.timeline().isEmpty()) {
      timeline(json, report);
    }
    json.endObject();
  }

  private static void counts(JsonWriter json, LoadReport report, Counts counts) {
    json.field("requests", counts.requests());
    json.field("ok", counts.ok());
    json.field("failed", counts.failed());
    json.field("aborted", counts.aborted());
    json.field("rate_per_second", report.ratePerSecond(counts));
    latency(json, "latency_ms", counts.latency());
    latency(json, "failed_latency_ms", counts.failedLatency());
    json.startObject("statuses");
    for (var status : counts.statuses().entrySet()) {
      json.field(status.getKey().toString(), status.getValue());
    }
    json.endObject();
    json.startObject("errors");
    for (var error : counts.errors().entrySet()) {
      json.field(error.getKey().label(), error.getValue());
    }
    json.endObject();
    json.startObject("bytes");
    json.field("sent", counts.bytesSent());
    json.field("received", counts.bytesReceived());
    json.endObject();
  }

  private static void latency(JsonWriter json, String name, Latency latency) {
    json.startObject(name);
    json.field("count", latency.count());
    json.field("mean", Math.round(latency.mean()) / 1e6);
    json.field("p50", latency.p50() / 1e6);
    json.field("p90", latency.p90() / 1e6);
    json.field("p99", latency.p99() / 1e6);
    json.field("p99_9", latency.p999() / 1e6);
    json.field("max", latency.max() / 1e6);
    json.endObject();
  }

  private static void timeline(JsonWriter json, LoadReport report) {
    json.startArray("timeline");
    for (Timeline.Bucket bucket : report.timeline()) {
      json.startObject();
      json.field("at_ms", bucket.atNanos() / 1_000_000);
      json.field("ok", bucket.ok());
      json.field("failed", bucket.failed());
      json.field("unsent", bucket.unsent());
      json.field("max_ms", bucket.maxNanos() / 1e6);
      json.endObject();
    }
    json.endArray();
  }
}
