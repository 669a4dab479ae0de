package io.openclaw.limit;

/** What the limiter says of one request. */
public sealed interface Decision {
  /**
   * Every limit agreed and its tokens are spent.
   *
   * @param remaining whole tokens left here, one per limit in the order they were asked
   */
  @SuppressWarnings(
      "ArrayRecordComponent") // handed over; a copy on the hot path would protect nobody
  record Admitted(long[] remaining) implements Decision {}

  /**
   * One limit said no, and nothing was spent anywhere.
   *
   * @param by the limit that said no
   * @param remaining whole tokens it has left here
   * @param retryAfterNanos when the next tokens come, if nobody else takes them; greater than zero
   */
  record Denied(Limit by, long remaining, long retryAfterNanos) implements Decision {}
}
