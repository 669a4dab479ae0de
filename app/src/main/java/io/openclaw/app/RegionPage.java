package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonMembers;
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
  static final long SECONDS_MAX = 30L * 86_400;

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

  /** One after another: of two regions that are the last, one stays. */
  @Override
  public synchronized Answered order(byte[] body) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(Problem.notJson(e));
    }
    List<Violation> violations = new ArrayList<>();
    Order order = Order.read(JsonMembers.of(document, "", violations).only(MEMBERS));
    if (violations.isEmpty() && !orders.regions().contains(order.region())) {
      violations.add(new Violation("/region", "(expected: one of " + orders.regions() + ")"));
    } else if (violations.isEmpty()
        && order.drained()
        && !order.force()
        && isLast(order.region())) {
      violations.add(
          new Violation(
              "/region",
              order.region()
                  + " (expected: a region beside which another is up and not drained, or force)"));
    }
    return violations.isEmpty()
        ? carryOut(order)
        : problem(
            Problem.of(ProblemType.INVALID_INPUT, "this orders nothing of a region", violations));
  }

  /** What the body of an order says. */
  private record Order(
      String region, boolean drained, String reason, String author, long seconds, boolean force) {
    static Order read(JsonMembers members) {
      return new Order(
          members.text("region"),
          members.requiredFlag("drained"),
          members.text("reason", RegionOrder.REASON_LENGTH_MAX),
          members.text("author", RegionOrder.AUTHOR_LENGTH_MAX),
          members.whole("for_seconds", 1, SECONDS_MAX, 0),
          members.flag("force"));
    }
  }

  private Answered carryOut(Order order) {
    boolean ends = order.drained() && order.seconds() > 0;
    long until = ends ? clock.wallMillis() + 1_000 * order.seconds() : 0;
    try {
      orders.order(order.region(), order.drained(), order.reason(), order.author(), until);
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

  private static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }
}
