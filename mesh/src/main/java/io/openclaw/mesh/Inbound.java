package io.openclaw.mesh;

/**
 * The newest stream from one peer, as far as it was understood. Not thread-safe.
 *
 * <p>Order and loss do no harm to facts, but a lost frame may have explained names: so gaps are
 * counted and told to the peer, which then explains and sends everything again.
 */
final class Inbound {
  /** How long a silent newer incarnation still shuts out an older one: a clock may be set back. */
  static final long INCARNATION_MEMORY_NANOS = 30_000_000_000L;

  private long incarnation;
  private long stream;
  private long acceptedNanos;
  private boolean poisoned;
  private FrameReader.Dictionary names = new FrameReader.Dictionary();
  private long expected;
  private long missed;
  private long heartbeatSeq;
  private long heartbeatNanos;

  /**
   * Takes a hello that belongs to this mesh.
   *
   * @return false where it is of an older incarnation or stream
   */
  boolean hello(Frame.Head head, long nowNanos) {
    boolean known = head.incarnation() == incarnation && head.stream() == stream;
    if (known && !poisoned) {
      acceptedNanos = nowNanos;
      return true;
    }
    boolean older =
        head.incarnation() == incarnation
            ? head.stream() <= stream
            : head.incarnation() < incarnation
                && nowNanos - acceptedNanos < INCARNATION_MEMORY_NANOS;
    if (older) {
      return false;
    }
    if (head.incarnation() != incarnation) {
      heartbeatSeq = 0;
    }
    incarnation = head.incarnation();
    stream = head.stream();
    acceptedNanos = nowNanos;
    poisoned = false;
    names = new FrameReader.Dictionary();
    expected = 1;
    missed = 0;
    return true;
  }

  /** Whether frames with this head belong to the stream that said hello last. */
  boolean accepts(Frame.Head head, long nowNanos) {
    boolean accepted = !poisoned && head.incarnation() == incarnation && head.stream() == stream;
    if (accepted) {
      acceptedNanos = nowNanos;
    }
    return accepted;
  }

  /** After a malformed frame no number on the stream can be trusted: only a new one helps. */
  void poison() {
    poisoned = true;
  }

  boolean poisoned() {
    return poisoned;
  }

  FrameReader.Dictionary names() {
    return names;
  }

  void facts(Frame.Facts frame) {
    missed += frame.unresolved();
    upTo(frame.number());
    expected = Math.max(expected, frame.number() + 1);
  }

  /**
   * Notes a heartbeat.
   *
   * @return false where a newer one came before
   */
  boolean heartbeat(Frame.Heartbeat beat) {
    upTo(beat.factsSent() + 1);
    if (beat.seq() <= heartbeatSeq) {
      return false;
    }
    heartbeatSeq = beat.seq();
    heartbeatNanos = beat.sendNanos();
    return true;
  }

  long incarnation() {
    return incarnation;
  }

  long stream() {
    return stream;
  }

  long missed() {
    return missed;
  }

  long heartbeatSeq() {
    return heartbeatSeq;
  }

  long heartbeatNanos() {
    return heartbeatNanos;
  }

  /** All frames before {@code number} were sent earlier: those not here are late or lost. */
  private void upTo(long number) {
    if (number > expected) {
      missed += number - expected;
      expected = number;
    }
  }
}
