package io.openclaw.client;

import io.openclaw.steer.Elsewhere;
import io.openclaw.steer.HealthChange;
import io.openclaw.steer.HealthRules;
import io.openclaw.steer.HealthView;
import io.openclaw.steer.RetryBudget;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What all calls of one client share: the regions and what is known of them, the budgets, the HTTP
 * client, one timer thread. Thread-safe.
 */
final class Fleet implements AutoCloseable {
  static final long MILLI = 1_000_000L;

  /** A timer later than this says that this process itself stood still: no region is to blame. */
  static final long LATE_NANOS = 50 * MILLI;

  /** What a try is given in any case. */
  static final long ATTEMPT_NANOS_MIN = 50 * MILLI;

  static final HealthRules RULES = HealthRules.defaults();

  private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

  final Settings settings;
  final HealthView view;
  final RetryBudget budget;
  final RetryBudget diversions;

  /**
   * For tries that are made while an earlier one may still be answered, hedges among them. Apart,
   * so that a slow machine, where such tries are many, leaves retries for regions that die.
   */
  final RetryBudget hasty;

  final Elsewhere elsewhere = new Elsewhere();
  final HttpClient http;
  final ScheduledThreadPoolExecutor timer;
  final Set<Call> calls = ConcurrentHashMap.newKeySet();
  final LongAdder begun = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder hedges = new LongAdder();
  final LongAdder hedgesWon = new LongAdder();
  final LongAdder diverted = new LongAdder();
  final LongAdder paced = new LongAdder();
  final LongAdder ejections = new LongAdder();
  final Prober prober;
  volatile boolean closed;

  private final List<URI> urls = new ArrayList<>();
  private final List<Pacer> pacers = new ArrayList<>();
  private final @Nullable ExecutorService own;
  private final long idSeed = new SecureRandom().nextLong();
  private final AtomicLong ids = new AtomicLong();

  Fleet(Settings settings, List<String> names, @Nullable HttpClient given) {
    this.settings = settings;
    long now = System.nanoTime();
    view = new HealthView(names, RULES, now);
    budget = new RetryBudget(now);
    diversions = new RetryBudget(now);
    hasty = new RetryBudget(now);
    for (String name : names) {
      urls.add(Objects.requireNonNull(settings.regions().get(name)));
      pacers.add(new Pacer(names.size(), now));
    }
    timer = new ScheduledThreadPoolExecutor(1, Fleet::timerThread);
    timer.setRemoveOnCancelPolicy(true);
    own = given == null ? Executors.newVirtualThreadPerTaskExecutor() : null;
    http = own == null ? Objects.requireNonNull(given) : newHttpClient(own);
    prober = new Prober(this);
    prober.start();
  }

  /** A thread for what may wait: a region's answer, a lock, what a caller hangs on a rating. */
  static Thread thread(Runnable work) {
    return Thread.ofVirtual().name("openclaw-client").unstarted(work);
  }

  /** What it runs must not wait, for everything that is timed waits behind it. */
  private static Thread timerThread(Runnable work) {
    Thread thread = new Thread(work, "openclaw-client-timer");
    thread.setDaemon(true);
    return thread;
  }

  private static HttpClient newHttpClient(ExecutorService executor) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(Duration.ofSeconds(10)) // tries end sooner; this is for what they leave
        .executor(executor)
        .build();
  }

  /** The address of a path in a region. */
  URI resolve(int region, String path) {
    String base = urls.get(region).toString();
    return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
  }

  URI url(int region) {
    return urls.get(region);
  }

  Pacer pacer(int region) {
    return pacers.get(region);
  }

  /** How long a rating waits for a region before it is tried elsewhere. */
  long attemptNanos(int region, long nowNanos) {
    long most = settings.attemptNanos();
    long usual = view.latencies(region).patienceNanos(nowNanos);
    return usual == 0 ? most : Math.min(most, Math.max(ATTEMPT_NANOS_MIN, usual));
  }

  /** How long a rating waits before it is hedged; -1 for ever. */
  long hedgeNanos(int region, long nowNanos) {
    return switch (settings.hedge()) {
      case Hedge.Off off -> -1;
      case Hedge.After after -> after.delay().toNanos();
      case Hedge.Adaptive adaptive -> {
        long usual = view.latencies(region).quantiles(nowNanos).p95();
        yield usual == 0 ? -1 : usual;
      }
    };
  }

  /** Unique to a call: 64 random bits of this client, and a number. */
  String newId() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(idSeed) + hex.toHexDigits(ids.incrementAndGet());
  }

  /** Acts on what an observation did: calls that wait for a region that is out need not wait on. */
  void observed(int region, HealthChange change) {
    if (change.leftService()) {
      ejections.increment();
    }
    if (change == HealthChange.EJECTED && !closed) {
      // Apart, for the caller may hold the lock of a call.
      thread(() -> calls.forEach(call -> call.regionIsOut(region))).start();
    }
  }

  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    prober.close();
    for (Call call : calls) {
      call.end("the client was closed");
    }
    if (own != null) {
      http.shutdownNow();
      try {
        var _ = http.awaitTermination(CLOSE_MAX);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // its threads end by themselves
      }
      own.shutdown();
    }
  }
}
