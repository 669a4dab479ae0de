package io.openclaw.router;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemJson;
import io.openclaw.domain.ProblemType;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** Answers problems over HTTP. Stateless. */
final class Problems {
  private static final System.Logger LOG = System.getLogger("io.openclaw.router");

  private Problems() {}

  /** What a client is told whose request could not be passed on, for the router failed at it. */
  static Problem of(RuntimeException failure, String requestId) {
    if (failure instanceof IllegalArgumentException) {
      // It could be read, but HTTP/1.1 cannot write it down. The failure's text may be the
      // client's.
      return Problem.of(ProblemType.BAD_REQUEST, "the request's head cannot be passed on");
    }
    LOG.log(System.Logger.Level.ERROR, () -> "request " + requestId + " failed", failure);
    return Problem.of(ProblemType.INTERNAL, "the request failed in the router");
  }

  static Future<Void> answer(HttpServerResponse response, Problem problem, String requestId) {
    response
        .setStatusCode(problem.type().status())
        .putHeader(HttpHeaders.CONTENT_TYPE, ProblemJson.MEDIA_TYPE)
        .putHeader(Headers.REQUEST_ID, requestId);
    if (problem.retryAfterSeconds() > 0) {
      response.putHeader("retry-after", Long.toString(problem.retryAfterSeconds()));
    }
    return response.end(Buffer.buffer(ProblemJson.write(problem, requestId)));
  }
}
