package io.openclaw.app;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.net.PeersSettings;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * From files, environment and flags to a {@link NodeConfig}: later files overlay earlier ones,
 * {@code OPENCLAW_*} variables override files, flags override variables. Everything unknown, wrong
 * or without effect is refused, with its place.
 */
final class ConfigLoader {
  static final String MESH_SECRET = "OPENCLAW_MESH_SECRET";
  static final String ADMIN_KEY = "OPENCLAW_ADMIN_KEY";

  /**
   * Variables that are no settings: secrets, and what the launcher and the client commands read.
   */
  private static final Set<String> OTHER_VARIABLES =
      Set.of(
          MESH_SECRET,
          ADMIN_KEY,
          "OPENCLAW_KEY",
          "OPENCLAW_HOME",
          "OPENCLAW_JAVA_HOME",
          "OPENCLAW_JAVA_OPTS",
          "OPENCLAW_AOT",
          "OPENCLAW_BUILD",
          "OPENCLAW_LAUNCHER",
          "OPENCLAW_JVM_ARGFILE");

  private static final String BUILTIN = "builtin:";
  private static final int MODEL_BYTES_MAX = 16 << 20;
  private static final int REGIONS_MAX = 300;
  private static final String REGION_NAME = "[A-Za-z0-9][A-Za-z0-9.-]{0,62}";
  private static final String REGION_EXPECTED = "letters, digits, '.' or '-', at most 63";

  private final ConfigReader reader = new ConfigReader();
  private final YamlTree.Branch root;
  private final Map<String, String> environment;
  private final Map<Setting, String> flags;
  private final Map<Setting, String> settings = new LinkedHashMap<>();

  private ConfigLoader(
      YamlTree.Branch root, Map<String, String> environment, Map<Setting, String> flags) {
    this.root = root;
    this.environment = environment;
    this.flags = flags;
  }

  /**
   * @param samples whether to begin with the sample tenants
   * @param files laid over one another in this order
   */
  static NodeConfig load(
      boolean samples,
      List<Path> files,
      Map<String, String> environment,
      Map<Setting, String> flags)
      throws ConfigException {
    YamlTree.Branch root =
        samples ? YamlTree.parse("samples.yaml", samplesYaml()) : YamlTree.Branch.empty();
    for (Path file : files) {
      root = overlay(root, YamlTree.read(file));
    }
    return new ConfigLoader(root, environment, flags).load();
  }

  /** Keys add up over all files; everything else is overlaid. */
  private static YamlTree.Branch overlay(YamlTree.Branch below, YamlTree.Branch above) {
    YamlTree.Branch merged = below.overlaidBy(above);
    if (above.get("tenants") instanceof YamlTree.Branch told
        && merged.get("tenants") instanceof YamlTree.Branch all) {
      told.members()
          .forEach(
              (id, tenant) -> {
                if (tenant instanceof YamlTree.Branch newer
                    && all.get(id) instanceof YamlTree.Branch both) {
                  replaceModels(newer, both);
                }
              });
    }
    if (below.get("keys") instanceof YamlTree.Items first
        && above.get("keys") instanceof YamlTree.Items second) {
      List<YamlTree> all = new ArrayList<>(first.elements());
      all.addAll(second.elements());
      merged.members().put("keys", new YamlTree.Items(second.place(), all));
    }
    return merged;
  }

  /** A tenant's model and models are one thing: the newer word for it holds. */
  private static void replaceModels(YamlTree.Branch newer, YamlTree.Branch both) {
    boolean one = newer.get("model") != null;
    boolean several = newer.get("models") != null;
    if (one != several) {
      both.members().remove(one ? "models" : "model");
    }
  }

  static String samplesYaml() {
    return new String(
        builtin("samples.yaml").orElseThrow(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private NodeConfig load() throws ConfigException {
    Set<String> sections =
        new LinkedHashSet<>(List.of("regions", "models", "tenants", "keys", "limit", "quota"));
    Setting.ALL.forEach(s -> sections.add(s.path().split("\\.", -1)[0]));
    reader.onlyKnown(root, "", sections);
    scalars();
    variables();
    List<String> regions = regions();
    Map<String, String> peers = peers(regions);
    Secret meshSecret = meshSecret();
    LeaseSettings leases = leases(regions);
    LimitSpec global = limit(root, "", "global", LimitSpec.Level.GLOBAL);
    QuotaSpec globalQuota = quota(root, "", "global", LimitSpec.Level.GLOBAL);
    List<NodeConfig.Model> models = models();
    List<Tenant> tenants = tenants(models);
    List<ApiKey> keys = keys(tenants);
    holdsDearest(global, "limit", tenants);
    holdsDearest(globalQuota, "quota", tenants);
    models.forEach(
        m -> {
          holdsDearest(m.limit(), "models." + m.name() + ".limit", tenants);
          holdsDearest(m.quota(), "models." + m.name() + ".quota", tenants);
        });
    reader.finish();
    return new NodeConfig(
        settings, regions, peers, meshSecret, leases, global, globalQuota, models, tenants, keys);
  }

  private void scalars() {
    Map<String, Set<String>> known = new LinkedHashMap<>();
    for (Setting setting : Setting.ALL) {
      String[] parts = setting.path().split("\\.", -1);
      YamlTree.Branch parent = root;
      if (parts.length == 2) {
        known.computeIfAbsent(parts[0], section -> new HashSet<>()).add(parts[1]);
        parent = reader.branch(root, "", parts[0]);
      }
      String path = parts.length == 2 ? parts[0] : "";
      Optional<YamlTree.Leaf> leaf = reader.leaf(parent, path, parts[parts.length - 1]);
      String variable = environment.get(setting.variable());
      String flag = flags.get(setting);
      if (flag != null) {
        take(setting, flag, "--" + setting.path());
      } else if (variable != null) {
        take(setting, variable, setting.variable());
      } else {
        leaf.ifPresent(l -> take(setting, l.text(), l.place() + ": " + setting.path()));
      }
    }
    known.getOrDefault("mesh", new HashSet<>()).add("peers");
    known.getOrDefault("leases", new HashSet<>()).addAll(List.of("voters", "votersBefore"));
    known.forEach(
        (section, names) -> reader.onlyKnown(reader.branch(root, "", section), section, names));
  }

  private void take(Setting setting, String value, String origin) {
    if (setting.equals(Setting.REGION) && !value.matches(REGION_NAME)) {
      reader.complain("", origin + ": " + value + " (expected: " + REGION_EXPECTED + ")");
    } else if (setting.accepts(value)) {
      settings.put(setting, value);
    } else {
      reader.complain("", origin + ": " + value + " (expected: " + setting.expected() + ")");
    }
  }

  private void variables() {
    Set<String> known = new TreeSet<>(OTHER_VARIABLES);
    Setting.ALL.forEach(s -> known.add(s.variable()));
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith("OPENCLAW_") && !known.contains(name)) {
        reader.complain(
            "", name + ": unknown environment variable (expected: one of " + known + ")");
      }
    }
  }

  private String get(Setting setting) {
    return settings.getOrDefault(setting, setting.fallback());
  }

  private List<String> regions() {
    List<String> regions = reader.texts(root, "", "regions");
    String place = place("regions");
    if (regions.isEmpty()) {
      return List.of(get(Setting.REGION));
    }
    if (!regions.contains(get(Setting.REGION))) {
      reader.complain(
          place,
          "regions: "
              + regions
              + " (expected: this node's region among them, "
              + get(Setting.REGION)
              + ")");
    }
    if (new HashSet<>(regions).size() != regions.size() || regions.size() > REGIONS_MAX) {
      reader.complain(place, "regions: (expected: at most " + REGIONS_MAX + " different names)");
    }
    for (String region : regions) {
      if (!region.matches(REGION_NAME)) {
        reader.complain(place, "regions: \"" + region + "\" (expected: " + REGION_EXPECTED + ")");
      }
    }
    if (regions.size() > 1 && get(Setting.MESH_KIND).equals("none")) {
      reader.complain(
          place, "regions: more than one without mesh.kind (expected: mesh.kind: peers)");
    }
    return regions;
  }

  private String place(String name) {
    YamlTree value = root.get(name);
    return value == null ? "" : value.place();
  }

  private Map<String, String> peers(List<String> regions) {
    YamlTree.Branch mesh = reader.branch(root, "", "mesh");
    YamlTree.Branch branch = reader.branch(mesh, "mesh", "peers");
    Map<String, String> peers = new LinkedHashMap<>();
    boolean none = get(Setting.MESH_KIND).equals("none");
    if (none) {
      mesh.members()
          .forEach(
              (name, value) -> {
                if (!name.equals("kind")) {
                  reader.complain(
                      value.place(), "mesh." + name + ": no effect without mesh.kind: peers");
                }
              });
      return peers;
    }
    for (String region : branch.members().keySet()) {
      String address = reader.text(branch, "mesh.peers", region, "");
      if (!regions.contains(region) || region.equals(get(Setting.REGION))) {
        reader.complain(
            branch.place(),
            "mesh.peers." + region + ": (expected: one of the other regions, " + regions + ")");
      }
      try {
        PeersSettings.Address.parse(address);
      } catch (IllegalArgumentException e) {
        reader.complain(
            branch.place(), "mesh.peers." + region + ": " + address + " (expected: host:port)");
      }
      peers.put(region, address);
    }
    for (String region : regions) {
      if (!region.equals(get(Setting.REGION)) && !peers.containsKey(region)) {
        reader.complain(mesh.place(), "mesh.peers." + region + ": missing (expected: host:port)");
      }
    }
    return peers;
  }

  private Secret meshSecret() {
    if (get(Setting.MESH_KIND).equals("none")) {
      return Secret.NONE;
    }
    String secret = environment.getOrDefault(MESH_SECRET, "");
    String file = get(Setting.MESH_SECRET_FILE);
    if (secret.isEmpty() && !file.isEmpty()) {
      try {
        secret = Files.readString(Path.of(file)).strip();
      } catch (IOException e) {
        reader.complain("", "mesh.secretFile: " + file + " cannot be read");
        return Secret.NONE;
      }
    }
    if (secret.length() < PeersSettings.SECRET_LENGTH_MIN
        || secret.length() > PeersSettings.SECRET_LENGTH_MAX
        || !secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      reader.complain(
          "",
          "mesh.kind: peers needs a secret of "
              + PeersSettings.SECRET_LENGTH_MIN
              + " to "
              + PeersSettings.SECRET_LENGTH_MAX
              + " visible ASCII characters in mesh.secretFile or "
              + MESH_SECRET);
    }
    return new Secret(secret);
  }

  private LeaseSettings leases(List<String> regions) {
    YamlTree.Branch branch = reader.branch(root, "", "leases");
    List<String> voters = reader.texts(branch, "leases", "voters");
    List<String> before = reader.texts(branch, "leases", "votersBefore");
    LeaseSettings defaults = LeaseSettings.of(get(Setting.REGION), known(regions));
    if (get(Setting.MESH_KIND).equals("none")) {
      branch
          .members()
          .forEach(
              (name, value) ->
                  reader.complain(
                      value.place(), "leases." + name + ": no effect without mesh.kind: peers"));
      return defaults;
    }
    List<List<String>> sets = new ArrayList<>();
    if (!before.isEmpty()) {
      sets.add(before);
    }
    sets.add(voters.isEmpty() ? defaults.voters().getFirst() : voters);
    try {
      return new LeaseSettings(
          get(Setting.REGION),
          defaults.regions(),
          sets,
          Long.parseLong(get(Setting.LEASES_CONFIGURATION)),
          Long.parseLong(get(Setting.LEASES_MILLIS)) * 1_000_000,
          Integer.parseInt(get(Setting.LEASES_DRIFT_PPM)),
          Integer.parseInt(get(Setting.LEASES_FLOOR_PPM)));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), "leases." + e.getMessage());
      return defaults;
    }
  }

  /** The regions as far as they make sense; what does not was complained about. */
  private List<String> known(List<String> regions) {
    Set<String> known = new TreeSet<>(regions);
    known.add(get(Setting.REGION));
    return List.copyOf(known);
  }

  private List<NodeConfig.Model> models() {
    List<NodeConfig.Model> models = new ArrayList<>();
    YamlTree.Branch all = reader.branch(root, "", "models");
    reader
        .branches(all, "models")
        .forEach(
            (name, branch) -> {
              String path = "models." + name;
              reader.onlyKnown(branch, path, List.of("kind", "version", "file", "limit", "quota"));
              String kind = reader.text(branch, path, "kind", "");
              if (!List.of("scorecard", "items").contains(kind)) {
                reader.complain(
                    branch.place(),
                    path + ".kind: " + kind + " (expected: one of [items, scorecard])");
              }
              if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
                reader.complain(
                    branch.place(),
                    path + ": (expected: a name of letters, digits, '.', '_' or '-')");
              }
              String version = reader.text(branch, path, "version", "v1");
              byte @Nullable [] bytes = modelBytes(branch, path);
              LimitSpec limit = limit(branch, path, "model/" + name, LimitSpec.Level.MODEL);
              QuotaSpec quota = quota(branch, path, "model/" + name, LimitSpec.Level.MODEL);
              if (bytes != null) {
                models.add(
                    new NodeConfig.Model(branch.place(), name, kind, version, bytes, limit, quota));
              }
            });
    return models;
  }

  /**
   * The model's document; a relative path starts at the folder of the configuration file that names
   * it.
   */
  private byte @Nullable [] modelBytes(YamlTree.Branch branch, String path) {
    Optional<YamlTree.Leaf> leaf = reader.leaf(branch, path, "file");
    if (leaf.isEmpty()) {
      reader.complain(branch.place(), path + ".file: missing (expected: the model's JSON file)");
      return null;
    }
    String name = leaf.get().text();
    if (name.startsWith(BUILTIN)) {
      Optional<byte[]> bytes = builtin(name.substring(BUILTIN.length()));
      if (bytes.isEmpty()) {
        reader.complain(
            leaf.get().place(),
            path
                + ".file: "
                + name
                + " (expected: builtin:credit-g.scorecard.json or builtin:items.json)");
      }
      return bytes.orElse(null);
    }
    String configFile = leaf.get().place().replaceFirst(":\\d+:\\d+$", "");
    Path file = Path.of(configFile).toAbsolutePath().resolveSibling(name);
    try {
      if (Files.size(file) <= MODEL_BYTES_MAX) {
        return Files.readAllBytes(file);
      }
      reader.complain(
          leaf.get().place(),
          path + ".file: " + file + " is larger than " + MODEL_BYTES_MAX + " bytes");
    } catch (IOException e) {
      reader.complain(leaf.get().place(), path + ".file: " + file + " cannot be read");
    }
    return null;
  }

  private static Optional<byte[]> builtin(String name) {
    if (!name.matches("[a-z0-9.-]+")) {
      return Optional.empty();
    }
    try (InputStream in = ConfigLoader.class.getResourceAsStream("/samples/" + name)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private List<Tenant> tenants(List<NodeConfig.Model> models) {
    List<Tenant> tenants = new ArrayList<>();
    Set<String> used = new HashSet<>();
    Set<String> names = new TreeSet<>(models.stream().map(NodeConfig.Model::name).toList());
    reader
        .branches(reader.branch(root, "", "tenants"), "tenants")
        .forEach(
            (id, branch) -> {
              String path = "tenants." + id;
              reader.onlyKnown(
                  branch, path, List.of("model", "models", "threshold", "limit", "quota", "cost"));
              if (branch.get("model") != null && branch.get("models") != null) {
                reader.complain(
                    branch.place(), path + ": model and models (expected: one of them)");
              }
              List<String> own = new ArrayList<>(reader.texts(branch, path, "models"));
              own.addAll(reader.texts(branch, path, "model"));
              for (String model : own) {
                used.add(model);
                if (!names.contains(model)) {
                  reader.complain(
                      branch.place(),
                      path + ".models: " + model + " (expected: one of " + names + ")");
                }
              }
              long cost = reader.number(branch, path, "cost", 1, 1, LimitSpec.BURST_MAX);
              Decimal threshold = reader.decimal(branch, path, "threshold");
              LimitSpec limit = limit(branch, path, "tenant/" + id, LimitSpec.Level.TENANT);
              QuotaSpec quota = quota(branch, path, "tenant/" + id, LimitSpec.Level.TENANT);
              try {
                tenants.add(new Tenant(id, own, threshold, cost, limit, quota));
              } catch (IllegalArgumentException e) {
                reader.complain(branch.place(), path + ": " + e.getMessage());
              }
            });
    for (NodeConfig.Model model : models) {
      if (!used.contains(model.name())) {
        reader.complain(model.place(), "models." + model.name() + ": no tenant uses it");
      }
    }
    if (tenants.isEmpty() && reader.isClean()) {
      reader.complain("", "no tenant is configured (expected: at least one under tenants)");
    }
    return tenants;
  }

  private @Nullable LimitSpec limit(
      YamlTree.Branch parent, String path, String id, LimitSpec.Level level) {
    if (parent.get("limit") == null) {
      return null;
    }
    YamlTree.Branch branch = reader.branch(parent, path, "limit");
    String at = ConfigReader.join(path, "limit");
    boolean isKey = level == LimitSpec.Level.KEY;
    reader.onlyKnown(
        branch,
        at,
        isKey ? List.of("rate", "burst") : List.of("rate", "burst", "mode", "overdraft", "dryRun"));
    Decimal rate = reader.decimal(branch, at, "rate");
    long burst = reader.number(branch, at, "burst", 0, 1, LimitSpec.BURST_MAX);
    if (rate == null || branch.get("burst") == null) {
      reader.complain(
          branch.place(), at + ": (expected: rate, tokens per second, and burst, whole tokens)");
      return null;
    }
    double perSecond = Double.parseDouble(rate.toString());
    long milli = Math.round(perSecond * 1000);
    if (Math.abs(milli - perSecond * 1000) > 1e-6) {
      reader.complain(
          branch.place(),
          at + ".rate: " + rate + " (expected: at most three digits after the point)");
      return null;
    }
    if (burst == 0) {
      return null; // complained about already
    }
    try {
      LimitSpec.Mode mode = mode(branch, at);
      long overdraft = reader.number(branch, at, "overdraft", 0, 1, LimitSpec.BURST_MAX);
      return new LimitSpec(id, level, milli, burst, mode, overdraft, dryRun(branch, at));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), at + "." + e.getMessage());
      return null;
    }
  }

  private @Nullable QuotaSpec quota(
      YamlTree.Branch parent, String path, String id, LimitSpec.Level level) {
    if (parent.get("quota") == null) {
      return null;
    }
    YamlTree.Branch branch = reader.branch(parent, path, "quota");
    String at = ConfigReader.join(path, "quota");
    reader.onlyKnown(branch, at, List.of("tokens", "per", "dryRun"));
    long tokens = reader.number(branch, at, "tokens", 0, 1, QuotaSpec.TOKENS_MAX);
    Optional<YamlTree.Leaf> per = reader.leaf(branch, at, "per");
    if (branch.get("tokens") == null || per.isEmpty()) {
      reader.complain(
          branch.place(), at + ": (expected: tokens, a whole number, and per, day or month)");
      return null;
    }
    boolean dryRun = dryRun(branch, at);
    if (tokens == 0) {
      return null; // complained about already
    }
    try {
      return new QuotaSpec(id, level, tokens, QuotaSpec.Per.of(per.get().text()), dryRun);
    } catch (IllegalArgumentException e) {
      reader.complain(per.get().place(), at + "." + e.getMessage());
      return null;
    }
  }

  private LimitSpec.Mode mode(YamlTree.Branch branch, String at) {
    String text = reader.text(branch, at, "mode", LimitSpec.Mode.STRICT.text());
    for (LimitSpec.Mode mode : LimitSpec.Mode.values()) {
      if (mode.text().equals(text)) {
        return mode;
      }
    }
    List<String> allowed =
        Arrays.stream(LimitSpec.Mode.values()).map(LimitSpec.Mode::text).toList();
    reader.complain(branch.place(), at + ".mode: " + text + " (expected: one of " + allowed + ")");
    return LimitSpec.Mode.STRICT;
  }

  private boolean dryRun(YamlTree.Branch branch, String at) {
    String text = reader.text(branch, at, "dryRun", "false");
    if (!text.equals("true") && !text.equals("false")) {
      reader.complain(
          branch.place(), at + ".dryRun: " + text + " (expected: one of [false, true])");
    }
    return text.equals("true");
  }

  /** A limit of several tenants must be able to admit each of them. */
  private void holdsDearest(@Nullable LimitSpec limit, String path, List<Tenant> tenants) {
    long dearest = tenants.stream().mapToLong(Tenant::cost).max().orElse(1);
    if (limit != null && limit.burst() < dearest) {
      reader.complain(
          "",
          path + ".burst: " + limit.burst() + " (expected: >= the dearest cost, " + dearest + ")");
    }
  }

  private void holdsDearest(@Nullable QuotaSpec quota, String path, List<Tenant> tenants) {
    long dearest = tenants.stream().mapToLong(Tenant::cost).max().orElse(1);
    if (quota != null && quota.tokens() < dearest) {
      reader.complain(
          "",
          path
              + ".tokens: "
              + quota.tokens()
              + " (expected: >= the dearest cost, "
              + dearest
              + ")");
    }
  }

  private List<ApiKey> keys(List<Tenant> tenants) {
    List<ApiKey> keys = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    YamlTree value = root.get("keys");
    if (value != null && !(value instanceof YamlTree.Items)) {
      reader.complain(value.place(), "keys: (expected: a list)");
      return keys;
    }
    for (YamlTree element :
        value instanceof YamlTree.Items items ? items.elements() : List.<YamlTree>of()) {
      if (!(element instanceof YamlTree.Branch branch)) {
        reader.complain(element.place(), "keys: (expected: maps with id, sha256 and tenant)");
        continue;
      }
      key(branch, tenants)
          .ifPresent(
              key -> {
                if (!ids.add(key.id())) {
                  reader.complain(branch.place(), "keys: " + key.id() + " stands here twice");
                }
                keys.add(key);
              });
    }
    return keys;
  }

  private Optional<ApiKey> key(YamlTree.Branch branch, List<Tenant> tenants) {
    reader.onlyKnown(
        branch,
        "keys",
        List.of("id", "sha256", "tenant", "scopes", "expires", "limit", "quota", "label"));
    String id = reader.text(branch, "keys", "id", "");
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String text : reader.texts(branch, "keys", "scopes")) {
      Scope.of(text)
          .ifPresentOrElse(
              scopes::add,
              () ->
                  reader.complain(
                      branch.place(),
                      "keys.scopes: " + text + " (expected: one of [rate, read, tenants:any])"));
    }
    if (branch.get("scopes") == null) {
      scopes.add(Scope.RATE);
    }
    Set<String> names = new TreeSet<>(tenants.stream().map(Tenant::id).toList());
    Optional<String> tenant = reader.leaf(branch, "keys", "tenant").map(YamlTree.Leaf::text);
    if (scopes.contains(Scope.TENANTS_ANY) == tenant.isPresent()
        || tenant.isPresent() && !names.contains(tenant.get())) {
      reader.complain(
          branch.place(),
          "keys.tenant: "
              + tenant.orElse("none")
              + " (expected: one of "
              + names
              + ", or none with the scope tenants:any)");
    }
    LimitSpec limit = limit(branch, "keys", "key/" + id, LimitSpec.Level.KEY);
    long cost = cost(tenant, tenants);
    if (limit != null && limit.burst() < cost) {
      reader.complain(
          branch.place(),
          "keys.limit.burst: " + limit.burst() + " (expected: >= the tenant's cost, " + cost + ")");
    }
    QuotaSpec quota = quota(branch, "keys", "key/" + id, LimitSpec.Level.KEY);
    if (quota != null && quota.tokens() < cost) {
      reader.complain(
          branch.place(),
          "keys.quota.tokens: "
              + quota.tokens()
              + " (expected: >= the tenant's cost, "
              + cost
              + ")");
    }
    try {
      return Optional.of(
          new ApiKey(
              id,
              reader.text(branch, "keys", "sha256", ""),
              tenant.orElse(null),
              scopes,
              expires(branch),
              false,
              limit,
              quota,
              reader.text(branch, "keys", "label", "")));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), "keys: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static long cost(Optional<String> tenant, List<Tenant> tenants) {
    return tenants.stream()
        .filter(t -> tenant.isPresent() && t.id().equals(tenant.get()))
        .mapToLong(Tenant::cost)
        .findFirst()
        .orElse(1);
  }

  private long expires(YamlTree.Branch branch) {
    Optional<YamlTree.Leaf> leaf = reader.leaf(branch, "keys", "expires");
    if (leaf.isEmpty()) {
      return ApiKey.NEVER;
    }
    try {
      return Instant.parse(leaf.get().text()).toEpochMilli();
    } catch (DateTimeParseException e) {
      reader.complain(
          leaf.get().place(),
          "keys.expires: " + leaf.get().text() + " (expected: like 2027-01-31T00:00:00Z)");
      return ApiKey.NEVER;
    }
  }
}
