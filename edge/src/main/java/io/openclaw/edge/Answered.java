package io.openclaw.edge;

import io.openclaw.domain.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request, ready to be written.
 *
 * @param body the answer's JSON; for a problem, empty: the server writes the problem document
 * @param problem why there is no rating, or null where there is one
 * @param tenant the tenant for metrics, empty where it is not known
 * @param model the model for metrics, empty where none was chosen
 * @param variant {@code stable}, {@code canary}, {@code fallback} or {@code replay}, or empty where
 *     no model was chosen
 * @param rateLimit the RateLimit headers, where limits were asked
 * @param elsewhere what to tell a router of where else to try, null where there is nothing to tell
 * @param reuse what it says of being used again; null for nothing
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to the server
public record Answered(
    byte[] body,
    @Nullable Problem problem,
    String tenant,
    String model,
    String variant,
    @Nullable RateLimit rateLimit,
    @Nullable Elsewhere elsewhere,
    @Nullable Reuse reuse) {
  /** An answer that says nothing of being used again. */
  public Answered(
      byte[] body,
      @Nullable Problem problem,
      String tenant,
      String model,
      String variant,
      @Nullable RateLimit rateLimit,
      @Nullable Elsewhere elsewhere) {
    this(body, problem, tenant, model, variant, rateLimit, elsewhere, null);
  }

  /** An answer that has nothing to tell a router. */
  Answered(
      byte[] body,
      @Nullable Problem problem,
      String tenant,
      String model,
      String variant,
      @Nullable RateLimit rateLimit) {
    this(body, problem, tenant, model, variant, rateLimit, null);
  }

  /** The variant of an answer that another service gave because the model failed. */
  public static final String FALLBACK = "fallback";

  /** The variant of an answer that was given before, under the same idempotency key. */
  public static final String REPLAY = "replay";

  /** The same answer, saying that of being used again. */
  Answered with(Reuse said) {
    return new Answered(body, problem, tenant, model, variant, rateLimit, elsewhere, said);
  }

  /** The HTTP status code. */
  public int status() {
    if (problem != null) {
      return problem.type().status();
    }
    return reuse != null && reuse.notModified() ? 304 : 200;
  }
}
