package io.openclaw.dns;

import io.openclaw.steer.Cidr;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often one network may be given the same answer over UDP, so that nobody is flooded through
 * this server by packets that forge his address: response rate limiting (RRL) as in BIND and Knot.
 *
 * <p>A bucket per /24 or /56 and answer, of one second's worth, as a generic cell rate algorithm
 * whose state is one word: the tag of who it belongs to and when it will be full again. A table of
 * fixed size, {@value #SLOTS} words; where four that hash alike are all in use, the fifth shares
 * one. Thread-safe and lock-free; nobody can aim at a slot without the key.
 */
public final class ResponseRate {
  static final int SLOTS = 1 << 16;
  private static final int WAYS = 4;
  private static final int TRIES_MAX = 8;
  private static final long TIME = (1L << 48) - 1;
  private static final int IPV4_BITS = 24;
  private static final int IPV6_BITS = 56;
  private static final long SECOND_MICROS = 1_000_000L;

  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);
  private final long k0;
  private final long k1;
  private final long originNanos;
  private final long stepMicros;

  /**
   * A limit.
   *
   * @param perSecond answers per second, 1 to 100,000; 0 for no limit
   * @param k0 one word of a secret key
   * @param k1 the other
   */
  public ResponseRate(int perSecond, long k0, long k1, long nowNanos) {
    if (perSecond < 0 || perSecond > 100_000) {
      throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: 0 to 100000)");
    }
    this.k0 = k0;
    this.k1 = k1;
    this.originNanos = nowNanos;
    this.stepMicros = perSecond == 0 ? 0 : SECOND_MICROS / perSecond;
  }

  /** Counts an answer, named by {@code answer}, to an address; whether it is one too many. */
  boolean isTooMany(byte[] client, int answer, long nowNanos, byte[] scratch) {
    if (stepMicros == 0) {
      return false;
    }
    long network = Cidr.high(client) & Cidr.mask(client.length == 4 ? IPV4_BITS : IPV6_BITS);
    for (int i = 0; i < 8; i++) {
      scratch[i] = (byte) (network >>> (8 * i));
    }
    for (int i = 0; i < 4; i++) {
      scratch[8 + i] = (byte) (answer >>> (8 * i));
    }
    scratch[12] = (byte) client.length;
    long hash = SipHash.hash(k0, k1, scratch, 0, 13);
    long now = Math.max(0, (nowNanos - originNanos) / 1000) & TIME;
    return take((int) hash & (SLOTS - WAYS), hash >>> 48, now);
  }

  private boolean take(int first, long tag, long now) {
    for (int i = 0; i < TRIES_MAX; i++) {
      int slot = find(first, tag, now);
      long before = slots.get(slot);
      long full = Math.max(before & TIME, now);
      if (full - now > SECOND_MICROS - stepMicros) {
        return true;
      }
      if (slots.compareAndSet(slot, before, tag << 48 | ((full + stepMicros) & TIME))) {
        return false;
      }
    }
    return false; // others were quicker each time: they were counted
  }

  private int find(int first, long tag, long now) {
    int free = first;
    for (int slot = first; slot < first + WAYS; slot++) {
      long entry = slots.get(slot);
      if (entry >>> 48 == tag && entry != 0) {
        return slot;
      }
      if ((entry & TIME) <= now) {
        free = slot;
      }
    }
    return free;
  }
}
