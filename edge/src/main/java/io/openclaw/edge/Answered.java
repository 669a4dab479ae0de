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
 * @param variant {@code stable}, {@code canary} or {@code fallback}, or empty where no model was
 *     chosen
 * @param rateLimit the RateLimit headers, where limits were asked
 * @param elsewhere what to tell a router of where else to try, null where there is nothing to tell
 */
@SuppressWarnings("ArrayRecordComponent") // handed over to the server
public record Answered(
    byte[] body,
    @Nullable Problem problem,
    String tenant,
    String model,
    String variant,
    @Nullable RateLimit rateLimit,
    @Nullable Elsewhere elsewhere) {
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

  /** The HTTP status code. */
  public int status() {
    return problem == null ? 200 : problem.type().status();
  }
}
