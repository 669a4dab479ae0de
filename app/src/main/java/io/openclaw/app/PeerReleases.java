package io.openclaw.app;

import io.openclaw.app.ReleaseFetches.Form;
import io.openclaw.edge.Answered;
import io.openclaw.net.PeerAnswer;
import io.openclaw.net.PeerRequests;
import io.openclaw.release.BlobDelta;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import io.openclaw.tls.Certificates;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Releases from and for other regions, by single requests to their mesh ports: manifests and blobs
 * by their digests, from whichever region has them, and what only the primary may do.
 *
 * <p>Thread-safe; blocks.
 */
final class PeerReleases implements ReleaseSource, Releases.Primary {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** For a whole answer of the primary. */
  static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(60);

  /** How often a busy region is asked again, after 50 ms, 100 ms, ... */
  private static final int BUSY_MAX = 5;

  private static final long BUSY_MILLIS = 50;

  /** Asks for a blob in as few bytes as may be. */
  private static final String PACKED = "?packed";

  /** Asks for a blob as a patch against another, whose digest follows. */
  private static final String FROM = "?from=";

  /** One at a time: packing takes memory of several times the blob. */
  private static final Object PACKING = new Object();

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  private final String region;
  private final Map<String, URI> peers;
  private final String secret;
  private final Supplier<Set<String>> up;
  private final Function<String, Found<byte[]>> held;
  private final ReleaseFetches fetches;
  private final PeerClients clients;

  /**
   * @param region this region
   * @param peers the other regions' mesh ports
   * @param tls what they are shown and must show; none: no TLS
   * @param up those that answer: asked first
   * @param held the blobs of this region, for patches
   */
  PeerReleases(
      String region,
      Map<String, URI> peers,
      @Nullable Certificates tls,
      String secret,
      Supplier<Set<String>> up,
      Function<String, Found<byte[]>> held,
      ReleaseFetches fetches) {
    this.region = region;
    this.peers = Map.copyOf(peers);
    this.clients = new PeerClients(tls);
    this.secret = secret;
    this.up = up;
    this.held = held;
    this.fetches = fetches;
  }

  @Override
  public byte[] manifest(ReleaseRef ref) throws IOException, InterruptedException {
    String path = "releases/" + ref.version() + "/" + ref.id();
    return any(
        peer -> {
          byte[] document = taken(get(peer, path, SignedManifest.DOCUMENT_BYTES_MAX)).body();
          try {
            if (SignedManifest.read(document).id().equals(ref.id())) {
              return document;
            }
          } catch (IllegalArgumentException e) {
            throw new IOException("has no manifest (" + e.getMessage() + ")", e);
          }
          throw new IOException("has another release");
        });
  }

  @Override
  public byte[] blob(BlobWish wish) throws IOException, InterruptedException {
    boolean packs = BlobDelta.isAvailable();
    byte[] base =
        packs
                && !wish.base().isEmpty()
                && held.apply(wish.base()) instanceof Found.Whole<byte[]>(byte[] bytes)
            ? bytes
            : new byte[0];
    String query = !packs ? "" : base.length == 0 ? PACKED : FROM + wish.base();
    return any(
        peer -> {
          try {
            return blob(peer, wish, query, base);
          } catch (DamagedException e) {
            LOG.log(Level.WARNING, () -> "releases: from " + peer + ": " + e.getMessage());
            return blob(peer, wish, "", base);
          }
        });
  }

  /** Says that what came is not what was asked for. */
  private static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  private byte[] blob(String peer, BlobWish wish, String query, byte[] base)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = get(peer, "blobs/" + wish.sha256() + query, wish.bytesMax());
    if (answer.statusCode() == 500 && !query.isEmpty()) {
      throw new DamagedException("blob " + wish.sha256() + ": it cannot be packed there (500)");
    }
    taken(answer);
    String told = answer.headers().firstValue(PeerAnswer.FORM_HEADER).orElse(PeerAnswer.WHOLE);
    byte[] wire = answer.body();
    Form form = null;
    for (Form each : Form.values()) {
      form = each.text().equals(told) ? each : form;
    }
    byte[] bytes;
    try {
      bytes =
          switch (form) {
            case WHOLE -> wire;
            case PACKED -> BlobDelta.decode(wire, new byte[0], wish.bytesMax());
            case DELTA -> BlobDelta.decode(wire, base, wish.bytesMax());
            case null -> throw new IOException("form " + told);
          };
    } catch (IOException e) {
      throw new DamagedException(
          "blob " + wish.sha256() + ": a wrong answer (" + e.getMessage() + ")");
    }
    if (!Sha256.hex(bytes).equals(wish.sha256())) {
      throw new DamagedException("blob " + wish.sha256() + ": other bytes, " + told);
    }
    fetches.count(ReleaseFetches.From.PEER, form, wire.length);
    return bytes;
  }

  @FunctionalInterface
  private interface Fetch {
    byte[] from(String peer) throws IOException, InterruptedException;
  }

  /** From the first region that has it; who gives other bytes counts as one that has it not. */
  private byte[] any(Fetch fetch) throws IOException, InterruptedException {
    Set<String> present = up.get();
    List<String> order = new ArrayList<>(peers.keySet());
    order.sort((a, b) -> Boolean.compare(present.contains(b), present.contains(a)));
    List<String> faults = new ArrayList<>();
    for (String peer : order) {
      if (present.isEmpty() || present.contains(peer)) {
        try {
          return fetch.from(peer);
        } catch (IOException e) {
          faults.add(peer + " " + e.getMessage());
        }
      }
    }
    throw new IOException(faults.isEmpty() ? "no region answers" : String.join(", ", faults));
  }

  /** An answer; a region that is busy is asked again after a moment. */
  private HttpResponse<byte[]> get(String peer, String path, long bytesMax)
      throws IOException, InterruptedException {
    HttpRequest request = request(peer, path).build();
    Duration within = HttpSource.within(TIMEOUT, bytesMax);
    for (int i = 0; ; i++) {
      HttpResponse<byte[]> answer = Download.get(clients.of(peer), request, bytesMax, within);
      if (answer.statusCode() != 503 || i == BUSY_MAX) {
        return answer;
      }
      Thread.sleep(BUSY_MILLIS << i);
    }
  }

  private static HttpResponse<byte[]> taken(HttpResponse<byte[]> answer) throws IOException {
    if (answer.statusCode() != 200) {
      throw new IOException(
          (answer.statusCode() == 404 ? "has it not (" : "answers (") + answer.statusCode() + ")");
    }
    return answer;
  }

  private HttpRequest.Builder request(String peer, String path) throws IOException {
    URI base = peers.get(peer);
    if (base == null) {
      throw new IOException("region " + peer + " is not configured");
    }
    return HttpRequest.newBuilder(base.resolve("/mesh/v1/" + path))
        .timeout(TIMEOUT)
        .header("authorization", "Bearer " + secret)
        .header("x-openclaw-region", region);
  }

  @Override
  public Answered ask(String primary, String path, byte[] body)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        Download.get(
            clients.of(primary),
            question(primary, path, body),
            Manifest.BLOB_BYTES_MAX,
            ANSWER_TIME_MAX);
    if (answer.statusCode() != 200) {
      throw new IOException("it answered " + answer.statusCode());
    }
    return PassedOn.read(answer.body());
  }

  /** The primary checks and rates samples before it answers, so it has longer than a blob. */
  HttpRequest question(String primary, String path, byte[] body) throws IOException {
    return request(primary, "ask/" + path)
        .timeout(ANSWER_TIME_MAX)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  /** What other regions ask of this one. */
  static PeerRequests answers(ReleaseFleet fleet, Releases releases) {
    return new PeerRequests() {
      @Override
      public @Nullable PeerAnswer get(String path, String query) throws IOException {
        String[] parts = path.split("/", -1);
        if (parts.length == 2 && parts[0].equals("blobs") && Sha256.isHex(parts[1])) {
          return releases.find(parts[1]) instanceof Found.Whole<byte[]>(byte[] bytes)
              ? packed(bytes, query, releases::find)
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
        return signed == null ? null : PeerAnswer.whole(signed.document());
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

  /**
   * A blob as the query asks for it, or whole where that is not less.
   *
   * @param held the blobs of this region
   */
  static PeerAnswer packed(byte[] bytes, String query, Function<String, Found<byte[]>> held) {
    boolean from = ("?" + query).startsWith(FROM);
    if (bytes.length < BlobDelta.BYTES_MIN
        || !BlobDelta.isAvailable()
        || !(from || ("?" + query).equals(PACKED))) {
      return PeerAnswer.whole(bytes);
    }
    String digest = from ? query.substring(FROM.length() - 1) : "";
    byte[] base =
        Sha256.isHex(digest) && held.apply(digest) instanceof Found.Whole<byte[]>(byte[] both)
            ? both
            : new byte[0];
    byte[] packed;
    synchronized (PACKING) {
      packed = BlobDelta.encode(bytes, base);
    }
    return packed.length >= bytes.length
        ? PeerAnswer.whole(bytes)
        : new PeerAnswer(packed, (base.length == 0 ? Form.PACKED : Form.DELTA).text());
  }
}
