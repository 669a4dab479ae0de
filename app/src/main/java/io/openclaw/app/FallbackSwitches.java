package io.openclaw.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What persons said of fallbacks, by tenant, on disk: here and in other regions. What is said here
 * is told to others only when it is on disk. Thread-safe.
 */
final class FallbackSwitches {
  /** Tenants that anything was said of; more than a release may hold. */
  static final int SWITCHES_MAX = 40_000;

  private final Path file;
  private final Map<String, FallbackSwitch> switches = new TreeMap<>();
  private final Set<String> untold = new LinkedHashSet<>();
  private boolean dirty;

  private FallbackSwitches(Path file) {
    this.file = file;
  }

  /** Those in a file; none where there is no file. */
  static FallbackSwitches open(Path file) throws IOException {
    FallbackSwitches all = new FallbackSwitches(file);
    all.switches.putAll(
        NamedDocuments.read(
            file,
            FallbackSwitch::read,
            "delete it: the other regions tell what they know, else every fallback is on"));
    return all;
  }

  /** What holds of a tenant's fallback; null where nobody said anything, so that it is on. */
  synchronized @Nullable FallbackSwitch of(String tenant) {
    return switches.get(tenant);
  }

  /**
   * Says something here; it is on disk when this returns.
   *
   * @throws IOException where it is not, and nothing was said
   */
  synchronized FallbackSwitch say(String tenant, boolean enabled, String region, long wallMillis)
      throws IOException {
    FallbackSwitch known = switches.get(tenant);
    if (known == null && switches.size() >= SWITCHES_MAX) {
      throw new IOException("more than " + SWITCHES_MAX + " fallbacks were switched");
    }
    long version = known == null ? wallMillis : Math.max(wallMillis, known.version() + 1);
    FallbackSwitch said = new FallbackSwitch(enabled, version, region);
    switches.put(tenant, said);
    try {
      write();
    } catch (IOException e) {
      if (known == null) {
        switches.remove(tenant);
      } else {
        switches.put(tenant, known);
      }
      throw e;
    }
    untold.add(tenant);
    return said;
  }

  /**
   * Hears what was said elsewhere; whether that holds from now on.
   *
   * @throws IllegalArgumentException where there are too many
   */
  synchronized boolean hear(String tenant, FallbackSwitch heard) {
    FallbackSwitch known = switches.get(tenant);
    if (known != null && !heard.overrules(known)) {
      return false;
    }
    if (known == null && switches.size() >= SWITCHES_MAX) {
      throw new IllegalArgumentException("more than " + SWITCHES_MAX + " switches of fallbacks");
    }
    switches.put(tenant, heard);
    untold.remove(tenant);
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
    NamedDocuments.write(file, switches, FallbackSwitch::json);
    dirty = false;
  }

  /** Hands over what was said here and not handed over yet. */
  synchronized void drain(BiConsumer<String, FallbackSwitch> sink) {
    for (String tenant : untold) {
      FallbackSwitch said = switches.get(tenant);
      if (said != null) {
        sink.accept(tenant, said);
      }
    }
    untold.clear();
  }

  /** Hands over everything. */
  synchronized void all(BiConsumer<String, FallbackSwitch> sink) {
    switches.forEach(sink);
  }
}
