package io.openclaw.app;

import io.openclaw.limit.LeaseSettings;
import io.openclaw.net.PeersSettings;
import io.openclaw.release.Content;
import io.openclaw.release.ContentReader;
import io.openclaw.release.ModelFiles;
import io.openclaw.tls.CertificateFiles;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * From files, environment and flags to a {@link NodeConfig}: later files overlay earlier ones,
 * {@code OPENCLAW_*} variables override files, flags override variables. Everything unknown, wrong
 * or without effect is refused, with its place.
 */
final class ConfigLoader {
  static final String MESH_SECRET = "OPENCLAW_MESH_SECRET";
  static final String SOURCE_AUTHORIZATION = "OPENCLAW_RELEASE_SOURCE_AUTHORIZATION";
  static final String CACHE_SECRET = "OPENCLAW_CACHE_SECRET";
  static final String CACHE_PASSWORD = "OPENCLAW_CACHE_REDIS_PASSWORD";
  static final String ADMIN_KEY = "OPENCLAW_ADMIN_KEY";

  /**
   * Variables that are no settings: secrets, and what the launcher and the client commands read.
   */
  private static final Set<String> OTHER_VARIABLES =
      Set.of(
          MESH_SECRET,
          SOURCE_AUTHORIZATION,
          CACHE_SECRET,
          CACHE_PASSWORD,
          ADMIN_KEY,
          "OPENCLAW_KEY",
          "OPENCLAW_HOME",
          "OPENCLAW_JAVA_HOME",
          "OPENCLAW_JAVA_OPTS",
          "OPENCLAW_AOT",
          "OPENCLAW_BUILD",
          "OPENCLAW_ONNX",
          "OPENCLAW_LAUNCHER",
          "OPENCLAW_JVM_ARGFILE");

  private static final int SOURCE_AUTHORIZATION_LENGTH_MAX = 4096;
  private static final int REGIONS_MAX = 300;
  private static final String REDIS_URL =
      "rediss?://([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?(/[0-9]{1,3})?";
  private static final String SERVER_NAME =
      "(\\*\\.)?[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){0,10}";
  static final String REGION_NAME = "[A-Za-z0-9][A-Za-z0-9.-]{0,62}";
  static final String REGION_EXPECTED = "letters, digits, '.' or '-', at most 63";

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

  /**
   * The content that files hold, laid over one another in this order; anything but content is
   * refused.
   */
  static Content content(List<Path> files) throws ConfigException {
    YamlTree.Branch root = YamlTree.Branch.empty();
    for (Path file : files) {
      root = overlay(root, YamlTree.read(file));
    }
    ConfigReader reader = new ConfigReader();
    reader.onlyKnown(root, "", ContentReader.SECTIONS);
    Content content =
        new ContentReader(reader, new ModelFiles.OnDisk(ConfigLoader::builtin)).read(root);
    reader.finish();
    return content;
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
    Set<String> sections = new LinkedHashSet<>(ContentReader.SECTIONS);
    sections.add("regions");
    Setting.ALL.forEach(s -> sections.add(s.path().split("\\.", -1)[0]));
    reader.onlyKnown(root, "", sections);
    scalars();
    variables();
    List<String> regions = regions();
    Map<String, String> peers = peers(regions);
    List<CertificateFiles.Named> tlsNames = tlsNames();
    tlsPairs();
    Secret meshSecret = meshSecret();
    Secret sourceAuthorization = sourceAuthorization();
    CacheSecrets cacheSecrets = cacheSecrets();
    LeaseSettings leases = leases(regions);
    webhooks();
    Content content =
        new ContentReader(reader, new ModelFiles.OnDisk(ConfigLoader::builtin)).read(root);
    reader.finish();
    return new NodeConfig(
        settings,
        regions,
        peers,
        tlsNames,
        meshSecret,
        sourceAuthorization,
        cacheSecrets,
        leases,
        content);
  }

  private void scalars() {
    Map<String, Set<String>> known = new LinkedHashMap<>();
    Map<String, YamlTree.Branch> branches = new LinkedHashMap<>();
    for (Setting setting : Setting.ALL) {
      String[] parts = setting.path().split("\\.", -1);
      YamlTree.Branch parent = root;
      String path = "";
      for (int i = 0; i < parts.length - 1; i++) {
        parent = reader.branch(parent, path, parts[i]);
        path = ConfigReader.join(path, parts[i]);
        branches.put(path, parent);
        known.computeIfAbsent(path, section -> new HashSet<>()).add(parts[i + 1]);
      }
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
    known.getOrDefault("http.tls", new HashSet<>()).add("names");
    known.getOrDefault("leases", new HashSet<>()).addAll(List.of("voters", "votersBefore"));
    known.forEach(
        (section, names) ->
            reader.onlyKnown(
                branches.getOrDefault(section, YamlTree.Branch.empty()), section, names));
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
    String primary = get(Setting.RELEASE_PRIMARY);
    if (!primary.isEmpty() && !regions.contains(primary)) {
      reader.complain(
          place(Setting.RELEASE_PRIMARY.path()),
          "release.primary: " + primary + " (expected: one of " + regions + ")");
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

  private List<CertificateFiles.Named> tlsNames() {
    YamlTree.Branch tls = reader.branch(reader.branch(root, "", "http"), "http", "tls");
    List<CertificateFiles.Named> names = new ArrayList<>();
    YamlTree value = tls.get("names");
    if (value == null) {
      return names;
    }
    if (get(Setting.HTTP_TLS_CERT).isEmpty()) {
      reader.complain(value.place(), "http.tls.names: no effect without http.tls.cert");
    }
    if (!(value instanceof YamlTree.Items items)
        || items.elements().size() > CertificateFiles.NAMES_MAX) {
      reader.complain(
          value.place(),
          "http.tls.names: (expected: a list of at most " + CertificateFiles.NAMES_MAX + ")");
      return names;
    }
    for (YamlTree element : items.elements()) {
      String path = "http.tls.names";
      if (!(element instanceof YamlTree.Branch branch)) {
        reader.complain(element.place(), path + ": (expected: name, cert and key)");
        continue;
      }
      reader.onlyKnown(branch, path, List.of("name", "cert", "key"));
      String name = reader.text(branch, path, "name", "");
      String cert = reader.text(branch, path, "cert", "");
      String key = reader.text(branch, path, "key", "");
      if (!name.matches(SERVER_NAME) || cert.isEmpty() || key.isEmpty()) {
        reader.complain(
            branch.place(),
            path + ": " + name + " (expected: name, like api.example.com, with cert and key)");
        continue;
      }
      names.add(
          new CertificateFiles.Named(name, new CertificateFiles.Pair(Path.of(cert), Path.of(key))));
    }
    return names;
  }

  /** A certificate without a key, or a file without a certificate, is of no use. */
  private void tlsPairs() {
    together(Setting.HTTP_TLS_CERT, Setting.HTTP_TLS_KEY);
    together(Setting.ADMIN_TLS_CERT, Setting.ADMIN_TLS_KEY);
    together(Setting.MESH_TLS_CERT, Setting.MESH_TLS_KEY);
    together(Setting.MESH_TLS_CERT, Setting.MESH_TLS_CA);
    for (Setting ca : List.of(Setting.HTTP_TLS_CLIENT_CA, Setting.ADMIN_TLS_CLIENT_CA)) {
      Setting cert =
          ca.equals(Setting.HTTP_TLS_CLIENT_CA) ? Setting.HTTP_TLS_CERT : Setting.ADMIN_TLS_CERT;
      if (!get(ca).isEmpty() && get(cert).isEmpty()) {
        reader.complain("", ca.path() + ": no effect without " + cert.path());
      }
    }
  }

  private void together(Setting one, Setting other) {
    if (get(one).isEmpty() != get(other).isEmpty()) {
      Setting missing = get(one).isEmpty() ? one : other;
      Setting there = get(one).isEmpty() ? other : one;
      reader.complain("", missing.path() + ": missing (expected: with " + there.path() + ")");
    }
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
    if (!isSecret(secret)) {
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

  private Secret sourceAuthorization() {
    String location = get(Setting.RELEASE_SOURCE);
    String secret = environment.getOrDefault(SOURCE_AUTHORIZATION, "");
    if (location.isEmpty()) {
      if (!secret.isEmpty()) {
        reader.complain("", SOURCE_AUTHORIZATION + ": no effect without release.source");
      }
      return Secret.NONE;
    }
    URI uri;
    try {
      uri = HttpSource.location(location);
    } catch (IllegalArgumentException e) {
      reader.complain(
          place("release"),
          "release.source: "
              + location.replaceFirst("//[^/]*@", "//(secret)@").replaceFirst("\\?.*", "?(hidden)")
              + " (expected: like https://example.net/folder, without a user, a query or a fragment)");
      return Secret.NONE;
    }
    if (secret.length() > SOURCE_AUTHORIZATION_LENGTH_MAX
        || !secret.strip().equals(secret)
        || !secret.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      reader.complain(
          "",
          SOURCE_AUTHORIZATION
              + ": (expected: at most "
              + SOURCE_AUTHORIZATION_LENGTH_MAX
              + " visible ASCII characters, such as Bearer and a token)");
    } else if (!secret.isEmpty() && !HttpSource.mayCarrySecret(uri)) {
      reader.complain(
          place("release"),
          "release.source: " + location + " (expected: https, since a secret is sent there)");
    }
    return new Secret(secret);
  }

  private CacheSecrets cacheSecrets() {
    String url = get(Setting.CACHE_REDIS_URL);
    String signature = environment.getOrDefault(CACHE_SECRET, "");
    String password = environment.getOrDefault(CACHE_PASSWORD, "");
    if (url.isEmpty()) {
      for (String name : List.of(CACHE_SECRET, CACHE_PASSWORD)) {
        if (!environment.getOrDefault(name, "").isEmpty()) {
          reader.complain("", name + ": no effect without cache.redisUrl");
        }
      }
      return CacheSecrets.NONE;
    }
    if (!url.matches(REDIS_URL)) {
      reader.complain(
          place("cache"),
          "cache.redisUrl: "
              + url.replaceFirst("//[^/]*@", "//(secret)@").replaceFirst("\\?.*", "?(hidden)")
              + " (expected: like redis://host:6379 or rediss://host:6379, without a user)");
    }
    if (!isSecret(signature)) {
      reader.complain(
          "",
          "cache.redisUrl needs a secret of "
              + PeersSettings.SECRET_LENGTH_MIN
              + " to "
              + PeersSettings.SECRET_LENGTH_MAX
              + " visible ASCII characters in "
              + CACHE_SECRET
              + ", the same on every node");
    }
    return new CacheSecrets(new Secret(signature), new Secret(password));
  }

  private static boolean isSecret(String secret) {
    return secret.length() >= PeersSettings.SECRET_LENGTH_MIN
        && secret.length() <= PeersSettings.SECRET_LENGTH_MAX
        && secret.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private void webhooks() {
    String allow = get(Setting.JOBS_WEBHOOK_ALLOW);
    if (allow.isEmpty()) {
      return;
    }
    if (get(Setting.JOBS_WEBHOOK_SECRET).isEmpty()) {
      reader.complain(place("jobs"), "jobs.webhookAllow: no effect without jobs.webhookSecret");
    }
    if (!WebhookTarget.isAllowList(allow)) {
      reader.complain(
          place("jobs"),
          "jobs.webhookAllow: " + allow + " (expected: host or host:port, separated by commas)");
    }
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
}
