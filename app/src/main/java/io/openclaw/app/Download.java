package io.openclaw.app;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One HTTP request whose whole answer must come within a time and a size. */
final class Download {
  private Download() {}

  /**
   * The answer, whatever its status.
   *
   * @param bytesMax of its body; one byte more is a fault
   * @param within from the request to the body's last byte
   * @throws IOException with a message for a person
   */
  static HttpResponse<byte[]> get(
      HttpClient client, HttpRequest request, long bytesMax, Duration within)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), bytesMax));
    try {
      return answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no whole answer within " + within.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw new IOException(why(e.getCause(), bytesMax), e);
    }
  }

  private static String why(@org.jspecify.annotations.Nullable Throwable cause, long bytesMax) {
    return switch (cause) {
      case HttpTimeoutException _ -> "does not answer in time";
      case ConnectException _ -> "cannot be reached";
      case IOException e
          when e.getMessage() != null && e.getMessage().contains("exceeds capacity") ->
          "answers with more than " + bytesMax + " bytes";
      case null -> "does not answer";
      default -> "does not answer (" + cause.getMessage() + ")";
    };
  }
}
