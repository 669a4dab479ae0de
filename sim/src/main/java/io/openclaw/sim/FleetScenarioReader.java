package io.openclaw.sim;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * From a YAML file to a {@link FleetScenario}. Everything unknown, wrong or too much is refused,
 * with its place and what is allowed: docs/simulate.md.
 */
final class FleetScenarioReader {
  static final int REGIONS_MAX = 64;
  static final int LIMITS_MAX = 20;
  static final int KEYS_MAX = 1_000_000;
  static final int SECONDS_MAX = 3600;
  static final int PHASES_MAX = 1000;
  static final int EVENTS_MAX = 1000;
  static final long REQUESTS_MAX = 10_000_000;

  /** Seconds x regions x limits: what a run remembers grows with it. */
  static final long CELLS_MAX = 60_000;

  private static final String REGION_NAME = "[A-Za-z0-9][A-Za-z0-9.-]{0,62}";
  private static final double ZIPF_MAX = 5;
  private static final long RTT_MILLIS_MAX = 10_000;

  private final ConfigReader reader = new ConfigReader();
  private final YamlTree.Branch root;
  private int seconds;
  private List<String> regions = List.of();
  private final Map<String, FleetScenario.Plan> plans = new LinkedHashMap<>();

  private FleetScenarioReader(YamlTree.Branch root) {
    this.root = root;
  }

  static FleetScenario read(Path file) throws ConfigException {
    return new FleetScenarioReader(YamlTree.read(file)).scenario();
  }

  static FleetScenario parse(String name, String document) throws ConfigException {
    return new FleetScenarioReader(YamlTree.parse(name, document)).scenario();
  }

  private FleetScenario scenario() throws ConfigException {
    reader.onlyKnown(
        root,
        "",
        Set.of(
            "name",
            "description",
            "seed",
            "seconds",
            "regions",
            "network",
            "driftPpm",
            "leaseMillis",
            "limits",
            "load",
            "events",
            "expect"));
    seconds = (int) reader.number(root, "", "seconds", 30, 1, SECONDS_MAX);
    regions = regions();
    FleetScenario.Network network = network();
    List<FleetScenario.Plan> limits = limits();
    reader.finish(); // what follows names regions and limits
    List<FleetScenario.Phase> load = load();
    List<FleetScenario.Event> events = list(root, "", "events", EVENTS_MAX, this::event);
    List<FleetScenario.Expectation> expect =
        list(root, "", "expect", EVENTS_MAX, this::expectation);
    bound(limits, load);
    FleetScenario scenario =
        new FleetScenario(
            reader.text(root, "", "name", "unnamed"),
            reader.text(root, "", "description", ""),
            reader.number(root, "", "seed", 1, 0, Long.MAX_VALUE),
            seconds,
            regions,
            network,
            (int) reader.number(root, "", "driftPpm", 100, 0, LeaseSettings.DRIFT_PPM),
            reader.number(
                root,
                "",
                "leaseMillis",
                LeaseSettings.LEASE_NANOS / 1_000_000,
                LeaseSettings.LEASE_NANOS_MIN / 1_000_000,
                LeaseSettings.LEASE_NANOS_MAX / 1_000_000),
            limits,
            load,
            events,
            expect);
    reader.finish();
    return scenario;
  }

  /** Refuses more than a run could remember. */
  private void bound(List<FleetScenario.Plan> limits, List<FleetScenario.Phase> load) {
    long single = limits.stream().filter(plan -> !plan.isMany()).count();
    long cells = seconds * single * regions.size();
    if (cells > CELLS_MAX) {
      reader.complain(
          "seconds",
          cells + " = seconds x regions x limits (expected: at most " + CELLS_MAX + " of them)");
    }
    double requests = 0;
    for (FleetScenario.Phase phase : load) {
      requests += phase.requests(limits.get(phase.limit()).cost());
    }
    if (requests > REQUESTS_MAX) {
      reader.complain(
          "load",
          Math.round(requests) + " requests in all (expected: at most " + REQUESTS_MAX + ")");
    }
  }

  private List<String> regions() {
    YamlTree value = root.get("regions");
    if (value instanceof YamlTree.Leaf leaf && leaf.text().matches("[0-9]+")) {
      int count = (int) reader.number(root, "", "regions", 3, 2, REGIONS_MAX);
      List<String> names = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        names.add(count <= 10 ? "r" + i : Texts.format("r%02d", i));
      }
      return names;
    }
    List<String> names = reader.texts(root, "", "regions");
    String place = value == null ? "" : value.place();
    for (String name : names) {
      if (!name.matches(REGION_NAME)) {
        reader.complain(
            place, "regions: " + name + " (expected: letters, digits, '.' or '-', at most 63)");
      }
    }
    if (names.size() < 2
        || names.size() > REGIONS_MAX
        || new TreeSet<>(names).size() < names.size()) {
      reader.complain(
          place,
          "regions: "
              + names
              + " (expected: a number or names, 2 to "
              + REGIONS_MAX
              + ", each once)");
    }
    return names;
  }

  private FleetScenario.Network network() {
    YamlTree.Branch branch = reader.branch(root, "", "network");
    reader.onlyKnown(
        branch,
        "network",
        Set.of("rttMillis", "pairs", "jitter", "loss", "repetition", "reordering"));
    double rtt = decimal(branch, "network", "rttMillis", 40, 0, RTT_MILLIS_MAX);
    long[][] oneWay = new long[regions.size()][regions.size()];
    for (long[] row : oneWay) {
      java.util.Arrays.fill(row, Math.round(rtt * 1e6 / 2));
    }
    list(
        branch,
        "network",
        "pairs",
        REGIONS_MAX * REGIONS_MAX,
        (pair, path) -> {
          reader.onlyKnown(pair, path, Set.of("between", "rttMillis"));
          List<Integer> both = regionList(pair, path, "between");
          if (both.size() != 2 || both.get(0).equals(both.get(1))) {
            reader.complain(
                pair.place(), path + ".between: " + both.size() + " regions (expected: 2)");
          } else {
            long nanos =
                Math.round(decimal(pair, path, "rttMillis", rtt, 0, RTT_MILLIS_MAX) * 1e6 / 2);
            oneWay[both.get(0)][both.get(1)] = nanos;
            oneWay[both.get(1)][both.get(0)] = nanos;
          }
          return pair;
        });
    return new FleetScenario.Network(
        oneWay,
        decimal(branch, "network", "jitter", 0, 0, 10),
        decimal(branch, "network", "loss", 0, 0, 1),
        decimal(branch, "network", "repetition", 0, 0, 1),
        choice(branch, "network", "reordering", "false", List.of("false", "true")).equals("true"));
  }

  private List<FleetScenario.Plan> limits() {
    List<FleetScenario.Plan> limits = list(root, "", "limits", LIMITS_MAX, this::plan);
    if (limits.isEmpty()) {
      reader.complain("", "limits: none (expected: 1 to " + LIMITS_MAX + ")");
    }
    return limits;
  }

  private FleetScenario.Plan plan(YamlTree.Branch branch, String path) {
    reader.onlyKnown(branch, path, Set.of("id", "rate", "burst", "cost", "mode", "count", "zipf"));
    String id = reader.text(branch, path, "id", "limit");
    long burst = reader.number(branch, path, "burst", 100, 1, LimitSpec.BURST_MAX);
    int count = (int) reader.number(branch, path, "count", 1, 1, KEYS_MAX);
    FleetScenario.Plan plan =
        new FleetScenario.Plan(
            id,
            milli(branch, path),
            burst,
            reader.number(branch, path, "cost", 1, 1, burst),
            LimitSpec.Mode.valueOf(
                choice(branch, path, "mode", "strict", List.of("strict", "gossip"))
                    .toUpperCase(java.util.Locale.ROOT)),
            count,
            decimal(branch, path, "zipf", 1, 0, ZIPF_MAX));
    if (count == 1 && branch.get("zipf") != null) {
      reader.complain(branch.place(), path + ".zipf: (expected: only with count)");
    }
    if (plans.putIfAbsent(id, plan) != null) {
      reader.complain(branch.place(), path + ".id: " + id + " (expected: each once)");
    }
    return plan;
  }

  private long milli(YamlTree.Branch branch, String path) {
    return Math.round(1000 * decimal(branch, path, "rate", 100, 0.001, LimitSpec.RATE_MAX));
  }

  private List<FleetScenario.Phase> load() {
    return list(root, "", "load", PHASES_MAX, this::phase);
  }

  private FleetScenario.Phase phase(YamlTree.Branch branch, String path) {
    reader.onlyKnown(branch, path, Set.of("limit", "from", "to", "arrivals", "offered"));
    double[] offered = new double[regions.size()];
    YamlTree value = branch.get("offered");
    if (value instanceof YamlTree.Branch each) {
      reader.onlyKnown(each, path + ".offered", regions);
      for (int region = 0; region < offered.length; region++) {
        offered[region] =
            decimal(each, path + ".offered", regions.get(region), 0, 0, LimitSpec.RATE_MAX);
      }
    } else if (value instanceof YamlTree.Leaf) {
      java.util.Arrays.fill(offered, decimal(branch, path, "offered", 0, 0, LimitSpec.RATE_MAX));
    } else {
      reader.complain(
          branch.place(),
          path + ".offered: (expected: tokens per second, for each region or by region)");
    }
    double from = time(branch, path, "from", 0);
    double to = time(branch, path, "to", seconds);
    if (to <= from) {
      reader.complain(branch.place(), path + ".to: " + Texts.number(to) + " (expected: > from)");
    }
    String arrivals = choice(branch, path, "arrivals", "poisson", List.of("poisson", "even"));
    return new FleetScenario.Phase(
        limit(branch, path, true), from, to, arrivals.equals("even"), offered);
  }

  private FleetScenario.Event event(YamlTree.Branch branch, String path) {
    double at = time(branch, path, "at", 0);
    List<String> known =
        List.of(
            "kill",
            "restart",
            "pause",
            "resume",
            "cut",
            "partition",
            "isolate",
            "heal",
            "change",
            "lose-disk");
    String what = choice(branch, path, "do", "", known);
    Set<String> members =
        switch (what) {
          case "cut" -> Set.of("from", "to");
          case "partition" -> Set.of("groups");
          case "heal", "" -> Set.of();
          case "change" -> Set.of("limit", "rate", "burst", "regions");
          default -> Set.of("region");
        };
    onlyKnown(branch, path, members, "at", "do");
    return switch (what) {
      case "kill" -> new FleetScenario.Event.Kill(at, region(branch, path, "region"));
      case "restart" -> new FleetScenario.Event.Restart(at, region(branch, path, "region"));
      case "pause" -> new FleetScenario.Event.Pause(at, region(branch, path, "region"));
      case "resume" -> new FleetScenario.Event.Resume(at, region(branch, path, "region"));
      case "isolate" -> new FleetScenario.Event.Isolate(at, region(branch, path, "region"));
      case "lose-disk" -> new FleetScenario.Event.LoseDisk(at, region(branch, path, "region"));
      case "cut" -> {
        int from = region(branch, path, "from");
        int to = region(branch, path, "to");
        if (from == to) {
          reader.complain(branch.place(), path + ".to: the same as from (expected: another)");
        }
        yield new FleetScenario.Event.Cut(at, from, to);
      }
      case "partition" -> new FleetScenario.Event.Partition(at, groups(branch, path));
      case "change" -> change(branch, path, at);
      default -> new FleetScenario.Event.Heal(at);
    };
  }

  private FleetScenario.Event change(YamlTree.Branch branch, String path, double at) {
    int limit = limit(branch, path, false);
    FleetScenario.Plan plan = List.copyOf(plans.values()).get(limit);
    List<Integer> those = regionList(branch, path, "regions");
    if (branch.get("regions") == null) {
      those = java.util.stream.IntStream.range(0, regions.size()).boxed().toList();
    }
    return new FleetScenario.Event.Change(
        at,
        limit,
        branch.get("rate") == null ? plan.milliPerSecond() : milli(branch, path),
        reader.number(branch, path, "burst", plan.burst(), plan.cost(), LimitSpec.BURST_MAX),
        those);
  }

  private List<List<Integer>> groups(YamlTree.Branch branch, String path) {
    List<List<Integer>> groups = new ArrayList<>();
    Set<Integer> seen = new TreeSet<>();
    if (branch.get("groups") instanceof YamlTree.Items items) {
      for (YamlTree element : items.elements()) {
        YamlTree.Branch holder = new YamlTree.Branch(element.place(), Map.of("groups", element));
        List<Integer> group = regionList(holder, path, "groups");
        groups.add(group);
        if (!group.stream().allMatch(seen::add)) {
          reader.complain(element.place(), path + ".groups: (expected: each region once)");
        }
      }
    }
    if (groups.isEmpty()) {
      reader.complain(
          branch.place(), path + ".groups: none (expected: a list of lists of regions)");
    }
    return groups;
  }

  private FleetScenario.Expectation expectation(YamlTree.Branch branch, String path) {
    List<String> kinds = List.of("utilisation", "excess", "jain", "share", "reclaimMillis");
    List<String> named = kinds.stream().filter(kind -> branch.get(kind) != null).toList();
    String kind = named.isEmpty() ? "excess" : named.getFirst();
    if (named.size() != 1) {
      reader.complain(branch.place(), path + ": " + named + " (expected: one of " + kinds + ")");
    }
    Set<String> members =
        switch (kind) {
          case "utilisation", "jain" -> Set.of("from", "to");
          case "share" -> Set.of("region", "after", "within");
          case "reclaimMillis" -> Set.of("after");
          default -> Set.of();
        };
    onlyKnown(branch, path, members, kind, "limit");
    int limit = limit(branch, path, true);
    if (!kind.equals("excess") && !kind.equals("utilisation")) {
      limit = limit(branch, path, false);
    }
    double from =
        time(branch, path, "from", Math.min(FleetScenario.WARM_UP_SECONDS, seconds / 2.0));
    double to = time(branch, path, "to", seconds);
    double after = time(branch, path, "after", 0);
    return switch (kind) {
      case "utilisation" ->
          new FleetScenario.Expectation.Utilisation(
              limit, decimal(branch, path, kind, 1, 0, 1), from, to);
      case "jain" ->
          new FleetScenario.Expectation.Jain(limit, decimal(branch, path, kind, 1, 0, 1), from, to);
      case "share" ->
          new FleetScenario.Expectation.Share(
              limit,
              region(branch, path, "region"),
              decimal(branch, path, kind, 1, 0, 1),
              after,
              decimal(branch, path, "within", 1, 0.01, SECONDS_MAX));
      case "reclaimMillis" ->
          new FleetScenario.Expectation.Reclaim(
              limit, after, decimal(branch, path, kind, 800, 1, 1000.0 * SECONDS_MAX));
      default ->
          new FleetScenario.Expectation.Excess(
              limit, decimal(branch, path, "excess", 0, 0, LimitSpec.BURST_MAX));
    };
  }

  private void onlyKnown(
      YamlTree.Branch branch, String path, Set<String> members, String... always) {
    Set<String> known = new TreeSet<>(members);
    known.addAll(List.of(always));
    reader.onlyKnown(branch, path, known);
  }

  /** The elements of a list of maps, each with its place in it. */
  private <T> List<T> list(
      YamlTree.Branch parent,
      String path,
      String name,
      int max,
      BiFunction<YamlTree.Branch, String, T> element) {
    List<T> all = new ArrayList<>();
    String at = ConfigReader.join(path, name);
    YamlTree value = parent.get(name);
    if (value instanceof YamlTree.Items items) {
      if (items.elements().size() > max) {
        reader.complain(
            items.place(),
            at + ": " + items.elements().size() + " (expected: at most " + max + ")");
        return all;
      }
      for (YamlTree each : items.elements()) {
        String here = at + "[" + all.size() + "]";
        if (each instanceof YamlTree.Branch branch) {
          all.add(element.apply(branch, here));
        } else {
          reader.complain(each.place(), here + ": (expected: a map)");
        }
      }
    } else if (value != null) {
      reader.complain(value.place(), at + ": (expected: a list of maps)");
    }
    return all;
  }

  private int limit(YamlTree.Branch branch, String path, boolean many) {
    List<String> ids = List.copyOf(plans.keySet());
    String id = reader.text(branch, path, "limit", ids.getFirst());
    int index = ids.indexOf(id);
    if (index < 0 || (!many && List.copyOf(plans.values()).get(index).isMany())) {
      reader.complain(
          branch.place(),
          path + ".limit: " + id + " (expected: one of " + ids + (many ? ")" : " without count)"));
    }
    return Math.max(0, index);
  }

  private int region(YamlTree.Branch branch, String path, String name) {
    String text = choice(branch, path, name, "", regions);
    return Math.max(0, regions.indexOf(text));
  }

  private List<Integer> regionList(YamlTree.Branch branch, String path, String name) {
    List<Integer> numbers = new ArrayList<>();
    for (String text : reader.texts(branch, path, name)) {
      if (regions.contains(text)) {
        numbers.add(regions.indexOf(text));
      } else {
        reader.complain(
            branch.place(), path + "." + name + ": " + text + " (expected: of " + regions + ")");
      }
    }
    return numbers;
  }

  /** One of some texts; an empty fallback means that there must be one. */
  private String choice(
      YamlTree.Branch branch,
      String path,
      String name,
      String fallback,
      Collection<String> allowed) {
    String text = reader.text(branch, path, name, fallback);
    if (!allowed.contains(text)) {
      YamlTree value = branch.get(name);
      reader.complain(
          value == null ? branch.place() : value.place(),
          ConfigReader.join(path, name) + ": " + text + " (expected: one of " + allowed + ")");
      return fallback;
    }
    return text;
  }

  private double time(YamlTree.Branch branch, String path, String name, double fallback) {
    return decimal(branch, path, name, fallback, 0, seconds);
  }

  private double decimal(
      YamlTree.Branch branch, String path, String name, double fallback, double min, double max) {
    Decimal decimal = reader.decimal(branch, path, name);
    if (decimal == null) {
      return fallback;
    }
    double value = decimal.unscaled() / Math.pow(10, decimal.scale());
    if (value < min || value > max) {
      YamlTree at = branch.get(name);
      reader.complain(
          at == null ? branch.place() : at.place(),
          ConfigReader.join(path, name)
              + ": "
              + Texts.number(value)
              + " (expected: "
              + Texts.number(min)
              + " to "
              + Texts.number(max)
              + ")");
      return fallback;
    }
    return value;
  }
}
