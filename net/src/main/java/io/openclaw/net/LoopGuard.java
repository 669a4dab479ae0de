package io.openclaw.net;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.tls.PeerCheck;
import io.openclaw.tls.RefusedCertificateException;
import io.openclaw.tls.ServerTls;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The guards of one event loop: its connections and the requests under way, looked over ten times a
 * second. All methods run on the loop, except {@link #leave} and {@link #stop}.
 */
final class LoopGuard {
  private static final System.Logger LOG = System.getLogger("io.openclaw.net");
  private static final long SWEEP_MILLIS = 100;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * The time by which a connection must bring its next request's headers; none while one is under
   * way.
   */
  private static final class Silence {
    boolean waiting = true;
    boolean last; // no other request is taken
    long untilNanos;
  }

  private final Vertx vertx;
  private final Context context;
  private final ApiSettings settings;
  private final Clock clock;
  private final Consumer<Exchange> routes;
  private final Exchange.Counter counter;
  private final AtomicInteger inFlight;
  private final AtomicInteger connections;
  private final RandomGenerator random;
  private final Set<Exchange> underWay = new LinkedHashSet<>();
  private final IdentityHashMap<HttpConnection, Silence> silences = new IdentityHashMap<>();
  private final ChunkGate chunks;
  private final long sweeper;
  private volatile boolean leaving;
  private long dateSecond;
  private String date = "";

  LoopGuard(
      Vertx vertx,
      ApiSettings settings,
      Clock clock,
      Consumer<Exchange> routes,
      Exchange.Counter counter,
      AtomicInteger inFlight,
      AtomicInteger connections) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.settings = settings;
    this.clock = clock;
    this.routes = routes;
    this.counter = counter;
    this.inFlight = inFlight;
    this.connections = connections;
    this.random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(new SecureRandom().nextLong());
    this.chunks = new ChunkGate(context);
    this.sweeper = vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
    tellDate();
  }

  void connection(HttpConnection connection) {
    if (connections.incrementAndGet() > settings.connectionsMax()) {
      connections.decrementAndGet();
      connection.close();
      return;
    }
    HttpGate.guard(connection, () -> brokenBody(connection));
    Silence silence = new Silence();
    silence.untilNanos = clock.nanoTime() + settings.headerMillis() * NANOS_PER_MILLI;
    silences.put(connection, silence);
    connection.closeHandler(
        closed -> {
          connections.decrementAndGet();
          silences.remove(connection);
        });
  }

  void request(HttpServerRequest request) {
    Silence silence = silences.get(request.connection());
    if (silence != null) {
      if (silence.last) {
        return; // its client was told that the answer before was the last
      }
      silence.waiting = false;
    }
    Exchange exchange = new Exchange(this, request, clock.nanoTime());
    if (inFlight.incrementAndGet() > settings.inFlightMax()) {
      exchange.refuse(
          Problem.of(ProblemType.UNAVAILABLE, "too many requests are under way").withRetryAfter(1));
      return;
    }
    underWay.add(exchange);
    if (request.version() == HttpVersion.HTTP_1_1 && request.headers().getAll("host").size() != 1) {
      exchange.refuse(Problem.of(ProblemType.BAD_REQUEST, "exactly one Host header is needed"));
      return;
    }
    try {
      routes.accept(exchange);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, () -> "request " + exchange.requestId() + " failed", e);
      exchange.refuse(Problem.of(ProblemType.INTERNAL, "the request failed"));
    }
  }

  /**
   * The request's last byte is about to be sent: the connection may bring the next.
   *
   * @param last whether it may not
   */
  void ended(Exchange exchange, HttpServerRequest request, boolean last) {
    inFlight.decrementAndGet();
    underWay.remove(exchange);
    Silence silence = silences.get(request.connection());
    if (silence != null) {
      silence.waiting = true;
      silence.last = last;
      silence.untilNanos = clock.nanoTime() + settings.idleMillis() * NANOS_PER_MILLI;
    }
  }

  /** A request whose head is not HTTP, or too large. */
  void invalid(HttpServerRequest request) {
    inFlight.incrementAndGet();
    Throwable cause = request.decoderResult().cause();
    Problem problem =
        switch (cause) {
          case TooLongHttpLineException e ->
              Problem.of(
                  ProblemType.URI_TOO_LONG,
                  "the request line is over " + ApiSettings.REQUEST_LINE_BYTES_MAX + " bytes");
          case TooLongHttpHeaderException e ->
              Problem.of(
                  ProblemType.HEADERS_TOO_LARGE,
                  "the headers are over " + ApiSettings.HEADER_BYTES_MAX + " bytes");
          case null, default ->
              Problem.of(ProblemType.BAD_REQUEST, "this is not a valid HTTP request");
        };
    new Exchange(this, request, clock.nanoTime()).refuse(problem);
  }

  private void brokenBody(HttpConnection connection) {
    boolean answered = false;
    for (Exchange exchange : new ArrayList<>(underWay)) {
      answered |= exchange.refuseBrokenBody(connection);
    }
    if (!answered) {
      connection.close();
    }
  }

  private void sweep() {
    tellDate();
    long now = clock.nanoTime();
    for (Exchange exchange : new ArrayList<>(underWay)) {
      exchange.checkDeadline(now);
    }
    for (var entry : new ArrayList<>(silences.entrySet())) {
      if (entry.getValue().waiting && now - entry.getValue().untilNanos > 0) {
        entry.getKey().close();
      }
    }
  }

  private void tellDate() {
    long second = clock.wallMillis() / 1000;
    if (second != dateSecond) {
      dateSecond = second;
      date =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
    }
  }

  /**
   * Lets connections end whose clients' certificates are not believed any more, each after its
   * request under way. Any thread.
   *
   * @param changed whether others may be believed now; else only those that have ended are looked
   *     at
   */
  void checkClients(boolean changed) {
    ServerTls tls = settings.tls();
    if (tls == null || !tls.certificates().hasTrust()) {
      return;
    }
    context.runOnContext(
        now -> {
          for (HttpConnection connection : new ArrayList<>(silences.keySet())) {
            try {
              List<Certificate> shown = connection.peerCertificates();
              if (changed || PeerCheck.hasEnded(tls.certificates(), shown)) {
                PeerCheck.client(tls.certificates(), shown);
              }
            } catch (RefusedCertificateException e) {
              tls.certificates()
                  .refused(e.refusal(), connection.remoteAddress() + ": " + e.getMessage());
              var _ = connection.shutdown(settings.deadlineMillis(), TimeUnit.MILLISECONDS);
            } catch (SSLPeerUnverifiedException e) {
              var _ = connection.close();
            }
          }
        });
  }

  /** From now on each answer is its connection's last: clients are to connect elsewhere. */
  void leave() {
    leaving = true;
  }

  boolean isLeaving() {
    return leaving;
  }

  void stop() {
    vertx.cancelTimer(sweeper);
  }

  /** Which chunks of batches may be under way on this loop. */
  ChunkGate chunks() {
    return chunks;
  }

  long setTimer(long millis, Runnable action) {
    return vertx.setTimer(millis, fired -> action.run());
  }

  Context context() {
    return context;
  }

  ApiSettings settings() {
    return settings;
  }

  Clock clock() {
    return clock;
  }

  Exchange.Counter counter() {
    return counter;
  }

  RandomGenerator random() {
    return random;
  }

  /** The Date header's value. */
  String date() {
    return date;
  }
}
