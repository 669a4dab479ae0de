package io.openclaw.router;

import io.openclaw.tls.Certificates;
import io.openclaw.tls.ServerTls;
import org.jspecify.annotations.Nullable;

/**
 * A router's certificates.
 *
 * @param listener how clients are served; none: in clear text
 * @param regions what regions at {@code https} addresses are shown, and whose certificates are
 *     believed; none where there are no such regions
 */
public record RouterTls(@Nullable ServerTls listener, @Nullable Certificates regions) {
  /** No TLS at all. */
  public static final RouterTls NONE = new RouterTls(null, null);
}
