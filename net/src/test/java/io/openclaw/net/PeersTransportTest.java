package io.openclaw.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.mesh.MeshTransport;
import io.openclaw.mesh.MeshTransportContract;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two transports with real sockets between them. */
final class PeersTransportTest extends MeshTransportContract {
  static final String SECRET = "a-secret-for-tests-only";
  private static final String HOST = "127.0.0.1";
  private static final long WAIT_SECONDS = 8;

  private final Vertx vertx = Vertx.vertx();
  private Context context = vertx.getOrCreateContext();

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Polls until the condition holds; false where it does not within some seconds. */
  static boolean within(long millis, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }

  private static PeersSettings settings(String self, int port, String peer, int peerPort) {
    return new PeersSettings(
        self, HOST, port, Map.of(peer, new PeersSettings.Address(HOST, peerPort)), SECRET);
  }

  /** Answers with the question. */
  private static final PeerRequests ECHO =
      new PeerRequests() {
        @Override
        public PeerAnswer get(String path, String query) {
          return new PeerAnswer((path + " " + query).getBytes(UTF_8), "echo");
        }

        @Override
        public byte[] post(String path, byte[] body) {
          return body;
        }
      };

  private PeersTransport transport(PeersSettings settings, MeshTransport.Listener listener) {
    return new PeersTransport(context, settings, null, ECHO, new Random(1), listener);
  }

  @Override
  protected MeshTransport open(Heard a, Heard b) throws Exception {
    int portA = freePort();
    int portB = freePort();
    CompletableFuture<MeshTransport> opened = new CompletableFuture<>();
    get(
        vertx.deployVerticle(
            new VerticleBase() {
              @Override
              public Future<?> start() {
                PeersTransportTest.this.context = context;
                PeersTransport first = transport(settings("a", portA, "b", portB), a);
                PeersTransport second = transport(settings("b", portB, "a", portA), b);
                opened.complete(first);
                return Future.all(first.start(), second.start());
              }
            }));
    return opened.get();
  }

  @Override
  protected void onThread(Runnable action) throws Exception {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    context.runOnContext(
        now -> {
          try {
            action.run();
            done.complete(true);
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    done.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  protected boolean eventually(BooleanSupplier condition) throws InterruptedException {
    return within(TimeUnit.SECONDS.toMillis(WAIT_SECONDS), condition);
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  /** The status that a request to the acceptor gets, and whether the connection is closed then. */
  private int status(HttpVersion version, int port, String path, Map<String, String> headers)
      throws Exception {
    HttpClientOptions options =
        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
    RequestOptions request =
        new RequestOptions().setMethod(HttpMethod.POST).setHost(HOST).setPort(port).setURI(path);
    headers.forEach(request::putHeader);
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    int status =
        get(
            vertx
                .httpClientBuilder()
                .with(options)
                .withConnectHandler(c -> c.closeHandler(end -> closed.complete(true)))
                .build()
                .request(request)
                .compose(
                    open -> {
                      open.setChunked(true);
                      return open.sendHead().compose(sent -> open.response());
                    })
                .map(response -> response.statusCode()));
    if (status != 200) {
      closed.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
    return status;
  }

  @Test
  void only_a_configured_region_with_the_secret_may_open_a_stream() throws Exception {
    Heard a = new Heard();
    PeersTransport transport = (PeersTransport) open(a, new Heard());
    int port = transport.port();
    String path = PeersTransport.PATH;
    String right = "Bearer " + SECRET;
    Map<String, String> good = Map.of(PeersTransport.REGION_HEADER, "b", "authorization", right);
    assertThat(status(HttpVersion.HTTP_2, port, path, good)).isEqualTo(200);
    for (Map<String, String> headers :
        List.of(
            Map.<String, String>of(),
            Map.of("authorization", right),
            Map.of(PeersTransport.REGION_HEADER, "b"),
            Map.of(PeersTransport.REGION_HEADER, "b", "authorization", right + "x"),
            Map.of(PeersTransport.REGION_HEADER, "b", "authorization", SECRET),
            Map.of(PeersTransport.REGION_HEADER, "a", "authorization", right),
            Map.of(PeersTransport.REGION_HEADER, "c", "authorization", right))) {
      assertThat(status(HttpVersion.HTTP_2, port, path, headers)).as("%s", headers).isEqualTo(403);
    }
    assertThat(status(HttpVersion.HTTP_2, port, "/", good)).isEqualTo(404);
    assertThat(status(HttpVersion.HTTP_1_1, port, path, good)).isEqualTo(404);
    String blob = PeersTransport.REQUESTS + "blobs/0";
    assertThat(status(HttpVersion.HTTP_1_1, port, blob, Map.of())).as("no secret").isEqualTo(403);
  }

  @Test
  void a_single_request_has_its_query_and_its_answer_a_form() throws Exception {
    PeersTransport transport = (PeersTransport) open(new Heard(), new Heard());
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create("http://" + HOST + ":" + transport.port() + "/mesh/v1/blobs/0?from=1"))
              .version(HttpClient.Version.HTTP_1_1)
              .header(PeersTransport.REGION_HEADER, "b")
              .header("authorization", "Bearer " + SECRET);
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).isEqualTo("blobs/0 from=1");
      assertThat(answer.headers().firstValue(PeerAnswer.FORM_HEADER)).hasValue("echo");
      HttpResponse<String> posted =
          client.send(
              request.POST(HttpRequest.BodyPublishers.ofString("said")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(posted.body()).isEqualTo("said");
    }
  }

  @Test
  void a_frame_beyond_the_limit_ends_the_connection() throws Exception {
    Heard a = new Heard();
    PeersTransport transport = (PeersTransport) open(a, new Heard());
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(HOST)
            .setPort(transport.port())
            .setURI(PeersTransport.PATH)
            .putHeader(PeersTransport.REGION_HEADER, "b")
            .putHeader("authorization", "Bearer " + SECRET);
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    Buffer body = PeersFrames.encode(new byte[] {1, 2, 3});
    body.appendInt(MeshTransport.FRAME_BYTES_MAX + 1).appendBytes(new byte[100]);
    get(
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false))
            .withConnectHandler(c -> c.closeHandler(end -> closed.complete(true)))
            .build()
            .request(request)
            .compose(
                open -> {
                  open.setChunked(true);
                  return open.write(body);
                }));
    assertThat(closed.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(a.frames).hasSize(1);
  }
}
