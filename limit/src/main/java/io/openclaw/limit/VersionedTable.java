package io.openclaw.limit;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A table by limit that one node changes and others copy, by numbered deltas: each change is a new
 * version, and what changed since any version can be sent with its newest value.
 *
 * <p>A value that became the neutral one is kept until every copy has heard of it. Not thread-safe.
 */
final class VersionedTable<V> {
  private record Row<V>(V value, long version) {}

  private final V neutral;
  private final Map<String, Row<V>> rows = new HashMap<>();
  private final TreeMap<Long, String> order = new TreeMap<>();
  private final TreeMap<Long, String> neutralised = new TreeMap<>();
  private long version;

  VersionedTable(V neutral) {
    this.neutral = neutral;
  }

  V get(String limit) {
    Row<V> row = rows.get(limit);
    return row == null ? neutral : row.value;
  }

  /** The version of the whole table: that of its newest change. */
  long version() {
    return version;
  }

  /** The version of the limit's newest change; 0 where it is neutral and all know it. */
  long versionOf(String limit) {
    Row<V> row = rows.get(limit);
    return row == null ? 0 : row.version;
  }

  void put(String limit, V value) {
    Row<V> before = rows.put(limit, new Row<>(value, ++version));
    if (before != null) {
      order.remove(before.version);
      neutralised.remove(before.version);
    }
    order.put(version, limit);
    if (value.equals(neutral)) {
      neutralised.put(version, limit);
    }
  }

  /** Every limit whose value is not the neutral one. */
  void forEach(BiConsumer<String, V> reader) {
    rows.forEach(
        (limit, row) -> {
          if (!row.value.equals(neutral)) {
            reader.accept(limit, row.value);
          }
        });
  }

  /** The limits that changed after a version, by the version of their newest change. */
  NavigableMap<Long, String> after(long from) {
    return order.tailMap(from, false);
  }

  /** Every copy knows that version: neutral values up to it need not be kept. */
  void knownByAll(long known) {
    while (!neutralised.isEmpty() && neutralised.firstKey() <= known) {
      Map.Entry<Long, String> first = neutralised.pollFirstEntry();
      order.remove(first.getKey());
      rows.remove(first.getValue());
    }
  }
}
