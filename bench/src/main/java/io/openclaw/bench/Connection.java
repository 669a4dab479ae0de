package io.openclaw.bench;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection carrying one exchange at a time. Used on the event loop only.
 *
 * <p>Why not Vert.x's {@code HttpClient}: warm it costs 28 to 31 µs of CPU per request where this
 * costs 18 µs, recording included (64 connections, 400-byte bodies), it takes ten times as many
 * requests to get warm, and its pool hides when a request was really sent.
 */
final class Connection {
  /** Told how exchanges end, and when the connection can take another or none any more. */
  interface Owner {
    void free(Connection connection);

    void closed(Connection connection);

    void ended(Exchange exchange, Outcome outcome);

    /** Why something ended as {@link ErrorKind#OTHER}. */
    void explain(String detail);
  }

  private final NetSocket socket;
  private final boolean toHead;
  private final Owner owner;
  private final AnswerParser parser = new AnswerParser();
  private @Nullable Exchange exchange;
  private boolean closed;

  Connection(NetSocket socket, boolean toHead, Owner owner) {
    this.socket = socket;
    this.toHead = toHead;
    this.owner = owner;
    socket.handler(this::received);
    socket.exceptionHandler(failure -> socket.close());
    socket.closeHandler(nothing -> socketClosed());
  }

  void send(Exchange next, Buffer request, long nowNanos) {
    exchange = next;
    next.connection = this;
    next.sentNanos = nowNanos;
    next.bytesSent = request.length();
    parser.begin(toHead);
    socket.write(request);
  }

  /** Gives up the exchange under way, if any, without telling the owner of it. */
  void abandon() {
    exchange = null;
    socket.close();
  }

  private void received(Buffer buffer) {
    Exchange current = exchange;
    if (current == null) {
      // Nothing was asked, e.g. a 408 to an idle connection: not to be taken for an answer.
      socket.close();
      return;
    }
    current.bytesReceived += buffer.length();
    try {
      parser.accept(buffer.getBytes());
    } catch (MalformedAnswerException e) {
      owner.explain(String.valueOf(e.getMessage()));
      end(new Outcome.Failed(ErrorKind.OTHER), false);
      return;
    }
    if (parser.isComplete()) {
      end(new Outcome.Answered(parser.status()), parser.keepAlive());
    }
  }

  private void end(Outcome outcome, boolean reusable) {
    Exchange ended = exchange;
    exchange = null;
    if (!reusable) {
      socket.close();
    } else if (!closed) {
      owner.free(this);
    }
    if (ended != null) {
      owner.ended(ended, outcome);
    }
  }

  private void socketClosed() {
    closed = true;
    owner.closed(this);
    if (exchange != null) {
      end(
          parser.completeAtClose()
              ? new Outcome.Answered(parser.status())
              : new Outcome.Failed(ErrorKind.RESET),
          false);
    }
  }
}
