package io.openclaw.app;

import io.openclaw.domain.DurableMap;
import io.openclaw.domain.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What persons ordered, by name, on disk: here and in other regions. What is ordered here is told
 * to others only when it is on disk. Thread-safe; only {@link #say} and {@link #save} block.
 */
final class Orders<T extends Order> {
  /** Names that anything was ordered of; more than a release may hold names. */
  static final int ORDERS_MAX = 40_000;

  private final DurableMap<T> orders;
  private final Object saying = new Object(); // of two orders said here one is the later

  private Orders(DurableMap<T> orders) {
    this.orders = orders;
  }

  /**
   * Those in a file; none where there is no file.
   *
   * @param otherwise what holds of a name where no order is known
   */
  static <T extends Order> Orders<T> open(Path file, Function<Json, T> read, String otherwise)
      throws IOException {
    return new Orders<>(
        new DurableMap<>(
            NamedDocuments.read(
                file, read, "delete it: the other regions tell what they know, else " + otherwise),
            orders -> NamedDocuments.write(file, new TreeMap<>(orders), Order::json)));
  }

  /** What holds of a name; null where nobody ordered anything. */
  @Nullable T of(String name) {
    return orders.get(name);
  }

  /**
   * Orders something here; it is on disk when this returns.
   *
   * @param order given its version
   * @throws IOException where it is not, and nothing was ordered
   */
  T say(String name, LongFunction<T> order, long wallMillis) throws IOException {
    synchronized (saying) {
      T known = orders.get(name);
      if (known == null && orders.size() >= ORDERS_MAX) {
        throw new IOException("more than " + ORDERS_MAX + " orders");
      }
      T said = order.apply(known == null ? wallMillis : Math.max(wallMillis, known.version() + 1));
      orders.writeFirst(Map.of(name, said), (heard, own) -> own.overrules(heard) ? own : heard);
      return said;
    }
  }

  /**
   * Hears what was ordered elsewhere; whether that holds from now on.
   *
   * @throws IllegalArgumentException where there are too many
   */
  boolean hear(String name, T heard) {
    return orders.change(
        name,
        DurableMap.Tell.NOBODY,
        known -> {
          if (known == null && orders.size() >= ORDERS_MAX) {
            throw new IllegalArgumentException("more than " + ORDERS_MAX + " orders");
          }
          return known == null || heard.overrules(known) ? heard : null;
        });
  }

  /** Writes to disk what was heard since. */
  void save() throws IOException {
    orders.write();
  }

  /** Hands over what was ordered here and not handed over yet. */
  void drain(BiConsumer<String, T> sink) {
    orders.drain(sink);
  }

  /** Hands over everything. */
  void all(BiConsumer<String, T> sink) {
    orders.all(sink);
  }
}
