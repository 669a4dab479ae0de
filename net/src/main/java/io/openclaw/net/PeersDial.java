package io.openclaw.net;

import io.openclaw.mesh.MeshTransport;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.HandshakeFaults;
import io.openclaw.tls.Refusal;
import io.openclaw.tls.TlsOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The stream to one peer, over all its lives: dialled until it opens, dialled again when it ends.
 * On its context's thread only.
 */
final class PeersDial {
  /** How long connecting and the peer's answer may take together. */
  static final long TIMEOUT_MILLIS = 1500;

  static final long BACKOFF_MILLIS_MIN = 100;
  static final long BACKOFF_MILLIS_MAX = 1000;

  /** A stream that lived this long was good: the next dial is not delayed. */
  private static final long GOOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final System.Logger LOG = System.getLogger("io.openclaw.mesh");

  private enum State {
    WAITING,
    DIALLING,
    OPEN,
    CLOSED
  }

  private final Context context;
  private final HttpClientAgent client;
  private final String peer;
  private final PeersSettings settings;
  private final RandomGenerator random;
  private final MeshTransport.Listener listener;
  private final @Nullable Certificates tls;
  private final @Nullable ClientSSLOptions tlsOptions;

  private State state = State.WAITING;
  private long lives;
  private long life;
  private long timer = -1;
  private int failures;
  private long openedNanos;
  private long dialledNanos;
  private int refusedStatus;
  private String refusedReason = "";
  private @Nullable HttpClientConnection connection;
  private @Nullable HttpClientRequest stream;

  /** The stream that is left behind when the one now dialled is open; none but in a renewal. */
  private @Nullable Old old;

  private static final class Old {
    final long life;
    final @Nullable HttpClientConnection connection;
    final @Nullable HttpClientRequest stream;
    boolean ended;

    Old(long life, @Nullable HttpClientConnection connection, @Nullable HttpClientRequest stream) {
      this.life = life;
      this.connection = connection;
      this.stream = stream;
    }
  }

  PeersDial(
      Context context,
      HttpClientAgent client,
      String peer,
      PeersSettings settings,
      @Nullable Certificates tls,
      RandomGenerator random,
      MeshTransport.Listener listener) {
    this.context = context;
    this.tls = tls;
    this.tlsOptions = tls == null ? null : TlsOptions.client(tls, peer);
    this.client = client;
    this.peer = peer;
    this.settings = settings;
    this.random = random;
    this.listener = listener;
  }

  void dial() {
    if (state != State.WAITING) {
      return;
    }
    cancelTimer();
    state = State.DIALLING;
    connect();
  }

  private void connect() {
    dialledNanos = System.nanoTime();
    life = ++lives;
    long dialled = life;
    timer = context.owner().setTimer(TIMEOUT_MILLIS, fired -> ended(dialled));
    client
        .connect(address())
        .compose(connected -> request(connected, dialled))
        .compose(this::head)
        .onComplete(
            response -> {
              if (dialled != life) {
                return;
              }
              if (response.succeeded() && response.result() == 200) {
                opened(dialled);
              } else {
                if (response.succeeded()) {
                  refused(response.result());
                } else {
                  failed(response.cause());
                }
                ended(dialled);
              }
            });
  }

  /** Opens another stream beside the one that is open, which goes on until the new one is. */
  void renew() {
    if (state == State.OPEN && old == null) {
      old = new Old(life, connection, stream);
      connection = null;
      stream = null;
      connect();
    }
  }

  private Future<HttpClientRequest> request(HttpClientConnection connected, long dialled) {
    if (dialled != life) {
      connected.close();
      return Future.failedFuture("a newer dial is under way");
    }
    connection = connected;
    connected.closeHandler(closed -> ended(dialled));
    connected.exceptionHandler(this::failed);
    return connected
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setURI(PeersTransport.PATH)
                .putHeader(PeersTransport.REGION_HEADER, settings.self())
                .putHeader("authorization", "Bearer " + settings.secret()))
        .onSuccess(
            request -> {
              if (dialled == life) {
                stream = request;
                request.exceptionHandler(broken -> ended(dialled));
              }
            });
  }

  private Future<Integer> head(HttpClientRequest request) {
    long dialled = life;
    request.setChunked(true);
    return request
        .sendHead()
        .compose(sent -> request.response())
        .map(
            response -> {
              response.exceptionHandler(broken -> ended(dialled));
              response.endHandler(end -> ended(dialled));
              String reason = response.getHeader(PeersTransport.REFUSED_HEADER);
              refusedReason = reason != null && reason.matches("[a-z_]{1,32}") ? reason : "";
              return response.statusCode();
            });
  }

  private void opened(long dialled) {
    cancelTimer();
    context.runOnContext(
        now -> {
          if (dialled == life && (state == State.DIALLING || old != null)) {
            leaveOld();
            state = State.OPEN;
            openedNanos = System.nanoTime();
            refusedStatus = 0;
            listener.connected(peer);
          }
        });
  }

  private void refused(int status) {
    if (refusedStatus != status) {
      refusedStatus = status;
      LOG.log(
          System.Logger.Level.WARNING,
          "mesh: {0} refuses our stream with status {1} ({2})",
          peer,
          status,
          refusedReason.isEmpty()
              ? "secret or regions differ?"
              : "our certificate: " + refusedReason);
    }
  }

  private void failed(Throwable failure) {
    if (tls != null && HandshakeFaults.isRefusal(failure)) {
      tls.refused(
          Refusal.REFUSED_BY_PEER,
          peer + " does not take our certificate: " + HandshakeFaults.message(failure));
    }
  }

  private void leaveOld() {
    Old left = old;
    old = null;
    if (left != null && left.connection != null) {
      left.connection.close();
    }
  }

  /** The renewal did not work out: the stream that was open goes on, if it still does. */
  private boolean backToOld() {
    Old left = old;
    if (left == null || left.ended) {
      return false;
    }
    HttpClientConnection failed = connection;
    cancelTimer();
    old = null;
    life = left.life;
    connection = left.connection;
    stream = left.stream;
    if (failed != null) {
      failed.close();
    }
    context.owner().setTimer(BACKOFF_MILLIS_MAX, fired -> renew());
    return true;
  }

  /** The stream or the dial of that life is over; the next one comes after a back-off. */
  private void ended(long dialled) {
    Old left = old;
    if (left != null && dialled == left.life) {
      left.ended = true; // the peer closes it when it has the new one
    } else if (dialled == life && state != State.CLOSED && !backToOld()) {
      over();
    }
  }

  /** Throws the open stream away and dials anew; leaves a dial under way alone. */
  void redial() {
    if (state == State.OPEN) {
      over();
    }
  }

  /** The peer has just reached us, so it can be reached: no need to wait any longer. */
  void hurry() {
    if (state == State.WAITING
        && System.nanoTime() - dialledNanos >= TimeUnit.MILLISECONDS.toNanos(BACKOFF_MILLIS_MIN)) {
      dial();
    }
  }

  private void over() {
    boolean good = state == State.OPEN && System.nanoTime() - openedNanos >= GOOD_NANOS;
    failures = good ? 0 : failures + 1;
    state = State.WAITING;
    discard();
    context.runOnContext(
        now -> {
          if (state != State.CLOSED) {
            listener.disconnected(peer);
          }
        });
    // Counted from the dial's begin: one that ran into its time-out has waited enough.
    long spentMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - dialledNanos);
    long waitMillis = good ? 1 : Math.max(1, backoffMillis() - spentMillis);
    timer = context.owner().setTimer(waitMillis, fired -> dial());
  }

  /** Doubles from the least to the most, half of it at random. */
  private long backoffMillis() {
    long full =
        Math.min(BACKOFF_MILLIS_MIN << Math.min(Math.max(failures - 1, 0), 10), BACKOFF_MILLIS_MAX);
    return full / 2 + random.nextLong(full / 2 + 1);
  }

  boolean send(byte[] frame) {
    HttpClientRequest open = old == null ? stream : old.stream;
    if (state != State.OPEN || open == null || open.writeQueueFull()) {
      return false;
    }
    open.write(PeersFrames.encode(frame));
    return true;
  }

  void close() {
    state = State.CLOSED;
    leaveOld();
    if (stream != null) {
      stream.end();
    }
    discard();
  }

  private void discard() {
    life = ++lives;
    cancelTimer();
    leaveOld();
    stream = null;
    HttpClientConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  private void cancelTimer() {
    context.owner().cancelTimer(timer);
    timer = -1;
  }

  private HttpConnectOptions address() {
    PeersSettings.Address address = settings.peers().get(peer);
    if (address == null) {
      throw new IllegalStateException("no address for " + peer);
    }
    HttpConnectOptions options =
        new HttpConnectOptions().setHost(address.host()).setPort(address.port());
    return tlsOptions == null ? options : options.setSsl(true).setSslOptions(tlsOptions);
  }
}
