package io.openclaw.net;

/**
 * How fast a body comes that is read part by part: at least {@link #BYTES_PER_SECOND_MIN} on
 * average after a grace, so that nobody holds a place with a byte now and then. Only time counts in
 * which the client is waited for, and haste is not saved up beyond the grace.
 */
final class BodyPace {
  static final int BYTES_PER_SECOND_MIN = 1024;

  private static final long NANOS_PER_BYTE = 1_000_000_000L / BYTES_PER_SECOND_MIN;

  private final long graceNanos;
  private long leftNanos; // that the client may still be waited for
  private long sinceNanos;
  private boolean waiting;

  BodyPace(long graceNanos) {
    this.graceNanos = graceNanos;
    this.leftNanos = graceNanos;
  }

  /** From now on the client is waited for. */
  void waits(long nowNanos) {
    waiting = true;
    sinceNanos = nowNanos;
  }

  /** So much has come, and the client is not waited for. */
  void came(int bytes, long nowNanos) {
    if (waiting) {
      leftNanos -= nowNanos - sinceNanos;
      waiting = false;
    }
    leftNanos = Math.min(graceNanos, leftNanos + bytes * NANOS_PER_BYTE);
  }

  boolean isTooSlow(long nowNanos) {
    return waiting && nowNanos - sinceNanos > leftNanos;
  }

  /** What is said then. */
  static String tooSlow(String what) {
    return what + " arrived at less than " + BYTES_PER_SECOND_MIN + " bytes a second";
  }
}
