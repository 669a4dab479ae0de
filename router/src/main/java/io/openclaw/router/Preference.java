package io.openclaw.router;

import io.openclaw.steer.Affinity;
import io.openclaw.steer.Steering;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The region that a request asks for: to come back to where it was, or by where its client is.
 * Stateless.
 */
final class Preference {
  private static final byte[] NO_ADDRESS = {};

  private Preference() {}

  /**
   * An index, or a negative number where it asks for none.
   *
   * @param diverted the region that a refusal has named for its credential, or a negative number
   * @param tried the regions tried so far, bit i for index i
   */
  static int of(Fleet fleet, HttpServerRequest request, int diverted, long tried) {
    String name = tried == 0 ? affinity(fleet, request) : null;
    if (name != null) {
      return Affinity.region(fleet.view, name);
    }
    return diverted < 0
        ? fleet.settings.steering().preferred(fleet.view, address(fleet, request), tried)
        : diverted;
  }

  /** A request that may be repeated goes first to where its answer would be kept. */
  private static @Nullable String affinity(Fleet fleet, HttpServerRequest request) {
    String key = request.headers().get(Headers.IDEMPOTENCY_KEY);
    String field = fleet.settings.affinity();
    return key != null || field.isEmpty() ? key : request.getHeader(field);
  }

  private static byte[] address(Fleet fleet, HttpServerRequest request) {
    if (!(fleet.settings.steering() instanceof Steering.Geo geo)) {
      return NO_ADDRESS;
    }
    String peer = request.remoteAddress().hostAddress();
    return peer == null
        ? NO_ADDRESS
        : geo.balancers()
            .client(
                InetAddress.ofLiteral(peer).getAddress(),
                request.headers().getAll(Headers.FORWARDED_FOR));
  }
}
