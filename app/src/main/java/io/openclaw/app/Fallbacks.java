package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.FallbackService;
import io.openclaw.release.Content;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The fallbacks of one node, and what regions tell each other of them: what a person said, the
 * later one holds; and what each region's breaker says, which informs and binds no other region.
 *
 * <p>Thread-safe.
 */
final class Fallbacks implements FactTable {
  private static final String SWITCH = "switch/";
  private static final String BREAKER = "breaker/";
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
  private static final int STATE_BYTES_MAX = 256;

  /** Nobody's clock is so far ahead. */
  private static final long AHEAD_MILLIS_MAX = 86_400_000L;

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** Where a fallback's rating comes from. */
  @FunctionalInterface
  interface Services {
    FallbackService of(FallbackSpec spec, @Nullable String authorization);
  }

  /**
   * What a region said of its breaker.
   *
   * @param version the time at which it was said, or later than all that was said before
   */
  record Told(String state, long sinceMillis, long version) {}

  private final String region;
  private final Set<String> regions;
  private final Orders<FallbackSwitch> switches;
  private final SecretSource secrets;
  private final Services services;
  private final long deadlineNanos;
  private final Clock clock;
  private final RandomGenerator random;
  private final FallbackLog log;
  private final Map<String, Map<String, Told>> told = new ConcurrentHashMap<>();
  private final Map<String, String> unusable = new ConcurrentHashMap<>();
  private final Set<String> untold = new LinkedHashSet<>();
  private final Object switching = new Object(); // never held while the disk works
  private volatile Map<String, LiveFallback> live = Map.of();

  /**
   * @param regions all regions
   * @param deadlineNanos the most that a request may take
   * @param random thread-safe
   */
  Fallbacks(
      String region,
      Collection<String> regions,
      Orders<FallbackSwitch> switches,
      SecretSource secrets,
      Services services,
      long deadlineNanos,
      Clock clock,
      RandomGenerator random) {
    this.region = region;
    this.regions = Set.copyOf(regions);
    this.switches = switches;
    this.secrets = secrets;
    this.services = services;
    this.deadlineNanos = deadlineNanos;
    this.clock = clock;
    this.random = random;
    this.log = new FallbackLog(clock);
  }

  /** Those that the content names, by tenant. */
  Map<String, LiveFallback> live() {
    return live;
  }

  /**
   * Takes over another content's fallbacks; as requests see them, by tenant. One that did not
   * change keeps its breaker; its secret is read anew. Blocks.
   */
  synchronized Map<String, Fallback> serve(Content content) {
    Map<String, LiveFallback> next = new TreeMap<>();
    Map<String, Fallback> views = new HashMap<>();
    unusable.clear();
    for (Tenant tenant : content.tenants()) {
      FallbackSpec spec = tenant.fallback();
      if (spec == null) {
        continue;
      }
      LiveFallback fallback = live(tenant.id(), spec);
      next.put(tenant.id(), fallback);
      if (!unusable.containsKey(tenant.id())) {
        views.put(tenant.id(), fallback.view());
      }
    }
    live = next;
    next.values().forEach(this::enable); // what was said meanwhile may have met the ones before
    told.keySet().retainAll(next.keySet());
    synchronized (untold) {
      untold.addAll(next.keySet());
    }
    return views;
  }

  private LiveFallback live(String tenant, FallbackSpec spec) {
    String reference = spec.authorization();
    Secret secret = Secret.NONE;
    if (reference != null) {
      try {
        secret = secrets.resolve(reference);
      } catch (IOException e) {
        String why = String.valueOf(e.getMessage());
        unusable.put(tenant, why);
        log.unusable(tenant, why);
      }
    }
    LiveFallback before = live.get(tenant);
    return before != null && before.isOf(spec, secret)
        ? before
        : new LiveFallback(
            tenant,
            spec,
            secret,
            services.of(spec, secret.isNone() ? null : secret.reveal()),
            deadlineNanos,
            log,
            clock,
            random);
  }

  /** As was said last; read anew each time, so that no earlier word comes after a later one. */
  private void enable(LiveFallback fallback) {
    synchronized (switching) {
      FallbackSwitch said = switches.of(fallback.tenant());
      fallback.view().enable(said == null || said.enabled());
    }
  }

  /** Looks at every breaker and probes whom it is time to probe; several times a second. */
  void tick() {
    for (LiveFallback fallback : live.values()) {
      if (!unusable.containsKey(fallback.tenant()) && fallback.look()) {
        synchronized (untold) {
          untold.add(fallback.tenant());
        }
      }
    }
  }

  /** Writes to disk what other regions said. Blocks. */
  void save() {
    try {
      switches.save();
    } catch (IOException e) {
      LOG.log(Level.ERROR, "switches of fallbacks could not be stored; tried again", e);
    }
  }

  /**
   * Switches a tenant's fallback for all regions. Blocks.
   *
   * @throws IOException where that could not be stored, and nothing was switched
   */
  void order(String tenant, boolean enabled) throws IOException {
    FallbackSwitch said =
        switches.say(
            tenant, version -> new FallbackSwitch(enabled, version, region), clock.wallMillis());
    obey(tenant, said);
  }

  private void obey(String tenant, FallbackSwitch said) {
    LiveFallback fallback = live.get(tenant);
    if (fallback != null) {
      enable(fallback);
      log.switched(tenant, said);
    }
  }

  /** What holds of a tenant's fallback; null where nobody said anything, so that it is on. */
  @Nullable FallbackSwitch said(String tenant) {
    return switches.of(tenant);
  }

  /**
   * What every region's breaker said last, this one's now; regions that said nothing are not there.
   */
  Map<String, Told> states(String tenant) {
    Map<String, Told> states = new TreeMap<>(told.getOrDefault(tenant, Map.of()));
    LiveFallback own = live.get(tenant);
    if (own != null) {
      states.put(region, own(own));
    }
    return states;
  }

  private Told own(LiveFallback fallback) {
    String state = unusable.containsKey(fallback.tenant()) ? "unusable" : fallback.state().text();
    return new Told(state, fallback.sinceMillis(), clock.wallMillis());
  }

  /** Why a tenant's fallback cannot be used in this region; empty where it can. */
  String unusable(String tenant) {
    return unusable.getOrDefault(tenant, "");
  }

  @Override
  public String name() {
    return "fallbacks";
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    switches.drain((tenant, said) -> sink.accept(fact(tenant, said)));
    Set<String> changed;
    synchronized (untold) {
      changed = Set.copyOf(untold);
      untold.clear();
    }
    for (String tenant : changed) {
      LiveFallback fallback = live.get(tenant);
      if (fallback != null) {
        sink.accept(fact(tenant, region, own(fallback)));
      }
    }
  }

  @Override
  public void all(Consumer<Fact> sink) {
    switches.all((tenant, said) -> sink.accept(fact(tenant, said)));
    for (String tenant : live.keySet()) {
      states(tenant).forEach((from, state) -> sink.accept(fact(tenant, from, state)));
    }
  }

  private Fact fact(String tenant, FallbackSwitch said) {
    return new Fact.Register(name(), SWITCH + tenant, said.version(), said.bytes());
  }

  private Fact fact(String tenant, String from, Told state) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("since", new Json.Num(state.sinceMillis()));
    members.put("state", new Json.Str(state.state()));
    return new Fact.Register(
        name(),
        BREAKER + tenant + "/" + from,
        state.version(),
        JsonWriter.write(new Json.Obj(members)));
  }

  @Override
  public void merge(Fact fact) {
    if (!(fact instanceof Fact.Register register)
        || register.version() > clock.wallMillis() + AHEAD_MILLIS_MAX) {
      throw new IllegalArgumentException("not a fact of fallbacks: " + fact.key());
    }
    String[] parts = fact.key().split("/", -1);
    if (fact.key().matches(SWITCH + NAME)) {
      mergeSwitch(parts[1], register);
    } else if (fact.key().matches(BREAKER + NAME + "/" + NAME) && regions.contains(parts[2])) {
      mergeBreaker(parts[1], parts[2], register);
    } else {
      throw new IllegalArgumentException("not a fact of fallbacks: " + fact.key());
    }
  }

  private void mergeSwitch(String tenant, Fact.Register register) {
    FallbackSwitch said = FallbackSwitch.read(register.value());
    if (said.version() != register.version() || !regions.contains(said.region())) {
      throw new IllegalArgumentException("a switch of " + said.region() + ": " + register.key());
    }
    if (switches.hear(tenant, said)) {
      obey(tenant, said);
    }
  }

  private void mergeBreaker(String tenant, String from, Fact.Register register) {
    Told heard = told(register);
    if (from.equals(region) || !live.containsKey(tenant)) {
      return; // said again within half a minute
    }
    var _ =
        told.computeIfAbsent(tenant, id -> new ConcurrentHashMap<>())
            .merge(from, heard, (old, now) -> now.version() > old.version() ? now : old);
  }

  private static Told told(Fact.Register register) {
    try {
      if (register.value().length <= STATE_BYTES_MAX
          && JsonReader.read(register.value()) instanceof Json.Obj object
          && object.members().size() == 2
          && object.get("state") instanceof Json.Str state
          && isState(state.value())
          && object.get("since") instanceof Json.Num since) {
        return new Told(state.value(), (long) since.value(), register.version());
      }
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("a state that is not JSON: " + register.key(), e);
    }
    throw new IllegalArgumentException("not a state of a breaker: " + register.key());
  }

  private static boolean isState(String text) {
    for (CircuitBreaker.State state : CircuitBreaker.State.values()) {
      if (state.text().equals(text)) {
        return true;
      }
    }
    return Objects.equals(text, "unusable");
  }
}
