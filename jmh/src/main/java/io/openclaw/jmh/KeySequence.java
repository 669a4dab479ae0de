package io.openclaw.jmh;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One thread's uniformly distributed choice of keys: Marsaglia's xorshift64. Not thread-safe. */
@State(Scope.Thread)
public class KeySequence {
  private static final AtomicLong SEEDS = new AtomicLong();

  // Threads must not walk the same sequence, or they would meet at every key.
  /** When this thread's request arrived. */
  long arrivedNanos = System.nanoTime();

  private long bits = SEEDS.incrementAndGet() * 0x9E3779B97F4A7C15L;

  /** The sequence of that number, 1 or greater: for processes that must not walk the same one. */
  static KeySequence number(int number) {
    KeySequence sequence = new KeySequence();
    sequence.bits = number * 0x9E3779B97F4A7C15L;
    return sequence;
  }

  /** The next number, 0 to {@code bound} - 1. */
  int next(int bound) {
    bits ^= bits << 13;
    bits ^= bits >>> 7;
    bits ^= bits << 17;
    return (int) (((bits >>> 32) * bound) >>> 32);
  }
}
