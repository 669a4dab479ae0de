package io.openclaw.edge;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A rating service elsewhere, with its address and secret; a port. Thread-safe, never blocks. The
 * messages of what fails hold no secret and nothing of an answer.
 */
public interface FallbackService {
  /** The longest answer that is read. */
  int ANSWER_BYTES_MAX = 64 * 1024;

  /**
   * What is asked.
   *
   * @param body the client's, unpacked
   * @param traceparent the client's header
   */
  @SuppressWarnings("ArrayRecordComponent") // the request's own, which nobody changes
  record Question(byte[] body, String requestId, @Nullable String traceparent) {}

  /**
   * The body of its answer, where that is a 200 with JSON of at most {@link #ANSWER_BYTES_MAX}.
   *
   * @param timeoutMillis for everything, connecting included; the stage ends within it
   */
  CompletionStage<byte[]> ask(Question question, long timeoutMillis);

  /**
   * Ends well where it answers its probe with a 2xx status.
   *
   * @param timeoutMillis as above
   */
  CompletionStage<Void> probe(long timeoutMillis);
}
