package io.openclaw.jmh;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What is measured: the buckets of one peer, for one hot key or for many, all of which admit or
 * none.
 *
 * <p>The hot key's bucket is at hand; of many, one is drawn and looked up by its name, the same way
 * for each peer. Every decision is checked: a figure of admissions never hides a refusal.
 * Thread-safe.
 *
 * @param <B> a bucket of one key
 */
final class Workload<B> {
  /** The most tokens that a bucket which is to refuse may turn out to hold. */
  private static final int SPENDING_MAX = 10;

  private final Peer<B> peer;
  private final boolean generous;
  private final B hot;
  private final String[] ids;
  private final ConcurrentMap<String, B> buckets = new ConcurrentHashMap<>();

  /**
   * Makes all buckets, and spends them where they are to refuse.
   *
   * @param keys how many, 1 for a hot key
   * @param generous whether every decision is yes, or every one no
   */
  Workload(Peer<B> peer, int keys, boolean generous) {
    if (keys < 1) {
      throw new IllegalArgumentException("keys: " + keys + " (expected: >= 1)");
    }
    this.peer = peer;
    this.generous = generous;
    this.ids = new String[keys];
    for (int i = 0; i < keys; i++) {
      ids[i] = "tenant/" + i;
      B bucket = peer.bucket(ids[i], generous);
      if (!generous) {
        spend(bucket, ids[i]);
      }
      buckets.put(ids[i], bucket);
    }
    this.hot = bucketOf(ids[0]);
  }

  /**
   * One decision, on the hot key or on the next of the sequence.
   *
   * @throws IllegalStateException if it is not the expected one
   */
  Object decide(KeySequence sequence) {
    Object decision =
        peer.decide(ids.length == 1 ? hot : bucketOf(ids[sequence.next(ids.length)]), sequence);
    if (peer.admitted(decision) != generous) {
      throw new IllegalStateException(
          "decision: " + decision + " (expected: " + (generous ? "admitted" : "denied") + ")");
    }
    return decision;
  }

  private void spend(B bucket, String id) {
    KeySequence caller = new KeySequence();
    for (int i = 0; i < SPENDING_MAX; i++) {
      if (!peer.admitted(peer.decide(bucket, caller))) {
        return;
      }
    }
    throw new IllegalStateException(
        id + ": " + SPENDING_MAX + " decisions admitted (expected: fewer)");
  }

  private B bucketOf(String id) {
    B bucket = buckets.get(id);
    if (bucket == null) {
      throw new IllegalStateException("no bucket " + id);
    }
    return bucket;
  }
}
