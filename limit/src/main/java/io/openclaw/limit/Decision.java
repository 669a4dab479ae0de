package io.openclaw.limit;

/** What the limiter says of one request. */
public sealed interface Decision {
  /**
   * Every limit agreed and its tokens are spent. Before anything is done for the request, {@link
   * Limiter#confirm} must say that they were ours to spend: the thread may have been held up since
   * it read the clock, until after the right had ended.
   */
  sealed interface Admitted extends Decision permits TokenBucket, AdmittedByAll {
    /** Whole tokens left here in a limit of the nest; 0 where a dry run would deny. */
    long remaining(int index);
  }

  /**
   * One limit said no, and nothing was spent anywhere.
   *
   * @param by the limit that said no
   * @param cost what it was asked for
   * @param atNanos when
   */
  record Denied(Limit by, long cost, long atNanos) implements Decision {
    /** Whole tokens it has left here. */
    public long remaining() {
      return by.tokens(atNanos);
    }

    /** When the next tokens come, if nobody else takes them; greater than zero. */
    public long retryAfterNanos() {
      return by.nanosUntil(cost, atNanos);
    }
  }
}
