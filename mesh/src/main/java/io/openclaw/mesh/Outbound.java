package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The stream to one peer: hello, heartbeats, changes as they happen, everything after a new
 * connection or a loss, and a slow refresh. Not thread-safe.
 *
 * <p>Little queues here: one frame the transport had no room for, and {@link #WAITING_MAX} changes.
 * Where more find no room they are not kept: everything is sent again once there is room.
 */
final class Outbound {
  /** The most bytes of a full state or refresh handed to the transport in one tick. */
  static final int TICK_BYTES_MAX = 16 * MeshTransport.FRAME_BYTES_MAX;

  /** The most changes that wait for room; a full state would take longer than these. */
  static final int WAITING_MAX = 1 << 17;

  /** The least time from one full state for a loss to the next. */
  static final long RESYNC_NANOS_MIN = 1_000_000_000L;

  private final String peer;
  private final MeshSettings settings;
  private final Names names;
  private final MeshTransport transport;
  private final byte[] regionsDigest;
  private final long startNanos;

  private boolean open;
  private long connectedNanos;
  private long stream;
  private boolean helloSent;
  private boolean helloAcked;
  private BitSet defined = new BitSet();
  private long factsNumber;
  private byte @Nullable [] unsent;
  private List<Fact> waiting = new ArrayList<>();

  private boolean fullOwed;
  private @Nullable List<Fact> full;
  private int fullNext;
  private long rotation;
  private int refreshNext;

  private long heartbeatSeq;
  private long heartbeatNanos;
  private long ackedSeq;
  private long ackedNanos;
  private long progressNanos;
  private long missed;
  private boolean resyncOwed;
  private long resyncNanos;

  private long framesOut;
  private long bytesOut;
  private long factsOut;
  private long fullStates;

  Outbound(
      String peer, MeshSettings settings, Names names, MeshTransport transport, long nowNanos) {
    this.peer = peer;
    this.settings = settings;
    this.names = names;
    this.transport = transport;
    regionsDigest = settings.regionsDigest();
    startNanos = nowNanos;
    ackedNanos = nowNanos;
    heartbeatNanos = nowNanos - settings.timing().heartbeatNanos();
    resyncNanos = nowNanos - RESYNC_NANOS_MIN;
  }

  void connected(Inbound inbound, long nowNanos) {
    open = true;
    connectedNanos = nowNanos;
    progressNanos = nowNanos;
    stream++;
    helloSent = false;
    helloAcked = false;
    defined = new BitSet();
    factsNumber = 0;
    unsent = null;
    waiting = new ArrayList<>();
    fullOwed = true;
    full = null;
    missed = 0;
    resyncOwed = false;
    beat(inbound, nowNanos);
  }

  void disconnected() {
    open = false;
    unsent = null;
    waiting = new ArrayList<>();
    full = null;
  }

  /** This node itself slept for {@code gapNanos}: acknowledgements could not be heard. */
  void forgive(long gapNanos) {
    progressNanos += gapNanos;
  }

  /** Takes what the peer's heartbeat says of this stream. */
  void acknowledged(Frame.Heartbeat beat, long nowNanos) {
    if (beat.ackIncarnation() != settings.incarnation()) {
      return;
    }
    boolean plausible =
        beat.ackSeq() <= heartbeatSeq
            && beat.ackNanos() - startNanos >= 0
            && nowNanos - beat.ackNanos() >= 0;
    if (beat.ackSeq() > ackedSeq && plausible) {
      ackedSeq = beat.ackSeq();
      ackedNanos = beat.ackNanos();
      progressNanos = nowNanos;
    }
    if (beat.ackStream() == stream) {
      helloAcked = true;
      if (beat.missed() > missed) {
        missed = beat.missed();
        resyncOwed = true;
      }
    }
  }

  /**
   * Sends what is due and finds room.
   *
   * @param changes the facts changed since the last tick
   * @param everything every fact there is, now
   * @param withFacts false towards a peer of another mesh: it hears only who we are
   */
  void tick(
      Inbound inbound,
      List<Fact> changes,
      Supplier<List<Fact>> everything,
      Refresh refresh,
      boolean withFacts,
      long nowNanos) {
    if (!open) {
      return;
    }
    // A tick that comes a little early still carries the heartbeat, or every second one would.
    if (nowNanos - heartbeatNanos >= settings.timing().heartbeatNanos() * 3 / 4) {
      beat(inbound, nowNanos);
    }
    if (!helloSent || !withFacts) {
      fullOwed = true;
      return;
    }
    if (resyncOwed && nowNanos - resyncNanos >= RESYNC_NANOS_MIN) {
      resyncOwed = false;
      resyncNanos = nowNanos;
      defined.clear();
      fullOwed = true;
    }
    flush();
    changes(changes);
    if (unsent == null && full == null && fullOwed) {
      full = everything.get();
      fullNext = 0;
      fullOwed = false;
      rotation = refresh.number();
      refreshNext = refresh.due(nowNanos);
    }
    if (full != null) {
      fullNext = pour(full, fullNext, full.size(), TICK_BYTES_MAX);
      if (fullNext == full.size()) {
        full = null;
        fullStates++;
      }
    } else {
      refresh(refresh, nowNanos);
    }
  }

  /**
   * Sends a message of another protocol, ahead of facts that wait.
   *
   * @return false where it was not sent
   */
  boolean message(byte[] message) {
    return open && helloSent && send(FrameWriter.message(head(Frame.MESSAGE), message));
  }

  /** Whether the peer should have acknowledged a heartbeat of this stream by now. */
  boolean unacked(long nowNanos) {
    return open && nowNanos - progressNanos >= settings.timing().unackedNanos();
  }

  boolean open() {
    return open;
  }

  long connectedNanos() {
    return connectedNanos;
  }

  long lagNanos(long nowNanos) {
    return nowNanos - ackedNanos;
  }

  long framesOut() {
    return framesOut;
  }

  long bytesOut() {
    return bytesOut;
  }

  long factsOut() {
    return factsOut;
  }

  long fullStates() {
    return fullStates;
  }

  /** Sends the changes that wait and then the new ones, as far as there is room. */
  private void changes(List<Fact> changes) {
    int sent = waiting.isEmpty() ? 0 : pour(waiting, 0, waiting.size(), Integer.MAX_VALUE);
    if (sent > 0) {
      waiting = new ArrayList<>(waiting.subList(sent, waiting.size()));
    }
    int next = waiting.isEmpty() ? pour(changes, 0, changes.size(), Integer.MAX_VALUE) : 0;
    if (waiting.size() + changes.size() - next > WAITING_MAX) {
      waiting = new ArrayList<>();
      fullOwed = true;
    } else {
      waiting.addAll(changes.subList(next, changes.size()));
    }
  }

  private void refresh(Refresh refresh, long nowNanos) {
    if (rotation != refresh.number()) {
      fullOwed |= refreshNext < refresh.lastSize();
      rotation = refresh.number();
      refreshNext = 0;
    }
    int due = refresh.due(nowNanos);
    refreshNext = pour(refresh.facts(), Math.min(refreshNext, due), due, TICK_BYTES_MAX);
  }

  private void beat(Inbound inbound, long nowNanos) {
    Frame.Head head = head(Frame.HELLO);
    if (!helloAcked) {
      boolean sent = send(FrameWriter.hello(head, new Frame.Hello(settings.self(), regionsDigest)));
      helloSent |= sent;
    }
    if (!helloSent) {
      return;
    }
    Frame.Heartbeat beat =
        new Frame.Heartbeat(
            heartbeatSeq + 1,
            nowNanos,
            unsent == null ? factsNumber : factsNumber - 1,
            inbound.incarnation(),
            inbound.stream(),
            inbound.missed(),
            inbound.heartbeatSeq(),
            inbound.heartbeatNanos());
    if (send(FrameWriter.heartbeat(head(Frame.HEARTBEAT), beat))) {
      heartbeatSeq++;
      heartbeatNanos = nowNanos;
    }
  }

  /** Sends facts from {@code next} on while there is room; returns the first one not taken. */
  private int pour(List<Fact> facts, int from, int to, int bytesMax) {
    int next = from;
    long bytesEnd = bytesOut + (long) bytesMax;
    while (next < to && unsent == null && bytesOut < bytesEnd) {
      FrameWriter frame = FrameWriter.facts(head(Frame.FACTS), ++factsNumber);
      while (next < to && frame.add(facts.get(next), names, defined)) {
        next++;
      }
      factsOut += frame.count();
      unsent = frame.bytes();
      flush();
    }
    return next;
  }

  private void flush() {
    byte[] frame = unsent;
    if (frame != null && send(frame)) {
      unsent = null;
    }
  }

  private boolean send(byte[] frame) {
    if (!transport.send(peer, frame)) {
      return false;
    }
    framesOut++;
    bytesOut += frame.length;
    return true;
  }

  private Frame.Head head(byte type) {
    return new Frame.Head(type, settings.incarnation(), stream);
  }
}
