package io.openclaw.edge;

import org.jspecify.annotations.Nullable;

/**
 * A rating request as it came in, whole.
 *
 * @param authorization the {@code Authorization} header
 * @param tenantHeader the {@code x-tenant-id} header
 * @param body the body's bytes, at most as many as the server allows
 * @param attemptId the same for every try a router makes of one client request; null where none
 *     says
 * @param attemptNumber 1 for the first try
 * @param arrivedNanos monotonic time of arrival
 * @param traceparent the {@code traceparent} header
 * @param idempotencyKey under which the answer is kept and given again; null where none is asked
 * @param query what makes it a QUERY; null for a POST
 */
@SuppressWarnings("ArrayRecordComponent") // handed over by the server, which keeps no reference
public record Received(
    @Nullable String authorization,
    @Nullable String tenantHeader,
    byte[] body,
    @Nullable String attemptId,
    int attemptNumber,
    long arrivedNanos,
    @Nullable String traceparent,
    @Nullable String idempotencyKey,
    @Nullable Query query) {
  /** A plain request. */
  public Received(
      @Nullable String authorization,
      @Nullable String tenantHeader,
      byte[] body,
      @Nullable String attemptId,
      int attemptNumber,
      long arrivedNanos,
      @Nullable String traceparent) {
    this(
        authorization,
        tenantHeader,
        body,
        attemptId,
        attemptNumber,
        arrivedNanos,
        traceparent,
        null,
        null);
  }

  /** A request that is part of no trace. */
  public Received(
      @Nullable String authorization,
      @Nullable String tenantHeader,
      byte[] body,
      @Nullable String attemptId,
      int attemptNumber,
      long arrivedNanos) {
    this(authorization, tenantHeader, body, attemptId, attemptNumber, arrivedNanos, null);
  }
}
