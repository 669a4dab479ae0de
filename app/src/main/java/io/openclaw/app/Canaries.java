package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Canary;
import io.openclaw.release.CanaryEdit;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryStop;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The canaries of one node, and what regions tell each other of them: what each counted, as
 * cumulative counts of each writer, and that one was stopped, which nobody takes back.
 *
 * <p>Counts of a canary that is not known here are let go: they are told again every second, and
 * all of them every half minute. A stop is kept though, since it may be heard before the release
 * that names its canary. Thread-safe.
 */
final class Canaries implements FactTable {
  /** Canaries that no content names any more and whose counts are kept, should one come back. */
  static final int RETIRED_MAX = 64;

  /** Nobody counts further. */
  private static final long COUNT_MAX = 1_000_000_000_000_000L;

  private static final long STOPPED = 1;
  private static final String STOP = "/stop";
  private static final String KEY =
      "[A-Za-z0-9._-]{1,64}/[A-Za-z0-9._-]{1,64}/[0-9a-f]{16}/([0-9]|stop)";

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  private final String writer;
  private final Set<String> regions;
  private final CanaryStops stops;
  private final CanaryShadow shadow;
  private final Clock clock;
  private final CanaryLog log = new CanaryLog();
  private final Map<String, LiveCanary> retired = new LinkedHashMap<>();
  private volatile Map<String, LiveCanary> live = Map.of();

  /**
   * @param writer this node, {@code region#incarnation}
   * @param regions all regions
   */
  Canaries(
      String writer,
      Collection<String> regions,
      CanaryStops stops,
      CanaryShadow shadow,
      Clock clock) {
    this.writer = writer;
    this.regions = Set.copyOf(regions);
    this.stops = stops;
    this.shadow = shadow;
    this.clock = clock;
  }

  /** Those that the content names, in order of their keys. */
  Collection<LiveCanary> live() {
    return live.values();
  }

  /** Runs the canaries of another content; how its requests see them, by tenant and model. */
  synchronized Map<String, Map<String, Canary>> serve(Content content, ModelShelf shelf) {
    Map<String, Tenant> tenants = new HashMap<>();
    content.tenants().forEach(tenant -> tenants.put(tenant.id(), tenant));
    Map<String, LiveCanary> before = live;
    Map<String, LiveCanary> next = new TreeMap<>();
    Map<String, Map<String, Canary>> views = new HashMap<>();
    for (CanarySpec spec : content.canaries()) {
      String key = CanaryEdit.key(content, spec);
      LiveCanary canary = before.get(key);
      if (canary == null) {
        canary = retired.remove(key);
      }
      if (canary == null) {
        canary = new LiveCanary(key, spec, shelf.tried(content, spec), log, clock);
      }
      CanaryStop stop = stops.of(key);
      if (stop != null) {
        canary.stop(stop);
      }
      logServed(before.get(key), spec, stop);
      Tenant tenant = tenants.get(spec.tenant());
      canary.serve(spec, tenant == null ? null : tenant.threshold());
      next.put(key, canary);
      views
          .computeIfAbsent(spec.tenant(), id -> new HashMap<>())
          .put(spec.model(), canary.view(shadow));
    }
    before.forEach((key, gone) -> retire(content, next, gone));
    live = next;
    return views;
  }

  private void logServed(@Nullable LiveCanary before, CanarySpec spec, @Nullable CanaryStop stop) {
    if (before == null) {
      log.changed(spec, stop == null ? "started" : "stopped", stop == null ? "" : stop.reason());
    } else if (!before.spec().traffic().equals(spec.traffic())) {
      log.changed(spec, "weighted", "was " + before.spec().traffic().text());
    }
  }

  private void retire(Content content, Map<String, LiveCanary> next, LiveCanary gone) {
    if (next.containsKey(gone.key())) {
      return;
    }
    CanarySpec spec = gone.spec();
    boolean promoted =
        CanaryEdit.stable(content, spec.tenant(), spec.model())
            .map(ModelSpec::version)
            .filter(spec.canary()::equals)
            .isPresent();
    log.changed(spec, promoted ? "promoted" : "ended", "by a release");
    retired.put(gone.key(), gone);
    if (retired.size() > RETIRED_MAX) {
      retired.remove(retired.keySet().iterator().next());
    }
  }

  /** Stops a canary here at once, and in the other regions as soon as that is on disk. */
  void stop(LiveCanary canary, CanaryStop stop) {
    if (stops.raise(canary.key(), stop)) {
      canary.stop(stop);
      log.changed(canary.spec(), "stopped", stop.reason());
      save();
    }
  }

  /** Writes stops to disk that are not, and forgets old ones. */
  void save() {
    try {
      stops.save(live.keySet(), clock.wallMillis());
    } catch (IOException e) {
      LOG.log(Level.ERROR, "stops of canaries could not be stored; tried again", e);
    }
  }

  @Override
  public String name() {
    return "canaries";
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    stops.drain((key, stop) -> sink.accept(fact(key, stop)));
    long nowNanos = clock.nanoTime();
    for (LiveCanary canary : live.values()) {
      canary.changedParts(
          nowNanos, (index, part) -> sink.accept(fact(canary.key(), writer, index, part)));
    }
  }

  @Override
  public void all(Consumer<Fact> sink) {
    stops.all((key, stop) -> sink.accept(fact(key, stop)));
    for (LiveCanary canary : live.values()) {
      all(canary, writer, canary.stats().values(), sink);
      canary.stats().others((other, values) -> all(canary, other, values, sink));
    }
  }

  private void all(LiveCanary canary, String from, long[] values, Consumer<Fact> sink) {
    LiveCanary.parts(values, (part, index) -> sink.accept(fact(canary.key(), from, index, part)));
  }

  private Fact fact(String key, CanaryStop stop) {
    return new Fact.Register(name(), key + STOP, STOPPED, CanaryStops.bytes(stop));
  }

  private Fact fact(String key, String from, int index, long[] part) {
    return new Fact.Count(name(), key + "/" + index, from, part);
  }

  @Override
  public void merge(Fact fact) {
    if (!fact.key().matches(KEY) || fact.key().endsWith(STOP) != (fact instanceof Fact.Register)) {
      throw new IllegalArgumentException("not a fact of canaries: " + fact.key());
    }
    String key = fact.key().substring(0, fact.key().lastIndexOf('/'));
    switch (fact) {
      case Fact.Count count -> merge(key, count);
      case Fact.Register register -> merge(key, register);
    }
  }

  private void merge(String key, Fact.Count count) {
    int hash = count.writer().lastIndexOf('#');
    if (hash < 0
        || !regions.contains(count.writer().substring(0, hash))
        || !count.writer().substring(hash + 1).matches("[0-9]{1,19}")) {
      throw new IllegalArgumentException(
          "writer: " + count.writer() + " (expected: region#incarnation)");
    }
    for (long value : count.values()) {
      if (value < 0 || value > COUNT_MAX) {
        throw new IllegalArgumentException(
            "count: " + value + " (expected: 0 to " + COUNT_MAX + ")");
      }
    }
    if (count.values().length > LiveCanary.PART_LENGTH) {
      throw new IllegalArgumentException("values: " + count.values().length);
    }
    LiveCanary canary = live.get(key);
    if (canary == null || count.writer().equals(writer)) {
      return;
    }
    int part = count.key().charAt(count.key().length() - 1) - '0';
    canary.stats().merge(count.writer(), part * LiveCanary.PART_LENGTH, count.values());
  }

  private void merge(String key, Fact.Register register) {
    CanaryStop stop;
    try {
      stop = CanaryStop.read(JsonReader.read(register.value()));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("a stop that is not JSON: " + register.key(), e);
    }
    long wallMillis = clock.wallMillis();
    if (!regions.contains(stop.region())
        || stop.timeMillis() > wallMillis + CanaryStops.KEEP_MILLIS) {
      throw new IllegalArgumentException(
          "a stop of " + stop.region() + " at " + stop.timeMillis() + ": " + register.key());
    }
    LiveCanary canary = live.get(key);
    if (canary == null && CanaryStops.isOld(stop, wallMillis)) {
      return; // forgotten here, and soon there
    }
    boolean first = stops.of(key) == null;
    if (stops.hear(key, stop)) {
      stopNow(key, stop, first);
    }
  }

  /** Also where a content that names it came between. */
  private synchronized void stopNow(String key, CanaryStop stop, boolean first) {
    LiveCanary canary = live.get(key);
    if (canary != null) {
      canary.stop(stop);
      if (first) {
        log.changed(canary.spec(), "stopped", stop.reason() + " (told by " + stop.region() + ")");
      }
    }
  }

  /** The keys of those that the content names. */
  Set<String> keys() {
    return live.keySet();
  }
}
