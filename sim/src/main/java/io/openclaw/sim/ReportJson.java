package io.openclaw.sim;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;

/** Findings as one JSON document; docs/simulate.md lists the names. */
final class ReportJson {

  private final JsonWriter out;
  private final Findings findings;

  private ReportJson(JsonWriter out, Findings findings) {
    this.out = out;
    this.findings = findings;
  }

  static byte[] of(Findings findings) {
    return JsonWriter.write(generator -> new ReportJson(generator, findings).write());
  }

  private void write() {
    FleetScenario scenario = findings.scenario();
    out.startObject();
    out.field("name", scenario.name());
    out.field("seed", findings.seed());
    out.field("seconds", scenario.seconds());
    out.startArray("limits");
    for (Track track : findings.tracks()) {
      limit(track);
    }
    out.endArray();
    out.startArray("regions");
    for (int region = 0; region < findings.frames().length; region++) {
      out.startObject();
      out.field("name", scenario.regions().get(region));
      number("frames_per_second", 1.0 * findings.frames()[region] / scenario.seconds());
      number("bytes_per_second", 1.0 * findings.bytes()[region] / scenario.seconds());
      out.endObject();
    }
    out.endArray();
    out.field("blocks_moved", findings.moved());
    out.field("take_overs", findings.takeOvers());
    out.startArray("expected");
    for (Findings.Outcome outcome : findings.outcomes()) {
      out.startObject();
      out.field("met", outcome.met());
      out.field("expected", outcome.expected());
      out.field("found", outcome.found());
      number("value", outcome.value());
      out.endObject();
    }
    out.endArray();
    out.field("met", findings.allMet());
    out.endObject();
  }

  private void limit(Track track) {
    int from = Track.warmUpStep(findings.scenario());
    Judge.Verdict worst = track.worst();
    out.startObject();
    out.field("id", track.plan.id());
    out.field("offered", Track.sum(track.offered, 0, track.steps));
    out.field("admitted", Track.sum(track.admitted, 0, track.steps));
    out.field("denied", track.denied);
    out.field("unserved", track.unserved);
    number("utilisation", track.utilisation(from, track.steps));
    if (!track.plan.isMany()) {
      number("jain", track.jain(from, track.steps));
    }
    number("excess_tokens", worst.excess());
    number("excess_at_seconds", worst.atNanos() / 1e9);
    number("burned_tokens", track.burned);
    out.startArray("regions");
    for (int region = 0; region < track.offered.length; region++) {
      out.startObject();
      out.field("name", findings.scenario().regions().get(region));
      out.field("offered", Track.sum(track.offered[region], 0, track.steps));
      out.field("admitted", Track.sum(track.admitted[region], 0, track.steps));
      if (!track.plan.isMany()) {
        number("share_at_end", track.share[region][track.steps - 1]);
      }
      out.endObject();
    }
    out.endArray();
    out.endObject();
  }

  /** A number with six digits behind the point; null where it is none. */
  private void number(String name, double value) {
    if (Double.isFinite(value)) {
      out.field(name, Decimal.rounded(value));
    } else {
      out.field(name, Json.Null.NULL);
    }
  }
}
