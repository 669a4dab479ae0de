package io.openclaw.client;

import io.openclaw.steer.HealthView;
import io.openclaw.steer.LatencyWindow;
import io.openclaw.steer.Steering;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link OpenClawClient}. An API key and at least one region are needed; the
 * rest has defaults. Every method refuses a bad value with an {@link IllegalArgumentException} that
 * names it and what was expected. For one thread.
 */
public final class ClientBuilder {
  static final int RETRIES_MAX = 8;
  static final Duration TIMEOUT_MAX = Duration.ofHours(1);
  static final Duration PROBE_MIN = Duration.ofMillis(100);
  static final Duration PROBE_MAX = Duration.ofSeconds(60);

  private final Map<String, URI> regions = new LinkedHashMap<>();
  private @Nullable Supplier<String> apiKey;
  private @Nullable String tenant;
  private Steering steering = new Steering.DynamicLatency();
  private Duration timeout = Duration.ofSeconds(5);
  private Duration attemptTimeout = Duration.ofSeconds(1);
  private int retries = 3;
  private Hedge hedge = Hedge.off();
  private boolean pacing;
  private boolean idempotencyKeys;
  private boolean repeatBatches;
  private Duration probes = Duration.ofMillis(500);
  private String userAgent = "openclaw-client-java";
  private @Nullable HttpClient httpClient;

  ClientBuilder() {}

  /** The API key, {@code ock_…}. It is in no message, log or {@code toString}. */
  public ClientBuilder apiKey(String key) {
    String checked = checkedKey(key);
    apiKey = () -> checked;
    return this;
  }

  /** Where the API key is to be had at each call, so that it can be rotated; must be quick. */
  public ClientBuilder apiKey(Supplier<String> supplier) {
    apiKey = Objects.requireNonNull(supplier, "apiKey");
    return this;
  }

  /** The tenant to act for ({@code x-tenant-id}), for keys of the scope {@code tenants:any}. */
  public ClientBuilder tenant(String id) {
    tenant = headerText("tenant", id, 64);
    return this;
  }

  /**
   * A region, or a router in front of some.
   *
   * @param name as the regions call themselves, for they name each other to their callers
   * @param url {@code http} or {@code https}, with a host, perhaps a port and a path, nothing else
   */
  public ClientBuilder region(String name, URI url) {
    headerText("region name", name, 64);
    boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    boolean plain =
        url.getHost() != null
            && url.getUserInfo() == null
            && url.getQuery() == null
            && url.getFragment() == null;
    if (!web || !plain) {
      throw new IllegalArgumentException(
          "region "
              + name
              + ": "
              + url.getScheme()
              + "://"
              + url.getHost()
              + " (expected: http or https, a host, no user, query or fragment)");
    }
    if (regions.putIfAbsent(name, url) != null) {
      throw new IllegalArgumentException("region named twice: " + name);
    }
    if (regions.size() > HealthView.REGIONS_MAX) {
      throw new IllegalArgumentException(
          "regions: " + regions.size() + " (expected: <= " + HealthView.REGIONS_MAX + ")");
    }
    return this;
  }

  /** Several regions by name; {@link #region} of each. */
  public ClientBuilder regions(Map<String, URI> more) {
    more.forEach(this::region);
    return this;
  }

  /** The regions in the order in which to use them, while they are up; the nearest otherwise. */
  public ClientBuilder failoverOrder(List<String> names) {
    return steering(new Steering.Failover(names));
  }

  /**
   * How a region is chosen among those that are up; {@link Steering.DynamicLatency} unless set. Not
   * by the client's address, for a client has one place.
   */
  public ClientBuilder steering(Steering policy) {
    if (policy instanceof Steering.Geo) {
      throw new IllegalArgumentException(
          "steering: geo (expected: another, such as failover in the order of distance)");
    }
    steering = Objects.requireNonNull(policy, "steering");
    return this;
  }

  /** The time for a whole call, tries and pauses together; 5 s unless set, at most an hour. */
  public ClientBuilder timeout(Duration whole) {
    timeout = between("timeout", whole, Duration.ofMillis(1), TIMEOUT_MAX);
    return this;
  }

  /**
   * The longest time to wait for one region before another is tried; 1 s unless set, and never more
   * than half of {@link #timeout}. Once {@value LatencyWindow#SAMPLES_MIN} answers of a region are
   * known, three times its 99th percentile is enough, at least 50 ms and at most 200 ms over three
   * times its median. Where there is nowhere better to go, a call waits on. Parts of batches wait
   * until their region is out.
   */
  public ClientBuilder attemptTimeout(Duration longest) {
    attemptTimeout = between("attemptTimeout", longest, Duration.ofMillis(1), TIMEOUT_MAX);
    return this;
  }

  /**
   * Tries after the first; 3 unless set, 0 to {@value #RETRIES_MAX}. A paced rating that was denied
   * waits and is asked again beside, at most {@value Call#TRIES_PACED_MAX} tries in all.
   */
  public ClientBuilder retries(int most) {
    if (most < 0 || most > RETRIES_MAX) {
      throw new IllegalArgumentException(
          "retries: " + most + " (expected: 0 to " + RETRIES_MAX + ")");
    }
    retries = most;
    return this;
  }

  /** When to ask a second region while the first is slow; {@link Hedge#off} unless set. */
  public ClientBuilder hedge(Hedge when) {
    hedge = Objects.requireNonNull(when, "hedge");
    return this;
  }

  /**
   * Whether ratings wait until the chosen region has a token again, as far as its answers tell and
   * the timeout allows, instead of being denied (429); off unless set.
   */
  public ClientBuilder pacing(boolean on) {
    pacing = on;
    return this;
  }

  /**
   * Whether a rating without an idempotency key gets a new one of its own, so that a try that finds
   * its own earlier answer takes no second token. That helps only where a retry comes to the region
   * that answered: with a router as only region, or a single one. Each key costs that region a
   * write to disk, and it keeps a bounded number; so off unless set.
   */
  public ClientBuilder idempotencyKeys(boolean automatic) {
    idempotencyKeys = automatic;
    return this;
  }

  /**
   * Whether the at most 100 inputs of a batch that were under way when their answer was lost are
   * rated again, which takes tokens, and counts scores of {@code items} models, twice; otherwise
   * they come as {@link BatchResult.Unanswered}. Off unless set.
   */
  public ClientBuilder repeatBatches(boolean on) {
    repeatBatches = on;
    return this;
  }

  /**
   * How often every region's {@code /readyz} is asked: 100 ms to a minute, 500 ms unless set. Zero
   * for once, at the start; later only regions that are not up are asked, at most once a second,
   * while calls are made, and a part of a batch that waits in vain for the whole {@link #timeout}
   * is held against its region.
   */
  public ClientBuilder probeInterval(Duration interval) {
    probes =
        interval.isZero() ? interval : between("probeInterval", interval, PROBE_MIN, PROBE_MAX);
    return this;
  }

  /** The {@code User-Agent} field. */
  public ClientBuilder userAgent(String text) {
    userAgent = headerText("userAgent", text, 256);
    return this;
  }

  /**
   * The HTTP client to use, for a proxy or a trust store of one's own. It should follow no
   * redirects. It is not closed with the client.
   */
  public ClientBuilder httpClient(HttpClient client) {
    httpClient = Objects.requireNonNull(client, "httpClient");
    return this;
  }

  /** Starts a client. */
  public OpenClawClient build() {
    Supplier<String> key = apiKey;
    if (key == null) {
      throw new IllegalArgumentException("apiKey: none (expected: ock_…)");
    }
    if (regions.isEmpty()) {
      throw new IllegalArgumentException(
          "regions: none (expected: 1 to " + HealthView.REGIONS_MAX + ")");
    }
    steering.requireKnown(regions.keySet());
    Settings settings =
        new Settings(
            Map.copyOf(regions),
            () -> checkedKey(key.get()),
            tenant,
            steering,
            timeout.toNanos(),
            attemptTimeout.toNanos(),
            retries,
            hedge,
            pacing,
            idempotencyKeys,
            repeatBatches,
            probes.toNanos(),
            userAgent);
    return new OpenClawClient(new Fleet(settings, List.copyOf(regions.keySet()), httpClient));
  }

  /** Never shows what it refuses. */
  private static String checkedKey(@Nullable String key) {
    boolean fit =
        key != null
            && !key.isEmpty()
            && key.length() <= 256
            && key.chars().allMatch(c -> c > ' ' && c <= '~');
    if (key == null || !fit) {
      throw new IllegalArgumentException(
          "apiKey: another (expected: 1 to 256 printable ASCII characters without blanks)");
    }
    return key;
  }

  private static String headerText(String name, String text, int lengthMax) {
    boolean fit = !text.isBlank() && text.length() <= lengthMax;
    if (!fit || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          name
              + ": "
              + text.length()
              + " characters (expected: 1 to "
              + lengthMax
              + " printable ASCII characters)");
    }
    return text;
  }

  private static Duration between(String name, Duration found, Duration least, Duration most) {
    if (found.compareTo(least) < 0 || found.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + ": " + found + " (expected: " + least + " to " + most + ")");
    }
    return found;
  }
}
