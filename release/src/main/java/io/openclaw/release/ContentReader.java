package io.openclaw.release;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link Content} out of a tree of maps and lists, strictly: everything unknown, wrong or
 * without effect is complained about, with its place.
 */
public final class ContentReader {
  /** The sections of a document that are content. */
  public static final List<String> SECTIONS =
      List.of("models", "tenants", "keys", "limit", "quota", "canaries");

  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /** Names that a message lists before it only counts them. */
  private static final int NAMES_SHOWN_MAX = 20;

  private final ConfigReader reader;
  private final ModelFiles files;
  private final Set<String> dangling = new LinkedHashSet<>();
  private final Map<String, SampleSet> samples = new HashMap<>();

  /**
   * @param reader who hears the complaints
   * @param files where the models' documents are
   */
  public ContentReader(ConfigReader reader, ModelFiles files) {
    this.reader = reader;
    this.files = files;
  }

  /** The content; only to be used where the reader heard no complaint. */
  public Content read(YamlTree.Branch root) {
    LimitSpec global = limit(root, "", "global", LimitSpec.Level.GLOBAL);
    QuotaSpec globalQuota = quota(root, "", "global", LimitSpec.Level.GLOBAL);
    List<ModelSpec> models = models(root);
    CanaryReader canaries = new CanaryReader(reader, root);
    List<Tenant> tenants = tenants(root, models, canaries.versions());
    List<ApiKey> keys = keys(root, tenants);
    holdsDearest(global, "limit", tenants);
    holdsDearest(globalQuota, "quota", tenants);
    models.forEach(
        m -> {
          holdsDearest(m.limit(), "models." + m.name() + ".limit", tenants);
          holdsDearest(m.quota(), "models." + m.name() + ".quota", tenants);
        });
    return new Content(
        global,
        globalQuota,
        models,
        tenants,
        keys,
        canaries.read(models, tenants, this::dangles),
        samples);
  }

  /**
   * The complaints about names of what is not there, and what nothing names; the reader has them
   * too.
   */
  Set<String> dangling() {
    return dangling;
  }

  private void dangles(String place, String what) {
    dangling.add(place.isEmpty() ? what : place + ": " + what);
    reader.complain(place, what);
  }

  static String oneOf(Set<String> names) {
    return names.size() <= NAMES_SHOWN_MAX
        ? names.toString()
        : names.stream().limit(NAMES_SHOWN_MAX).toList() + " and others, " + names.size();
  }

  private List<ModelSpec> models(YamlTree.Branch root) {
    List<ModelSpec> models = new ArrayList<>();
    YamlTree.Branch all = reader.branch(root, "", "models");
    reader
        .branches(all, "models")
        .forEach(
            (name, branch) -> {
              String path = "models." + name;
              reader.onlyKnown(
                  branch,
                  path,
                  List.of("kind", "version", files.member(), "limit", "quota", "cache"));
              String kind = reader.text(branch, path, "kind", "");
              if (!ModelSpec.KINDS.contains(kind)) {
                reader.complain(
                    branch.place(),
                    path + ".kind: " + kind + " (expected: one of " + ModelSpec.KINDS + ")");
              }
              String version = reader.text(branch, path, "version", "v1");
              name(branch, path, name, version);
              byte @Nullable [] bytes = files.bytes(branch, path, reader);
              LimitSpec limit = limit(branch, path, "model/" + name, LimitSpec.Level.MODEL);
              QuotaSpec quota = quota(branch, path, "model/" + name, LimitSpec.Level.MODEL);
              int maxAge = maxAgeSeconds(branch, path);
              if (bytes != null) {
                ModelSpec model =
                    new ModelSpec(branch.place(), name, kind, version, bytes, limit, quota, maxAge);
                if (maxAge > 0 && model.keepsState()) {
                  reader.complain(
                      branch.place(),
                      path + ".cache: no effect (expected: none, since every rating counts)");
                }
                models.add(model);
              }
            });
    return models;
  }

  /** How long ratings may be kept; without {@code cache} they are not. */
  private int maxAgeSeconds(YamlTree.Branch parent, String path) {
    if (parent.get("cache") == null) {
      return 0;
    }
    YamlTree.Branch branch = reader.branch(parent, path, "cache");
    String at = ConfigReader.join(path, "cache");
    reader.onlyKnown(branch, at, List.of("maxAgeSeconds"));
    if (branch.get("maxAgeSeconds") == null) {
      reader.complain(branch.place(), at + ": (expected: maxAgeSeconds)");
      return 0;
    }
    return Math.toIntExact(
        reader.number(branch, at, "maxAgeSeconds", 0, 1, ModelSpec.MAX_AGE_SECONDS_MAX));
  }

  /** A model's name, or {@code model@version} for one of several versions. */
  private void name(YamlTree.Branch branch, String path, String name, String version) {
    String model = ModelSpec.modelOf(name);
    if (!model.matches(NAME)) {
      reader.complain(
          branch.place(), path + ": (expected: a name of letters, digits, '.', '_' or '-')");
    }
    if (model.equals(name)) {
      return;
    }
    if (!version.matches(NAME) || !name.equals(ModelSpec.versioned(model, version))) {
      reader.complain(
          branch.place(),
          path + ".version: " + version + " (expected: what stands after the @ of its name)");
    }
    for (String own : List.of("limit", "quota", "cache")) {
      if (branch.get(own) != null) {
        reader.complain(
            branch.place(),
            path
                + "."
                + own
                + ": no effect (expected: at models."
                + model
                + ", whose "
                + own
                + " covers all its versions)");
      }
    }
  }

  private List<Tenant> tenants(
      YamlTree.Branch root, List<ModelSpec> models, Set<String> triedVersions) {
    List<Tenant> tenants = new ArrayList<>();
    Set<String> used = new HashSet<>(triedVersions);
    // Also those that were complained about: nothing is wrong with naming them.
    Set<String> names = new TreeSet<>(reader.branch(root, "", "models").members().keySet());
    reader
        .branches(reader.branch(root, "", "tenants"), "tenants")
        .forEach(
            (id, branch) -> {
              String path = "tenants." + id;
              reader.onlyKnown(
                  branch,
                  path,
                  List.of(
                      "model",
                      "models",
                      "threshold",
                      "limit",
                      "quota",
                      "cost",
                      "samples",
                      "fallback"));
              if (branch.get("model") != null && branch.get("models") != null) {
                reader.complain(
                    branch.place(), path + ": model and models (expected: one of them)");
              }
              List<String> own = new ArrayList<>(reader.texts(branch, path, "models"));
              own.addAll(reader.texts(branch, path, "model"));
              for (String model : own) {
                used.add(model);
                if (!names.contains(model)) {
                  dangles(
                      branch.place(),
                      path + ".models: " + model + " (expected: one of " + oneOf(names) + ")");
                }
              }
              long cost = reader.number(branch, path, "cost", 1, 1, LimitSpec.BURST_MAX);
              Decimal threshold = reader.decimal(branch, path, "threshold");
              LimitSpec limit = limit(branch, path, "tenant/" + id, LimitSpec.Level.TENANT);
              QuotaSpec quota = quota(branch, path, "tenant/" + id, LimitSpec.Level.TENANT);
              readSamples(branch, path, id);
              FallbackSpec fallback = fallback(branch, path);
              try {
                tenants.add(new Tenant(id, own, threshold, cost, limit, quota, fallback));
              } catch (IllegalArgumentException e) {
                reader.complain(branch.place(), path + ": " + e.getMessage());
              }
            });
    for (ModelSpec model : models) {
      if (!used.contains(model.name())) {
        dangles(model.place(), "models." + model.name() + ": no tenant uses it");
      }
    }
    if (tenants.isEmpty() && reader.isClean()) {
      reader.complain("", "no tenant is configured (expected: at least one under tenants)");
    }
    return tenants;
  }

  private void readSamples(YamlTree.Branch branch, String path, String tenant) {
    if (branch.get("samples") == null) {
      return;
    }
    byte[] bytes = files.samples(branch, path, reader);
    if (bytes == null) {
      return; // complained about already
    }
    try {
      samples.put(tenant, new SampleSet(bytes));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), path + ".samples: " + e.getMessage());
    }
  }

  private @Nullable FallbackSpec fallback(YamlTree.Branch parent, String path) {
    if (parent.get("fallback") == null) {
      return null;
    }
    YamlTree.Branch branch = reader.branch(parent, path, "fallback");
    String at = ConfigReader.join(path, "fallback");
    reader.onlyKnown(branch, at, List.of("url", "timeoutMillis", "authorization", "probe"));
    String url = reader.text(branch, at, "url", "");
    long timeoutMillis =
        reader.number(
            branch,
            at,
            "timeoutMillis",
            FallbackSpec.TIMEOUT_MILLIS_DEFAULT,
            FallbackSpec.TIMEOUT_MILLIS_MIN,
            FallbackSpec.TIMEOUT_MILLIS_MAX);
    String authorization =
        reader.leaf(branch, at, "authorization").map(YamlTree.Leaf::text).orElse(null);
    try {
      return new FallbackSpec(
          url, Math.toIntExact(timeoutMillis), authorization, probe(branch, at));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), at + "." + e.getMessage());
      return null;
    }
  }

  private FallbackSpec.@Nullable Probe probe(YamlTree.Branch parent, String path) {
    if (parent.get("probe") == null) {
      return null;
    }
    YamlTree.Branch branch = reader.branch(parent, path, "probe");
    String at = ConfigReader.join(path, "probe");
    reader.onlyKnown(branch, at, List.of("path", "everySeconds"));
    return new FallbackSpec.Probe(
        reader.text(branch, at, "path", ""),
        Math.toIntExact(
            reader.number(
                branch,
                at,
                "everySeconds",
                FallbackSpec.Probe.SECONDS_DEFAULT,
                1,
                FallbackSpec.Probe.SECONDS_MAX)));
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

  private List<ApiKey> keys(YamlTree.Branch root, List<Tenant> tenants) {
    List<ApiKey> keys = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Map<String, Long> costs = new HashMap<>();
    tenants.forEach(tenant -> costs.put(tenant.id(), tenant.cost()));
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
      key(branch, costs)
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

  private Optional<ApiKey> key(YamlTree.Branch branch, Map<String, Long> costs) {
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
    Optional<String> tenant = reader.leaf(branch, "keys", "tenant").map(YamlTree.Leaf::text);
    boolean any = scopes.contains(Scope.TENANTS_ANY);
    if (any == tenant.isPresent() || tenant.isPresent() && !costs.containsKey(tenant.get())) {
      String complaint =
          "keys.tenant: "
              + tenant.orElse("none")
              + " (expected: one of "
              + oneOf(new TreeSet<>(costs.keySet()))
              + ", or none with the scope tenants:any)";
      if (any == tenant.isPresent()) {
        reader.complain(branch.place(), complaint);
      } else {
        dangles(branch.place(), complaint);
      }
    }
    LimitSpec limit = limit(branch, "keys", "key/" + id, LimitSpec.Level.KEY);
    long cost = costs.getOrDefault(tenant.orElse(""), 1L);
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
