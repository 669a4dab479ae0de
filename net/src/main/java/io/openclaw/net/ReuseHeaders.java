package io.openclaw.net;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Query;
import io.openclaw.edge.Received;
import io.openclaw.edge.Replays;
import io.openclaw.edge.Reuse;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * How requests ask for answers that were given before, and how these say so: ETag, If-None-Match,
 * Cache-Control and Age (RFC 9110, RFC 9111), QUERY (RFC 10008), Idempotency-Key
 * (draft-ietf-httpapi-idempotency-key-header). Stateless.
 */
final class ReuseHeaders {
  /** The method that is a POST without an effect. */
  static final String QUERY = "QUERY";

  /** What of it is taken at {@code /v1/rate}. */
  static final CharSequence ACCEPT_QUERY = HttpHeaders.createOptimized("accept-query");

  static final String QUERY_TYPE = "application/json";

  private static final CharSequence IDEMPOTENCY_KEY =
      HttpHeaders.createOptimized("idempotency-key");
  private static final CharSequence REPLAYED = HttpHeaders.createOptimized("idempotent-replayed");
  private static final CharSequence AGE = HttpHeaders.createOptimized("age");

  /** An answer to QUERY is one key's and one tenant's, also in the client's own cache. */
  private static final String WHOSE = "authorization, x-tenant-id";

  private ReuseHeaders() {}

  /**
   * What a request says of it, added to the rest; null where it was refused, since its key is none.
   */
  static @Nullable Received asked(Exchange exchange, Received received) {
    if (exchange.method().equals(QUERY)) {
      return with(received, null, new Query(exchange.headers(HttpHeaders.IF_NONE_MATCH)));
    }
    String key = exchange.header(IDEMPOTENCY_KEY);
    if (key == null) {
      return received;
    }
    if (exchange.isTwice(IDEMPOTENCY_KEY) || !Replays.isKey(key)) {
      exchange.refuse(
          Problem.of(
              ProblemType.BAD_REQUEST,
              "Idempotency-Key: another (expected: once, 1 to "
                  + Replays.KEY_LENGTH_MAX
                  + " printable ASCII characters)"));
      return null;
    }
    return with(received, key, null);
  }

  private static Received with(Received received, @Nullable String key, @Nullable Query query) {
    return new Received(
        received.authorization(),
        received.tenantHeader(),
        received.body(),
        received.attemptId(),
        received.attemptNumber(),
        received.arrivedNanos(),
        received.traceparent(),
        key,
        query);
  }

  /** Says what an answer says of being used again. */
  static void add(MultiMap headers, Reuse reuse, boolean query) {
    if (reuse.replayed()) {
      headers.add(REPLAYED, "true");
    }
    String tag = reuse.tag();
    if (tag == null) {
      return;
    }
    headers.add(HttpHeaders.ETAG, tag).add(HttpHeaders.CACHE_CONTROL, reuse.cacheControl());
    if (reuse.ageSeconds() > 0) {
      headers.add(AGE, Long.toString(reuse.ageSeconds()));
    }
    if (query) {
      headers.add(HttpHeaders.VARY, WHOSE);
    }
  }
}
