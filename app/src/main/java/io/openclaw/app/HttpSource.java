package io.openclaw.app;

import io.openclaw.release.FolderStore;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.SignedManifest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Releases from a read-only HTTP(S) location that is laid out as a data folder is: object storage,
 * a CDN, any web server. A redirect is followed within the same host only, so that the secret stays
 * there. Thread-safe; blocks.
 */
final class HttpSource implements ReleaseSource {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** For the head of an answer, and as long again for its body, and a second for each MiB. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final int REDIRECTS_MAX = 3;

  private final URI base;
  private final Secret authorization;
  private final ReleaseFetches fetches;
  private final Duration timeout;
  private final HttpClient client;

  /**
   * @param location as {@link #location} takes it
   * @param authorization the value of the Authorization header; none where there is none
   */
  HttpSource(String location, Secret authorization, ReleaseFetches fetches) {
    this(location, authorization, fetches, TIMEOUT);
  }

  /** For tests that do not wait. */
  HttpSource(String location, Secret authorization, ReleaseFetches fetches, Duration timeout) {
    this.base = location(location);
    this.authorization = authorization;
    this.fetches = fetches;
    this.timeout = timeout;
    client =
        HttpClient.newBuilder()
            .version(
                base.getScheme().equalsIgnoreCase("https")
                    ? HttpClient.Version.HTTP_2
                    : HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * The location of a setting, with a slash at its end.
   *
   * @throws IllegalArgumentException where it is none
   */
  static URI location(String text) {
    URI uri = URI.create(text.endsWith("/") ? text : text + "/");
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https"))
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("not a location: " + text);
    }
    return uri;
  }

  /** Whether a secret may be sent there: encrypted, or not leaving this machine. */
  static boolean mayCarrySecret(URI location) {
    return location.getScheme().equalsIgnoreCase("https")
        || location.getHost().matches("localhost|127\\.[0-9.]+|\\[::1]");
  }

  @Override
  public byte[] manifest(ReleaseRef ref) throws IOException, InterruptedException {
    return get(FolderStore.manifestPath(ref.version()), SignedManifest.DOCUMENT_BYTES_MAX);
  }

  @Override
  public byte[] blob(BlobWish wish) throws IOException, InterruptedException {
    byte[] bytes = get(FolderStore.blobPath(wish.sha256()), wish.bytesMax());
    fetches.count(ReleaseFetches.From.LOCATION, ReleaseFetches.Form.WHOLE, bytes.length);
    return bytes;
  }

  private byte[] get(String path, long bytesMax) throws IOException, InterruptedException {
    URI uri = base.resolve(path);
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
      HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(timeout);
      if (!authorization.isNone()) {
        request.header("authorization", authorization.reveal());
      }
      HttpResponse<byte[]> answer =
          Download.get(client, request.build(), bytesMax, within(timeout, bytesMax));
      int status = answer.statusCode();
      if (status == 200) {
        return answer.body();
      }
      String next = answer.headers().firstValue("location").orElse(null);
      if (status < 300 || status > 399 || next == null) {
        throw new IOException((status == 404 ? "has it not" : "answers") + " (" + status + ")");
      }
      uri = redirected(uri, next);
    }
    throw new IOException("redirects more than " + REDIRECTS_MAX + " times");
  }

  /** How long a whole answer may take: a slow line is no reason to go without. */
  static Duration within(Duration timeout, long bytesMax) {
    return timeout.multipliedBy(2).plusSeconds(bytesMax >> 20);
  }

  private static URI redirected(URI from, @Nullable String to) throws IOException {
    URI next;
    try {
      next = from.resolve(Objects.requireNonNullElse(to, ""));
    } catch (IllegalArgumentException e) {
      throw new IOException("redirects to what is no address", e);
    }
    boolean sameHost =
        from.getScheme().equalsIgnoreCase(next.getScheme())
            && from.getHost().equalsIgnoreCase(next.getHost())
            && from.getPort() == next.getPort();
    if (!sameHost) {
      throw new IOException(
          "redirects to another host (" + next.getScheme() + "://" + next.getAuthority() + ")");
    }
    return next;
  }
}
