package io.openclaw.router;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/**
 * A region's answer that goes to the client as it comes, no faster than the client takes it.
 *
 * <p>Where nothing moves for the time of a stall, its owner is told. Event loop only.
 */
final class AnswerStream {
  /** How long a client may go on sending a body that is not wanted, so that it reads the answer. */
  static final long LINGER_NANOS = 1_000_000_000L;

  private static final long MILLI = 1_000_000L;

  private final Fleet fleet;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final ClientStream client;
  private final Runnable whenStalled;

  AnswerStream(Fleet fleet, HttpServerRequest request, ClientStream client, Runnable whenStalled) {
    this.fleet = fleet;
    this.request = request;
    this.response = request.response();
    this.client = client;
    this.whenStalled = whenStalled;
  }

  /** Something moved, either way. */
  void progress() {
    client.watch(fleet.clock.nanoTime() + fleet.settings.timeouts().stall() * MILLI, whenStalled);
  }

  /** Takes over an answer's head, which goes out with its first part. */
  void begin(HttpClientResponse answer, String requestId) {
    response.setStatusCode(answer.statusCode());
    Headers.copyResponse(answer.headers(), response.headers());
    if (!response.headers().contains(Headers.REQUEST_ID)) {
      response.putHeader(Headers.REQUEST_ID, requestId);
    }
    if (fleet.closing) {
      client.announceClose();
    }
    if (!hasLength() && !HttpMethod.HEAD.equals(request.method())) {
      response.setChunked(true);
    }
    progress();
  }

  void write(Buffer part, HttpClientResponse answer) {
    progress();
    var _ = response.write(part);
    if (response.writeQueueFull()) {
      answer.pause();
      response.drainHandler(
          drained -> {
            progress();
            answer.resume();
          });
    }
  }

  /** Whether it is the client that takes no more; otherwise its region has more to send. */
  boolean isWaitingForClient() {
    return response.writeQueueFull();
  }

  /** The answer is whole, though the region may not have wanted the rest of the request. */
  void end() {
    boolean unread = !request.isEnded();
    // Without a length, an HTTP/1.0 client learns of the end by the end of the connection.
    boolean last = fleet.closing || request.version() == HttpVersion.HTTP_1_0 && !hasLength();
    Future<Void> sent = response.end();
    if (unread) {
      client.discardRest(sent, fleet.clock.nanoTime() + LINGER_NANOS);
    } else if (last) {
      client.closeAfter(sent);
    }
  }

  private boolean hasLength() {
    return response.headers().contains(HttpHeaders.CONTENT_LENGTH);
  }
}
