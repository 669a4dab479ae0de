package io.openclaw.app;

import io.openclaw.domain.JsonWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a drill came to: a table, a JSON document, a page with a plot of each fault's worst run. */
final class DrillReport {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 260;
  private static final int LEFT = 60;
  private static final int TOP = 16;
  private static final int BOTTOM = 30;
  private static final double MILLIS_MIN = 0.5;
  private static final double MILLIS_MAX = 10_000;

  /** What was done. */
  interface Subject {
    /** Its name. */
    String text();

    /** What it does, in a line. */
    String description();
  }

  private final String front;
  private final DrillRun.Plan plan;
  private final Map<? extends Subject, List<DrillRun>> runs;

  /**
   * @param front what stood before the regions
   */
  DrillReport(String front, DrillRun.Plan plan, Map<? extends Subject, List<DrillRun>> runs) {
    this.front = front;
    this.plan = plan;
    this.runs = runs;
  }

  private static double sum(List<DrillRun> all, ToDoubleFunction<DrillRun> of) {
    return all.stream().mapToDouble(of).sum();
  }

  private static double max(List<DrillRun> all, ToDoubleFunction<DrillRun> of) {
    return all.stream().mapToDouble(of).max().orElse(0);
  }

  private static double median(List<DrillRun> all, ToDoubleFunction<DrillRun> of) {
    double[] sorted = all.stream().mapToDouble(of).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }

  /** The runs whose fault the router noticed. */
  private static List<DrillRun> detected(List<DrillRun> all) {
    return all.stream().filter(run -> run.detectedMillis() >= 0).toList();
  }

  /** Prints it, and writes the page where one is asked for. */
  void show(Output output, @Nullable Path page) throws IOException {
    switch (output) {
      case TEXT -> print(System.out);
      case JSON -> System.out.println(new String(json(), StandardCharsets.UTF_8));
    }
    if (page != null) {
      Files.writeString(page, html());
    }
  }

  /** The table. */
  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s, %d requests/s, %d s of each fault%n",
        front,
        plan.rate(),
        plan.holdSeconds());
    out.printf(
        Locale.ROOT,
        "%-15s %4s %8s %7s %9s %11s %16s %16s %10s %6s%n",
        "FAULT",
        "RUNS",
        "REQUESTS",
        "FAILED",
        "WORST ms",
        "P99 DURING",
        "DETECT med/max",
        "STEADY med/max",
        "DIVERSIONS",
        "OVER");
    runs.forEach((fault, all) -> out.println(line(fault, all)));
    runs.forEach(
        (fault, all) -> {
          double unsent = sum(all, DrillRun::unsent);
          if (unsent > 0) {
            out.printf(
                Locale.ROOT,
                "%s: %.0f requests that were due could not be sent: is this machine busy?%n",
                fault.text(),
                unsent);
          }
        });
  }

  private static String line(Subject fault, List<DrillRun> all) {
    List<DrillRun> detected = detected(all);
    double diverted = sum(all, run -> Math.max(0, run.diversionsBefore()));
    return text(
        "%-15s %4d %8.0f %7.0f %9.0f %11.1f %16s %16s %10s %6s",
        fault.text(),
        all.size(),
        sum(all, run -> run.samples().size()),
        sum(all, DrillRun::failed),
        max(all, DrillRun::worstMillis),
        max(all, DrillRun::p99During),
        detected.isEmpty() ? "-" : medianAndMax(detected, run -> run.detectedMillis()),
        medianAndMax(all, DrillRun::steadyMillis),
        all.getFirst().diversionsBefore() < 0 ? "-" : text("%.0f", diverted),
        all.getFirst().overTokens() < 0 ? "-" : text("%.0f", sum(all, DrillRun::overTokens)));
  }

  private static String medianAndMax(List<DrillRun> all, ToDoubleFunction<DrillRun> of) {
    return text("%.0f / %.0f", median(all, of), max(all, of));
  }

  /** One JSON document. */
  byte[] json() {
    return JsonWriter.write(
        out -> {
          out.startObject();
          out.field("front", front);
          out.field("rate", plan.rate());
          out.field("hold_seconds", plan.holdSeconds());
          out.startArray("faults");
          runs.forEach((fault, all) -> json(out, fault, all));
          out.endArray();
          out.endObject();
        });
  }

  private static void json(JsonWriter out, Subject fault, List<DrillRun> all) {
    out.startObject();
    out.field("fault", fault.text());
    out.field("failed", (long) sum(all, DrillRun::failed));
    out.field("unsent", (long) sum(all, DrillRun::unsent));
    out.field("worst_ms", max(all, DrillRun::worstMillis));
    out.field("detected", detected(all).size());
    out.field("detected_ms", median(detected(all), run -> run.detectedMillis()));
    out.field("steady_ms", median(all, DrillRun::steadyMillis));
    out.field("steady_max_ms", max(all, DrillRun::steadyMillis));
    out.field("diversions_before", (long) sum(all, run -> run.diversionsBefore()));
    out.field("over_tokens", sum(all, DrillRun::overTokens));
    out.startArray("runs");
    for (DrillRun run : all) {
      out.startObject();
      out.field("requests", run.samples().size());
      out.field("unsent", run.unsent());
      out.field("failed", run.failed());
      out.field("p99_before_ms", run.p99Before());
      out.field("p99_during_ms", run.p99During());
      out.field("worst_ms", run.worstMillis());
      out.field("detected_ms", run.detectedMillis());
      out.field("steady_ms", run.steadyMillis());
      out.field("diversions_before", run.diversionsBefore());
      out.field("over_tokens", run.overTokens());
      out.endObject();
    }
    out.endArray();
    out.endObject();
  }

  /** A page without anything from elsewhere. */
  String html() {
    StringBuilder page =
        new StringBuilder(
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Drill</title>
            <style>body{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2em auto;padding:0 1em;color:#1b1f24}
            h1{font-size:22px}h2{font-size:17px;margin:1.6em 0 .2em}p{margin:.2em 0 .6em;color:#57606a}
            svg{display:block}text{font:11px system-ui,sans-serif;fill:#57606a}</style>
            """);
    page.append("<h1>Drill: ").append(escaped(front)).append("</h1><p>");
    page.append(plan.rate())
        .append(" requests/s. Each dot is a request: when it was due, how long");
    page.append(
        " it took; red where it failed. Of each fault the run with the longest request.</p>");
    runs.forEach(
        (fault, all) -> {
          page.append("<h2>").append(escaped(fault.text())).append("</h2><p>");
          page.append(escaped(fault.description())).append(": ");
          page.append(escaped(words(all)));
          page.append("</p>");
          page.append(plot(worst(all)));
        });
    return page.append("</html>\n").toString();
  }

  private static String words(List<DrillRun> all) {
    List<DrillRun> detected = detected(all);
    return text(
        "%d runs, %.0f requests, %.0f failed, the longest %.0f ms, steady after %.0f ms at most%s",
        all.size(),
        sum(all, run -> run.samples().size()),
        sum(all, DrillRun::failed),
        max(all, DrillRun::worstMillis),
        max(all, DrillRun::steadyMillis),
        detected.isEmpty()
            ? ""
            : text(
                ", detected within %.0f ms in %d of them",
                max(detected, run -> run.detectedMillis()), detected.size()));
  }

  private static DrillRun worst(List<DrillRun> all) {
    return all.stream().max(Comparator.comparingDouble(DrillRun::worstMillis)).orElseThrow();
  }

  private String plot(DrillRun run) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        text(
            "<svg width='%d' height='%d' role='img' aria-label='latency of each request'>",
            WIDTH, HEIGHT));
    double begin = -plan.beforeSeconds();
    double end = begin + plan.seconds() + 1;
    for (double millis : new double[] {1, 10, 100, 1_000, 10_000}) {
      double y = y(millis);
      svg.append(
          text(
              "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#eaeef2'/><text x='4' y='%.1f'>%.0f ms</text>",
              LEFT, WIDTH, y, y, y + 4, millis));
    }
    for (int second = (int) begin; second <= end; second++) {
      svg.append(
          text(
              "<text x='%.1f' y='%d' text-anchor='middle'>%d s</text>",
              x(second, begin, end), HEIGHT - 8, second));
    }
    mark(svg, 0, "fault", begin, end);
    mark(svg, (run.healNanos() - run.faultNanos()) / 1e9, "over", begin, end);
    for (DrillRun.Sample sample : run.samples()) {
      double at = (sample.dueNanos() - run.faultNanos()) / 1e9;
      svg.append(
          text(
              "<circle cx='%.1f' cy='%.1f' r='%s' fill='%s'/>",
              x(at, begin, end),
              y(sample.millis()),
              sample.good() ? "1" : "2.5",
              sample.good() ? "#1f6feb" : "#cf222e"));
    }
    return svg.append("</svg>").toString();
  }

  private static void mark(
      StringBuilder svg, double second, String name, double begin, double end) {
    double x = x(second, begin, end);
    svg.append(
        text(
            "<line x1='%.1f' x2='%.1f' y1='%d' y2='%d' stroke='#9a6700' stroke-dasharray='4 3'/><text x='%.1f' y='%d'>%s</text>",
            x, x, TOP, HEIGHT - BOTTOM, x + 3, TOP - 4, name));
  }

  /** Numbers have a point whatever the locale: SVG knows no other, and reports are compared. */
  @SuppressWarnings("AnnotateFormatMethod") // that annotation is a library of its own
  private static String text(String format, Object... of) {
    return String.format(Locale.ROOT, format, of);
  }

  private static double x(double second, double begin, double end) {
    return LEFT + (second - begin) / (end - begin) * (WIDTH - LEFT);
  }

  private static double y(double millis) {
    double part =
        Math.log(Math.clamp(millis, MILLIS_MIN, MILLIS_MAX) / MILLIS_MIN)
            / Math.log(MILLIS_MAX / MILLIS_MIN);
    return HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** The faults by name, for messages. */
  static List<String> names() {
    return Arrays.stream(DrillFault.values()).map(DrillFault::text).toList();
  }
}
