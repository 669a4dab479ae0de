package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import java.util.List;
import java.util.function.Supplier;

/**
 * A slow rotation over every fact, the same for all peers: whatever got lost unnoticed is sent once
 * more, at the latest two rotations later. The more facts there are, the longer it takes, so that
 * it costs a bounded rate. Not thread-safe.
 */
final class Refresh {
  /** The most facts that are due in a second. */
  static final int FACTS_PER_SECOND_MAX = 5000;

  /** The part of a rotation in which all its facts become due. */
  private static final double DUE_PART = 0.9;

  private final long rotationNanosMin;
  private long rotationNanos;
  private List<Fact> facts = List.of();
  private long startNanos;
  private long number;
  private int lastSize;

  Refresh(long rotationNanos, long nowNanos) {
    rotationNanosMin = rotationNanos;
    this.rotationNanos = rotationNanos;
    startNanos = nowNanos;
  }

  void tick(Supplier<List<Fact>> everything, long nowNanos) {
    if (nowNanos - startNanos >= rotationNanos) {
      lastSize = facts.size();
      facts = everything.get();
      double leastSeconds = facts.size() / (DUE_PART * FACTS_PER_SECOND_MAX);
      rotationNanos = Math.max(rotationNanosMin, (long) (leastSeconds * 1e9));
      startNanos = nowNanos;
      number++;
    }
  }

  /** How many rotations came before this one. */
  long number() {
    return number;
  }

  /** How many facts the rotation before this one had. */
  int lastSize() {
    return lastSize;
  }

  List<Fact> facts() {
    return facts;
  }

  /** How many facts of this rotation should have been sent by now; all before its last tenth. */
  int due(long nowNanos) {
    double done = (nowNanos - startNanos) / (DUE_PART * rotationNanos);
    return (int) Math.min(facts.size(), Math.ceil(facts.size() * done));
  }
}
