package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Violation;
import io.openclaw.edge.Answered;
import io.openclaw.edge.RegionAdministration;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What an administrator sees of the regions, and how they are drained and restored. */
final class RegionPage implements RegionAdministration {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final Set<String> MEMBERS =
      Set.of("region", "drained", "reason", "author", "for_seconds", "force");

  /** The longest that a drain may be given. */
  private static final long SECONDS_MAX = 30L * 86_400;

  private final String region;
  private final RegionOrders orders;
  private final Supplier<Set<String>> up;
  private final Clock clock;

  /**
   * @param up the other regions that are heard of
   */
  RegionPage(String region, RegionOrders orders, Supplier<Set<String>> up, Clock clock) {
    this.region = region;
    this.orders = orders;
    this.up = up;
    this.clock = clock;
  }

  @Override
  public Answered list() {
    Set<String> others = up.get();
    Map<String, RegionOrder> all = orders.all();
    List<Json> rows = new ArrayList<>();
    for (String name : orders.regions()) {
      rows.add(row(name, isUp(name, others), all.get(name)));
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("region", new Json.Str(region));
    members.put("regions", new Json.Arr(rows));
    return new Answered(JsonWriter.write(new Json.Obj(members)), null, "", "", "", null, null);
  }

  private Json.Obj row(String name, boolean heard, @Nullable RegionOrder order) {
    Map<String, Json> row = new LinkedHashMap<>();
    row.put("name", new Json.Str(name));
    row.put("up", Json.Bool.of(heard));
    row.put("drained", Json.Bool.of(orders.isDrained(name)));
    if (order != null) {
      row.put("reason", new Json.Str(order.reason()));
      row.put("author", new Json.Str(order.author()));
      row.put("ordered_in", new Json.Str(order.region()));
      row.put("ordered_at", new Json.Num(order.version()));
      if (order.untilMillis() > 0) {
        row.put("until", new Json.Num(order.untilMillis()));
      }
    }
    return new Json.Obj(row);
  }

  private boolean isUp(String name, Set<String> others) {
    return name.equals(region) || others.contains(name);
  }

  @Override
  public Answered order(byte[] body) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(
          Problem.of(
              ProblemType.NOT_JSON,
              e.detail() + " (line " + e.line() + ", column " + e.column() + ")"));
    }
    if (!(document instanceof Json.Obj object)) {
      return invalid(List.of(new Violation("", document.typeName() + " (expected: an object)")));
    }
    List<Violation> violations = violations(object);
    return violations.isEmpty() ? order(object) : invalid(violations);
  }

  private List<Violation> violations(Json.Obj object) {
    List<Violation> violations = new ArrayList<>();
    for (String name : object.members().keySet()) {
      if (!MEMBERS.contains(name)) {
        violations.add(
            new Violation(
                Violation.pointerTo(name),
                "unknown (expected: one of " + MEMBERS.stream().sorted().toList() + ")"));
      }
    }
    if (!orders.regions().contains(text(object, "region"))) {
      violations.add(new Violation("/region", "(expected: one of " + orders.regions() + ")"));
    }
    if (!(object.get("drained") instanceof Json.Bool)) {
      violations.add(new Violation("/drained", "(expected: true or false)"));
    }
    bounded(object, "reason", RegionOrder.REASON_LENGTH_MAX, violations);
    bounded(object, "author", RegionOrder.AUTHOR_LENGTH_MAX, violations);
    Json seconds = object.get("for_seconds");
    if (seconds != null
        && !(seconds instanceof Json.Num number
            && number.value() == Math.rint(number.value())
            && number.value() >= 1
            && number.value() <= SECONDS_MAX)) {
      violations.add(
          new Violation(
              "/for_seconds", "(expected: a whole number from 1 to " + SECONDS_MAX + ", or none)"));
    }
    if (object.get("force") != null && !(object.get("force") instanceof Json.Bool)) {
      violations.add(new Violation("/force", "(expected: true, false, or absent)"));
    }
    return violations;
  }

  private static void bounded(Json.Obj object, String name, int most, List<Violation> violations) {
    int length = text(object, name).length();
    if (length < 1 || length > most) {
      violations.add(
          new Violation(Violation.pointerTo(name), "(expected: 1 to " + most + " characters)"));
    }
  }

  private static String text(Json.Obj object, String name) {
    return object.get(name) instanceof Json.Str text ? text.value() : "";
  }

  private Answered order(Json.Obj object) {
    String name = text(object, "region");
    boolean drained = object.get("drained") == Json.Bool.TRUE;
    if (drained && object.get("force") != Json.Bool.TRUE && isLast(name)) {
      return invalid(
          List.of(
              new Violation(
                  "/region",
                  name
                      + " (expected: a region beside which another is up and not drained, or"
                      + " force)")));
    }
    long seconds =
        drained && object.get("for_seconds") instanceof Json.Num number ? (long) number.value() : 0;
    long until = seconds == 0 ? 0 : clock.wallMillis() + 1_000 * seconds;
    try {
      orders.order(name, drained, text(object, "reason"), text(object, "author"), until);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "an order of a region could not be stored", e);
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, "the order could not be written to disk")
              .withRetryAfter(1));
    }
    return list();
  }

  /** Whether no other region would be left. */
  private boolean isLast(String name) {
    Set<String> others = up.get();
    return orders.regions().stream()
        .noneMatch(each -> !each.equals(name) && isUp(each, others) && !orders.isDrained(each));
  }

  private static Answered invalid(List<Violation> violations) {
    return problem(
        Problem.of(ProblemType.INVALID_INPUT, "this orders nothing of a region", violations));
  }

  private static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }
}
