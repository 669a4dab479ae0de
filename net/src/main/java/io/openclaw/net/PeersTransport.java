package io.openclaw.net;

import io.openclaw.mesh.MeshTransport;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.HandshakeFaults;
import io.openclaw.tls.PeerCheck;
import io.openclaw.tls.Refusal;
import io.openclaw.tls.RefusedCertificateException;
import io.openclaw.tls.TlsOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Streams of frames from node to node over HTTP/2: each node posts one endless request to each
 * other node, and reads the ones posted to it. Beside the streams it answers single requests.
 *
 * <p>On its context's thread only. The peers prove themselves with a shared secret, and with
 * certificates that name their regions; without certificates, what a stream carries is not
 * encrypted.
 */
final class PeersTransport implements MeshTransport {
  static final String PATH = "/mesh/v1/stream";

  /** Where single requests are answered. */
  static final String REQUESTS = "/mesh/v1/";

  static final String REGION_HEADER = "x-openclaw-region";

  /** Why a peer is refused: {@link Refusal#word}. */
  static final String REFUSED_HEADER = "x-openclaw-refused";

  /** What a peer may send ahead of being read. */
  static final int WINDOW_BYTES = 4 * 1024 * 1024;

  private static final int HEADER_BYTES_MAX = 8 * 1024;
  private static final int STREAMS_MAX = 4;

  /** Single requests under way; one more is answered 503. */
  private static final int REQUESTS_MAX = 16;

  /** A connection without a byte for this long is dead: heartbeats come every 50 ms. */
  private static final int IDLE_SECONDS = 10;

  private static final int TCP_USER_TIMEOUT_MILLIS = 5000;
  private static final long LOG_NANOS_MIN = TimeUnit.SECONDS.toNanos(10);

  private static final System.Logger LOG = System.getLogger("io.openclaw.mesh");

  private final Context context;
  private final PeersSettings settings;
  private final PeerRequests requests;
  private final Listener listener;
  private final @Nullable Certificates tls;
  private final byte[] authorizationDigest;
  private final HttpServer server;
  private final HttpClientAgent client;
  private final Map<String, PeersDial> dials = new LinkedHashMap<>();
  private final Map<String, HttpServerRequest> inbound = new HashMap<>();
  private int requestsUnderWay;
  private boolean closed;
  private long loggedNanos = System.nanoTime() - LOG_NANOS_MIN;

  /**
   * To be called on {@code context}, an event loop's.
   *
   * @param tls what this node shows and believes; none: no TLS
   */
  PeersTransport(
      Context context,
      PeersSettings settings,
      @Nullable Certificates tls,
      PeerRequests requests,
      RandomGenerator random,
      Listener listener) {
    this.context = context;
    this.tls = tls;
    this.settings = settings;
    this.requests = requests;
    this.listener = listener;
    authorizationDigest = sha256("Bearer " + settings.secret());
    server = context.owner().createHttpServer(serverOptions(tls)).requestHandler(this::accept);
    if (tls != null) {
      server.exceptionHandler(failure -> HandshakeFaults.server(tls, failure));
    }
    client = context.owner().httpClientBuilder().with(clientOptions(context, tls)).build();
    for (String peer : settings.peers().keySet()) {
      dials.put(peer, new PeersDial(context, client, peer, settings, tls, random, listener));
    }
  }

  private static HttpServerOptions serverOptions(@Nullable Certificates tls) {
    HttpServerOptions options = new HttpServerOptions();
    if (tls != null) {
      TlsOptions.server(options, tls, false, PeersDial.TIMEOUT_MILLIS);
      options.setUseAlpn(true);
    }
    return options
        .setHttp2ClearTextEnabled(tls == null)
        .setHttp2ConnectionWindowSize(WINDOW_BYTES)
        .setIdleTimeout(IDLE_SECONDS)
        .setInitialSettings(
            new Http2Settings()
                .setInitialWindowSize(WINDOW_BYTES)
                .setMaxConcurrentStreams(STREAMS_MAX)
                .setMaxHeaderListSize(HEADER_BYTES_MAX));
  }

  private static HttpClientOptions clientOptions(Context context, @Nullable Certificates tls) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false)
            .setConnectTimeout((int) PeersDial.TIMEOUT_MILLIS);
    if (tls != null) { // whom a connection must lead to, each dial says
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setVerifyHost(false)
          .setSslEngineOptions(TlsOptions.engine());
    }
    if (context.owner().isNativeTransportEnabled()) {
      // A connection thrown away while the path is cut must not sit in the kernel for long.
      options.setTcpUserTimeout(TCP_USER_TIMEOUT_MILLIS);
    }
    return options;
  }

  /** Listens, then dials every peer. */
  Future<Void> start() {
    return server
        .listen(settings.port(), settings.host())
        .map(
            listening -> {
              dials.values().forEach(PeersDial::dial);
              return null;
            });
  }

  /** The port listened on. */
  int port() {
    return server.actualPort();
  }

  /** Ends all streams and stops listening; the listener hears nothing any more. */
  Future<Void> close() {
    closed = true;
    dials.values().forEach(PeersDial::close);
    return Future.join(client.close(), server.close()).mapEmpty();
  }

  @Override
  public boolean send(String peer, byte[] frame) {
    PeersDial dial = dials.get(peer);
    return dial != null && dial.send(frame);
  }

  @Override
  public void redial(String peer) {
    PeersDial dial = dials.get(peer);
    if (dial != null) {
      dial.redial();
      HttpServerRequest from = inbound.remove(peer);
      if (from != null) {
        from.connection().close();
      }
    }
  }

  /** Dials a peer anew and changes over to the new stream when it is open. */
  void renew(String peer) {
    PeersDial dial = dials.get(peer);
    if (dial != null) {
      dial.renew();
    }
  }

  /** Ends the streams from peers whose certificates are not believed any more. */
  void checkInbound() {
    for (Map.Entry<String, HttpServerRequest> each : new ArrayList<>(inbound.entrySet())) {
      if (refusal(each.getKey(), each.getValue()) != null) {
        inbound.remove(each.getKey(), each.getValue());
        each.getValue().connection().close();
      }
    }
  }

  /** Why the other side is not the region that it says; null where it is. */
  private @Nullable Refusal refusal(String region, HttpServerRequest request) {
    if (tls == null) {
      return null;
    }
    try {
      PeerCheck.client(tls, request.connection().peerCertificates(), region);
      return null;
    } catch (RefusedCertificateException e) {
      tls.refused(e.refusal(), request.remoteAddress() + " as " + region + ": " + e.getMessage());
      return e.refusal();
    } catch (SSLPeerUnverifiedException e) {
      tls.refused(Refusal.NO_CERTIFICATE, request.remoteAddress() + " as " + region);
      return Refusal.NO_CERTIFICATE;
    }
  }

  private void accept(HttpServerRequest request) {
    String region = request.getHeader(REGION_HEADER);
    boolean stream =
        request.version() == HttpVersion.HTTP_2
            && request.method().equals(HttpMethod.POST)
            && PATH.equals(request.path());
    PeersDial dial = region == null ? null : dials.get(region);
    String path = request.path();
    boolean single = path != null && path.startsWith(REQUESTS) && !path.equals(PATH);
    if (closed || !(stream || single)) {
      refuse(request, 404);
    } else if (!authorized(request) || region == null || dial == null) {
      refuse(request, 403);
    } else {
      believe(region, dial, request, single ? path : null);
    }
  }

  /** Takes a stream, or answers a single request, of who proves to be that region. */
  private void believe(
      String region, PeersDial dial, HttpServerRequest request, @Nullable String single) {
    Refusal refusal = refusal(region, request);
    if (refusal != null) {
      request.response().putHeader(REFUSED_HEADER, refusal.word());
      refuse(request, 403);
    } else if (single != null) {
      answer(request, single.substring(REQUESTS.length()));
    } else {
      read(region, request);
      dial.hurry();
    }
  }

  /** Answers a single request, on a worker: it may read the disk. */
  private void answer(HttpServerRequest request, String path) {
    if (requestsUnderWay >= REQUESTS_MAX) {
      request.response().setStatusCode(503).end();
      return;
    }
    requestsUnderWay++;
    boolean post = request.method().equals(HttpMethod.POST);
    String query = request.query() == null ? "" : request.query();
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          body.appendBuffer(part);
          if (body.length() > PeerRequests.BODY_BYTES_MAX) {
            request.connection().close();
          }
        });
    Promise<byte[]> read = Promise.promise();
    request.exceptionHandler(read::tryFail);
    request.endHandler(end -> read.tryComplete(body.getBytes()));
    read.future()
        .compose(
            bytes ->
                context.<Optional<PeerAnswer>>executeBlocking(
                    () -> Optional.ofNullable(answer(post, path, query, bytes)), false))
        .onComplete(
            answer -> {
              requestsUnderWay--;
              HttpServerResponse response = request.response();
              if (response.closed()) {
                return;
              }
              if (answer.failed()) {
                warn("mesh: a request for " + path + " failed: " + answer.cause());
                response.setStatusCode(500).end();
              } else if (answer.result().isEmpty()) {
                response.setStatusCode(404).end();
              } else {
                response
                    .putHeader(PeerAnswer.FORM_HEADER, answer.result().get().form())
                    .end(Buffer.buffer(answer.result().get().bytes()));
              }
            });
  }

  private @Nullable PeerAnswer answer(boolean post, String path, String query, byte[] body)
      throws IOException {
    if (!post) {
      return requests.get(path, query);
    }
    byte[] answer = requests.post(path, body);
    return answer == null ? null : PeerAnswer.whole(answer);
  }

  private boolean authorized(HttpServerRequest request) {
    String given = request.getHeader("authorization");
    return MessageDigest.isEqual(authorizationDigest, sha256(given == null ? "" : given));
  }

  private void refuse(HttpServerRequest request, int status) {
    warn("mesh: refused a stream from " + request.remoteAddress() + " with status " + status);
    request.response().setStatusCode(status).end().onComplete(sent -> request.connection().close());
  }

  @SuppressWarnings("ReferenceEquality") // the very stream is meant, not an equal one
  private void read(String region, HttpServerRequest request) {
    HttpServerRequest before = inbound.put(region, request);
    if (before != null) {
      before.connection().close();
    }
    PeersFrames frames =
        new PeersFrames(
            frame -> {
              // A frame may make the mesh throw this very stream away: then the rest is not read.
              if (!closed && inbound.get(region) == request) {
                listener.received(region, frame);
              }
            });
    request.handler(
        bytes -> {
          if (inbound.get(region) == request && !frames.take(bytes)) {
            warn("mesh: the stream from " + region + " holds a frame of a wrong length");
            inbound.remove(region, request);
            request.connection().close();
          }
        });
    request.exceptionHandler(broken -> inbound.remove(region, request));
    request.endHandler(
        end -> {
          inbound.remove(region, request);
          request.response().end();
        });
    request.response().setStatusCode(200).writeHead();
  }

  /** Anybody can cause these, so they are rare. */
  private void warn(String message) {
    long nowNanos = System.nanoTime();
    if (nowNanos - loggedNanos >= LOG_NANOS_MIN) {
      loggedNanos = nowNanos;
      LOG.log(System.Logger.Level.WARNING, message);
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
