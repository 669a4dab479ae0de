package io.openclaw.edge;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.ApiKeyJson;
import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonMembers;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Violation;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Making, listing and revoking keys, as the admin API and {@code openclaw key} offer it.
 * Thread-safe; writes to disk, so not for an event loop.
 */
public final class KeyAdministration {
  private static final System.Logger LOG = System.getLogger("io.openclaw.edge");
  private static final Set<String> MEMBERS =
      Set.of("tenant", "scopes", "expires_in_seconds", "limit", "quota", "label");
  private static final long EXPIRES_IN_SECONDS_MAX = 10L * 366 * 24 * 3600;
  private static final int LABEL_LENGTH_MAX = 200;
  private static final String UNWRITTEN =
      "in force and told to the other regions, not yet on disk (that is tried again; a restart"
          + " before would undo it where no other region has heard of it)";

  private final Keys keys;
  private final Supplier<Directory> directory;
  private final Clock clock;
  private final RandomGenerator secureRandom;

  /**
   * Administers {@code keys}.
   *
   * @param secureRandom cryptographically strong
   */
  public KeyAdministration(
      Keys keys, Supplier<Directory> directory, Clock clock, RandomGenerator secureRandom) {
    this.keys = keys;
    this.directory = directory;
    this.clock = clock;
    this.secureRandom = secureRandom;
  }

  /** Makes a key as the JSON body asks; the answer holds its text, this once. */
  public Answered create(byte[] body) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(Problem.notJson(e));
    }
    List<Violation> violations = new ArrayList<>();
    KeyText text = KeyText.generate(secureRandom);
    JsonMembers wish = JsonMembers.of(document, "", violations).only(MEMBERS);
    ApiKey key = read(wish, text, violations);
    if (key == null) {
      return problem(Problem.of(ProblemType.INVALID_INPUT, "the key cannot be made", violations));
    }
    return durably(
        "the key could not be written to disk, and was not made",
        () -> {
          keys.create(key);
          Map<String, Json> members = new LinkedHashMap<>();
          members.put("key", new Json.Str(text.reveal()));
          members.putAll(shown(key).members());
          return new Json.Obj(members);
        });
  }

  /** Every key, without secrets and hashes. */
  public Answered list() {
    return answer(
        new Json.Obj(
            Map.of(
                "keys",
                new Json.Arr(keys.list().stream().<Json>map(KeyAdministration::shown).toList()))));
  }

  /**
   * Revokes a key for good, or lets it end after a while, so that another one can take its place.
   * That holds also where the answer is that the disk fails.
   *
   * @param query {@code after_seconds=…}; null for at once
   */
  public Answered revoke(String id, @Nullable String query) {
    if (query == null) {
      return durably(
          "the key is revoked: " + UNWRITTEN,
          () -> keys.revoke(id).map(KeyAdministration::shown).orElse(null));
    }
    if (!query.matches("after_seconds=[1-9][0-9]{0,8}")) {
      return problem(
          Problem.of(
              ProblemType.BAD_REQUEST, "the query (expected: after_seconds=, 1 to 999999999)"));
    }
    long seconds = Long.parseLong(query, query.indexOf('=') + 1, query.length(), 10);
    long millis = clock.wallMillis() + seconds * 1000;
    return durably(
        "the key ends as asked: " + UNWRITTEN,
        () -> keys.expire(id, millis).map(KeyAdministration::shown).orElse(null));
  }

  @FunctionalInterface
  private interface Change {
    Json.@Nullable Obj make() throws IOException;
  }

  /**
   * Makes a change.
   *
   * @param failed what an answer says where the disk fails
   */
  private static Answered durably(String failed, Change change) {
    try {
      Json.Obj made = change.make();
      return made == null
          ? problem(Problem.of(ProblemType.NOT_FOUND, "there is no key of that id"))
          : answer(made);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "keys could not be stored", e);
      return problem(Problem.of(ProblemType.UNAVAILABLE, failed).withRetryAfter(1));
    } catch (IllegalStateException e) {
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, String.valueOf(e.getMessage())).withRetryAfter(60));
    }
  }

  private @Nullable ApiKey read(JsonMembers wish, KeyText text, List<Violation> violations) {
    Set<Scope> scopes = scopes(wish.get("scopes"), violations);
    String tenant = tenant(wish.get("tenant"), scopes.contains(Scope.TENANTS_ANY), violations);
    long expires = expires(wish.get("expires_in_seconds"), violations);
    LimitSpec limit = limit(wish.get("limit"), text.id(), tenant, violations);
    QuotaSpec quota = quota(wish.get("quota"), text.id(), tenant, violations);
    String label = label(wish.get("label"), violations);
    return violations.isEmpty()
        ? new ApiKey(
            text.id(), text.sha256Hex(), tenant, scopes, expires, false, limit, quota, label)
        : null;
  }

  private @Nullable String tenant(@Nullable Json value, boolean any, List<Violation> violations) {
    if (value == null && any) {
      return null;
    }
    String tenant =
        value == null ? ApiKey.DEFAULT_TENANT : value instanceof Json.Str s ? s.value() : "";
    if (any || !directory.get().knowsTenant(tenant)) {
      violations.add(
          new Violation(
              "/tenant",
              (value == null ? "absent" : Violation.shown(value))
                  + (any
                      ? " (expected: none with the scope tenants:any)"
                      : " (expected: the name of a tenant)")));
    }
    return tenant;
  }

  private static Set<Scope> scopes(@Nullable Json value, List<Violation> violations) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (value == null) {
      scopes.add(Scope.RATE);
      return scopes;
    }
    List<Json> elements = value instanceof Json.Arr array ? array.elements() : List.of();
    for (Json element : elements) {
      if (element instanceof Json.Str name) {
        Scope.of(name.value()).ifPresent(scopes::add);
      }
    }
    if (scopes.isEmpty() || scopes.size() != elements.size()) {
      violations.add(
          new Violation(
              "/scopes", "(expected: a list of different names out of rate, read, tenants:any)"));
    }
    return scopes;
  }

  private long expires(@Nullable Json value, List<Violation> violations) {
    if (value == null) {
      return ApiKey.NEVER;
    }
    if (value instanceof Json.Num seconds
        && seconds.value() >= 1
        && seconds.value() <= EXPIRES_IN_SECONDS_MAX) {
      return clock.wallMillis() + (long) (seconds.value() * 1000);
    }
    violations.add(
        new Violation(
            "/expires_in_seconds",
            Violation.shown(value) + " (expected: a number, 1 to " + EXPIRES_IN_SECONDS_MAX + ")"));
    return ApiKey.NEVER;
  }

  private @Nullable LimitSpec limit(
      @Nullable Json value, String id, @Nullable String tenant, List<Violation> violations) {
    if (value == null) {
      return null;
    }
    if (value instanceof Json.Obj object
        && object.members().keySet().equals(Set.of("rate", "burst"))
        && object.get("rate") instanceof Json.Num rate
        && object.get("burst") instanceof Json.Num burst
        && burst.value() == Math.rint(burst.value())) {
      try {
        Decimal perSecond = Decimal.of(rate.text());
        long milli = Math.round(Double.parseDouble(perSecond.toString()) * 1000);
        LimitSpec spec =
            new LimitSpec("key/" + id, LimitSpec.Level.KEY, milli, (long) burst.value());
        long cost = tenant == null ? 1 : directory.get().costOf(tenant);
        if (spec.burst() >= cost) {
          return spec;
        }
        violations.add(
            new Violation(
                "/limit/burst", spec.burst() + " (expected: >= the tenant's cost, " + cost + ")"));
        return null;
      } catch (IllegalArgumentException | ArithmeticException e) {
        violations.add(new Violation("/limit", String.valueOf(e.getMessage())));
        return null;
      }
    }
    violations.add(
        new Violation(
            "/limit", "(expected: {\"rate\": tokens per second, \"burst\": whole tokens})"));
    return null;
  }

  private @Nullable QuotaSpec quota(
      @Nullable Json value, String id, @Nullable String tenant, List<Violation> violations) {
    if (value == null) {
      return null;
    }
    if (value instanceof Json.Obj object
        && Set.of("tokens", "per", "dry_run").containsAll(object.members().keySet())
        && object.get("tokens") instanceof Json.Num tokens
        && tokens.value() == Math.rint(tokens.value())
        && object.get("per") instanceof Json.Str per
        && (object.get("dry_run") == null || object.get("dry_run") instanceof Json.Bool)) {
      try {
        QuotaSpec spec =
            new QuotaSpec(
                "key/" + id,
                LimitSpec.Level.KEY,
                (long) tokens.value(),
                QuotaSpec.Per.of(per.value()),
                object.get("dry_run") == Json.Bool.TRUE);
        long cost = tenant == null ? 1 : directory.get().costOf(tenant);
        if (spec.tokens() >= cost) {
          return spec;
        }
        violations.add(
            new Violation(
                "/quota/tokens",
                spec.tokens() + " (expected: >= the tenant's cost, " + cost + ")"));
      } catch (IllegalArgumentException e) {
        violations.add(new Violation("/quota", String.valueOf(e.getMessage())));
      }
      return null;
    }
    violations.add(
        new Violation(
            "/quota", "(expected: {\"tokens\": whole tokens, \"per\": \"day\" or \"month\"})"));
    return null;
  }

  private static String label(@Nullable Json value, List<Violation> violations) {
    if (value == null) {
      return "";
    }
    if (value instanceof Json.Str text && text.value().length() <= LABEL_LENGTH_MAX) {
      return text.value();
    }
    violations.add(
        new Violation(
            "/label", "(expected: a string of at most " + LABEL_LENGTH_MAX + " characters)"));
    return "";
  }

  private static Json.Obj shown(ApiKey key) {
    Map<String, Json> members = new LinkedHashMap<>(ApiKeyJson.write(key).members());
    members.remove("sha256");
    LimitSpec limit = key.limit();
    if (limit != null) {
      // As it was asked for; how it is stored is nobody's business.
      Map<String, Json> shown = new LinkedHashMap<>();
      shown.put("rate", new Json.Num(limit.milliTokensPerSecond() / 1000.0));
      shown.put("burst", new Json.Num(limit.burst()));
      members.put("limit", new Json.Obj(shown));
    }
    return new Json.Obj(members);
  }

  private static Answered answer(Json document) {
    return new Answered(JsonWriter.write(document), null, "", "", "", null);
  }

  private static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null);
  }
}
