package io.openclaw.bench;

import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one target: reused last in, first out, opened when none is free, and at most
 * {@code max}; beyond that exchanges wait in order. Used on the event loop only.
 */
final class Connections implements Connection.Owner {
  /** Told how exchanges end. */
  interface Listener {
    void ended(Exchange exchange, Outcome outcome);

    void queued(Exchange exchange);

    void explain(String detail);
  }

  private final NetClient client;
  private final Target target;
  private final RequestTemplate template;
  private final byte[] head;
  private final int max;
  private final Listener listener;
  private final LongSupplier nowNanos;
  private final ArrayDeque<Connection> free = new ArrayDeque<>();
  private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();
  private final Set<Connection> open = new LinkedHashSet<>();
  private int dialling;
  private boolean closed;

  Connections(
      NetClient client,
      Target target,
      RequestTemplate template,
      int max,
      Listener listener,
      LongSupplier nowNanos) {
    this.client = client;
    this.target = target;
    this.template = template;
    this.head = template.headFor(target);
    this.max = max;
    this.listener = listener;
    this.nowNanos = nowNanos;
  }

  /** Sends the exchange as soon as a connection can be had. */
  void send(Exchange exchange) {
    Connection connection = free.pollLast();
    if (connection != null) {
      send(exchange, connection);
    } else if (open.size() + dialling < max) {
      dial(exchange);
    } else {
      listener.queued(exchange);
      waiting.add(exchange);
    }
  }

  /** Closes everything; exchanges under way are forgotten. */
  void close() {
    closed = true;
    waiting.clear();
    List<Connection> all = new ArrayList<>(open);
    all.forEach(Connection::abandon);
  }

  private void send(Exchange exchange, Connection connection) {
    connection.send(exchange, template.encode(head, exchange.body), nowNanos.getAsLong());
  }

  private void dial(Exchange exchange) {
    dialling++;
    ConnectOptions options =
        new ConnectOptions().setHost(target.address()).setPort(target.port()).setSsl(target.tls());
    if (target.tls() && !isAddressLiteral(target.host())) {
      options.setSniServerName(target.host());
    }
    client
        .connect(options)
        .onComplete(socket -> connected(exchange, socket), failure -> refused(exchange, failure));
  }

  private static boolean isAddressLiteral(String host) {
    return host.startsWith("[") || host.matches("[0-9.]+");
  }

  private void connected(Exchange exchange, NetSocket socket) {
    dialling--;
    Connection connection = new Connection(socket, template.isHead(), this);
    open.add(connection);
    if (closed) {
      connection.abandon();
    } else if (exchange.done) {
      free(connection);
    } else {
      send(exchange, connection);
    }
  }

  private void refused(Exchange exchange, Throwable failure) {
    dialling--;
    if (!exchange.done) {
      ErrorKind kind = ErrorKind.ofConnect(failure);
      if (kind == ErrorKind.OTHER || kind == ErrorKind.TLS) {
        listener.explain(target.authority() + ": " + failure.getMessage());
      }
      listener.ended(exchange, new Outcome.Failed(kind));
    }
    dialForWaiting();
  }

  @Override
  public void free(Connection connection) {
    Exchange next = nextWaiting();
    if (next == null) {
      free.addLast(connection);
    } else {
      send(next, connection);
    }
  }

  @Override
  public void closed(Connection connection) {
    open.remove(connection);
    free.remove(connection);
    dialForWaiting();
  }

  private void dialForWaiting() {
    if (!closed && open.size() + dialling < max) {
      Exchange next = nextWaiting();
      if (next != null) {
        dial(next);
      }
    }
  }

  private @Nullable Exchange nextWaiting() {
    Exchange next = waiting.poll();
    while (next != null && next.done) {
      next = waiting.poll();
    }
    return next;
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    listener.ended(exchange, outcome);
  }

  @Override
  public void explain(String detail) {
    listener.explain(target.authority() + ": " + detail);
  }
}
