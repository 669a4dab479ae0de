package io.openclaw.sim;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The plots of a run, by file name. */
final class Plots {
  private static final int STEPS_PER_TENTH = Track.STEPS_PER_SECOND / 10;

  private Plots() {}

  static Map<String, String> of(Findings findings) {
    Map<String, String> plots = new LinkedHashMap<>();
    for (int limit = 0; limit < findings.tracks().size(); limit++) {
      Track track = findings.tracks().get(limit);
      String end = limit == 0 ? ".svg" : "-" + (limit + 1) + ".svg";
      plots.put("admitted" + end, admitted(findings, track).document());
      if (!track.plan.isMany()) {
        plots.put("shares" + end, shares(findings, track).document());
      }
      plots.put("utilisation" + end, utilisation(findings, track).document());
      plots.put("excess" + end, excess(findings, track).document());
    }
    return plots;
  }

  private static SvgPlot plot(Findings findings, Track track, String what, String unit) {
    return new SvgPlot(
        findings.scenario().name() + ": " + what + " (" + track.plan.id() + ")",
        unit,
        findings.scenario().seconds());
  }

  private static SvgPlot admitted(Findings findings, Track track) {
    int tenths = track.steps / STEPS_PER_TENTH;
    double[] offered = new double[tenths];
    double[] admitted = new double[tenths];
    double[] rate = new double[tenths];
    for (int i = 0; i < tenths; i++) {
      int from = i * STEPS_PER_TENTH;
      int to = from + STEPS_PER_TENTH;
      offered[i] = 10.0 * Track.sum(track.offered, from, to);
      admitted[i] = 10.0 * Track.sum(track.admitted, from, to);
      rate[i] = 10 * track.earned(from, to);
    }
    SvgPlot plot =
        plot(findings, track, "admitted against the limit, each 100 ms", "tokens per second")
            .line("admitted", admitted);
    if (!track.plan.isMany()) {
      plot.reference("limit", rate);
      double most = Math.max(max(admitted), max(rate));
      if (max(offered) <= 2 * most) {
        plot.line("offered", offered); // more would press the rest flat
      }
    }
    return plot;
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElse(0);
  }

  private static SvgPlot shares(Findings findings, Track track) {
    SvgPlot plot =
        plot(findings, track, "share of the rate held by region", "% of the rate").range(0, 100);
    int tenths = track.steps / STEPS_PER_TENTH;
    double[] all = new double[tenths];
    for (int region = 0; region < track.share.length; region++) {
      double[] share = new double[tenths];
      for (int i = 0; i < tenths; i++) {
        share[i] = 100 * track.share[region][(i + 1) * STEPS_PER_TENTH - 1];
        all[i] += share[i];
      }
      plot.line(findings.scenario().regions().get(region), share);
    }
    return plot.reference("all together", all);
  }

  private static SvgPlot utilisation(Findings findings, Track track) {
    double[] parts = new double[findings.scenario().seconds()];
    for (int i = 0; i < parts.length; i++) {
      int from = i * Track.STEPS_PER_SECOND;
      int to = from + Track.STEPS_PER_SECOND;
      double offered = Track.sum(track.offered, from, to);
      double could = track.plan.isMany() ? offered : Math.min(offered, track.earned(from, to));
      parts[i] = could == 0 ? Double.NaN : 100 * Track.sum(track.admitted, from, to) / could;
    }
    return plot(
            findings,
            track,
            track.plan.isMany() ? "admitted of offered, each second" : "utilisation, each second",
            track.plan.isMany() ? "% of offered" : "% of min(offered, rate)")
        .range(0, 100)
        .line(track.plan.isMany() ? "admitted" : "utilisation", parts);
  }

  private static SvgPlot excess(Findings findings, Track track) {
    double[] excess = track.excessByTenth();
    return plot(
            findings,
            track,
            "largest excess of an interval that ends here",
            "tokens over the bound")
        .line("largest excess", excess)
        .reference("the bound", new double[excess.length]);
  }
}
