package io.openclaw.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options of a {@link BenchCommand}, checked and put together into a {@link LoadPlan}. */
final class BenchOptions {
  private static final int CONNECTIONS_MAX = 10_000;
  private static final int IN_FLIGHT_MAX = 50_000;
  private static final int HEADERS_MAX = 100;
  private static final long KEY_BYTES_MAX = 4 * 1024;
  private static final long BODY_BYTES_MAX = 64L * 1024 * 1024;
  private static final int BODIES_MAX = 1_000_000;
  private static final String DURATION_DEFAULT = "10s";
  private static final String CONNECTIONS_DEFAULT = "64";

  private final BenchCommand given;
  private final Map<String, String> environment;

  BenchOptions(BenchCommand given, Map<String, String> environment) {
    this.given = given;
    this.environment = environment;
  }

  /**
   * The plan.
   *
   * @throws IllegalArgumentException naming the option, the value and what was expected
   */
  LoadPlan plan() {
    if (!given.output.equals("text") && !given.output.equals("json")) {
      throw Quantities.refused("--output", given.output, "text or json");
    }
    return new LoadPlan(
        targets(),
        pace(),
        durationNanos(),
        given.requests == null
            ? LoadPlan.UNLIMITED
            : Quantities.whole("--requests", given.requests, 1, 1_000_000_000),
        Quantities.durationNanos("--warmup", given.warmup, "0s", "1h"),
        Quantities.durationNanos("--timeout", given.timeout, "1ms", "5m"),
        template(),
        named("--expect", () -> Statuses.of(given.expect)),
        given.timeline,
        given.record == null ? null : path("--record", given.record),
        monotonic());
  }

  private boolean monotonic() {
    return switch (given.recordClock) {
      case "wall" -> false;
      case "monotonic" -> true;
      default -> throw Quantities.refused("--record-clock", given.recordClock, "wall or monotonic");
    };
  }

  private List<Target> targets() {
    if (given.urls.isEmpty() || given.urls.size() > LoadPlan.TARGETS_MAX) {
      throw Quantities.refused(
          "--url", given.urls.size() + " given", "1 to " + LoadPlan.TARGETS_MAX);
    }
    return given.urls.stream().map(url -> named("--url", () -> Target.of(url))).toList();
  }

  private Pace pace() {
    int maxInFlight =
        (int) Quantities.whole("--max-in-flight", given.maxInFlight, 1, IN_FLIGHT_MAX);
    if (given.rate == null) {
      String connections = given.connections == null ? CONNECTIONS_DEFAULT : given.connections;
      return new Pace.Closed(connections(connections));
    }
    double perSecond = Quantities.rate("--rate", given.rate, 0.01, 1_000_000);
    // Each URL may need all of them while another answers at once.
    int connections =
        given.connections == null
            ? Math.multiplyExact(maxInFlight, Math.max(1, given.urls.size()))
            : connections(given.connections);
    return new Pace.Open(perSecond, connections, maxInFlight);
  }

  private int connections(String value) {
    int least = Math.max(1, given.urls.size());
    return (int) Quantities.whole("--connections", value, least, CONNECTIONS_MAX);
  }

  private long durationNanos() {
    if (given.timeline && given.duration == null && given.requests != null) {
      throw new IllegalArgumentException("--timeline: needs --duration beside --requests");
    }
    if (given.duration == null && given.requests != null) {
      return LoadPlan.UNLIMITED;
    }
    String longest = given.timeline ? Timeline.DURATION_NANOS_MAX / 60_000_000_000L + "m" : "24h";
    String option = given.timeline ? "--duration (with --timeline)" : "--duration";
    return Quantities.durationNanos(
        option, given.duration == null ? DURATION_DEFAULT : given.duration, "1ms", longest);
  }

  private RequestTemplate template() {
    List<byte[]> bodies = bodies();
    List<RequestTemplate.Header> headers = new ArrayList<>();
    if (given.headers.size() > HEADERS_MAX) {
      throw Quantities.refused(
          "--header", given.headers.size() + " given", "at most " + HEADERS_MAX);
    }
    for (String header : given.headers) {
      headers.add(header(header));
    }
    String key = key();
    if (key != null) {
      headers.add(new RequestTemplate.Header("authorization", "Bearer " + key));
    }
    if (!bodies.isEmpty()
        && headers.stream().noneMatch(h -> h.name().equalsIgnoreCase("content-type"))) {
      headers.add(new RequestTemplate.Header("content-type", "application/json"));
    }
    String usual = bodies.isEmpty() ? "GET" : "POST";
    String method = given.method == null ? usual : given.method.toUpperCase(Locale.ROOT);
    return named("--method", () -> new RequestTemplate(method, headers, bodies));
  }

  /** The text of a bad header is not shown: it may be a secret. */
  private static RequestTemplate.Header header(String text) {
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("--header: no colon (expected: 'Name: value')");
    }
    String name = text.substring(0, colon).strip();
    if (name.equalsIgnoreCase("authorization")) {
      throw new IllegalArgumentException(
          "--header: authorization (expected: --key-file or OPENCLAW_KEY; flags are visible to"
              + " other users)");
    }
    String value = text.substring(colon + 1).strip();
    return named("--header", () -> new RequestTemplate.Header(name, value));
  }

  private @Nullable String key() {
    if (given.keyFile != null) {
      String key =
          new String(bytes("--key-file", given.keyFile, KEY_BYTES_MAX), StandardCharsets.UTF_8);
      return usableKey("--key-file", key.strip());
    }
    String key = environment.get("OPENCLAW_KEY");
    return key == null || key.isBlank() ? null : usableKey("OPENCLAW_KEY", key.strip());
  }

  private static String usableKey(String source, String key) {
    if (!key.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(source + ": not a key (expected: one word of ASCII)");
    }
    return key;
  }

  private List<byte[]> bodies() {
    List<String> ways = new ArrayList<>();
    if (given.body != null) {
      ways.add("--body");
    }
    if (given.bodyFile != null) {
      ways.add("--body-file");
    }
    if (given.bodyLines != null) {
      ways.add("--body-lines");
    }
    if (ways.size() > 1) {
      throw new IllegalArgumentException(String.join(" and ", ways) + " (expected: one of them)");
    }
    if (given.body != null) {
      return List.of(given.body.getBytes(StandardCharsets.UTF_8));
    }
    if (given.bodyFile != null) {
      return List.of(bytes("--body-file", given.bodyFile, BODY_BYTES_MAX));
    }
    return given.bodyLines == null ? List.of() : lines(given.bodyLines);
  }

  private static List<byte[]> lines(String file) {
    String text = new String(bytes("--body-lines", file, BODY_BYTES_MAX), StandardCharsets.UTF_8);
    List<byte[]> bodies =
        text.lines()
            .filter(line -> !line.isBlank())
            .map(line -> line.getBytes(StandardCharsets.UTF_8))
            .toList();
    if (bodies.isEmpty() || bodies.size() > BODIES_MAX) {
      throw Quantities.refused(
          "--body-lines", file + " has " + bodies.size() + " lines", "1 to " + BODIES_MAX);
    }
    return bodies;
  }

  private static byte[] bytes(String option, String file, long bytesMax) {
    Path path = path(option, file);
    try {
      if (Files.isRegularFile(path) && Files.size(path) > bytesMax) {
        throw Quantities.refused(
            option, file + " has " + Files.size(path) + " bytes", "at most " + bytesMax);
      }
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new IllegalArgumentException(option + ": cannot read " + file, e);
    }
  }

  private static Path path(String option, String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(option + ": not a file name", e);
    }
  }

  private interface Reader<T> {
    T read();
  }

  private static <T> T named(String option, Reader<T> reader) {
    try {
      return reader.read();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }
}
