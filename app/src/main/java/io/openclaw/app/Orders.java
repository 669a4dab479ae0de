package io.openclaw.app;

import io.openclaw.domain.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What persons ordered, by name, on disk: here and in other regions. What is ordered here is told
 * to others only when it is on disk. Thread-safe.
 */
final class Orders<T extends Order> {
  /** Names that anything was ordered of; more than a release may hold names. */
  static final int ORDERS_MAX = 40_000;

  private final Path file;
  private final Map<String, T> orders = new TreeMap<>();
  private final Set<String> untold = new LinkedHashSet<>();
  private boolean dirty;

  private Orders(Path file) {
    this.file = file;
  }

  /**
   * Those in a file; none where there is no file.
   *
   * @param otherwise what holds of a name where no order is known
   */
  static <T extends Order> Orders<T> open(Path file, Function<Json, T> read, String otherwise)
      throws IOException {
    Orders<T> all = new Orders<>(file);
    all.orders.putAll(
        NamedDocuments.read(
            file, read, "delete it: the other regions tell what they know, else " + otherwise));
    return all;
  }

  /** What holds of a name; null where nobody ordered anything. */
  synchronized @Nullable T of(String name) {
    return orders.get(name);
  }

  /**
   * Orders something here; it is on disk when this returns.
   *
   * @param order given its version
   * @throws IOException where it is not, and nothing was ordered
   */
  synchronized T say(String name, LongFunction<T> order, long wallMillis) throws IOException {
    T known = orders.get(name);
    if (known == null && orders.size() >= ORDERS_MAX) {
      throw new IOException("more than " + ORDERS_MAX + " orders");
    }
    T said = order.apply(known == null ? wallMillis : Math.max(wallMillis, known.version() + 1));
    orders.put(name, said);
    try {
      write();
    } catch (IOException e) {
      if (known == null) {
        orders.remove(name);
      } else {
        orders.put(name, known);
      }
      throw e;
    }
    untold.add(name);
    return said;
  }

  /**
   * Hears what was ordered elsewhere; whether that holds from now on.
   *
   * @throws IllegalArgumentException where there are too many
   */
  synchronized boolean hear(String name, T heard) {
    T known = orders.get(name);
    if (known != null && !heard.overrules(known)) {
      return false;
    }
    if (known == null && orders.size() >= ORDERS_MAX) {
      throw new IllegalArgumentException("more than " + ORDERS_MAX + " orders");
    }
    orders.put(name, heard);
    untold.remove(name);
    dirty = true;
    return true;
  }

  /** Writes to disk what was heard since. */
  synchronized void save() throws IOException {
    if (dirty) {
      write();
    }
  }

  private void write() throws IOException {
    NamedDocuments.write(file, orders, Order::json);
    dirty = false;
  }

  /** Hands over what was ordered here and not handed over yet. */
  synchronized void drain(BiConsumer<String, T> sink) {
    for (String name : untold) {
      T said = orders.get(name);
      if (said != null) {
        sink.accept(name, said);
      }
    }
    untold.clear();
  }

  /** Hands over everything. */
  synchronized void all(BiConsumer<String, T> sink) {
    orders.forEach(sink);
  }
}
