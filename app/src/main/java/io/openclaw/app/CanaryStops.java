package io.openclaw.app;

import io.openclaw.domain.JsonWriter;
import io.openclaw.release.CanaryStop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The stops of canaries, on disk: those that this region raised and those that it heard of. A stop
 * is told to others only when it is on disk. Thread-safe.
 */
final class CanaryStops {
  /** Stops that are kept. */
  static final int STOPS_MAX = 10_000;

  /** A stop is kept for so long, and as long as the content names its canary. */
  static final long KEEP_MILLIS = 86_400_000L;

  private final Path file;
  private final Map<String, CanaryStop> stops = new TreeMap<>();
  private final Set<String> unsaved = new LinkedHashSet<>();
  private final Set<String> untold = new LinkedHashSet<>();
  private boolean dirty;

  private CanaryStops(Path file) {
    this.file = file;
  }

  /** The stops in a file; none where there is no file. */
  static CanaryStops open(Path file) throws IOException {
    CanaryStops all = new CanaryStops(file);
    all.stops.putAll(
        NamedDocuments.read(file, CanaryStop::read, "delete it to try again what was stopped"));
    return all;
  }

  /** Why a canary was stopped; null where it was not. */
  synchronized @Nullable CanaryStop of(String key) {
    return stops.get(key);
  }

  /** Notes a stop that this region saw first; false where it was stopped already. */
  synchronized boolean raise(String key, CanaryStop stop) {
    if (stops.containsKey(key) || stops.size() >= STOPS_MAX) {
      return false;
    }
    stops.put(key, stop);
    unsaved.add(key);
    untold.add(key);
    dirty = true;
    return true;
  }

  /**
   * Notes a stop that another region told of; of two the one with the larger bytes stays.
   *
   * @throws IllegalArgumentException where there are too many
   */
  synchronized boolean hear(String key, CanaryStop stop) {
    CanaryStop known = stops.get(key);
    if (known != null && Arrays.compareUnsigned(bytes(known), bytes(stop)) >= 0) {
      return false;
    }
    if (known == null && stops.size() >= STOPS_MAX) {
      throw new IllegalArgumentException("more than " + STOPS_MAX + " stops of canaries");
    }
    stops.put(key, stop);
    dirty = true;
    return true;
  }

  static byte[] bytes(CanaryStop stop) {
    return JsonWriter.write(stop.json());
  }

  /** Forgets what is old and not named any more, and writes what changed to disk. */
  synchronized void save(Set<String> named, long wallMillis) throws IOException {
    dirty |=
        stops
            .entrySet()
            .removeIf(each -> !named.contains(each.getKey()) && isOld(each.getValue(), wallMillis));
    if (!dirty) {
      return;
    }
    NamedDocuments.write(file, stops, CanaryStop::json);
    dirty = false;
    unsaved.clear();
  }

  /** Whether nobody needs a stop any more whose canary is not named. */
  static boolean isOld(CanaryStop stop, long wallMillis) {
    return wallMillis - stop.timeMillis() > KEEP_MILLIS;
  }

  /** Hands over the stops of this region that are on disk and were not handed over. */
  synchronized void drain(BiConsumer<String, CanaryStop> sink) {
    untold.removeIf(
        key -> {
          CanaryStop stop = stops.get(key);
          if (stop != null && unsaved.contains(key)) {
            return false;
          }
          if (stop != null) {
            sink.accept(key, stop);
          }
          return true;
        });
  }

  /** Hands over every stop that is on disk, or was told by others. */
  synchronized void all(BiConsumer<String, CanaryStop> sink) {
    stops.forEach(
        (key, stop) -> {
          if (!unsaved.contains(key)) {
            sink.accept(key, stop);
          }
        });
  }
}
