package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw region}: which regions get requests. */
@Command(
    name = "region",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    description = {
      "Shows the regions, drains one or takes it back. Any region takes the order and tells the others.",
      "A drained region serves what still comes; routers, DNS and clients send it nothing new."
    },
    footer = {"", "Example: openclaw region drain us-east-1 --reason \"new kernel\" --for 30m"})
final class RegionCommand {
  static final String REGIONS = "/admin/v1/regions";

  /** What is said with an order. */
  static final class Said {
    @Option(
        names = "--reason",
        required = true,
        paramLabel = "TEXT",
        description = "Why, for whoever looks later.")
    String reason = "";

    @Mixin Signed signed = new Signed();
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Shows all regions, and what was ordered of them.")
  int status(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    Json.Obj answer = node.call("GET", REGIONS, null);
    node.print(answer, () -> print(answer));
    return 0;
  }

  @Command(
      name = "drain",
      mixinStandardHelpOptions = true,
      description = "Has a region get no more requests.")
  int drain(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "REGION", description = "Which.") String region,
      @Mixin Said said,
      @Option(
              names = "--for",
              paramLabel = "DURATION",
              description = "Takes it back by itself after so long, such as 30m; never by default.")
          @Nullable String duration,
      @Option(names = "--force", description = "Also where no other region would be left.")
          boolean force)
      throws IOException, ConfigException, InterruptedException {
    return order(node, region, true, said, duration, force);
  }

  @Command(
      name = "restore",
      mixinStandardHelpOptions = true,
      description = "Takes a drained region back; its traffic grows over some seconds.")
  int restore(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "REGION", description = "Which.") String region,
      @Mixin Said said)
      throws IOException, ConfigException, InterruptedException {
    return order(node, region, false, said, null, false);
  }

  @Command(
      name = "failover",
      mixinStandardHelpOptions = true,
      description = {
        "Drains a region in favour of another, which is taken back first if it was drained.",
        "Where requests go from then on is the routers' policy, among the regions that are left."
      })
  int failover(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "FROM", description = "The region to leave.") String from,
      @Parameters(paramLabel = "TO", description = "A region to go to, which must be up.")
          String to,
      @Mixin Said said)
      throws IOException, ConfigException, InterruptedException {
    Json.Obj before = node.call("GET", REGIONS, null);
    Json.Obj target = named(before, to);
    if (target == null || target.get("up") != Json.Bool.TRUE || to.equals(from)) {
      throw new ConfigException(List.of(to + " (expected: another region, which is up)"));
    }
    if (target.get("drained") == Json.Bool.TRUE) {
      node.call("POST", REGIONS, wish(to, false, said, 0, false));
    }
    return order(node, from, true, said, null, false);
  }

  private static int order(
      AdminNode node,
      String region,
      boolean drained,
      Said said,
      @Nullable String duration,
      boolean force)
      throws IOException, ConfigException, InterruptedException {
    long seconds =
        duration == null ? 0 : Options.seconds("--for", duration, 1, RegionPage.SECONDS_MAX);
    Json.Obj answer = node.call("POST", REGIONS, wish(region, drained, said, seconds, force));
    node.print(answer, () -> print(answer));
    return 0;
  }

  private static Json.Obj wish(
      String region, boolean drained, Said said, long seconds, boolean force) {
    return wish(region, drained, said.reason, said.signed.author, seconds, force);
  }

  /**
   * What a node is sent.
   *
   * @param seconds after which it ends by itself; 0 for never
   */
  static Json.Obj wish(
      String region, boolean drained, String reason, String author, long seconds, boolean force) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("region", new Json.Str(region));
    members.put("drained", Json.Bool.of(drained));
    members.put("reason", new Json.Str(reason));
    members.put("author", new Json.Str(author));
    if (seconds > 0) {
      members.put("for_seconds", new Json.Num(seconds));
    }
    if (force) {
      members.put("force", Json.Bool.TRUE);
    }
    return new Json.Obj(members);
  }

  private static Json.@Nullable Obj named(Json.Obj answer, String name) {
    if (answer.get("regions") instanceof Json.Arr rows) {
      for (Json row : rows.elements()) {
        if (row instanceof Json.Obj found && AdminNode.text(found, "name").equals(name)) {
          return found;
        }
      }
    }
    return null;
  }

  private static void print(Json.Obj answer) {
    System.out.printf(
        "%-20s %-5s %-8s %-20s %-20s %s%n", "REGION", "UP", "DRAINED", "UNTIL", "BY", "REASON");
    if (answer.get("regions") instanceof Json.Arr rows) {
      rows.elements().forEach(row -> print1((Json.Obj) row));
    }
  }

  private static void print1(Json.Obj row) {
    boolean drained = row.get("drained") == Json.Bool.TRUE;
    System.out.printf(
        "%-20s %-5s %-8s %-20s %-20s %s%n",
        AdminNode.text(row, "name"),
        row.get("up") == Json.Bool.TRUE ? "yes" : "no",
        drained ? "yes" : "no",
        drained && row.get("until") instanceof Json.Num until
            ? Instant.ofEpochMilli((long) until.value()).truncatedTo(ChronoUnit.SECONDS).toString()
            : "",
        AdminNode.text(row, "author"),
        AdminNode.text(row, "reason"));
  }
}
