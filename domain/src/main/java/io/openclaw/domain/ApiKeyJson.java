package io.openclaw.domain;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ApiKey} as a JSON document: how keys are stored, replicated and listed. Holds no
 * secret.
 */
public final class ApiKeyJson {
  private ApiKeyJson() {}

  public static Json.Obj write(ApiKey key) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("id", new Json.Str(key.id()));
    members.put("sha256", new Json.Str(key.sha256()));
    if (key.tenant() != null) {
      members.put("tenant", new Json.Str(key.tenant()));
    }
    members.put(
        "scopes",
        new Json.Arr(
            key.scopes().stream().sorted().<Json>map(s -> new Json.Str(s.text())).toList()));
    if (key.expiresAtMillis() != ApiKey.NEVER) {
      members.put("expires_at_millis", new Json.Num(key.expiresAtMillis()));
    }
    members.put("revoked", Json.Bool.of(key.revoked()));
    LimitSpec limit = key.limit();
    if (limit != null) {
      members.put(
          "limit",
          new Json.Obj(
              Map.of(
                  "milli_rate", new Json.Num(limit.milliTokensPerSecond()),
                  "burst", new Json.Num(limit.burst()))));
    }
    QuotaSpec quota = key.quota();
    if (quota != null) {
      Map<String, Json> spec = new LinkedHashMap<>();
      spec.put("tokens", new Json.Num(quota.tokens()));
      spec.put("per", new Json.Str(quota.per().text()));
      if (quota.dryRun()) {
        spec.put("dry_run", Json.Bool.TRUE);
      }
      members.put("quota", new Json.Obj(spec));
    }
    members.put("label", new Json.Str(key.label()));
    return new Json.Obj(members);
  }

  /**
   * Reads a key.
   *
   * @throws IllegalArgumentException where the document is not a key
   */
  public static ApiKey read(Json document) {
    if (!(document instanceof Json.Obj object)) {
      throw new IllegalArgumentException(
          "a key: " + document.typeName() + " (expected: an object)");
    }
    String id = string(object, "id");
    if (id == null) {
      throw new IllegalArgumentException("a key without id");
    }
    LimitSpec limit = null;
    Json spec = object.get("limit");
    if (spec instanceof Json.Obj members) {
      limit =
          new LimitSpec(
              "key/" + id,
              LimitSpec.Level.KEY,
              number(members, "milli_rate", 0),
              number(members, "burst", 0));
    } else if (spec != null) {
      throw wrong("limit", spec, "an object");
    }
    String sha256 = string(object, "sha256");
    String label = string(object, "label");
    return new ApiKey(
        id,
        sha256 == null ? "" : sha256,
        string(object, "tenant"),
        scopes(object),
        number(object, "expires_at_millis", ApiKey.NEVER),
        isRevoked(object),
        limit,
        quota(object, id),
        label == null ? "" : label);
  }

  private static @Nullable QuotaSpec quota(Json.Obj object, String id) {
    return switch (object.get("quota")) {
      case null -> null;
      case Json.Obj spec ->
          new QuotaSpec(
              "key/" + id,
              LimitSpec.Level.KEY,
              number(spec, "tokens", 0),
              QuotaSpec.Per.of(String.valueOf(string(spec, "per"))),
              spec.get("dry_run") == Json.Bool.TRUE);
      case Json other -> throw wrong("quota", other, "an object");
    };
  }

  private static Set<Scope> scopes(Json.Obj object) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    Json value = object.get("scopes");
    if (value != null && !(value instanceof Json.Arr)) {
      throw wrong("scopes", value, "an array");
    }
    for (Json element : value instanceof Json.Arr array ? array.elements() : List.<Json>of()) {
      if (!(element instanceof Json.Str name)) {
        throw wrong("scopes", element, "strings");
      }
      scopes.add(
          Scope.of(name.value())
              .orElseThrow(() -> new IllegalArgumentException("scope: " + name.value())));
    }
    return scopes;
  }

  private static boolean isRevoked(Json.Obj object) {
    return switch (object.get("revoked")) {
      case null -> false;
      case Json.Bool revoked -> revoked == Json.Bool.TRUE;
      case Json other -> throw wrong("revoked", other, "a boolean");
    };
  }

  private static @Nullable String string(Json.Obj object, String name) {
    return switch (object.get(name)) {
      case null -> null;
      case Json.Str string -> string.value();
      case Json other -> throw wrong(name, other, "a string");
    };
  }

  private static long number(Json.Obj object, String name, long absent) {
    return switch (object.get(name)) {
      case null -> absent;
      case Json.Num number -> (long) number.value();
      case Json other -> throw wrong(name, other, "a number");
    };
  }

  private static IllegalArgumentException wrong(String name, Json value, String expected) {
    return new IllegalArgumentException(
        name + " of a key: " + value.typeName() + " (expected: " + expected + ")");
  }
}
