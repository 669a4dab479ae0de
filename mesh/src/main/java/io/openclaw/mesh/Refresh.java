package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import java.util.List;
import java.util.function.Supplier;

/**
 * A slow rotation over every fact, the same for all peers: whatever got lost unnoticed is sent once
 * more, at the latest two rotations later. Not thread-safe.
 */
final class Refresh {
  private final long rotationNanos;
  private List<Fact> facts = List.of();
  private long startNanos;
  private long number;
  private int lastSize;

  Refresh(long rotationNanos, long nowNanos) {
    this.rotationNanos = rotationNanos;
    startNanos = nowNanos;
  }

  void tick(Supplier<List<Fact>> everything, long nowNanos) {
    if (nowNanos - startNanos >= rotationNanos) {
      lastSize = facts.size();
      facts = everything.get();
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
    double done = (nowNanos - startNanos) / (0.9 * rotationNanos);
    return (int) Math.min(facts.size(), Math.ceil(facts.size() * done));
  }
}
