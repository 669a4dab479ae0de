package io.openclaw.router;

/** Why a request was tried again. */
public enum RetryReason {
  /** No connection: refused, unreachable, or not in time. */
  CONNECT,
  /** The connection ended before the answer was complete. */
  RESET,
  /** The region answered 502 or 503. */
  UNAVAILABLE,
  /** No answer within the time for one try. */
  TIMEOUT,
  /** No answer within the time that most take; the first try goes on beside the second. */
  HEDGE,
  /** The region left the request to a later try elsewhere (421), which brought no answer either. */
  TAKEN_OVER,

  /** The router's own pool of connections to the region was exhausted, or its descriptors were. */
  POOL
}
