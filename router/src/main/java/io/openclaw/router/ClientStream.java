package io.openclaw.router;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/**
 * One request's hold on its client: over HTTP/1.1 the whole connection, over HTTP/2 one stream of
 * it; and the time by which something must happen on it.
 *
 * <p>Used on its event loop only. Deadlines are looked at by a periodic sweep rather than by a
 * timer each: they need no precision, and every request would set and cancel several.
 */
final class ClientStream {
  /** RFC 9113, 7: the answer is whole, and the rest of the request is not wanted. */
  private static final long NO_ERROR = 0;

  /** RFC 9113, 7: the answer is not whole. */
  private static final long INTERNAL_ERROR = 2;

  private final ClientConnection connection;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final boolean multiplexed;
  private @Nullable Runnable whenLate;
  private long deadlineNanos;

  ClientStream(ClientConnection connection, HttpServerRequest request) {
    this.connection = connection;
    this.request = request;
    this.response = request.response();
    this.multiplexed = request.version() == HttpVersion.HTTP_2;
  }

  /** Whether others may be on the connection. */
  boolean isMultiplexed() {
    return multiplexed;
  }

  /** Whether more than a head may come: HTTP/2 does not say so in it. */
  boolean mayHaveBody() {
    return multiplexed
        || request.headers().contains(HttpHeaders.CONTENT_LENGTH)
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }

  /** Runs {@code action} when the deadline passes before the next watch or unwatch. */
  void watch(long deadline, Runnable action) {
    deadlineNanos = deadline;
    whenLate = action;
    connection.add(this);
  }

  /** Closes it when the deadline passes before the next watch or unwatch. */
  void closeAt(long deadline) {
    watch(deadline, this::close);
  }

  void unwatch() {
    whenLate = null;
  }

  void sweep(long nowNanos) {
    Runnable action = whenLate;
    if (action != null && nowNanos - deadlineNanos >= 0) {
      whenLate = null;
      action.run();
    }
  }

  /** Copies what HTTP/2 has for a Host field. */
  void copyHost(MultiMap to) {
    HostAndPort authority = multiplexed ? request.authority() : null;
    if (authority != null) {
      to.set(HttpHeaders.HOST, authority.toString());
    }
  }

  /** Whether nothing more comes of it, in either direction. */
  boolean isOver() {
    return multiplexed && response.closed();
  }

  /**
   * Ends it at once: an answer that is under way is seen not to be whole. A client that does not
   * take one that is complete loses the connection.
   */
  void close() {
    if (multiplexed) {
      // Vert.x resets no stream that has ended on both sides, though the client has not taken it.
      response.reset(INTERNAL_ERROR).onFailure(ended -> connection.close());
    } else {
      connection.close();
    }
  }

  /** Says that nothing follows on this connection, in the head of an answer. */
  void announceClose() {
    if (!multiplexed) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** Ends the connection after an answer; of an HTTP/2 one, that was said by GOAWAY. */
  void closeAfter(Future<Void> answer) {
    if (!multiplexed) {
      answer.onComplete(sent -> connection.close());
    }
  }

  /**
   * Gets rid of the rest of a request that was answered before it was whole. An HTTP/1.1 client may
   * go on sending until then, so that it reads the answer; an HTTP/2 one is told to stop.
   */
  void discardRest(Future<Void> answer, long lingerUntilNanos) {
    request.handler(rest -> {});
    if (multiplexed) {
      answer.onComplete(sent -> response.reset(NO_ERROR));
    } else {
      request.endHandler(end -> connection.close());
      closeAt(lingerUntilNanos);
    }
    request.resume();
  }
}
