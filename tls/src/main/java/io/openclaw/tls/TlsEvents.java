package io.openclaw.tls;

import java.lang.System.Logger.Level;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What happened to certificates: counted, and told in the log, of each kind at most one line in ten
 * seconds. Thread-safe.
 */
public final class TlsEvents {
  private static final System.Logger LOG = System.getLogger("io.openclaw.tls");
  private static final long LOG_NANOS_MIN = TimeUnit.SECONDS.toNanos(10);

  /** Peers whose certificate is remembered. */
  private static final int PEERS_MAX = 1_000;

  /** A count's labels: a place, and the reason or the result. */
  public record Kind(String place, String word) {}

  /**
   * Who showed a certificate where.
   *
   * @param name its first URI of this program, or its subject
   */
  public record Peer(String place, String name) {}

  private final LongSupplier nanoTime;
  private final ConcurrentMap<Kind, LongAdder> refused = new ConcurrentHashMap<>();
  private final ConcurrentMap<Kind, LongAdder> reloads = new ConcurrentHashMap<>();
  private final ConcurrentMap<Peer, BigInteger> peers = new ConcurrentHashMap<>();
  private final ConcurrentMap<Kind, Long> loggedNanos = new ConcurrentHashMap<>();

  /**
   * @param nanoTime a monotonic clock
   */
  public TlsEvents(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Somebody was refused at a place. */
  public void refused(String place, Refusal refusal, String detail) {
    Kind kind = new Kind(place, refusal.word());
    refused.computeIfAbsent(kind, k -> new LongAdder()).increment();
    long now = nanoTime.getAsLong();
    Long before = loggedNanos.get(kind);
    if (before == null || now - before >= LOG_NANOS_MIN) {
      loggedNanos.put(kind, now);
      LOG.log(Level.WARNING, () -> place + ": refused, " + refusal.word() + ": " + detail);
    }
  }

  void believed(String place, X509Certificate leaf) {
    List<String> uris = Names.uris(leaf);
    String name = uris.isEmpty() ? leaf.getSubjectX500Principal().toString() : uris.getFirst();
    Peer peer = new Peer(place, name);
    if (peers.size() < PEERS_MAX || peers.containsKey(peer)) {
      peers.put(peer, leaf.getSerialNumber());
    }
  }

  void reloaded(String place, boolean good) {
    reloads
        .computeIfAbsent(new Kind(place, good ? "taken" : "refused"), k -> new LongAdder())
        .increment();
  }

  /** How many were refused, by place and {@link Refusal#word}. */
  public Map<Kind, LongAdder> refusals() {
    return Map.copyOf(refused);
  }

  /** How often files had changed, by place and {@code taken} or {@code refused}. */
  public Map<Kind, LongAdder> reloads() {
    return Map.copyOf(reloads);
  }

  /** The serial number of the certificate that each last showed. */
  public Map<Peer, BigInteger> peers() {
    return Map.copyOf(peers);
  }
}
