package io.openclaw.sim;

import java.util.List;

/** Findings as text: the same bytes for the same scenario and seed. */
final class ReportText {
  private static final int ROWS = 12;
  private static final int REGIONS_SHOWN_MAX = 12;

  private final Findings findings;
  private final FleetScenario scenario;
  private final StringBuilder out = new StringBuilder();

  private ReportText(Findings findings) {
    this.findings = findings;
    scenario = findings.scenario();
  }

  static String of(Findings findings) {
    ReportText report = new ReportText(findings);
    report.head();
    findings.tracks().forEach(report::limit);
    report.traffic();
    report.events();
    report.expectations();
    return report.out.toString();
  }

  private void line(String format, Object... values) {
    out.append(Texts.format(format, values)).append('\n');
  }

  private void head() {
    line("%s", scenario.name());
    if (!scenario.description().isEmpty()) {
      scenario.description().strip().lines().forEach(each -> line("  %s", each.strip()));
    }
    FleetScenario.Network network = scenario.network();
    line(
        "  %d regions, %d s, seed %d; round trip %s ms, jitter %s, loss %s, repetition %s%s;"
            + " leases %d ms, clocks within %d ppm",
        scenario.regions().size(),
        scenario.seconds(),
        findings.seed(),
        network.roundTrips(),
        Texts.number(network.jitter()),
        Texts.number(network.loss()),
        Texts.number(network.repetition()),
        network.reordering() ? ", reordering" : "",
        scenario.leaseMillis(),
        scenario.driftPpm());
  }

  private void limit(Track track) {
    FleetScenario.Plan plan = track.plan;
    int from = Track.warmUpStep(scenario);
    Judge.Verdict worst = track.worst();
    out.append('\n');
    line(
        "%s: %s/s, burst %d, cost %d, %s%s",
        plan.id(),
        Texts.number(plan.rate()),
        plan.burst(),
        plan.cost(),
        plan.mode().text(),
        plan.isMany()
            ? Texts.format(
                "; %d of them, Zipf %s, %d used",
                plan.count(), Texts.number(plan.zipf()), track.keysUsed())
            : "");
    line(
        "  tokens            offered %d, admitted %d, denied %d; %d asked of a dead or stopped region",
        Track.sum(track.offered, 0, track.steps),
        Track.sum(track.admitted, 0, track.steps),
        track.denied,
        track.unserved);
    line(
        "  utilisation       %s of min(offered, rate), from %s s on",
        Texts.percent(track.utilisation(from, track.steps)),
        Texts.number(from / (double) Track.STEPS_PER_SECOND));
    if (!plan.isMany()) {
      line("  Jain index        %.4f of admitted / fair", track.jain(from, track.steps));
    }
    line(
        "  largest excess    %s over burst + rate x time, of an interval that ends at %s",
        Findings.excess(worst.excess()), Texts.seconds(worst.atNanos()));
    line("  burned            %.1f tokens, of full buckets and lost rights", track.burned);
    table(track);
  }

  /** Over equal parts of the run: offered and admitted per second, and shares at their ends. */
  private void table(Track track) {
    List<String> names = scenario.regions();
    int shown = Math.min(names.size(), REGIONS_SHOWN_MAX);
    boolean shares = !track.plan.isMany();
    StringBuilder head = new StringBuilder("       until   offered/s  admitted/s");
    for (int region = 0; region < shown; region++) {
      head.append(Texts.format(" %8s", shortened(names.get(region))));
    }
    line("%s%s", head, shares ? "   share of the rate, %" : "   admitted/s");
    for (int row = 0; row < ROWS; row++) {
      int begin = track.steps * row / ROWS;
      int end = track.steps * (row + 1) / ROWS;
      double seconds = (end - begin) / (double) Track.STEPS_PER_SECOND;
      StringBuilder cells = new StringBuilder();
      for (int region = 0; region < shown; region++) {
        double value =
            shares
                ? 100 * track.share[region][end - 1]
                : Track.sum(track.admitted[region], begin, end) / seconds;
        cells.append(Texts.format(" %8.1f", value));
      }
      line(
          "  %8.2f s %11.1f %11.1f%s",
          end / (double) Track.STEPS_PER_SECOND,
          Track.sum(track.offered, begin, end) / seconds,
          Track.sum(track.admitted, begin, end) / seconds,
          cells);
    }
    if (shown < names.size()) {
      line("  (%d more regions are in report.json)", names.size() - shown);
    }
  }

  private static String shortened(String name) {
    return name.length() <= 8 ? name : name.substring(0, 8);
  }

  private void traffic() {
    out.append('\n');
    line("blocks moved %d, shares taken over %d", findings.moved(), findings.takeOvers());
    double frames = 0;
    double bytes = 0;
    double most = 0;
    for (int region = 0; region < findings.frames().length; region++) {
      frames += findings.frames()[region];
      bytes += findings.bytes()[region];
      most = Math.max(most, (double) findings.bytes()[region]);
    }
    double each = 1.0 * scenario.seconds() * scenario.regions().size();
    line(
        "sent per region: %.1f frames/s, %.2f kB/s; the busiest %.2f kB/s",
        frames / each, bytes / each / 1000, most / scenario.seconds() / 1000);
  }

  private void events() {
    if (!findings.happened().isEmpty()) {
      out.append('\n');
      line("events");
      findings.happened().forEach(each -> line("  %s", each));
    }
  }

  private void expectations() {
    if (!scenario.expectations().isEmpty()) {
      out.append('\n');
      line("expected");
      for (Findings.Outcome each : findings.outcomes()) {
        line("  %-6s %s: %s", each.met() ? "met" : "UNMET", each.expected(), each.found());
      }
    }
  }
}
