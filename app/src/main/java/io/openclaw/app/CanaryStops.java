package io.openclaw.app;

import io.openclaw.domain.DurableMap;
import io.openclaw.domain.JsonWriter;
import io.openclaw.release.CanaryStop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The stops of canaries, on disk: those that this region raised and those that it heard of. A stop
 * is told to others only when it is on disk. Thread-safe; only {@link #save} blocks.
 */
final class CanaryStops {
  /** Stops that are kept. */
  static final int STOPS_MAX = 10_000;

  /** A stop is kept for so long, and as long as the content names its canary. */
  static final long KEEP_MILLIS = 86_400_000L;

  private final DurableMap<CanaryStop> stops;

  private CanaryStops(DurableMap<CanaryStop> stops) {
    this.stops = stops;
  }

  /** The stops in a file; none where there is no file. */
  static CanaryStops open(Path file) throws IOException {
    return new CanaryStops(
        new DurableMap<>(
            NamedDocuments.read(file, CanaryStop::read, "delete it to try again what was stopped"),
            stops -> NamedDocuments.write(file, new TreeMap<>(stops), CanaryStop::json)));
  }

  /** Why a canary was stopped; null where it was not. */
  @Nullable CanaryStop of(String key) {
    return stops.get(key);
  }

  /** Notes a stop that this region saw first; false where it was stopped already. */
  boolean raise(String key, CanaryStop stop) {
    return stops.change(
        key,
        DurableMap.Tell.WHEN_WRITTEN,
        known -> known != null || stops.size() >= STOPS_MAX ? null : stop);
  }

  /**
   * Notes a stop that another region told of; of two the one with the larger bytes stays.
   *
   * @throws IllegalArgumentException where there are too many
   */
  boolean hear(String key, CanaryStop stop) {
    return stops.change(
        key,
        DurableMap.Tell.NOBODY,
        known -> {
          if (known == null && stops.size() >= STOPS_MAX) {
            throw new IllegalArgumentException("more than " + STOPS_MAX + " stops of canaries");
          }
          boolean holds = known != null && Arrays.compareUnsigned(bytes(known), bytes(stop)) >= 0;
          return holds ? null : stop;
        });
  }

  static byte[] bytes(CanaryStop stop) {
    return JsonWriter.write(stop.json());
  }

  /** Forgets what is old and not named any more, and writes what changed to disk. */
  void save(Set<String> named, long wallMillis) throws IOException {
    stops.removeIf((key, stop) -> !named.contains(key) && isOld(stop, wallMillis));
    stops.write();
  }

  /** Whether nobody needs a stop any more whose canary is not named. */
  static boolean isOld(CanaryStop stop, long wallMillis) {
    return wallMillis - stop.timeMillis() > KEEP_MILLIS;
  }

  /** Hands over the stops of this region that are on disk and were not handed over. */
  void drain(BiConsumer<String, CanaryStop> sink) {
    stops.drain(sink);
  }

  /** Hands over every stop that is on disk, or was told by others. */
  void all(BiConsumer<String, CanaryStop> sink) {
    stops.all(sink);
  }
}
