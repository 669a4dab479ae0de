package io.openclaw.domain;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an API key: never its secret, only the secret's SHA-256.
 *
 * @param id the public part, unique
 * @param sha256 lower-case hex of the secret's SHA-256
 * @param tenant whom it belongs to; null for a key of scope {@link Scope#TENANTS_ANY}, and for one
 *     of the default tenant
 * @param expiresAtMillis milliseconds since the Unix epoch; {@link #NEVER} for a key that does not
 *     expire
 * @param limit its own limit inside the tenant's
 * @param quota its own tokens per day or month inside the tenant's
 * @param label what it is for, in its owner's words; may be empty
 */
public record ApiKey(
    String id,
    String sha256,
    @Nullable String tenant,
    Set<Scope> scopes,
    long expiresAtMillis,
    boolean revoked,
    @Nullable LimitSpec limit,
    @Nullable QuotaSpec quota,
    String label) {
  public static final long NEVER = Long.MAX_VALUE;

  /** The tenant of keys that have none of their own. */
  public static final String DEFAULT_TENANT = "default";

  /** A key without a quota. */
  public ApiKey(
      String id,
      String sha256,
      @Nullable String tenant,
      Set<Scope> scopes,
      long expiresAtMillis,
      boolean revoked,
      @Nullable LimitSpec limit,
      String label) {
    this(id, sha256, tenant, scopes, expiresAtMillis, revoked, limit, null, label);
  }

  public ApiKey {
    if (!id.matches("[0-9A-Za-z]{6,32}")) {
      throw new IllegalArgumentException(
          "key id: \"" + id + "\" (expected: 6 to 32 letters and digits)");
    }
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256 of key " + id + " (expected: 64 lower-case hex digits)");
    }
    scopes = Set.copyOf(scopes);
  }

  public ApiKey asRevoked() {
    return new ApiKey(id, sha256, tenant, scopes, expiresAtMillis, true, limit, quota, label);
  }

  /** This key with an earlier end, where it does not end before. */
  public ApiKey expiringBy(long millis) {
    long earliest = Math.min(expiresAtMillis, millis);
    return new ApiKey(id, sha256, tenant, scopes, earliest, revoked, limit, quota, label);
  }

  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }
}
