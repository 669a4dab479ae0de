package io.openclaw.sim;

import com.fasterxml.jackson.core.JsonGenerator;
import io.openclaw.domain.JsonWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Findings as one JSON document; docs/simulate.md lists the names. */
final class ReportJson {
  private static final int DIGITS = 6;

  private final JsonGenerator out;
  private final Findings findings;

  private ReportJson(JsonGenerator out, Findings findings) {
    this.out = out;
    this.findings = findings;
  }

  static byte[] of(Findings findings) {
    return JsonWriter.write(generator -> new ReportJson(generator, findings).write());
  }

  private void write() throws IOException {
    FleetScenario scenario = findings.scenario();
    out.writeStartObject();
    out.writeStringField("name", scenario.name());
    out.writeNumberField("seed", findings.seed());
    out.writeNumberField("seconds", scenario.seconds());
    out.writeArrayFieldStart("limits");
    for (Track track : findings.tracks()) {
      limit(track);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("regions");
    for (int region = 0; region < findings.frames().length; region++) {
      out.writeStartObject();
      out.writeStringField("name", scenario.regions().get(region));
      number("frames_per_second", 1.0 * findings.frames()[region] / scenario.seconds());
      number("bytes_per_second", 1.0 * findings.bytes()[region] / scenario.seconds());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeNumberField("blocks_moved", findings.moved());
    out.writeNumberField("take_overs", findings.takeOvers());
    out.writeArrayFieldStart("expected");
    for (Findings.Outcome outcome : findings.outcomes()) {
      out.writeStartObject();
      out.writeBooleanField("met", outcome.met());
      out.writeStringField("expected", outcome.expected());
      out.writeStringField("found", outcome.found());
      number("value", outcome.value());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeBooleanField("met", findings.allMet());
    out.writeEndObject();
  }

  private void limit(Track track) throws IOException {
    int from = Track.warmUpStep(findings.scenario());
    Judge.Verdict worst = track.worst();
    out.writeStartObject();
    out.writeStringField("id", track.plan.id());
    out.writeNumberField("offered", Track.sum(track.offered, 0, track.steps));
    out.writeNumberField("admitted", Track.sum(track.admitted, 0, track.steps));
    out.writeNumberField("denied", track.denied);
    out.writeNumberField("unserved", track.unserved);
    number("utilisation", track.utilisation(from, track.steps));
    if (!track.plan.isMany()) {
      number("jain", track.jain(from, track.steps));
    }
    number("excess_tokens", worst.excess());
    number("excess_at_seconds", worst.atNanos() / 1e9);
    number("burned_tokens", track.burned);
    out.writeArrayFieldStart("regions");
    for (int region = 0; region < track.offered.length; region++) {
      out.writeStartObject();
      out.writeStringField("name", findings.scenario().regions().get(region));
      out.writeNumberField("offered", Track.sum(track.offered[region], 0, track.steps));
      out.writeNumberField("admitted", Track.sum(track.admitted[region], 0, track.steps));
      if (!track.plan.isMany()) {
        number("share_at_end", track.share[region][track.steps - 1]);
      }
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  /** A number with six digits behind the point; null where it is none. */
  private void number(String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      BigDecimal rounded =
          new BigDecimal(value).setScale(DIGITS, RoundingMode.HALF_EVEN).stripTrailingZeros();
      out.writeNumberField(name, rounded.setScale(Math.max(0, rounded.scale())));
    } else {
      out.writeNullField(name);
    }
  }
}
