package io.openclaw.release;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.ConfigReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@link Content} as a canonical JSON document: the members of its YAML form, but that a model
 * names {@code sha256} in place of {@code file}, a tenant's {@code samples} are a digest, decimals
 * are strings, and what is left out stands for its default. Equal content gives equal bytes: models
 * and tenants are in order of their names, keys of their ids, canaries of tenant and model.
 */
public final class ContentJson {
  /** Bytes of a content document. */
  public static final int DOCUMENT_BYTES_MAX = 64 << 20;

  /** Values in a content document. */
  public static final int VALUES_MAX = 4_000_000;

  private ContentJson() {}

  /**
   * What reading found.
   *
   * @param content null where there are complaints
   * @param complaints everything that is wrong, each with its JSON Pointer
   * @param dangling those of them about names and digests of what is not there, or that nothing
   *     names
   * @param tooLarge those of them about models that are too large
   */
  public record Reading(
      @Nullable Content content,
      List<String> complaints,
      Set<String> dangling,
      Set<String> tooLarge) {
    static Reading broken(String complaint) {
      return new Reading(null, List.of(complaint), Set.of(), Set.of());
    }
  }

  /** The document's bytes. */
  public static byte[] bytes(Content content) {
    return CanonicalJson.write(write(content));
  }

  /** The document. */
  public static Json.Obj write(Content content) {
    Map<String, Json> models = new LinkedHashMap<>();
    content.models().forEach(model -> models.put(model.name(), model(model)));
    Map<String, Json> tenants = new LinkedHashMap<>();
    content
        .tenants()
        .forEach(
            tenant -> tenants.put(tenant.id(), tenant(tenant, content.samples().get(tenant.id()))));
    List<Json> keys = new ArrayList<>();
    content.keys().stream()
        .sorted(Comparator.comparing(ApiKey::id))
        .forEach(key -> keys.add(key(key)));
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("models", new Json.Obj(models));
    members.put("tenants", new Json.Obj(tenants));
    members.put("keys", new Json.Arr(keys));
    putLimit(members, content.global());
    putQuota(members, content.globalQuota());
    if (!content.canaries().isEmpty()) {
      members.put("canaries", canaries(content.canaries()));
    }
    return new Json.Obj(members);
  }

  private static Json.Arr canaries(List<CanarySpec> canaries) {
    return new Json.Arr(
        canaries.stream()
            .sorted(Comparator.comparing(CanarySpec::tenant).thenComparing(CanarySpec::model))
            .<Json>map(ContentJson::canary)
            .toList());
  }

  private static Json.Obj canary(CanarySpec canary) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("tenant", new Json.Str(canary.tenant()));
    members.put("model", new Json.Str(canary.model()));
    members.put("version", new Json.Str(canary.canary()));
    members.put("weight", new Json.Str(canary.traffic().text()));
    if (!(canary.sticky() instanceof CanarySpec.Sticky.Key)) {
      members.put("sticky", new Json.Str(canary.sticky().text()));
    }
    members.put("salt", new Json.Str(HexFormat.of().toHexDigits(canary.salt())));
    Map<String, Json> thresholds = new LinkedHashMap<>();
    canary.thresholds().different().forEach((name, v) -> thresholds.put(name, new Json.Str(v)));
    if (!thresholds.isEmpty()) {
      members.put("thresholds", new Json.Obj(thresholds));
    }
    Map<String, Json> bins = new LinkedHashMap<>();
    bins.put("edges", texts(canary.bins().edges().stream().map(Decimal::toString).toList()));
    if (!canary.bins().reasonCodes().isEmpty()) {
      bins.put("reasonCodes", texts(canary.bins().reasonCodes()));
    }
    members.put("bins", new Json.Obj(bins));
    return new Json.Obj(members);
  }

  private static Json.Obj model(ModelSpec model) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("kind", new Json.Str(model.kind()));
    members.put("version", new Json.Str(model.version()));
    members.put("sha256", new Json.Str(Sha256.hex(model.bytes())));
    putLimit(members, model.limit());
    putQuota(members, model.quota());
    if (model.maxAgeSeconds() != 0) {
      members.put(
          "cache", new Json.Obj(Map.of("maxAgeSeconds", new Json.Num(model.maxAgeSeconds()))));
    }
    return new Json.Obj(members);
  }

  private static Json.Obj tenant(Tenant tenant, @Nullable SampleSet samples) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("models", texts(tenant.models()));
    Decimal threshold = tenant.threshold();
    if (threshold != null) {
      members.put("threshold", new Json.Str(threshold.toString()));
    }
    if (tenant.cost() != 1) {
      members.put("cost", new Json.Num(tenant.cost()));
    }
    putLimit(members, tenant.limit());
    putQuota(members, tenant.quota());
    if (samples != null) {
      members.put("samples", new Json.Str(Sha256.hex(samples.bytes())));
    }
    FallbackSpec fallback = tenant.fallback();
    if (fallback != null) {
      members.put("fallback", fallback(fallback));
    }
    return new Json.Obj(members);
  }

  private static Json.Obj fallback(FallbackSpec fallback) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("url", new Json.Str(fallback.url()));
    if (fallback.timeoutMillis() != FallbackSpec.TIMEOUT_MILLIS_DEFAULT) {
      members.put("timeoutMillis", new Json.Num(fallback.timeoutMillis()));
    }
    String authorization = fallback.authorization();
    if (authorization != null) {
      members.put("authorization", new Json.Str(authorization));
    }
    FallbackSpec.Probe probe = fallback.probe();
    if (probe != null) {
      Map<String, Json> check = new LinkedHashMap<>();
      check.put("path", new Json.Str(probe.path()));
      if (probe.everySeconds() != FallbackSpec.Probe.SECONDS_DEFAULT) {
        check.put("everySeconds", new Json.Num(probe.everySeconds()));
      }
      members.put("probe", new Json.Obj(check));
    }
    return new Json.Obj(members);
  }

  private static Json.Obj key(ApiKey key) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("id", new Json.Str(key.id()));
    members.put("sha256", new Json.Str(key.sha256()));
    if (key.tenant() != null) {
      members.put("tenant", new Json.Str(key.tenant()));
    }
    members.put("scopes", texts(key.scopes().stream().map(Scope::text).sorted().toList()));
    if (key.expiresAtMillis() != ApiKey.NEVER) {
      members.put("expires", new Json.Str(Instant.ofEpochMilli(key.expiresAtMillis()).toString()));
    }
    putLimit(members, key.limit());
    putQuota(members, key.quota());
    if (!key.label().isEmpty()) {
      members.put("label", new Json.Str(key.label()));
    }
    return new Json.Obj(members);
  }

  private static void putLimit(Map<String, Json> owner, @Nullable LimitSpec limit) {
    if (limit == null) {
      return;
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("rate", new Json.Str(new Decimal(limit.milliTokensPerSecond(), 3).toString()));
    members.put("burst", new Json.Num(limit.burst()));
    if (limit.mode() != LimitSpec.Mode.STRICT) {
      members.put("mode", new Json.Str(limit.mode().text()));
    }
    if (limit.overdraft() != 0) {
      members.put("overdraft", new Json.Num(limit.overdraft()));
    }
    if (limit.dryRun()) {
      members.put("dryRun", Json.Bool.TRUE);
    }
    owner.put("limit", new Json.Obj(members));
  }

  private static void putQuota(Map<String, Json> owner, @Nullable QuotaSpec quota) {
    if (quota == null) {
      return;
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("tokens", new Json.Num(quota.tokens()));
    members.put("per", new Json.Str(quota.per().text()));
    if (quota.dryRun()) {
      members.put("dryRun", Json.Bool.TRUE);
    }
    owner.put("quota", new Json.Obj(members));
  }

  private static Json.Arr texts(List<String> texts) {
    return new Json.Arr(texts.stream().<Json>map(Json.Str::new).toList());
  }

  /** Reads a document, strictly: also one that is not in its canonical form is complained about. */
  public static Reading read(byte[] document, BlobModels models) {
    Json json;
    try {
      json = JsonReader.read(document, VALUES_MAX);
    } catch (JsonSyntaxException e) {
      return Reading.broken(
          "the content document is not JSON: "
              + e.detail()
              + " (line "
              + e.line()
              + ", column "
              + e.column()
              + ")");
    }
    if (!(json instanceof Json.Obj root)) {
      return Reading.broken("the content document: " + json.typeName() + " (expected: an object)");
    }
    Reading reading = read(root, models);
    Content content = reading.content();
    if (content != null && !CanonicalJson.isFormOf(write(content), document)) {
      return Reading.broken(
          "the content document is not in its canonical form (expected: as ARCHITECTURE.md and"
              + " docs/releases.md say, RFC 8785)");
    }
    return reading;
  }

  /** Reads a document that was never bytes, and may spell out defaults. */
  static Reading read(Json.Obj root, BlobModels models) {
    ConfigReader reader = new ConfigReader();
    var tree = JsonTree.of(root, reader);
    reader.onlyKnown(tree, "", ContentReader.SECTIONS);
    ContentReader contents = new ContentReader(reader, models);
    Content content = contents.read(tree);
    Set<String> dangling = new java.util.LinkedHashSet<>(contents.dangling());
    dangling.addAll(models.missing());
    try {
      reader.finish();
      return new Reading(content, List.of(), dangling, models.tooLarge());
    } catch (ConfigException e) {
      return new Reading(
          null, String.valueOf(e.getMessage()).lines().toList(), dangling, models.tooLarge());
    }
  }

  /** The documents that the content needs, by digest, its own among them. */
  public static Map<String, byte[]> blobs(Content content) {
    Map<String, byte[]> blobs = new HashMap<>();
    content.models().forEach(model -> blobs.put(Sha256.hex(model.bytes()), model.bytes()));
    content.samples().values().forEach(set -> blobs.put(Sha256.hex(set.bytes()), set.bytes()));
    byte[] document = bytes(content);
    blobs.put(Sha256.hex(document), document);
    return blobs;
  }
}
