package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.PeerProtocol;
import io.openclaw.domain.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node's part in the mesh: which frame goes to whom when, and what an arriving frame means.
 *
 * <p>Facts spread directly from each node to each other: everything on a new connection, changes
 * every tick, everything again slowly. Merging does not depend on order or repetition, so a peer's
 * health only changes the view; no fact is ever deleted.
 *
 * <p>All methods are called on one thread, {@link #view} on any. No frame makes one throw.
 */
public final class Mesh {
  private final MeshSettings settings;
  private final MeshTransport transport;
  private final @Nullable PeerProtocol protocol;
  private final Map<String, FactTable> tables = new LinkedHashMap<>();
  private final Map<String, Link> links = new LinkedHashMap<>();
  private final Names names = new Names();
  private final Refresh refresh;
  private long tickNanos;
  private long factsUnsendable;
  private volatile MeshView view;

  /** What is kept of one peer. */
  private static final class Link {
    final String region;
    final Health health;
    final Inbound inbound = new Inbound();
    final Outbound outbound;
    boolean stranger;
    long redialNanos;
    long redials;
    long framesIn;
    long bytesIn;
    long factsIn;
    long framesRefused;
    long framesDropped;
    long factsRefused;
    @Nullable String refusal;

    Link(String region, Health health, Outbound outbound, long redialNanos) {
      this.region = region;
      this.health = health;
      this.outbound = outbound;
      this.redialNanos = redialNanos;
    }
  }

  /**
   * @param tables what is replicated, each with a name of its own
   * @param protocol what rides on the streams beside the facts
   * @param transport what carries the frames; its owner passes on what it hears
   * @param nowNanos the monotonic clock that all methods are told
   */
  public Mesh(
      MeshSettings settings,
      List<FactTable> tables,
      @Nullable PeerProtocol protocol,
      MeshTransport transport,
      long nowNanos) {
    this.settings = settings;
    this.transport = transport;
    this.protocol = protocol;
    for (FactTable table : tables) {
      if (this.tables.put(table.name(), table) != null) {
        throw new IllegalArgumentException(
            "table: '" + table.name() + "' (expected: each name once)");
      }
    }
    for (String peer : settings.peers()) {
      links.put(
          peer,
          new Link(
              peer,
              new Health(settings.timing(), nowNanos),
              new Outbound(peer, settings, names, transport, nowNanos),
              nowNanos - settings.timing().redialNanos()));
    }
    refresh = new Refresh(settings.timing().refreshNanos(), nowNanos);
    tickNanos = nowNanos;
    view = snapshot(nowNanos);
  }

  /** A new stream to {@code peer} is open. */
  public void connected(String peer, long nowNanos) {
    Link link = links.get(peer);
    if (link != null) {
      link.outbound.connected(link.inbound, nowNanos);
      view = snapshot(nowNanos);
    }
  }

  /** The stream to {@code peer} has ended, or a dial has failed. */
  public void disconnected(String peer, long nowNanos) {
    Link link = links.get(peer);
    if (link != null) {
      if (!link.outbound.open()) {
        link.health.dialFailed();
      }
      link.outbound.disconnected();
      view = snapshot(nowNanos);
    }
  }

  /** A frame from {@code peer} has arrived; nothing is assumed of its bytes. */
  public void received(String peer, byte[] frame, long nowNanos) {
    Link link = links.get(peer);
    if (link == null) {
      return;
    }
    link.framesIn++;
    link.bytesIn += frame.length;
    MeshView.State before = link.health.state();
    try {
      FrameReader reader = new FrameReader(frame);
      Frame.Head head = reader.head();
      if (head.type() == Frame.HELLO) {
        hello(link, head, reader.hello(), nowNanos);
      } else if (!link.inbound.accepts(head, nowNanos)) {
        link.framesDropped++;
      } else if (head.type() == Frame.HEARTBEAT) {
        heartbeat(link, reader.heartbeat(), nowNanos);
      } else if (head.type() == Frame.MESSAGE) {
        message(link, head, reader.message(), nowNanos);
      } else {
        facts(link, reader.facts(link.inbound.names()), nowNanos);
      }
    } catch (WireException e) {
      link.framesRefused++;
      link.refusal = e.reason();
      link.inbound.poison();
      redialIfDue(link, nowNanos);
    }
    if (link.health.state() != before) {
      view = snapshot(nowNanos);
    }
  }

  /** Does what is due; to be called about every heartbeat interval. */
  public void tick(long nowNanos) {
    long gapNanos = nowNanos - tickNanos;
    tickNanos = nowNanos;
    if (gapNanos > settings.timing().lateNanos()) {
      for (Link link : links.values()) {
        link.health.forgive(gapNanos, nowNanos);
        link.outbound.forgive(gapNanos);
      }
    }
    List<Fact> changes = changes();
    Supplier<List<Fact>> everything = once(this::everything);
    if (!links.isEmpty()) {
      refresh.tick(everything, nowNanos);
    }
    for (Link link : links.values()) {
      link.health.tick(nowNanos);
      redialIfDue(link, nowNanos);
    }
    if (protocol != null) {
      protocol.tick(up(), this::send, nowNanos); // rights before facts
    }
    for (Link link : links.values()) {
      link.outbound.tick(link.inbound, changes, everything, refresh, !link.stranger, nowNanos);
    }
    view = snapshot(nowNanos);
  }

  private Set<String> up() {
    Set<String> up = new HashSet<>();
    for (Link link : links.values()) {
      if (link.health.state() == MeshView.State.UP && !link.stranger) {
        up.add(link.region);
      }
    }
    return up;
  }

  /** What is known of the peers, at most one tick old. Any thread. */
  public MeshView view() {
    return view;
  }

  private void hello(Link link, Frame.Head head, Frame.Hello hello, long nowNanos) {
    boolean sameRegions = Arrays.equals(hello.regionsDigest(), settings.regionsDigest());
    if (!sameRegions || !hello.region().equals(link.region)) {
      link.stranger = true;
      link.framesRefused++;
      link.refusal =
          sameRegions
              ? "hello of another region"
              : "its configured regions or leases differ from ours";
      return;
    }
    if (!link.inbound.hello(head, nowNanos)) {
      link.framesDropped++;
      return;
    }
    link.stranger = false;
    link.health.heard(nowNanos);
  }

  private void heartbeat(Link link, Frame.Heartbeat beat, long nowNanos) {
    if (link.inbound.heartbeat(beat)) {
      link.health.heartbeat(nowNanos);
    } else {
      link.health.heard(nowNanos);
    }
    if (beat.ackIncarnation() > settings.incarnation()) {
      link.refusal = "it knows a newer incarnation of this region";
    }
    link.outbound.acknowledged(beat, nowNanos);
  }

  private void message(Link link, Frame.Head head, byte[] message, long nowNanos)
      throws WireException {
    link.health.heard(nowNanos);
    if (protocol == null) {
      link.framesDropped++;
      return;
    }
    protocol.received(link.region, head.incarnation(), message, this::send, nowNanos);
  }

  private boolean send(String peer, byte[] message) {
    Link link = links.get(peer);
    return link != null && !link.stranger && link.outbound.message(message);
  }

  private void facts(Link link, Frame.Facts frame, long nowNanos) {
    link.inbound.facts(frame);
    link.health.heard(nowNanos);
    for (Fact fact : frame.facts()) {
      FactTable table = tables.get(fact.table());
      if (table == null) {
        link.factsRefused++;
        link.refusal = "a fact of an unknown table";
        continue;
      }
      try {
        table.merge(fact);
        link.factsIn++;
      } catch (RuntimeException e) {
        // A table's own fault must not stop the mesh: the peer's other facts still count.
        link.factsRefused++;
        link.refusal = "a fact that table " + table.name() + " refuses";
      }
    }
    for (FactTable table : tables.values()) {
      merged(link, table);
    }
  }

  private static void merged(Link link, FactTable table) {
    try {
      table.merged();
    } catch (RuntimeException e) {
      link.refusal = "facts that table " + table.name() + " cannot act on";
    }
  }

  /**
   * An old connection may sit in its retransmission back-off long after the path is good again, so
   * it is thrown away while the peer is silent; at most once per {@code redialNanos}.
   */
  private void redialIfDue(Link link, long nowNanos) {
    long everyNanos = settings.timing().redialNanos();
    boolean young = link.outbound.open() && nowNanos - link.outbound.connectedNanos() < everyNanos;
    boolean wanted =
        link.inbound.poisoned()
            || (!young
                && !link.stranger
                && (link.health.silent(nowNanos) || link.outbound.unacked(nowNanos)));
    if (wanted && nowNanos - link.redialNanos >= everyNanos) {
      link.redialNanos = nowNanos;
      link.redials++;
      transport.redial(link.region);
    }
  }

  private List<Fact> changes() {
    List<Fact> changes = new ArrayList<>();
    for (FactTable table : tables.values()) {
      table.drainChanges(fact -> addSendable(changes, fact));
    }
    return changes;
  }

  private List<Fact> everything() {
    List<Fact> facts = new ArrayList<>();
    for (FactTable table : tables.values()) {
      table.all(fact -> addSendable(facts, fact));
    }
    return facts;
  }

  private void addSendable(List<Fact> facts, Fact fact) {
    if (FrameWriter.sendable(fact, names)) {
      facts.add(fact);
    } else {
      factsUnsendable++;
    }
  }

  private static Supplier<List<Fact>> once(Supplier<List<Fact>> source) {
    Map<Boolean, List<Fact>> memo = new HashMap<>();
    return () -> memo.computeIfAbsent(true, any -> source.get());
  }

  private MeshView snapshot(long nowNanos) {
    TreeMap<String, MeshView.Peer> peers = new TreeMap<>();
    for (Link link : links.values()) {
      peers.put(link.region, peer(link, nowNanos));
    }
    return new MeshView(settings.self(), settings.incarnation(), nowNanos, factsUnsendable, peers);
  }

  private static MeshView.Peer peer(Link link, long nowNanos) {
    Outbound out = link.outbound;
    return new MeshView.Peer(
        link.region,
        link.health.state(),
        link.health.sinceNanos(),
        out.lagNanos(nowNanos),
        link.inbound.incarnation(),
        out.open(),
        new MeshView.Counters(
            link.framesIn,
            link.bytesIn,
            out.framesOut(),
            out.bytesOut(),
            link.factsIn,
            out.factsOut(),
            out.fullStates(),
            link.framesRefused,
            link.framesDropped,
            link.factsRefused,
            link.redials,
            link.health.suspicions()),
        link.refusal);
  }
}
