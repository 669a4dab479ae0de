package io.openclaw.wasm;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one model that nobody is in: taken and put back without a lock, never more made
 * than there are places. Thread-safe.
 */
final class Guests {
  private final AtomicReferenceArray<@Nullable Guest> free;
  private final AtomicInteger made = new AtomicInteger();
  private final Supplier<Guest> maker;

  Guests(int places, Supplier<Guest> maker) {
    this.free = new AtomicReferenceArray<>(places);
    this.maker = maker;
  }

  /** An instance that nobody else has; a new one where none is free; null where all are taken. */
  @Nullable Guest take() {
    for (int i = 0; i < free.length(); i++) {
      Guest found = free.get(i);
      if (found != null && free.compareAndSet(i, found, null)) {
        return found;
      }
    }
    if (made.incrementAndGet() > free.length()) {
      made.decrementAndGet();
      return null;
    }
    try {
      return maker.get();
    } catch (RuntimeException | Error e) {
      made.decrementAndGet();
      throw e;
    }
  }

  /** Gives back an instance that was taken. */
  void put(Guest guest) {
    for (int i = 0; i < free.length(); i++) {
      if (free.compareAndSet(i, null, guest)) {
        return;
      }
    }
    drop();
  }

  /** An instance that was taken does not come back. */
  void drop() {
    made.decrementAndGet();
  }

  /** How many there are, those taken included. */
  int size() {
    return made.get();
  }
}
