package io.openclaw.bench;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive connection carrying one exchange at a time. Used on the event loop only.
 *
 * <p>Why not Vert.x's {@code HttpClient}: a bare exchange over it cost 28 to 31 µs of CPU, over
 * {@code NetClient} 13.5 µs (this, recording included, about 18 µs on a busier machine); in its
 * first two seconds it did 1,400 requests/s against 15,300; and its pool hides when a request was
 * really sent. Measured with 64 connections and 400-byte bodies on 2 cores.
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
