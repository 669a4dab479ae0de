package io.openclaw.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.openclaw.domain.JsonWriter;
import java.io.IOException;

/** A report as one JSON document; the names are described in docs/bench.md and do not change. */
final class ReportJson {
  private ReportJson() {}

  static byte[] write(LoadReport report) {
    return JsonWriter.write(json -> document(json, report));
  }

  private static void document(JsonGenerator json, LoadReport report) throws IOException {
    json.writeStartObject();
    switch (report.pace()) {
      case Pace.Closed(int connections) -> {
        json.writeStringField("mode", "closed");
        json.writeNumberField("connections", connections);
      }
      case Pace.Open(double perSecond, int connections, int inFlightMax) -> {
        json.writeStringField("mode", "open");
        json.writeNumberField("connections", Math.min(connections, inFlightMax));
        json.writeNumberField("target_rate_per_second", perSecond);
        json.writeNumberField("max_in_flight", inFlightMax);
      }
    }
    json.writeNumberField("started_at_epoch_ms", report.startedAtEpochMillis());
    json.writeNumberField("elapsed_seconds", report.elapsedNanos() / 1e9);
    json.writeBooleanField("interrupted", report.interrupted());
    json.writeNumberField("unsent", report.unsent());
    json.writeNumberField("queued", report.queued());
    json.writeNumberField("success_ratio", report.successRatio());
    json.writeBooleanField("fell_behind", report.fellBehind());
    counts(json, report, report.total());
    latency(json, "late_ms", report.late());
    json.writeArrayFieldStart("error_details");
    for (String detail : report.details()) {
      json.writeString(detail);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("urls");
    for (LoadReport.UrlCounts url : report.urls()) {
      json.writeStartObject();
      json.writeStringField("url", url.url());
      counts(json, report, url.counts());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!report.timeline().isEmpty()) {
      timeline(json, report);
    }
    json.writeEndObject();
  }

  private static void counts(JsonGenerator json, LoadReport report, Counts counts)
      throws IOException {
    json.writeNumberField("requests", counts.requests());
    json.writeNumberField("ok", counts.ok());
    json.writeNumberField("failed", counts.failed());
    json.writeNumberField("aborted", counts.aborted());
    json.writeNumberField("rate_per_second", report.ratePerSecond(counts));
    latency(json, "latency_ms", counts.latency());
    latency(json, "failed_latency_ms", counts.failedLatency());
    json.writeObjectFieldStart("statuses");
    for (var status : counts.statuses().entrySet()) {
      json.writeNumberField(status.getKey().toString(), status.getValue());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("errors");
    for (var error : counts.errors().entrySet()) {
      json.writeNumberField(error.getKey().label(), error.getValue());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("bytes");
    json.writeNumberField("sent", counts.bytesSent());
    json.writeNumberField("received", counts.bytesReceived());
    json.writeEndObject();
  }

  private static void latency(JsonGenerator json, String name, Latency latency) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("count", latency.count());
    json.writeNumberField("mean", Math.round(latency.mean()) / 1e6);
    json.writeNumberField("p50", latency.p50() / 1e6);
    json.writeNumberField("p90", latency.p90() / 1e6);
    json.writeNumberField("p99", latency.p99() / 1e6);
    json.writeNumberField("p99_9", latency.p999() / 1e6);
    json.writeNumberField("max", latency.max() / 1e6);
    json.writeEndObject();
  }

  private static void timeline(JsonGenerator json, LoadReport report) throws IOException {
    json.writeArrayFieldStart("timeline");
    for (Timeline.Bucket bucket : report.timeline()) {
      json.writeStartObject();
      json.writeNumberField("at_ms", bucket.atNanos() / 1_000_000);
      json.writeNumberField("ok", bucket.ok());
      json.writeNumberField("failed", bucket.failed());
      json.writeNumberField("unsent", bucket.unsent());
      json.writeNumberField("max_ms", bucket.maxNanos() / 1e6);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
