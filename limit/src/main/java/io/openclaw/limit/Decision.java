package io.openclaw.limit;

/** What the limiter says of one request. */
public sealed interface Decision {
  /**
   * Every limit agreed and its tokens are taken. Before anything is done for the request, {@link
   * Limiter#confirm} must say that they still are ours: the thread may have been held up.
   *
   * @param remaining whole tokens left here, one per limit in the order they were asked
   * @param rightsEndNanos the first instant at which they are not ours any more
   * @param tenure under which rights they were taken
   */
  @SuppressWarnings(
      "ArrayRecordComponent") // handed over; a copy on the hot path would protect nobody
  record Admitted(long[] remaining, long rightsEndNanos, long tenure) implements Decision {}

  /**
   * One limit said no, and nothing was spent anywhere.
   *
   * @param by the limit that said no
   * @param remaining whole tokens it has left here
   * @param retryAfterNanos when the next tokens come, if nobody else takes them; greater than zero
   */
  record Denied(Limit by, long remaining, long retryAfterNanos) implements Decision {}
}
