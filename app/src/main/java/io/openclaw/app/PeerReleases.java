package io.openclaw.app;

import io.openclaw.edge.Answered;
import io.openclaw.net.PeerRequests;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Releases from and for other regions, by single requests to their mesh ports: manifests and blobs
 * by their digests, from whichever region has them, and what only the primary may do.
 *
 * <p>Thread-safe; blocks.
 */
final class PeerReleases implements ReleaseSource, Releases.Primary {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final String region;
  private final Map<String, URI> peers;
  private final String secret;
  private final Supplier<Set<String>> up;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  /**
   * @param region this region
   * @param peers the other regions' mesh ports
   * @param up those that answer: asked first
   */
  PeerReleases(String region, Map<String, URI> peers, String secret, Supplier<Set<String>> up) {
    this.region = region;
    this.peers = Map.copyOf(peers);
    this.secret = secret;
    this.up = up;
  }

  @Override
  public byte[] manifest(ReleaseRef ref) throws IOException, InterruptedException {
    return any(
        "release " + ref,
        "releases/" + ref.version() + "/" + ref.id(),
        SignedManifest.DOCUMENT_BYTES_MAX,
        null);
  }

  @Override
  public byte[] blob(String sha256) throws IOException, InterruptedException {
    return any("blob " + sha256, "blobs/" + sha256, (int) Manifest.BLOB_BYTES_MAX, sha256);
  }

  /** From the first region that has it; what has another digest counts as not had. */
  private byte[] any(String what, String path, int bytesMax, @Nullable String sha256)
      throws IOException, InterruptedException {
    Set<String> present = up.get();
    List<String> order = new ArrayList<>(peers.keySet());
    order.sort((a, b) -> Boolean.compare(present.contains(b), present.contains(a)));
    List<String> faults = new ArrayList<>();
    for (String peer : order) {
      if (present.isEmpty() || present.contains(peer)) {
        try {
          HttpResponse<InputStream> response = send(peer, path, null);
          byte[] bytes = read(response, bytesMax);
          if (response.statusCode() == 200
              && (sha256 == null || Sha256.hex(bytes).equals(sha256))) {
            return bytes;
          }
          faults.add(
              peer
                  + (response.statusCode() == 200
                      ? " has other bytes"
                      : " has it not (" + response.statusCode() + ")"));
        } catch (IOException e) {
          faults.add(peer + " does not answer");
        }
      }
    }
    throw new IOException(
        what + ": " + (faults.isEmpty() ? "no region answers" : String.join(", ", faults)));
  }

  private HttpResponse<InputStream> send(String peer, String path, byte @Nullable [] body)
      throws IOException, InterruptedException {
    URI base = peers.get(peer);
    if (base == null) {
      throw new IOException("region " + peer + " is not configured");
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve("/mesh/v1/" + path))
            .timeout(TIMEOUT)
            .header("authorization", "Bearer " + secret)
            .header("x-openclaw-region", region);
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private static byte[] read(HttpResponse<InputStream> response, int bytesMax) throws IOException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(bytesMax);
      if (in.read() >= 0) {
        throw new IOException("more than " + bytesMax + " bytes");
      }
      return bytes;
    }
  }

  @Override
  public Answered ask(String primary, String path, byte[] body)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response = send(primary, "ask/" + path, body);
    byte[] answer = read(response, (int) Manifest.BLOB_BYTES_MAX);
    if (response.statusCode() != 200) {
      throw new IOException("it answered " + response.statusCode());
    }
    return PassedOn.read(answer);
  }

  /** What other regions ask of this one. */
  static PeerRequests answers(ReleaseFleet fleet, Releases releases) {
    return new PeerRequests() {
      @Override
      public byte @Nullable [] get(String path) throws IOException {
        String[] parts = path.split("/", -1);
        if (parts.length == 2 && parts[0].equals("blobs") && Sha256.isHex(parts[1])) {
          return releases.find(parts[1]) instanceof Found.Whole<byte[]>(byte[] bytes)
              ? bytes
              : null;
        }
        boolean release =
            parts.length == 3
                && parts[0].equals("releases")
                && parts[1].matches("[1-9][0-9]{0,9}")
                && Sha256.isHex(parts[2]);
        if (!release) {
          return null;
        }
        SignedManifest signed = fleet.held(new ReleaseRef(Long.parseLong(parts[1]), parts[2]));
        return signed == null ? null : signed.document();
      }

      @Override
      public byte @Nullable [] post(String path, byte[] body) {
        return switch (path) {
          case "ask/releases" -> PassedOn.write(releases.passedOn("releases", body));
          case "ask/rollout" -> PassedOn.write(releases.passedOn("rollout", body));
          default -> null;
        };
      }
    };
  }
}
