package io.openclaw.router;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** Answers problems over HTTP. Stateless. */
final class Problems {
  private Problems() {}

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
