package io.openclaw.net;

import io.openclaw.domain.FallbackSpec;
import io.openclaw.edge.FallbackService;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks fallback services over HTTP/1.1, all on one event loop and from one bounded pool of
 * connections. Follows no redirect, and reads no more of an answer than its cap. Thread-safe.
 */
public final class FallbackClient {
  /** Connections to one host and port. */
  static final int CONNECTIONS_MAX = 64;

  /** Questions that wait for a connection to one host and port; their time runs. */
  static final int WAITING_MAX = 256;

  private static final int HEADER_BYTES_MAX = 16 * 1024;

  private final Vertx vertx;
  private final HttpClient client;
  private final Context context;
  private final RandomGenerator random;

  /**
   * @param random for spans; used by one thread
   */
  public FallbackClient(Vertx vertx, RandomGenerator random) {
    this.vertx = vertx;
    this.random = random;
    this.context = vertx.getOrCreateContext();
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setMaxHeaderSize(HEADER_BYTES_MAX)
                .setDecompressionSupported(false)
                .setConnectTimeout(FallbackSpec.TIMEOUT_MILLIS_MAX)
                .setShared(false),
            new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(WAITING_MAX));
  }

  /**
   * The service that a specification names.
   *
   * @param authorization the {@code Authorization} header's value; null for none
   */
  public FallbackService service(FallbackSpec spec, @Nullable String authorization) {
    return new Service(spec, authorization);
  }

  /** Ends every question under way. */
  public Future<Void> close() {
    return client.close();
  }

  private final class Service implements FallbackService {
    private final FallbackSpec spec;
    private final @Nullable String authorization;

    Service(FallbackSpec spec, @Nullable String authorization) {
      this.spec = spec;
      this.authorization = authorization;
    }

    @Override
    public CompletionStage<byte[]> ask(Question question, long timeoutMillis) {
      RequestOptions options = options(HttpMethod.POST, spec.url());
      options
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader("x-request-id", question.requestId());
      Call call = new Call(options, Buffer.buffer(question.body()), FallbackClient::isRating);
      context.runOnContext(
          now -> {
            options.putHeader("traceparent", TraceContext.next(question.traceparent(), random));
            call.begin(timeoutMillis);
          });
      return call.answer;
    }

    @Override
    public CompletionStage<Void> probe(long timeoutMillis) {
      FallbackSpec.Probe probe = spec.probe();
      if (probe == null) {
        return CompletableFuture.completedStage(null);
      }
      Call call =
          new Call(
              options(HttpMethod.GET, URI.create(spec.url()).resolve(probe.path()).toString()),
              Buffer.buffer(),
              FallbackClient::isHealthy);
      context.runOnContext(now -> call.begin(timeoutMillis));
      return call.answer.thenAccept(body -> {});
    }

    private RequestOptions options(HttpMethod method, String url) {
      RequestOptions options =
          new RequestOptions()
              .setMethod(method)
              .setAbsoluteURI(url)
              .setFollowRedirects(false)
              .putHeader(HttpHeaders.ACCEPT, "application/json");
      if (authorization != null) {
        options.putHeader(HttpHeaders.AUTHORIZATION, authorization);
      }
      return options;
    }
  }

  /** What is wrong with an answer's head; null where its body is worth reading. */
  @FunctionalInterface
  private interface Check {
    @Nullable String fault(HttpClientResponse response);
  }

  private static @Nullable String isRating(HttpClientResponse response) {
    if (response.statusCode() != 200) {
      return "status " + response.statusCode() + " (expected: 200)";
    }
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    String essence = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!essence.equals("application/json")) {
      return "another content type (expected: application/json)";
    }
    return response.getHeader(HttpHeaders.CONTENT_ENCODING) == null
        ? null
        : "a content encoding (expected: none)";
  }

  private static @Nullable String isHealthy(HttpClientResponse response) {
    return response.statusCode() / 100 == 2
        ? null
        : "status " + response.statusCode() + " (expected: 2xx)";
  }

  /** One request and its end, on the client's event loop. */
  private final class Call {
    final CompletableFuture<byte[]> answer = new CompletableFuture<>();
    private final RequestOptions options;
    private final Buffer question;
    private final Check check;
    private final Buffer read = Buffer.buffer();
    private long timer;
    private @Nullable HttpClientRequest request;

    Call(RequestOptions options, Buffer question, Check check) {
      this.options = options;
      this.question = question;
      this.check = check;
    }

    void begin(long timeoutMillis) {
      timer =
          vertx.setTimer(timeoutMillis, fired -> fail("no answer within " + timeoutMillis + " ms"));
      client
          .request(options)
          .onFailure(this::broken)
          .onSuccess(
              open -> {
                if (answer.isDone()) {
                  open.reset(); // it came after its time
                  return;
                }
                request = open;
                open.exceptionHandler(this::broken);
                open.response().onFailure(this::broken).onSuccess(this::head);
                open.end(question).onFailure(this::broken);
              });
    }

    private void head(HttpClientResponse response) {
      String fault = check.fault(response);
      if (fault != null) {
        fail(fault);
        return;
      }
      response.exceptionHandler(this::broken);
      response.handler(
          part -> {
            if (!answer.isDone()
                && read.length() + part.length() > FallbackService.ANSWER_BYTES_MAX) {
              fail("over " + FallbackService.ANSWER_BYTES_MAX + " bytes (expected: fewer)");
            } else if (!answer.isDone()) {
              read.appendBuffer(part);
            }
          });
      response.endHandler(
          end -> {
            vertx.cancelTimer(timer);
            answer.complete(read.getBytes());
          });
    }

    private void broken(Throwable failure) {
      fail("the connection failed: " + failure.getClass().getSimpleName());
    }

    private void fail(String why) {
      if (answer.isDone()) {
        return;
      }
      vertx.cancelTimer(timer);
      answer.completeExceptionally(new IllegalStateException(why));
      HttpClientRequest open = request;
      if (open != null) {
        open.reset(); // closes its connection: what is left on it is not worth reading
      }
    }
  }
}
