package io.openclaw.domain;

import java.util.EnumSet;
import java.util.LinkedHashMap;
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
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (object.get("scopes") instanceof Json.Arr array) {
      for (Json element : array.elements()) {
        if (element instanceof Json.Str name) {
          scopes.add(
              Scope.of(name.value())
                  .orElseThrow(() -> new IllegalArgumentException("scope: " + name.value())));
        }
      }
    }
    LimitSpec limit = null;
    if (object.get("limit") instanceof Json.Obj spec) {
      limit =
          new LimitSpec(
              "key/" + id,
              LimitSpec.Level.KEY,
              number(spec, "milli_rate", 0),
              number(spec, "burst", 0));
    }
    String sha256 = string(object, "sha256");
    String label = string(object, "label");
    return new ApiKey(
        id,
        sha256 == null ? "" : sha256,
        string(object, "tenant"),
        scopes,
        number(object, "expires_at_millis", ApiKey.NEVER),
        object.get("revoked") == Json.Bool.TRUE,
        limit,
        label == null ? "" : label);
  }

  private static @Nullable String string(Json.Obj object, String name) {
    return object.get(name) instanceof Json.Str string ? string.value() : null;
  }

  private static long number(Json.Obj object, String name, long absent) {
    return object.get(name) instanceof Json.Num number ? (long) number.value() : absent;
  }
}
