package io.openclaw.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * A plot of lines over time as an SVG document, legible on light and dark ground: title, axes with
 * units, a legend beside the lines.
 */
final class SvgPlot {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 340;
  private static final int LEFT = 68;
  private static final int RIGHT = 150;
  private static final int TOP = 40;
  private static final int BOTTOM = 48;
  private static final int TICKS = 6;
  private static final int LEGEND_MAX = 16;
  private static final int LEGEND_LINE = 17;

  /** Colours that differ in lightness too, for light ground and for dark. */
  private static final String[] LIGHT = {
    "#1f5fbf", "#c8500a", "#1d7f3b", "#a3218e", "#8a6400", "#0b7f8c", "#c01f3c", "#5b45c4"
  };

  private static final String[] DARK = {
    "#7db3ff", "#ff9e57", "#6fd58c", "#f08be0", "#e6c34a", "#5fd6e2", "#ff8299", "#b6a6ff"
  };

  private static final String HEAD =
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" \
      role="img" aria-label="%s">
      <style>
      svg{--ground:#fff;--ink:#1b1f24;--grid:#d9dde2;--mute:#6b7480""";

  private static final String STYLE =
      """
      text{font:12px system-ui,sans-serif;fill:var(--ink)}
      .t{font-size:14px;font-weight:600}.e{text-anchor:end}.m{text-anchor:middle}
      .g{stroke:var(--grid);stroke-width:1}.a{stroke:var(--ink);stroke-width:1}
      path{fill:none;stroke-width:1.6;stroke-linejoin:round}
      .r{stroke:var(--mute);stroke-width:1.2;stroke-dasharray:5 3}
      """;

  private static final String[] DASHES = {"", "7 4", "2 3", "10 3 2 3"};

  @SuppressWarnings("ArrayRecordComponent") // never changed
  private record Line(String name, double[] values, boolean steps, boolean muted) {}

  private final String title;
  private final String unit;
  private final double seconds;
  private final List<Line> lines = new ArrayList<>();
  private double low;
  private double high;

  /**
   * @param unit of the values, as the vertical axis names it
   */
  SvgPlot(String title, String unit, double seconds) {
    this.title = title;
    this.unit = unit;
    this.seconds = seconds;
  }

  /** The values at equal times, from the beginning to the end; gaps where they are NaN. */
  SvgPlot line(String name, double[] values) {
    lines.add(new Line(name, values, /* steps= */ false, /* muted= */ false));
    return this;
  }

  /** The same for something to compare with: a thin grey line of steps. */
  SvgPlot reference(String name, double[] values) {
    lines.add(new Line(name, values, /* steps= */ true, /* muted= */ true));
    return this;
  }

  /** What the vertical axis shows at least. */
  SvgPlot range(double least, double most) {
    low = least;
    high = most;
    return this;
  }

  String document() {
    for (Line line : lines) {
      for (double value : line.values) {
        if (Double.isFinite(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    double step = niceStep((high - low) / TICKS);
    low = Math.floor(low / step) * step;
    high = Math.max(low + step, Math.ceil(high / step - 1e-9) * step);
    StringBuilder svg = new StringBuilder();
    head(svg);
    grid(svg, step);
    int coloured = 0;
    for (int i = 0; i < lines.size(); i++) {
      draw(svg, lines.get(i), i, coloured);
      coloured += lines.get(i).muted ? 0 : 1;
    }
    return svg.append("</svg>\n").toString();
  }

  private void head(StringBuilder svg) {
    svg.append(Texts.format(HEAD, WIDTH, HEIGHT, WIDTH, HEIGHT, escaped(title)));
    colours(svg, LIGHT);
    svg.append("}\n@media (prefers-color-scheme:dark){svg{--ground:#14181d;--ink:#e8ebef;");
    svg.append("--grid:#38404a;--mute:#9aa4b0");
    colours(svg, DARK);
    svg.append("}}\n").append(STYLE);
    for (int i = 0; i < LIGHT.length; i++) {
      svg.append(Texts.format(".c%d{stroke:var(--c%d)}", i, i));
    }
    svg.append(
        Texts.format(
            """

            </style>
            <rect width="%d" height="%d" fill="var(--ground)"/>
            <text class="t" x="%d" y="22">%s</text>
            """,
            WIDTH, HEIGHT, LEFT, escaped(title)));
  }

  private static void colours(StringBuilder svg, String[] colours) {
    for (int i = 0; i < colours.length; i++) {
      svg.append(Texts.format(";--c%d:%s", i, colours[i]));
    }
  }

  private void grid(StringBuilder svg, double step) {
    for (double value = low; value <= high + step / 2; value += step) {
      double y = y(value);
      svg.append(
          Texts.format(
              "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
                  + "<text class=\"e\" x=\"%d\" y=\"%s\">%s</text>\n",
              LEFT,
              WIDTH - RIGHT,
              short1(y),
              short1(y),
              LEFT - 8,
              short1(y + 4),
              Texts.number(value)));
    }
    double each = niceStep(seconds / 8);
    for (double at = 0; at <= seconds + 1e-9; at += each) {
      svg.append(
          Texts.format(
              "<line class=\"a\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>"
                  + "<text class=\"m\" x=\"%s\" y=\"%d\">%s</text>\n",
              short1(x(at)),
              short1(x(at)),
              HEIGHT - BOTTOM,
              HEIGHT - BOTTOM + 5,
              short1(x(at)),
              HEIGHT - BOTTOM + 19,
              Texts.number(at)));
    }
    svg.append(
        Texts.format(
            """
            <path class="a" d="M%d %dH%dM%d %dV%d"/>
            <text class="m" x="%d" y="%d">time, s</text>
            <text class="m" transform="translate(16 %d) rotate(-90)">%s</text>
            """,
            LEFT,
            HEIGHT - BOTTOM,
            WIDTH - RIGHT,
            LEFT,
            TOP,
            HEIGHT - BOTTOM,
            (LEFT + WIDTH - RIGHT) / 2,
            HEIGHT - 10,
            (TOP + HEIGHT - BOTTOM) / 2,
            escaped(unit)));
  }

  private void draw(StringBuilder svg, Line line, int index, int coloured) {
    String style =
        line.muted
            ? "class=\"r\""
            : Texts.format(
                "class=\"c%d\"%s", coloured % LIGHT.length, dash(coloured / LIGHT.length));
    svg.append(Texts.format("<path %s d=\"%s\"/>\n", style, path(line)));
    int y = TOP + 8 + index * LEGEND_LINE;
    if (index < LEGEND_MAX - 1 || lines.size() == LEGEND_MAX) {
      svg.append(
          Texts.format(
              "<path %s d=\"M%d %dh24\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
              style, WIDTH - RIGHT + 12, y, WIDTH - RIGHT + 42, y + 4, escaped(line.name)));
    } else if (index == LEGEND_MAX - 1) {
      svg.append(
          Texts.format(
              "<text x=\"%d\" y=\"%d\">and %d more</text>\n",
              WIDTH - RIGHT + 42, y + 4, lines.size() - index));
    }
  }

  private static String dash(int round) {
    String dashes = DASHES[round % DASHES.length];
    return dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"";
  }

  /** The line, without the points in the middle of those that are level. */
  private String path(Line line) {
    StringBuilder path = new StringBuilder();
    int count = line.values.length;
    boolean drawing = false;
    for (int i = 0; i < count; i++) {
      double value = line.values[i];
      if (!Double.isFinite(value)) {
        drawing = false;
        continue;
      }
      boolean level =
          i > 0 && i < count - 1 && value == line.values[i - 1] && value == line.values[i + 1];
      if (drawing && level) {
        continue;
      }
      String y = short1(y(value));
      if (drawing && line.steps) {
        path.append('H').append(short1(x(seconds * i / count))).append('V').append(y);
      } else {
        path.append(drawing ? 'L' : 'M')
            .append(short1(x(line.steps && i == 0 ? 0 : seconds * (i + 0.5) / count)))
            .append(' ')
            .append(y);
      }
      drawing = true;
    }
    if (line.steps && drawing) {
      path.append('H').append(WIDTH - RIGHT);
    }
    return path.toString();
  }

  private double x(double at) {
    return LEFT + (WIDTH - LEFT - RIGHT) * at / seconds;
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low);
  }

  private static String short1(double value) {
    String text = Texts.format("%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** 1, 2 or 5 times a power of ten, at least as great. */
  static double niceStep(double least) {
    if (!(least > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
