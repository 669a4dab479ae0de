package io.openclaw.edge;

import io.openclaw.domain.KeyText;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Scope;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Who asks: from the {@code Authorization} and {@code x-tenant-id} headers to a key and a tenant.
 *
 * <p>Secrets are compared as hashes in constant time, and an unknown key costs the same comparison
 * as a known one. What is wrong with a key (unknown, revoked, expired) is not told.
 */
final class Identification {
  private static final String BEARER = "Bearer ";
  private static final byte[] NOBODY = new byte[32];

  private Identification() {}

  static Outcome<Identified> identify(
      Directory directory,
      @Nullable String authorization,
      @Nullable String tenantHeader,
      Scope needed,
      long wallMillis) {
    if (authorization == null) {
      return unauthenticated("send Authorization: Bearer <key>");
    }
    KeyText text =
        authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
            ? KeyText.parse(authorization.substring(BEARER.length()).trim())
            : null;
    if (text == null) {
      return unauthenticated("the Authorization header holds no key of the form ock_<id>_<secret>");
    }
    Directory.@Nullable KeyEntry entry = directory.key(text.id());
    boolean same = MessageDigest.isEqual(text.sha256(), entry == null ? NOBODY : entry.sha256());
    if (entry == null
        || !same
        || entry.key().revoked()
        || entry.key().expiresAtMillis() <= wallMillis) {
      return unauthenticated("the key is unknown, revoked or expired");
    }
    return permitted(directory, entry, tenantHeader, needed);
  }

  /** A key that was compared before and is known by its id since. */
  static Outcome<Identified> identifyAgain(
      Directory directory, String keyId, String tenant, Scope needed, long wallMillis) {
    Directory.@Nullable KeyEntry entry = directory.key(keyId);
    if (entry == null || entry.key().revoked() || entry.key().expiresAtMillis() <= wallMillis) {
      return unauthenticated("the key is unknown, revoked or expired");
    }
    return permitted(directory, entry, tenant, needed);
  }

  private static Outcome<Identified> permitted(
      Directory directory, Directory.KeyEntry entry, @Nullable String tenantHeader, Scope needed) {
    if (!entry.key().may(needed) && !(needed == Scope.READ && entry.key().may(Scope.RATE))) {
      return forbidden("the key lacks the scope " + needed.text());
    }
    return entry.tenant() == null
        ? named(directory, entry, tenantHeader)
        : own(entry, entry.tenant(), tenantHeader);
  }

  private static Outcome<Identified> own(
      Directory.KeyEntry entry, Directory.TenantEntry tenant, @Nullable String header) {
    if (header != null && !header.equals(tenant.tenant().id())) {
      return forbidden("the key does not belong to the tenant that x-tenant-id names");
    }
    return Outcome.ok(new Identified(entry, tenant, entry.nest(), entry.quotas(), entry.policy()));
  }

  private static Outcome<Identified> named(
      Directory directory, Directory.KeyEntry entry, @Nullable String header) {
    if (header == null) {
      return forbidden(
          "a key of scope " + Scope.TENANTS_ANY.text() + " must name a tenant in x-tenant-id");
    }
    Directory.@Nullable TenantEntry tenant = directory.tenant(header);
    if (tenant == null) {
      return forbidden("x-tenant-id names no tenant that the key may act for");
    }
    var nest = directory.nest(tenant, entry.own());
    var quotas = directory.quotas(tenant, entry.ownQuota());
    String policy = RateLimit.policyOf(nest, quotas);
    return Outcome.ok(new Identified(entry, tenant, nest, quotas, policy));
  }

  private static Outcome<Identified> unauthenticated(String detail) {
    return Outcome.refused(Problem.of(ProblemType.UNAUTHENTICATED, detail));
  }

  private static Outcome<Identified> forbidden(String detail) {
    return Outcome.refused(Problem.of(ProblemType.FORBIDDEN, detail));
  }

  /** For administration: whether the header carries the one key whose hash this is. */
  static boolean isAdmin(@Nullable String authorization, byte[] sha256) {
    KeyText text =
        authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
            ? KeyText.parse(authorization.substring(BEARER.length()).trim())
            : null;
    return MessageDigest.isEqual(text == null ? NOBODY : text.sha256(), sha256) && text != null;
  }
}
