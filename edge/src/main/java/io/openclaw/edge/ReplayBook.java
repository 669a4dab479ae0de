package io.openclaw.edge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Which idempotency keys are known: those whose first request is under way, and those whose answer
 * is kept, oldest first. Not thread-safe.
 */
final class ReplayBook {
  /** When a request that does not end is given up, so that its key can be used again. */
  static final long UNDER_WAY_MILLIS_MAX = 120_000;

  /** A key that is known. */
  static final class Entry {
    final Hash256 body;
    final String tenant;
    final long beganMillis;

    /** Those who want the answer, or to be the next to rate. */
    final List<CompletableFuture<Boolean>> waiting = new ArrayList<>();

    @Nullable ReplayRecord kept;

    Entry(Hash256 body, String tenant, long beganMillis) {
      this.body = body;
      this.tenant = tenant;
      this.beganMillis = beganMillis;
    }
  }

  /** What a tenant, or all of them, hold. */
  private static final class Tally {
    int keys;
    long bytes;
  }

  private final ReplayBounds bounds;
  private final Map<Hash256, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Tally> byTenant = new HashMap<>();
  private final Tally all = new Tally();

  ReplayBook(ReplayBounds bounds) {
    this.bounds = bounds;
  }

  /** What is known of a key, unless that is too old. */
  @Nullable Entry find(Hash256 id, long wallMillis) {
    Entry entry = entries.get(id);
    if (entry != null && isOld(entry, wallMillis)) {
      remove(id, entry);
      return null;
    }
    return entry;
  }

  private boolean isOld(Entry entry, long wallMillis) {
    ReplayRecord kept = entry.kept;
    return kept == null
        ? wallMillis - entry.beganMillis >= UNDER_WAY_MILLIS_MAX
        : wallMillis - kept.atMillis() >= bounds.keepMillis();
  }

  /** Whether one more key of a tenant would be too many. */
  boolean isFull(String tenant) {
    Tally own = byTenant.get(tenant);
    return all.keys >= bounds.keysMax()
        || all.bytes >= bounds.bytesMax()
        || own != null
            && (own.keys >= bounds.tenantKeysMax() || own.bytes >= bounds.tenantBytesMax());
  }

  /** A key whose request is under way from now on. */
  Entry begin(Hash256 id, Hash256 body, String tenant, long wallMillis) {
    Entry entry = new Entry(body, tenant, wallMillis);
    entries.put(id, entry);
    all.keys++;
    byTenant.computeIfAbsent(tenant, name -> new Tally()).keys++;
    return entry;
  }

  /**
   * The answer is on disk. Newest from now on, so that the oldest stay first; not where the request
   * was given up meanwhile.
   */
  void keep(Entry entry, ReplayRecord record) {
    if (!entries.remove(record.id(), entry)) {
      return;
    }
    entries.put(record.id(), entry);
    entry.kept = record;
    count(entry.tenant, record.answer().length);
  }

  /** The request ended without an answer to keep. */
  void forget(Hash256 id, Entry entry) {
    if (entries.get(id) == entry) {
      remove(id, entry);
    }
  }

  /**
   * Takes over what a log holds. A second record of a key counts where the first was too old by
   * then; else it is of a request that was given up, and nobody was told of it again.
   */
  void restore(ReplayRecord record, long wallMillis) {
    Entry before = entries.get(record.id());
    if (before != null) {
      ReplayRecord first = before.kept;
      if (first != null && record.atMillis() - first.atMillis() < bounds.keepMillis()) {
        return;
      }
      remove(record.id(), before);
    }
    if (wallMillis - record.atMillis() < bounds.keepMillis()) {
      keep(begin(record.id(), record.body(), record.tenant(), wallMillis), record);
      shrink();
    }
  }

  /** The bounds may be narrower than when the log was written. */
  private void shrink() {
    while (all.keys > bounds.keysMax() || all.bytes > bounds.bytesMax()) {
      Map.Entry<Hash256, Entry> oldest = entries.entrySet().iterator().next();
      remove(oldest.getKey(), oldest.getValue());
    }
  }

  /** Forgets what is too old among so many of the oldest; how many that were. */
  int sweep(long wallMillis, int most) {
    List<Map.Entry<Hash256, Entry>> old = new ArrayList<>();
    int seen = 0;
    for (Map.Entry<Hash256, Entry> each : entries.entrySet()) {
      boolean isOld = isOld(each.getValue(), wallMillis);
      // Those under way are not kept yet, so they may stand before older ones; they are few.
      if (seen++ >= most || !isOld && each.getValue().kept != null) {
        break;
      }
      if (isOld) {
        old.add(Map.entry(each.getKey(), each.getValue()));
      }
    }
    old.forEach(each -> remove(each.getKey(), each.getValue()));
    return old.size();
  }

  private void remove(Hash256 id, Entry entry) {
    entries.remove(id);
    all.keys--;
    Tally own = byTenant.get(entry.tenant);
    ReplayRecord kept = entry.kept;
    if (kept != null) {
      count(entry.tenant, -kept.answer().length);
    }
    if (own != null && --own.keys == 0) {
      byTenant.remove(entry.tenant);
    }
  }

  private void count(String tenant, int bytes) {
    all.bytes += bytes;
    byTenant.computeIfAbsent(tenant, name -> new Tally()).bytes += bytes;
  }

  int keys() {
    return all.keys;
  }

  long bytes() {
    return all.bytes;
  }
}
