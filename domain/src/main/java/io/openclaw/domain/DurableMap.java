package io.openclaw.domain;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Values by name, in force in memory, kept on disk, and told to other nodes.
 *
 * <p>What is written is a copy: nobody waits for the disk but who writes. Thread-safe.
 */
public final class DurableMap<V> {
  /** Where the values are kept; a port. */
  @FunctionalInterface
  public interface Storage<V> {
    /** Replaces what is stored; durable when it returns. Blocks; one call at a time. */
    void save(Map<String, V> values) throws IOException;
  }

  /** How one value changes. */
  @FunctionalInterface
  public interface Change<V> {
    /** The value that is to hold where {@code known} does (null: none); null for no change. */
    @Nullable V of(@Nullable V known);
  }

  /** Who is told that a value has changed. */
  public enum Tell {
    /** It was heard from others. */
    NOBODY,
    /** Whoever drains next, wherever the disk is with it. */
    NOW,
    /** Whoever drains next once it is on disk. */
    WHEN_WRITTEN
  }

  private final Storage<V> storage;
  private final Object writing = new Object(); // held while the disk works; never taken under this
  private final Map<String, V> values; // guarded by this, as all below
  private final Set<String> untold = new LinkedHashSet<>();
  private final Map<String, Long> unwritten =
      new LinkedHashMap<>(); // not to be told before they are
  private long changes; // since the start
  private long written; // of these, the last that is on disk

  /**
   * The values as they are at the start.
   *
   * @param stored what {@code storage} holds
   */
  public DurableMap(Map<String, V> stored, Storage<V> storage) {
    this.values = new LinkedHashMap<>(stored);
    this.storage = storage;
  }

  /** The value of that name; null for none. */
  public synchronized @Nullable V get(String name) {
    return values.get(name);
  }

  public synchronized int size() {
    return values.size();
  }

  /** All values by name, in the order in which their names came, as they are now. */
  public synchronized Map<String, V> copy() {
    return new LinkedHashMap<>(values);
  }

  /**
   * Changes a value: in force when this returns, on disk after the next {@link #write}.
   *
   * @param change called under this object's lock
   * @return whether anything changed
   */
  public synchronized boolean change(String name, Tell tell, Change<V> change) {
    V next = change.of(values.get(name));
    if (next == null) {
      return false;
    }
    changes++;
    values.put(name, next);
    if (tell != Tell.NOBODY) {
      untold.add(name);
    }
    if (tell == Tell.WHEN_WRITTEN) {
      unwritten.put(name, changes);
    }
    return true;
  }

  /** Forgets values; on disk after the next {@link #write}. */
  public synchronized void removeIf(BiPredicate<String, V> old) {
    if (values.entrySet().removeIf(each -> old.test(each.getKey(), each.getValue()))) {
      changes++;
    }
  }

  /** Writes what has changed since it was written last. Blocks. */
  public void write() throws IOException {
    synchronized (writing) {
      Map<String, V> copy;
      long last;
      synchronized (this) {
        if (written == changes) {
          return;
        }
        copy = copy();
        last = changes;
      }
      storage.save(copy);
      wrote(last);
    }
  }

  /**
   * Writes new values, and only then has them in force and told; where it throws, nothing has
   * changed. Blocks.
   *
   * @param merge what holds where a value of that name, the first one, came in meanwhile
   */
  public void writeFirst(Map<String, V> made, BinaryOperator<V> merge) throws IOException {
    synchronized (writing) {
      Map<String, V> copy;
      long last;
      synchronized (this) {
        copy = copy();
        last = changes;
      }
      copy.putAll(made);
      storage.save(copy);
      synchronized (this) {
        wrote(last);
        made.forEach((name, value) -> values.merge(name, value, merge));
        untold.addAll(made.keySet());
      }
    }
  }

  private synchronized void wrote(long last) {
    written = last;
    unwritten.values().removeIf(change -> change <= last);
  }

  /** Hands over the values that were changed here and not handed over yet. */
  public void drain(BiConsumer<String, V> sink) {
    Map<String, V> news = new LinkedHashMap<>();
    synchronized (this) {
      untold.removeIf(
          name -> {
            V value = values.get(name);
            boolean waits = value != null && unwritten.containsKey(name);
            if (value != null && !waits) {
              news.put(name, value);
            }
            return !waits;
          });
    }
    news.forEach(sink);
  }

  /** Hands over every value, but those that wait to be written before they are told. */
  public void all(BiConsumer<String, V> sink) {
    Map<String, V> all;
    synchronized (this) {
      all = copy();
      all.keySet().removeAll(unwritten.keySet());
    }
    all.forEach(sink);
  }
}
