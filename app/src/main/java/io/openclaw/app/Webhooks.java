package io.openclaw.app;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Delivers webhooks: one signed POST, of which the answer's status counts and nothing else is read;
 * redirects are not followed. Thread-safe; blocks.
 */
final class Webhooks implements AutoCloseable {
  private static final long TIMEOUT_MILLIS = 10_000;

  private final WebhookTarget target;
  private final SecretSource secrets;
  private final String reference;
  private final HttpClient client;

  /**
   * @param reference where the secret is, {@code env:NAME} or {@code file:/path}; empty for none
   */
  Webhooks(Vertx vertx, WebhookTarget target, SecretSource secrets, String reference) {
    this.target = target;
    this.secrets = secrets;
    this.reference = reference;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false)
                .setConnectTimeout((int) TIMEOUT_MILLIS)
                .setVerifyHost(true));
  }

  /**
   * What is wrong with the secret's reference.
   *
   * @throws IOException where it cannot be resolved, or is no key
   */
  void requireSecret() throws IOException {
    if (!reference.isEmpty()) {
      requireKey(secrets.resolve(reference));
    }
  }

  private static void requireKey(Secret secret) throws IOException {
    try {
      if (WebhookSignature.key(secret).length > 0) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // the same answer
    }
    throw new IOException("jobs.webhookSecret: no key (expected: text, or whsec_ and Base64)");
  }

  /**
   * Whether a job may name a webhook.
   *
   * @throws IOException where it may not, with why
   */
  void check(String url) throws IOException {
    if (reference.isEmpty()) {
      throw new IOException("this region signs no webhooks (expected: jobs.webhookSecret is set)");
    }
    var _ = target.check(url);
  }

  /**
   * Delivers once; the answer's status.
   *
   * @param id the same for every try
   * @throws IOException where there was no answer
   */
  int deliver(String url, String id, long wallMillis, byte[] body)
      throws IOException, InterruptedException {
    WebhookTarget.Checked checked = target.check(url);
    Secret secret = secrets.resolve(reference);
    requireKey(secret);
    long seconds = wallMillis / 1000;
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(checked.url().toString())
            .setServer(SocketAddress.inetSocketAddress(checked.address()))
            .setFollowRedirects(false)
            .putHeader("content-type", "application/json")
            .putHeader("user-agent", "openclaw/" + Version.TEXT)
            .putHeader("webhook-id", id)
            .putHeader("webhook-timestamp", Long.toString(seconds))
            .putHeader("webhook-signature", WebhookSignature.of(secret, id, seconds, body));
    CompletableFuture<Integer> status = new CompletableFuture<>();
    CompletableFuture<HttpClientRequest> open = new CompletableFuture<>();
    client
        .request(options)
        .onFailure(status::completeExceptionally)
        .onSuccess(
            request -> {
              open.complete(request);
              request.exceptionHandler(status::completeExceptionally);
              request
                  .response()
                  .onFailure(status::completeExceptionally)
                  .onSuccess(
                      response -> {
                        status.complete(response.statusCode());
                        request.reset(); // what is left of the answer is not worth reading
                      });
              request.end(Buffer.buffer(body)).onFailure(status::completeExceptionally);
            });
    try {
      return status.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      status.cancel(false);
      var _ = open.thenAccept(HttpClientRequest::reset);
      throw new IOException("no answer within " + TIMEOUT_MILLIS + " ms", e);
    } catch (ExecutionException | CompletionException e) {
      throw new IOException("the connection failed", e);
    }
  }

  @Override
  public void close() {
    client.close().toCompletionStage().toCompletableFuture().join();
  }
}
