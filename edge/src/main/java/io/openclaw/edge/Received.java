package io.openclaw.edge;

import io.openclaw.rating.Attempt;
import org.jspecify.annotations.Nullable;

/**
 * A rating request as it came in, whole.
 *
 * @param authorization the {@code Authorization} header
 * @param tenantHeader the {@code x-tenant-id} header
 * @param body the body's bytes, at most as many as the server allows
 * @param attempt which try of the client's request this is
 * @param arrivedNanos monotonic time of arrival
 * @param expiresAtWallMillis when the request's deadline is, milliseconds since the Unix epoch; 0
 *     where nobody said
 */
@SuppressWarnings("ArrayRecordComponent") // handed over by the server, which keeps no reference
public record Received(
    @Nullable String authorization,
    @Nullable String tenantHeader,
    byte[] body,
    Attempt attempt,
    long arrivedNanos,
    long expiresAtWallMillis) {}
